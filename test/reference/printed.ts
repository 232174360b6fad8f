/** What a command prints with `--json`, where no schema says it. */
export type Printed = {
  readonly command: string;
  /** Command lines that print all of its fields; STORE is the table of a small sweep, FOLDER is empty. */
  readonly lines: readonly string[];
  /** By path, with NAME for any name, [] for an element of a list, and all below a path that ends in "..." told by it. */
  readonly fields: Readonly<Record<string, string>>;
};

const progress = {
  sweep: 'Name of the experiment.',
  points: 'How many the design space has.',
  points_done: 'How many of them have a row.',
  'missing[]...': 'Ranges of points that are still to be evaluated, each with its `first` and `count`.',
};

const rows = {
  'rows.ok': 'Points with metrics.',
  'rows.excluded': 'Points that a constraint of the experiment leaves out.',
  'rows.failed': 'Points that are wrong; their `diagnostic` says why.',
};

const goals = {
  'objectives[].metric': 'What is judged.',
  'objectives[].goal': '`minimize` or `maximize`.',
};

const points = {
  'points[].NAME':
    'A column of the table: `point`, its number; axes and metrics in their base units; `status`; `diagnostic`.',
};

const cost = (at: string): Readonly<Record<string, string>> => ({
  [`${at}latency_cycles`]: 'In closed form.',
  [`${at}energy_pj`]: 'In closed form.',
  [`${at}home_bytes`]: 'Read from and written to the outermost memory.',
  [`${at}room_bytes`]: 'Needed at once of one instance of `--level`; 0 without it.',
});

const passTensors = {
  'passes[].tensors[].tensor': 'An input or an intermediate tensor with a fibre along the rank.',
  'passes[].tensors[].passes[]': 'Passes that traverse it, producing or reading it.',
  'passes[].tensors[].live_after[]': 'Passes at whose end it must be kept: its fibre is the live footprint.',
  'passes[].tensors[].outer[]': 'Its other ranks.',
  'passes[].tensors[].elements': 'Of a fibre, for one point of the other ranks.',
  'passes[].tensors[].bytes': 'The same in bytes.',
};

const side = (way: string): Readonly<Record<string, string>> => ({
  [`objectives[].parameters[].points[].${way}...`]: `What becomes of the metric ${way} than the value: the \`value\` there, whether it was \`rounded\`, its \`status\`, the \`change\` as a share, and the \`elasticity\`.`,
});

const gain = (at: string): Readonly<Record<string, string>> => ({
  [at]: 'null where nothing gains.',
  [`${at}.parameter`]: 'What to change.',
  [`${at}.way`]: '`lower` or `higher`.',
  [`${at}.gain`]:
    'How much better the metric gets, in logarithms, for each 1 of the parameter; the mean over the points.',
});

const small = '--set M=512 --set N=512 --set K=512';
const tiny = '--set M=4 --set N=4 --set K=4';

