import fc from 'fast-check';
import type { Machine } from '../../../src/arch/machine.ts';
import type { Diagnostic } from '../../../src/diagnostic.ts';
import { randomInputs } from '../../../src/einsum/random-inputs.ts';
import type { Workload } from '../../../src/einsum/workload.ts';
import { requiredBytes } from '../../../src/mapper/capacity.ts';
import type { Mapping } from '../../../src/mapper/mapping.ts';
import { placeMapping } from '../../../src/mapper/place.ts';
import type { PlacedMapping } from '../../../src/mapper/placed.ts';
import { printMapping } from '../../../src/mapper/print.ts';
import { Deadlock } from '../../../src/models/cycle/deadlock.ts';
import { executeMapping } from '../../../src/models/cycle/functional.ts';
import { simulateCycles } from '../../../src/models/cycle/simulate.ts';
import { tryBind } from '../../einsum/bind.ts';
import { type Choices, decided } from '../choices.ts';
import { type CascadeText, chooseCascade, type SizeClass } from './cascade.ts';
import { chooseMachine } from './machine.ts';
import { chooseMapping } from './mapping.ts';

/** A cascade at small sizes, a small machine and a mapping of the one on the other. Prints itself when a law fails. */
export type Triple = {
  readonly cascade: CascadeText;
  readonly workload: Workload;
  readonly machine: Machine;
  readonly mapping: Mapping;
  readonly placed: PlacedMapping;
};

/** What came of a random triple: legal or not, and why not. One that is `stuck` is legal, but its run deadlocks. */
export type Attempt =
  | { readonly kind: 'legal' | 'stuck'; readonly triple: Triple }
  | { readonly kind: 'unbound' | 'unplaced'; readonly diagnostics: readonly Diagnostic[]; readonly text: string };

function describe(cascade: CascadeText, machine: Machine, mapping: Mapping): string {
  const level = (l: Machine['levels'][number]): string =>
    `  ${l.name} under ${l.parent} x${l.instances} ${l.multicast ? 'multicast ' : ''}${JSON.stringify(l.memory)}`;
  const unit = (u: Machine['units'][number]): string =>
    `  ${u.name} on ${u.level} ${JSON.stringify({ ...u, operators: [...u.operators].map(([o, x]) => `${o} ${x.cycles}`).join() })}`;
  const sizes = JSON.stringify(cascade.sizes);
  return `\n${cascade.text}${sizes}\n${printMapping(mapping)}${[...machine.levels.map(level), ...machine.units.map(unit)].join('\n')}\n`;
}

/** Some of the levels that have caches with too little room for all of their tiles. */
function tightenCaches(c: Choices, mapping: Mapping, workload: Workload, machine: Machine): Machine {
  const placed = placeMapping(mapping, workload, machine);
  if (!placed.ok) return machine;
  const required = requiredBytes(placed.value);
  const cached = new Set(placed.value.keeps.filter((k) => k.cache).map((k) => k.level));
  const levels = machine.levels.map((l, at) => {
    if (l.memory === undefined || !cached.has(at) || c.chance(40)) return l;
    return { ...l, memory: { ...l.memory, capacity_bytes: Math.floor(required[at]! * c.pick([0.3, 0.6, 0.9])) } };
  });
  const tight = { ...machine, levels };
  return placeMapping(mapping, workload, tight).ok ? tight : machine;
}

/** Whether turns come in an order in which operations wait for each other. */
function isStuck(p: PlacedMapping): boolean {
  if (p.ordered.length === 0 && p.computes.every((c) => c.lag === 0)) return false;
  try {
    simulateCycles(p);
    // Functional mode has one instance run all steps of a persistent grid, one behind the other.
    if (p.grids.some((g) => g.at(-1)!.persistent)) executeMapping(p, randomInputs(p.workload, 1));
    return false;
  } catch (error) {
    if (error instanceof Deadlock) return true;
    throw error;
  }
}

function attempt(c: Choices, sizes: SizeClass): Attempt {
  const cascade = chooseCascade(c, sizes);
  const bound = tryBind(cascade.text, cascade.sizes);
  if (!bound.ok) return { kind: 'unbound', diagnostics: bound.diagnostics, text: cascade.text };
  const workload = bound.value;
  const operators = new Set(workload.einsums.flatMap((e) => e.operations.map((o) => o.operator)));
  const roomy = chooseMachine(c, [...operators]);
  const mapping = chooseMapping(c, workload, roomy);
  const machine = tightenCaches(c, mapping, workload, roomy);
  const placed = placeMapping(mapping, workload, machine);
  const text = describe(cascade, machine, mapping);
  if (!placed.ok) return { kind: 'unplaced', diagnostics: placed.diagnostics, text };
  return {
    kind: isStuck(placed.value) ? 'stuck' : 'legal',
    triple: Object.assign(
      { cascade, workload, machine, mapping, placed: placed.value },
      { [fc.toStringMethod]: () => text },
    ),
  };
}

/** Any attempt, legal or not. */
export const anyAttempt = (sizes: SizeClass = 'small'): fc.Arbitrary<Attempt> => decided((c) => attempt(c, sizes));

const anyOfKind = (kind: 'legal' | 'stuck', sizes: SizeClass): fc.Arbitrary<Triple> =>
  anyAttempt(sizes)
    .filter((a) => a.kind === kind)
    .map((a) => ('triple' in a ? a.triple : (undefined as never)));

/** Legal triples that run to their end. */
export const anyTriple = (sizes: SizeClass = 'small'): fc.Arbitrary<Triple> => anyOfKind('legal', sizes);

/** Legal triples that deadlock. */
export const anyStuckTriple = (sizes: SizeClass = 'small'): fc.Arbitrary<Triple> => anyOfKind('stuck', sizes);
