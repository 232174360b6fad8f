import fc from 'fast-check';
import type { Machine } from '../../src/arch/machine.ts';
import type { Workload } from '../../src/einsum/workload.ts';
import { innerVariables, isDense } from '../../src/search/dense.ts';
import type { Limits } from '../../src/search/mapspace.ts';
import { type Choices, decided } from '../arbitraries/choices.ts';
import { chooseCascade } from '../arbitraries/triple/cascade.ts';
import { chooseMachine } from '../arbitraries/triple/machine.ts';
import { tryBind } from '../einsum/bind.ts';

/** A dense workload, a machine of two or three memories with little room, and a space of mappings. */
export type SmallProblem = { readonly workload: Workload; readonly machine: Machine; readonly limits: Limits };

/** Small ones: of at most so many Einsums. */
export const anyProblem = (mostEinsums: number): fc.Arbitrary<SmallProblem> =>
  decided((c) => chooseProblem(c, mostEinsums))
    .filter((problem) => problem !== undefined)
    .map((problem) => problem as SmallProblem);

export function chooseProblem(c: Choices, mostEinsums: number): SmallProblem | undefined {
  const cascade = chooseCascade(c, 'small');
  const bound = tryBind(cascade.text, cascade.sizes);
  if (!bound.ok || !isDense(bound.value) || bound.value.einsums.length > mostEinsums) return undefined;
  const workload = bound.value;
  const operators = new Set(workload.einsums.flatMap((e) => e.operations.map((o) => o.operator)));
  const machine = shrunk(c, chooseMachine(c, [...operators]));
  const inner = innerVariables(workload);
  const tiles = c.pick([[1], [2], [3, 1], [2, 1]]);
  const limits: Limits = {
    loopsEach: c.integer(1, 2),
    tiles: (_size, v) => (inner.has(v) ? [] : tiles),
    coarse: (_size, v) => (inner.has(v) ? [] : tiles.slice(0, 1)),
    inFlight: c.pick([[1], [2], [1, 2]]),
    stages: c.pick([[1], [2], [1, 2]]),
    constraints: [],
  };
  const text = `${cascade.text}${JSON.stringify({ sizes: cascade.sizes, tiles, limits })}`;
  return Object.assign({ workload, machine, limits }, { [fc.toStringMethod]: () => text });
}

/**
 * Two or three levels, one of which may have a few instances, one or two units with one dimension at most, so that the space is small.
 */
function shrunk(c: Choices, machine: Machine): Machine {
  const kept = c.integer(2, 3);
  const levels = withInstances(c, machine.levels.slice(0, kept)).map((level, l) => ({
    ...level,
    memory: { ...level.memory!, capacity_bytes: l === 0 ? Number.POSITIVE_INFINITY : c.integer(8, 120) },
  }));
  const units = machine.units.slice(0, c.integer(1, 2)).map((unit) => ({
    ...unit,
    level: Math.min(unit.level, levels.length - 1),
    dimensions: unit.dimensions.slice(0, 1),
  }));
  return { ...machine, levels, units: units.toSorted((a, b) => a.level - b.level) };
}

/** One level below the outermost has two to four instances, or none has. */
export function withInstances(c: Choices, levels: Machine['levels']): Machine['levels'] {
  const many = c.chance(50) ? c.integer(1, levels.length - 1) : -1;
  const instances = c.integer(2, 4);
  const all: Machine['levels'][number][] = [];
  for (const [l, level] of levels.entries()) {
    const own = l === many ? instances : 1;
    const around = level.parent === undefined ? 1 : all[level.parent]!.totalInstances;
    all.push({ ...level, instances: own, totalInstances: own * around });
  }
  return all;
}
