import type { Diagnostic, Result } from '../../src/diagnostic.ts';
import { checkCascade } from '../../src/einsum/check.ts';
import { executionLimits } from '../../src/einsum/evaluate.ts';
import { parseCascade } from '../../src/einsum/parse.ts';
import { bindSizes } from '../../src/einsum/shape.ts';
import { parseWorkloadFile } from '../../src/einsum/workload-file.ts';
import { packageFile } from '../../src/files.ts';
import { importText } from '../../src/import/import-text.ts';
import { importKinds } from '../../src/import/imported.ts';
import type { Source } from '../../src/source.ts';
import { fusemax } from '../../src/validate/suites/fusemax.ts';
import { findInCommand } from './command-errors.ts';
import { findInConstraints } from './constraints-errors.ts';
import { findInExperiment } from './experiment-errors.ts';
import { findInHardware } from './hardware-errors.ts';
import { findInMapping } from './mapping-errors.ts';
import { findInQueue } from './queue-errors.ts';
import { findInStore } from './store-errors.ts';

/** What is wrong with a case, warnings included; as text where more than the diagnostics counts. */
export type FindDiagnostics = (source: Source) => Found | Promise<Found>;
type Found = readonly Diagnostic[] | string;

const diagnosticsOf = (result: Result<unknown>): readonly Diagnostic[] =>
  result.ok ? result.warnings : result.diagnostics;

/** A first line `# --set M=4` binds sizes, and `--execute` asks whether the executor would take them. */
function cascade(source: Source): readonly Diagnostic[] {
  const parsed = parseCascade(source);
  const checked = parsed.ok ? checkCascade(parsed.value) : parsed;
  const [, flags] = /^# (--.*)/.exec(source.text) ?? [];
  if (!checked.ok || flags === undefined) return diagnosticsOf(checked);
  const sizes = [...flags.matchAll(/--set (\w+)=(\S+)/g)].map(([, name, value]) => [`${name}`, Number(value)] as const);
  const bound = bindSizes(checked.value, new Map(sizes));
  const limits = bound.ok && flags.includes('--execute') ? executionLimits(bound.value) : [];
  return [...checked.warnings, ...diagnosticsOf(bound), ...limits];
}

/** A first line `# --from timeloop` names the kind. */
async function findInImport(source: Source): Promise<readonly Diagnostic[]> {
  const kind = /^# --from (\w+)/.exec(source.text)?.[1];
  return diagnosticsOf(
    await importText(
      source,
      importKinds.find((k) => k === kind),
    ),
  );
}

/** By folder of `errors`. */
export const errorKinds: ReadonlyMap<string, FindDiagnostics> = new Map<string, FindDiagnostics>([
  ['cascade', cascade],
  ['hardware', findInHardware],
  ['mapping', findInMapping],
  ['constraints', findInConstraints],
  ['experiment', findInExperiment],
  ['workload', (source) => diagnosticsOf(parseWorkloadFile(source))],
  ['points', async (source) => diagnosticsOf(await fusemax.readPoints(source, packageFile))],
  ['import', findInImport],
  ['command', findInCommand],
  ['store', findInStore],
  ['queue', findInQueue],
]);
