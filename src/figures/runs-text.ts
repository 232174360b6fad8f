import type { LabelledReport } from './labelled-report.ts';

/** What runs of a figure have in common: "attention-1-pass on fusemax"; several cascades or machines are counted. */
export function runsText(runs: readonly LabelledReport[]): string {
  const of = (names: readonly string[], noun: string): string => {
    const kinds = [...new Set(names)];
    return kinds.length === 1 ? kinds[0]! : `${kinds.length} ${noun}`;
  };
  const cascade = of(
    runs.map(({ report }) => report.cascade),
    'cascades',
  );
  const machine = of(
    runs.map(({ report }) => report.hardware),
    'machines',
  );
  return `${cascade} on ${machine}`;
}

/** Where the numbers of runs come from: "attnsim, cycle model". */
export const modelsText = (runs: readonly LabelledReport[]): string =>
  `attnsim, ${[...new Set(runs.map(({ report }) => `${report.model} model`))].join(' and ')}`;
