import type { Diagnostic } from '../../src/diagnostic.ts';
import type { Source } from '../../src/source.ts';
import { emptySpace, explainSpace } from '../../src/sweep/explain-space.ts';
import { parseExperiment } from '../../src/sweep/parse-experiment.ts';
import { openSpace } from '../../src/sweep/space.ts';

/** What is wrong with an experiment before anything is evaluated. */
export async function findInExperiment(source: Source): Promise<readonly Diagnostic[]> {
  const parsed = parseExperiment(source);
  if (!parsed.ok) return parsed.diagnostics;
  const opened = await openSpace(parsed.value);
  return opened.ok ? emptySpace(parsed.value, explainSpace(parsed.value, opened.value)) : opened.diagnostics;
}
