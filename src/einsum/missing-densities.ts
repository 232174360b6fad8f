import { type Diagnostic, diagnostic } from '../diagnostic.ts';
import type { Workload } from './workload.ts';

/** What a cascade costs depends on how much gates let through: those of which that is not known. Error: `missing-density`. */
export function missingDensities({ gates, tensors, cascade }: Workload): readonly Diagnostic[] {
  return gates
    .filter((g) => g.density === undefined)
    .map(({ tensor }) => {
      const { name } = tensors[tensor]!;
      const message = `how much of "${name}" exists depends on values, so what the cascade costs is not known`;
      const at = cascade.einsums.find((e) => e.output.tensor === name)?.selection?.span;
      return diagnostic('missing-density', message, at, {
        help: `give the share that exists on average, as in --density ${name}=0.1, or have it measured on random inputs, --seed 1, or on yours, --inputs DIR`,
      });
    });
}
