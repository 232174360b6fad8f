import { certificateOf } from '../../src/cli/certificate.ts';
import { outcomeOf } from '../../src/cli/map-summary.ts';
import { printMapping } from '../../src/mapper/print.ts';
import type { Certificate } from '../../src/report/certificate.ts';
import { bestMappings, type Space } from '../../src/search/best-mappings.ts';
import type { Objective } from '../../src/search/objective.ts';
import { weighingOf } from '../../src/search/search.ts';

/** What the search certifies of some spaces of one problem, as it is read from a file; undefined: nothing was found. */
export function certify(
  spaces: readonly Space[],
  objective: Objective,
  { effort, hardware = '' }: { readonly effort: number; readonly hardware?: string },
): Certificate | undefined {
  const accounting = 'physical';
  const found = bestMappings(spaces, { ...weighingOf(objective), accounting, effort, record: true });
  const outcome = outcomeOf(found, objective);
  if (outcome === undefined) return undefined;
  const mapping = printMapping(outcome.best.mapping);
  const certificate = certificateOf({ outcome, text: hardware, parameters: new Map(), accounting, mapping });
  return JSON.parse(JSON.stringify(certificate)) as Certificate;
}
