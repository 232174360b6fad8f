import { printArithmetic } from '../../einsum/arithmetic.ts';
import type { Arithmetic } from '../../einsum/ast.ts';
import type { Constraint, Constraints, NamedSpan, TileConstraint, UnitConstraint } from './constraints.ts';

/** Canonical text of constraints, one a line. Reading it gives the same constraints, up to places. */
export const printConstraints = (constraints: Constraints): string =>
  constraints.length === 0 ? 'anything goes\n' : constraints.map((c) => `${printConstraint(c)}\n`).join('');

export function printConstraint(c: Constraint): string {
  switch (c.kind) {
    case 'fuse':
      return `${never(c)}fuse ${names(c.einsums)}`;
    case 'loops':
    case 'order':
      return `${c.kind} ${names(c.variables)}${scopeOf(c)}`;
    case 'across':
      return `across ${c.variables.length > 0 ? names(c.variables) : 'none'}${scopeOf(c)}`;
    case 'cut':
      return `${never(c)}cut ${names(c.variables)}${c.counts.length > 0 ? ` ${values(c.counts)}` : ''}${scopeOf(c)}`;
    case 'tile':
      return printTile(c);
    case 'keep':
      return `${never(c)}keep ${names(c.tensors)} in ${c.level.name}${c.stages.length > 0 ? ` stages ${values(c.stages)}` : ''}`;
    case 'compute':
      return `${never(c)}compute ${names(c.einsums)} ${c.bindings.map(printUnit).join(', ')}`;
    case 'schedule': {
      const schedules = c.inFlight.map((n) => (n === 'sequence' ? n : `pipeline ${printArithmetic(n)}`));
      return `schedule ${schedules.join(', ')}${scopeOf(c)}`;
    }
    case 'dataflow':
      return `dataflow ${c.mapping.name}${c.choose.length > 0 ? ` choose ${c.choose.join(', ')}` : ''}`;
  }
}

const never = (c: { readonly never: boolean }): string => (c.never ? 'never ' : '');
const names = (list: readonly NamedSpan[]): string => list.map((n) => n.name).join(', ');
const values = (list: readonly Arithmetic[]): string => list.map(printArithmetic).join(', ');
const scopeOf = ({ scope }: { readonly scope: readonly NamedSpan[] }): string =>
  scope.length > 0 ? ` with ${names(scope)}` : '';

function printTile(c: TileConstraint): string {
  const after = (word: string, value: Arithmetic | undefined): string =>
    value === undefined ? '' : ` ${word} ${printArithmetic(value)}`;
  return [
    `tile ${names(c.variables)}`,
    c.by.length > 0 ? ` by ${values(c.by)}` : '',
    c.divisors ? ' divisors' : '',
    after('multiples', c.multiples),
    after('from', c.from),
    after('to', c.to),
    scopeOf(c),
  ].join('');
}

function printUnit({ operator, unit, dimensions }: UnitConstraint): string {
  const laid = dimensions.map((d) => `${d.dimension.name} ${d.variable?.name ?? 'none'}`).join(', ');
  return `${operator === undefined ? '' : `${operator.name} `}on ${unit.name}${laid === '' ? '' : ` (${laid})`}`;
}
