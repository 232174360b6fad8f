import type { Diagnostic } from '../../src/diagnostic.ts';
import type { Source } from '../../src/source.ts';
import { parseExperiment } from '../../src/sweep/parse-experiment.ts';
import { openSpace } from '../../src/sweep/space.ts';

/** What is wrong with an experiment before anything is evaluated. */
export async function findInExperiment(source: Source): Promise<readonly Diagnostic[]> {
  const parsed = parseExperiment(source);
  const opened = parsed.ok ? await openSpace(parsed.value) : parsed;
  return opened.ok ? opened.warnings : opened.diagnostics;
}
