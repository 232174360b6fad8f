import type { CompiledExpression } from '../arch/compile-expression.ts';
import { machineOf } from '../arch/load.ts';
import { failure, type Result, success } from '../diagnostic.ts';
import type { Mapping } from '../mapper/mapping.ts';
import { parseMapping } from '../mapper/parse.ts';
import type { Source } from '../source.ts';
import { choiceAt } from './choices.ts';
import { compileSubject } from './compiled-subject.ts';
import type { Experiment } from './experiment.ts';
import type { Figure, FigurePath, RunFigures } from './figures.ts';
import { type Parameter, parametersAt } from './parameters-at.ts';
import { searchPoint } from './search-point.ts';
import type { Space } from './space.ts';
import {
  evaluatePoint,
  figuresOf,
  type InputNames,
  namesOf,
  type Refusal,
  readSubject,
  refusal,
  type Subject,
  type Unmapped,
} from './subject.ts';
import { candidateKind, type SweepTexts } from './sweep-texts.ts';

/** What runs on what at some points, ready to be evaluated. */
export type OpenSubject = {
  /** The table's figures, as this machine has them; undefined: it has nothing of that name. */
  readonly figures: readonly (Figure | undefined)[];
  readonly evaluate: Evaluate;
  readonly parameters: (inputs: Float64Array) => Promise<Result<readonly Parameter[]>>;
};

/** What there is to say of a point with these inputs; figures hold until the next call. */
type Evaluate = (inputs: Float64Array) => RunFigures | Refusal | Promise<RunFigures | Refusal>;

/** Subjects by the values of a point; each is read when it is first met. */
export type Subjects = {
  readonly names: InputNames;
  readonly at: (values: ArrayLike<number>) => Promise<Result<OpenSubject>> | Result<OpenSubject>;
};

/** What varies, in the order in which points have it. */
const inputNames = ({ set, density, param }: Space): InputNames => ({
  sizes: [...set.keys()],
  densities: [...density.keys()],
  parameters: [...param].map(([name, { dimension }]) => ({ name, dimension })),
});

/** What a point gives its subject, in that order. */
export const inputsOf = ({ set, density, param }: Space): readonly CompiledExpression[] => [
  ...set.values(),
  ...density.values(),
  ...param.values(),
];

export function openSubjects(
  experiment: Experiment,
  space: Space,
  { files }: SweepTexts,
  figures: readonly FigurePath[],
): Subjects {
  const names = inputNames(space);
  const [cascadeAt, machineAt, mappingAt] = [experiment.cascade, experiment.hardware, experiment.mapping].map((c) =>
    choiceAt(experiment, c),
  );
  const workloadAt = experiment.workload && choiceAt(experiment, experiment.workload);
  const formats = [...experiment.format].map(([tensor, c]) => [tensor, choiceAt(experiment, c)] as const);
  const text = (kind: string, name: string): Source => files[`${kind}:${name}`]!;
  const resolve = async (name: string): Promise<Source | undefined> => files[`hardware:${name}`];

  const candidates = Object.keys(files)
    .filter((key) => key.startsWith(candidateKind))
    .flatMap((key) => {
      const mapping = parseMapping(files[key]!);
      return mapping.ok ? [mapping.value] : [];
    });

  const open = async (values: ArrayLike<number>): Promise<Result<OpenSubject>> => {
    const read = await readSubject(
      {
        cascade: text('cascade', cascadeAt!(values)),
        machine: text('hardware', machineAt!(values)),
        workload: workloadAt && text('workload', workloadAt(values)),
        formats: new Map(formats.map(([tensor, at]) => [tensor, at(values)])),
      },
      names,
      { resolve },
    );
    const name = mappingAt!(values);
    const mapping = name === 'auto' ? undefined : parseMapping(text('mapping', name));
    const wrong = [read, mapping].flatMap((r) => (r === undefined || r.ok ? [] : r.diagnostics));
    if (!read.ok || wrong.length > 0) return failure(wrong);
    const kernel = mapping?.ok === true ? { kernel: mapping.value.name } : {};
    const usual = await machineOf(read.value.draft, kernel);
    if (!usual.ok) return usual;
    const bound = figures.map((figure) => figure.bind(namesOf(usual.value)));
    const evaluate =
      mapping?.ok === true
        ? await evaluator({ ...read.value, mapping: mapping.value }, experiment)
        : success(searcher(read.value, experiment, candidates));
    if (!evaluate.ok) return evaluate;
    const parameters: OpenSubject['parameters'] = (inputs) =>
      parametersAt(read.value, mapping?.ok === true ? mapping.value : undefined, inputs);
    return success({ figures: bound, evaluate: evaluate.value, parameters });
  };

  const known = new Map<string, Result<OpenSubject>>();
  const choices = [
    experiment.cascade,
    experiment.hardware,
    experiment.mapping,
    experiment.workload,
    ...experiment.format.values(),
  ];
  const axes = [
    ...new Set(
      choices.flatMap((c) =>
        c?.kind === 'axis' ? [space.axes.findIndex(({ name }) => name.text === c.axis.text)] : [],
      ),
    ),
  ];
  return {
    names,
    at: (values) => {
      let key = '';
      for (const axis of axes) key += `${values[axis]} `;
      const found = known.get(key);
      if (found !== undefined) return found;
      return open(values).then((opened) => {
        known.set(key, opened);
        return opened;
      });
    },
  };
}

/** By the given mapping: compiled, where that can be. */
async function evaluator(subject: Subject, { model, accounting = 'physical' }: Experiment): Promise<Result<Evaluate>> {
  const compiled = model === 'analytic' ? await compileSubject(subject, accounting) : success(undefined);
  if (!compiled.ok) return compiled;
  const run = async (inputs: Float64Array): Promise<RunFigures | Refusal> => {
    const evaluated = await evaluatePoint(subject, inputs, model, { accounting });
    return evaluated.ok ? figuresOf(evaluated.value) : refusal(evaluated.diagnostics);
  };
  return success((inputs) => compiled.value?.(inputs) ?? run(inputs));
}

/** By the best mapping that is found at each point. */
function searcher(unmapped: Unmapped, experiment: Experiment, candidates: readonly Mapping[]): Evaluate {
  const { model, accounting = 'physical', objective = 'latency' } = experiment;
  return async (inputs) => {
    const found = await searchPoint(unmapped, inputs, { objective, accounting, candidates }, model);
    return found.ok ? figuresOf(found.value) : refusal(found.diagnostics);
  };
}
