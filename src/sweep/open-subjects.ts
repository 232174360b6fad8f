import { machineOf } from '../arch/load.ts';
import { type Diagnostic, failure, type Result, success } from '../diagnostic.ts';
import type { Source } from '../source.ts';
import { choiceAt } from './choices.ts';
import { compileSubject } from './compiled-subject.ts';
import type { Experiment } from './experiment.ts';
import type { Figure, FigurePath, RunFigures } from './figures.ts';
import type { SweepTexts } from './open-sweep.ts';
import type { Space } from './space.ts';
import { evaluatePoint, figuresOf, type InputNames, namesOf, type Refusal, readSubject, refusal } from './subject.ts';

/** What runs on what at some points, ready to be evaluated. */
export type OpenSubject = {
  /** The table's figures, as this machine has them; undefined: it has nothing of that name. */
  readonly figures: readonly (Figure | undefined)[];
  /** What there is to say of a point with these inputs; figures hold until the next call. */
  readonly evaluate: (inputs: Float64Array) => RunFigures | Refusal | Promise<RunFigures | Refusal>;
};

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

  const open = async (values: ArrayLike<number>): Promise<Result<OpenSubject>> => {
    const subject = await readSubject(
      {
        cascade: text('cascade', cascadeAt!(values)),
        machine: text('hardware', machineAt!(values)),
        mapping: text('mapping', mappingAt!(values)),
        workload: workloadAt && text('workload', workloadAt(values)),
        formats: new Map(formats.map(([tensor, at]) => [tensor, at(values)])),
      },
      names,
      { resolve },
    );
    if (!subject.ok) return subject;
    const { draft, mapping } = subject.value;
    const usual = await machineOf(draft, { kernel: mapping.name });
    if (!usual.ok) return usual;
    const bound = figures.map((figure) => figure.bind(namesOf(usual.value)));
    const { model } = experiment;
    const accounting = experiment.accounting ?? 'physical';
    const compiled = model === 'analytic' ? await compileSubject(subject.value, accounting) : undefined;
    if (compiled?.ok === false) return compiled;
    const quick = compiled?.value;
    const run = async (inputs: Float64Array): Promise<RunFigures | Refusal> => {
      const evaluated = await evaluatePoint(subject.value, inputs, model, { accounting });
      return evaluated.ok ? figuresOf(evaluated.value) : refusal(evaluated.diagnostics);
    };
    return success({ figures: bound, evaluate: (inputs) => quick?.(inputs) ?? run(inputs) });
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
