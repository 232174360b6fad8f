import { type Diagnostic, diagnostic, failure, type Result, success } from '../diagnostic.ts';
import { didYouMean } from '../did-you-mean.ts';
import { evaluateArithmetic, printArithmetic } from './arithmetic.ts';
import type { Arithmetic, Cascade, Name, ParameterDeclaration, RankDeclaration } from './ast.ts';

/** Coordinates, and the products of two of them, stay far inside 2^53. */
const maxRankSize = 2 ** 31;

type Declaration =
  | { readonly kind: 'rank'; readonly rank: RankDeclaration }
  | { readonly kind: 'param'; readonly parameter: ParameterDeclaration };

/**
 * Sizes of all ranks and values of all parameters. `given` is what the user set; `presets` (a workload
 * file's) come second, and those that the cascade does not have or computes itself are passed over.
 *
 * Errors: `unknown-size`, `derived-size`, `missing-size`, `bad-size`, and those of arithmetic.
 */
export function bindNames(
  cascade: Cascade,
  given: ReadonlyMap<Name, number>,
  presets: ReadonlyMap<Name, number>,
): Result<ReadonlyMap<Name, number>> {
  const declarations = new Map<Name, Declaration>();
  for (const rank of cascade.ranks) declarations.set(rank.name, { kind: 'rank', rank });
  for (const parameter of cascade.parameters) declarations.set(parameter.name, { kind: 'param', parameter });

  const diagnostics = [...given.keys()].flatMap((name) => checkSettable(name, declarations));
  const set = new Map<Name, number>();
  for (const [name, value] of [...presets, ...given]) {
    const declaration = declarations.get(name);
    if (declaration === undefined || !isSettable(declaration)) continue;
    const wrong = checkValue(name, value, declaration, undefined);
    if (wrong === undefined) set.set(name, value);
    else diagnostics.push(wrong);
  }
  diagnostics.push(...missingSizes(cascade, given, presets));
  if (diagnostics.length > 0) return failure(diagnostics);
  return computeSizes(declarations, set);
}

const isSettable = (d: Declaration): boolean => d.kind === 'param' || d.rank.size === undefined || d.rank.overridable;

const definition = (d: Declaration): Arithmetic | undefined => (d.kind === 'rank' ? d.rank.size : d.parameter.value);

const spanOf = (d: Declaration): RankDeclaration['span'] => (d.kind === 'rank' ? d.rank.span : d.parameter.span);

function checkSettable(name: Name, declarations: ReadonlyMap<Name, Declaration>): readonly Diagnostic[] {
  const declaration = declarations.get(name);
  if (declaration === undefined) {
    const settable = [...declarations].filter(([, d]) => isSettable(d)).map(([n]) => n);
    const message = `"${name}" is set, but the cascade has no rank or parameter of this name`;
    return [diagnostic('unknown-size', message, undefined, { help: didYouMean(name, settable) })];
  }
  if (isSettable(declaration)) return [];
  const written = printArithmetic(definition(declaration)!);
  const related = [{ span: spanOf(declaration), message: 'defined here; write "default" before it to let it be set' }];
  const message = `rank "${name}" is set, but the cascade computes it as ${written}`;
  return [diagnostic('derived-size', message, undefined, { related })];
}

function missingSizes(
  cascade: Cascade,
  given: ReadonlyMap<Name, number>,
  presets: ReadonlyMap<Name, number>,
): readonly Diagnostic[] {
  const missing = cascade.ranks.filter((r) => r.size === undefined && !given.has(r.name) && !presets.has(r.name));
  if (missing.length === 0) return [];
  const names = missing.map((r) => `"${r.name}"`).join(', ');
  const message =
    missing.length === 1 ? `the size of rank ${names} is not set` : `the sizes of ranks ${names} are not set`;
  const help = `set ${missing.length === 1 ? 'it' : 'them'} with ${missing.map((r) => `--set ${r.name}=...`).join(' ')}`;
  return [diagnostic('missing-size', message, missing[0]!.span, { help })];
}

/** `written` is the arithmetic that the value comes from; undefined for a value from outside. */
function checkValue(
  name: Name,
  value: number,
  d: Declaration,
  written: Arithmetic | undefined,
): Diagnostic | undefined {
  const shown = written === undefined ? `${value}` : `${printArithmetic(written)} = ${value}`;
  const subject = d.kind === 'rank' ? `the size of rank "${name}"` : `parameter "${name}"`;
  const report = (wrong: string, help?: string): Diagnostic =>
    written === undefined
      ? diagnostic('bad-size', `${subject} is set to ${shown}, ${wrong}`, undefined, {
          related: [{ span: spanOf(d), message: 'declared here' }],
          help,
        })
      : diagnostic('bad-size', `${subject} is ${shown}, ${wrong}`, written.span, { help });
  if (!Number.isInteger(value))
    return report('which is not a whole number', written && 'round it: ceil(...), floor(...) or "div"');
  if (d.kind === 'param')
    return Number.isSafeInteger(value) ? undefined : report('beyond 2^53, where integers stop being exact');
  if (value < 1) return report('but a rank has at least one coordinate');
  if (value > maxRankSize) return report(`but a rank has at most ${maxRankSize} (2^31) coordinates`);
  return undefined;
}

/** Evaluates definitions as soon as all that they name is known, so that their order in the text is free. */
function computeSizes(
  declarations: ReadonlyMap<Name, Declaration>,
  set: ReadonlyMap<Name, number>,
): Result<ReadonlyMap<Name, number>> {
  const sizes = new Map(set);
  const diagnostics: Diagnostic[] = [];
  const failed = new Set<Name>();
  const waiting = new Map<Name, Declaration[]>();
  const compute = (declaration: Declaration): readonly Declaration[] => {
    const written = definition(declaration)!;
    const name = declaration.kind === 'rank' ? declaration.rank.name : declaration.parameter.name;
    const unknown = namesIn(written).find((n) => declarations.has(n) && !sizes.has(n) && !failed.has(n));
    if (unknown !== undefined) {
      waiting.set(unknown, [...(waiting.get(unknown) ?? []), declaration]);
      return [];
    }
    const value = namesIn(written).some((n) => failed.has(n)) ? undefined : evaluateArithmetic(written, sizes);
    const wrong = value?.ok ? checkValue(name, value.value, declaration, written) : undefined;
    if (value?.ok === true && wrong === undefined) sizes.set(name, value.value);
    else {
      failed.add(name);
      if (value?.ok === false) diagnostics.push(...value.diagnostics);
      if (wrong !== undefined) diagnostics.push(wrong);
    }
    const woken = waiting.get(name) ?? [];
    waiting.delete(name);
    return woken;
  };
  const pending = [...declarations].filter(([name]) => !sizes.has(name)).map(([, d]) => d);
  while (pending.length > 0) pending.push(...compute(pending.pop()!));
  if (diagnostics.length > 0) return failure(diagnostics);
  // In the order of the declarations, so that results do not depend on the order of evaluation.
  return success(new Map([...declarations.keys()].filter((n) => sizes.has(n)).map((n) => [n, sizes.get(n)!])));
}

function namesIn(a: Arithmetic): readonly Name[] {
  if (a.kind === 'number') return [];
  if (a.kind === 'name') return [a.name];
  return a.operands.flatMap(namesIn);
}
