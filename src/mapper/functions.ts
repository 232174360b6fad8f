import type { Level, Machine, Unit } from '../arch/machine.ts';
import { diagnostic, failure, type Result, success } from '../diagnostic.ts';
import { didYouMean } from '../did-you-mean.ts';
import type { ArithmeticFunction } from '../einsum/arithmetic.ts';
import type { Tensor, Workload } from '../einsum/workload.ts';
import type { Span } from '../source.ts';

type NamedSpan = { readonly name: string; readonly span: Span };

/** What expressions of a mapping may call besides the built-in functions; `parameters.ts` says what they give. */
export function mappingFunctions(workload: Workload, machine: Machine): ReadonlyMap<string, ArithmeticFunction> {
  const level = (wanted: NamedSpan): Result<Level> => lookUp('level', wanted, machine.levels);
  const unit = (wanted: NamedSpan): Result<Unit> => lookUp('unit', wanted, machine.units);
  const tensor = (wanted: NamedSpan): Result<Tensor> => lookUp('tensor', wanted, workload.tensors);
  return new Map<string, ArithmeticFunction>([
    ['capacity', ofNames(1, ([name]) => chain(level(name!), (l) => capacityOf(l, name!)))],
    ['instances', ofNames(1, ([name]) => chain(level(name!), (l) => success(l.totalInstances)))],
    ['lanes', ofNames(2, ([name, dimension]) => chain(unit(name!), (u) => lanesOf(u, dimension!)))],
    ['bytes', ofNames(1, ([name]) => chain(tensor(name!), (t) => success(t.bitsPerElement / 8)))],
    ['largest_divisor', { of: 'numbers', arity: 2, evaluate: largestDivisor }],
  ]);
}

function ofNames(arity: number, evaluate: (names: readonly NamedSpan[]) => Result<number>): ArithmeticFunction {
  return { of: 'names', arity, evaluate };
}

const chain = <T, U>(result: Result<T>, then: (value: T) => Result<U>): Result<U> =>
  result.ok ? then(result.value) : result;

function lookUp<T extends { readonly name: string }>(what: string, wanted: NamedSpan, all: readonly T[]): Result<T> {
  const found = all.find((x) => x.name === wanted.name);
  if (found !== undefined) return success(found);
  const names = all.map((x) => x.name);
  const help = didYouMean(wanted.name, names);
  return failure([diagnostic('unknown-name', `there is no ${what} "${wanted.name}"`, wanted.span, { help })]);
}

function capacityOf(level: Level, wanted: NamedSpan): Result<number> {
  const bytes = level.memory?.capacity_bytes;
  if (bytes !== undefined && Number.isFinite(bytes)) return success(bytes);
  const why = level.memory === undefined ? 'has no memory' : 'has no stated capacity to compute with';
  return failure([diagnostic('unknown-name', `level "${wanted.name}" ${why}`, wanted.span)]);
}

function lanesOf(unit: Unit, dimension: NamedSpan): Result<number> {
  return chain(lookUp(`dimension of unit "${unit.name}" named`, dimension, unit.dimensions), (d) => success(d.size));
}

/** Its divisors are tried one after the other, up to the root of the largest number. */
const largestDivided = 2 ** 40;

/** NaN where there is none to find: `n` is no whole number of 1 to 2^40. */
function largestDivisor(n: number, limit: number): number {
  if (!Number.isSafeInteger(n) || n < 1 || n > largestDivided) return Number.NaN;
  let best = 1;
  for (let d = 1; d * d <= n; d++) {
    if (n % d !== 0) continue;
    if (d <= limit && d > best) best = d;
    if (n / d <= limit && n / d > best) best = n / d;
  }
  return best;
}
