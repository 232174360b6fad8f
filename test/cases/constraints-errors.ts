import type { Diagnostic } from '../../src/diagnostic.ts';
import { bindConstraints } from '../../src/search/constraints/bind.ts';
import { parseConstraints } from '../../src/search/constraints/parse.ts';
import { nothingLeft } from '../../src/search/constraints/possible.ts';
import { defaultLimits } from '../../src/search/default-limits.ts';
import type { Source } from '../../src/source.ts';
import { readFlags } from './mapping-errors.ts';

/** A first line `# --cascade gemm --machine fusemax --set M=4` says what is searched; without one the text is only read. */
export async function findInConstraints(source: Source): Promise<readonly Diagnostic[]> {
  const parsed = parseConstraints(source);
  if (!parsed.ok) return parsed.diagnostics;
  const [, flags] = /^# (--.*)/.exec(source.text) ?? [];
  if (flags === undefined) return [];
  const { workload, machine } = await readFlags(flags);
  const bound = bindConstraints(parsed.value, [workload], machine);
  if (!bound.ok) return bound.diagnostics;
  const limits = { ...defaultLimits(workload), constraints: bound.value[0]! };
  return nothingLeft({ workload, machine }, limits);
}