export const printed: readonly Printed[] = [
  {
    command: 'analyze',
    lines: ['attention-3-pass --workload bert-base'],
    fields: {
      cascade: 'Its name.',
      'workload.NAME': 'Size of a rank or a parameter.',
      flops: 'FLOPs of the tensor products, 2 for each multiply-accumulate.',
      compulsory_bytes: 'What is used of the inputs, and the outputs, once.',
      intensity_ops_per_byte: '`flops` over `compulsory_bytes`; null where nothing moves.',
      'operations.NAME': 'How many of an operator.',
      'operations_by_einsum.NAME.NAME': 'The same of one Einsum.',
      'tensor_bytes.NAME': 'Size of a tensor.',
      'passes[].rank': 'A rank that the cascade runs over.',
      'passes[].size': 'Its size.',
      'passes[].passes': 'The least number of passes over it, whatever the mapping.',
      'passes[].chain[]': 'The Einsums that force the last pass, each needed by the next; empty for one pass.',
      'passes[].einsums.NAME': 'The pass of an Einsum that traverses the rank.',
      'passes[].traversed_by[][]': 'The sets of index variables that run over all of the rank.',
      'passes[].repeated_along[]': 'Variables of other ranks with each iteration of which the passes come again.',
      ...passTensors,
      'passes[].state.tensors[]':
        'What must be kept from the first element of the rank to the last besides the fibres.',
      'passes[].state.outer[]': 'The ranks that all of them have.',
      'passes[].state.elements': 'Of all of them, for one point of these ranks.',
      'passes[].state.bytes': 'The same in bytes.',
    },
  },
  {
    command: 'best',
    lines: ['STORE --top 1'],
    fields: { metric: 'What is judged.', goal: '`minimize` or `maximize`.', ...points },
  },
  {
    command: 'compare',
    lines: ['FOLDER/a.json FOLDER/b.json'],
    fields: {
      baseline: 'Label of the run that the others are compared with.',
      'runs[].label': 'Of the run.',
      'runs[].latency_s': 'Its time.',
      'runs[].energy_j': 'Its energy.',
      'runs[].traffic_bytes': 'What crosses the outermost memory.',
      'runs[].speedup': 'How many times faster than the baseline.',
      'runs[].energy_change': 'Against the baseline, as a share of its energy.',
      'runs[].traffic_change': 'Against the baseline, as a share of its bytes.',
    },
  },
  {
    command: 'execute',
    lines: [`gemm ${tiny} --format fp16`, `gemm ${tiny} --hardware fusemax --mapping gemm-systolic --param T=4`],
    fields: {
      cascade: 'Its name.',
      'workload.NAME': 'Size of a rank or a parameter.',
      'densities...': 'Of what selects by value: how much of what could exist does.',
      mapping: 'null where the reference executor ran.',
      'mapping.name': 'What was executed tile by tile.',
      'mapping.machine': 'And on which machine.',
      numerics: 'null where all is float64.',
      'numerics.arithmetic': 'Format of operations and accumulators.',
      'numerics.exp': 'Which exponential.',
      'numerics.formats.NAME': 'Format of a tensor.',
      errors: 'null where the reference executor in float64 is what ran.',
      'errors.NAME.not_finite': 'Elements of an output that are no numbers, or infinite, and should be.',
      'errors.NAME.max_absolute': 'The largest difference from float64.',
      'errors.NAME.max_relative': 'The largest difference as a share of the value.',
      'errors.NAME.rmse': 'Root of the mean square of the differences.',
      'errors.NAME.snr_db': 'Signal to noise; null where there is no noise.',
      'oracle.formula': 'What the output is compared with; `oracle` is null where there is none.',
      'oracle.max_error': 'The largest difference from it.',
      'outputs.NAME.ranks[]': 'Ranks of an output.',
      'outputs.NAME.shape[]': 'Their sizes.',
      'outputs.NAME.elements': 'How many there could be.',
      'outputs.NAME.existing': 'How many there are.',
      'outputs.NAME.min': 'The least value.',
      'outputs.NAME.max': 'The largest value.',
      'outputs.NAME.mean': 'The mean of the values.',
    },
  },
  {
    command: 'import',
    lines: ['llama-8b.json'],
    fields: {
      from: '`huggingface`, `accelforge`, `timeloop` or `teaal`.',
      'texts[].kind': '`workload`, `cascade` or `hardware`.',
      'texts[].name': 'What it is called.',
      'texts[].text': 'The text.',
      'derived[]': 'What is in the texts and not as such in the file, and how it follows.',
      'untranslated[].path': 'Where in the file something has no counterpart.',
      'untranslated[].line': 'Counted from 1.',
      'untranslated[].column': 'Counted from 1.',
      'untranslated[].value': 'What stands there, cut where it is long.',
      'untranslated[].reason': 'Why it does not translate.',
    },
  },
  {
    command: 'list',
    lines: ['machines'],
    fields: {
      '[].kind': '`cascade`, `hardware`, `mapping` or `workload`.',
      '[].name': 'As on the command line.',
      '[].description': 'One line for people.',
    },
  },
  {
    command: 'map',
    lines: [`gemm fusemax ${small} --explain`],
    fields: {
      mapping: 'Its text.',
      ...cost(''),
      objective: 'What was searched for.',
      value: 'What the mapping has of it.',
      bound: 'What every mapping of the space has at least.',
      gap: 'How far `value` may be above the least, as a share; null where nothing is known of what was left.',
      algorithm: 'The cascade that the mapping is of.',
      space: 'The space that it was found in.',
      'algorithms[].name': 'A cascade that was searched.',
      'algorithms[].best': 'The best of its mappings.',
      'algorithms[].bound': 'What all of its mappings have at least.',
      'spaces[].algorithm': 'Of which cascade.',
      'spaces[].space': 'A space that was searched.',
      'spaces[].mappings.space':
        'How many mappings it has. Counts are texts, since they may be larger than numbers are exact.',
      'spaces[].mappings.evaluated': 'Of these, what was evaluated.',
      'spaces[].mappings.bounded': 'What cannot be better than what was found.',
      'spaces[].mappings.overfull': 'What has tiles that do not fit.',
      'spaces[].mappings.illegal': 'Loop trees that are no legal mapping.',
      'spaces[].mappings.left': 'What was not looked at: the effort was spent.',
      'spaces[].remaining': 'The least that what was left may have; null where nothing was.',
      simulated_cycles: 'What the mapping takes in the simulator; null where that would take too long.',
      'explanation.limited_by.resource': 'With `--explain`: what is busy all the time.',
      'explanation.limited_by.kind': 'And in which way it limits.',
      'explanation.buffers.NAME.required_bytes': 'What tiles need of a memory.',
      'explanation.buffers.NAME.capacity_bytes': 'What it has; null if it is unlimited.',
      'explanation.runner_up...': 'The best of another loop tree; null if there is none.',
      'explanation.alternatives[].number': 'A number of the mapping.',
      'explanation.alternatives[].chosen': 'What it is.',
      'explanation.alternatives[].instead': 'What it could be, with what that costs:',
      ...cost('explanation.alternatives[].'),
    },
  },
  {
    command: 'merge',
    lines: ['FOLDER/all.duckdb STORE'],
    fields: progress,
  },
  {
    command: 'pareto',
    lines: ['STORE --objectives latency_s,area_mm2'],
    fields: { ...goals, candidates: 'Points that were compared.', ...points },
  },
  {
    command: 'query',
    lines: ['STORE'],
    fields: {
      ...progress,
      ...rows,
      ...goals,
      'columns[].name':
        'A column of `points`, the table that statements ask. With a statement, its rows are printed instead.',
      'columns[].type': 'Of its values.',
      'columns[].role': 'What it is for: a parameter, a metric, or of the row itself.',
      spec_hash: 'Of all texts that the rows depend on.',
      code_hash: 'Of the program that made them.',
      'texts.NAME': 'Hash of one of the texts.',
    },
  },
  {
    command: 'sensitivity',
    lines: ['first-sweep'],
    fields: {
      experiment: 'Its name.',
      model: '`analytic` or `cycle`.',
      at: 'Which points these are.',
      'units.NAME': 'Base unit of an axis.',
      step: 'How far parameters are moved.',
      'points[].point': 'Its number; null where it is none of the space.',
      'points[].axes.NAME': 'Value of an axis there.',
      'points[].metrics.NAME': 'Value of a metric there.',
      ...goals,
      ...gain('objectives[].first'),
      'objectives[].first_size...': 'The same of sizes of the problem.',
      'objectives[].parameters[].parameter': 'What is moved; from what moves the metric most.',
      'objectives[].parameters[].of': 'Where it is: an axis, the machine, the mapping.',
      'objectives[].parameters[].size': 'Whether it is a size of the problem, and nothing to build.',
      'objectives[].parameters[].unit': 'Its base unit.',
      'objectives[].parameters[].elasticity': 'null where it could not be moved.',
      'objectives[].parameters[].elasticity.mean':
        'Percent of the metric for each percent of the parameter: the mean over the points.',
      'objectives[].parameters[].elasticity.least': 'The least of them.',
      'objectives[].parameters[].elasticity.most': 'The most.',
      'objectives[].parameters[].kinks': 'Points at which it is another way up than way down.',
      'objectives[].parameters[].points[]': 'By point; null where the parameter is not there.',
      'objectives[].parameters[].points[].value': 'What it is at the point.',
      'objectives[].parameters[].points[].elasticity': 'There.',
      'objectives[].parameters[].points[].kink': 'Whether it is another way up than way down.',
      ...side('lower'),
      ...side('higher'),
    },
  },
  {
    command: 'sweep',
    lines: ['first-sweep --out FOLDER/own.duckdb'],
    fields: {
      ...progress,
      table: 'Path of the store.',
      ...rows,
      'diagnostics[]...': 'Why points failed.',
      'best.metric': 'The first objective.',
      'best.goal': '`minimize` or `maximize`.',
      'best.point.NAME': 'The best point by it: its columns of the table.',
    },
  },
];
