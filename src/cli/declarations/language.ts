import {
  addExample,
  cascadeArgument,
  collect,
  type Declare,
  densityOption,
  groups,
  jsonOption,
  mappingOption,
  parameterOption,
  setOption,
  workloadOption,
} from './declare.ts';

export const declareCheck: Declare = (program, act) => {
  const command = program
    .command('check')
    .description('find the mistakes in cascades, machines, mappings, workloads and experiments')
    .argument('<file...>', 'files or shipped names')
    .action((files: readonly string[]) =>
      act(async (terminal) => {
        const { check } = await import('../commands/check.ts');
        return await check(files, terminal);
      }),
    );
  addExample(command, 'check attention-1-pass fusemax fusemax-binding bert-base', 'docs/language.md');
};

export const declareAnalyze: Declare = (program, act) => {
  const command = program
    .command('analyze')
    .description('operation counts, passes and why, footprints and intensity of a cascade')
    .argument(...cascadeArgument)
    .optionsGroup(groups.sizes)
    .option(...workloadOption)
    .option(...setOption)
    .option(...densityOption)
    .optionsGroup(groups.output)
    .option(...jsonOption)
    .action((cascade: string, options) =>
      act(async (terminal) => {
        const { analyze } = await import('../commands/analyze.ts');
        return await analyze({ ...options, cascade }, terminal);
      }),
    );
  addExample(command, 'analyze attention-3-pass --workload bert-base', 'docs/language.md');
};

export const declareExecute: Declare = (program, act) => {
  const command = program
    .command('execute')
    .description('compute a cascade on random or given inputs: values, and errors of number formats')
    .argument(...cascadeArgument)
    .optionsGroup(groups.sizes)
    .option(...workloadOption)
    .option(...setOption)
    .option('--seed <N>', 'seed of the random inputs', '1')
    .option('--inputs <DIR>', 'read inputs from DIR/<TENSOR>.json')
    .optionsGroup(groups.machine)
    .option('--hardware <NAME|FILE>', 'run it as mapped to this machine, tile by tile, not in the reference executor')
    .option(...mappingOption)
    .option(...parameterOption)
    .optionsGroup(groups.how)
    .option('--format <[TENSOR,...=]FORMAT>', 'round tensors, or all of them, to a format or "declared"', collect, [])
    .option('--arithmetic <FORMAT>', 'of operations and accumulators; fp32 with --format, else fp64')
    .option('--exp <NAME>', 'exponential: exact, taylor1 to taylor8, minimax3')
    .optionsGroup(groups.output)
    .option('--out <DIR>', 'write outputs to DIR/<TENSOR>.json')
    .option(...jsonOption)
    .action((cascade: string, options) =>
      act(async (terminal) => {
        const { execute } = await import('../commands/execute.ts');
        return await execute({ ...options, cascade }, terminal);
      }),
    );
  addExample(
    command,
    'execute attention-1-pass --set B=1 --set H=2 --set P=5 --set M=7 --set M0=3 --set E=4 --set F=4 --format fp16',
    'docs/numerics.md',
  );
};
