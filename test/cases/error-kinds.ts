import type { Diagnostic, Result } from '../../src/diagnostic.ts';
import { checkCascade } from '../../src/einsum/check.ts';
import { parseCascade } from '../../src/einsum/parse.ts';
import type { Source } from '../../src/source.ts';

/** What is wrong with a case, warnings included. */
export type FindDiagnostics = (source: Source) => readonly Diagnostic[] | Promise<readonly Diagnostic[]>;

export const diagnosticsOf = (result: Result<unknown>): readonly Diagnostic[] =>
  result.ok ? result.warnings : result.diagnostics;

const cascade: FindDiagnostics = (source) => {
  const parsed = parseCascade(source);
  return diagnosticsOf(parsed.ok ? checkCascade(parsed.value) : parsed);
};

/** By folder of `errors`. */
export const errorKinds: ReadonlyMap<string, FindDiagnostics> = new Map([['cascade', cascade]]);
