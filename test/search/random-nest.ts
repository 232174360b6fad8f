import fc from 'fast-check';
import type { Machine } from '../../src/arch/machine.ts';
import type { Workload } from '../../src/einsum/workload.ts';
import { innerVariables, isDense } from '../../src/search/dense.ts';
import { spreadLevels, spreadVariables } from '../../src/search/grid.ts';
import { keepChoices } from '../../src/search/keep-choices.ts';
import { bindingChoices, type Limits, tensorsOf, variablesOf } from '../../src/search/mapspace.ts';
import { isAtHomeOf, type Nest, type NestLoop, type Problem } from '../../src/search/plan.ts';
import { type Choices, decided } from '../arbitraries/choices.ts';
import { chooseCascade } from '../arbitraries/triple/cascade.ts';
import { chooseMachine } from '../arbitraries/triple/machine.ts';
import { tryBind } from '../einsum/bind.ts';
import { withInstances } from './random-problem.ts';

/** A nest of all Einsums of a random dense cascade, on a random machine. It may be illegal. */
export type RandomNest = { readonly workload: Workload; readonly machine: Machine; readonly nest: Nest };

export const anyNest: fc.Arbitrary<RandomNest> = decided(chooseNest)
  .filter((nest) => nest !== undefined)
  .map((nest) => nest as RandomNest);

function chooseNest(c: Choices): RandomNest | undefined {
  const cascade = chooseCascade(c, 'small');
  const bound = tryBind(cascade.text, cascade.sizes);
  if (!bound.ok || !isDense(bound.value)) return undefined;
  const workload = bound.value;
  const operators = new Set(workload.einsums.flatMap((e) => e.operations.map((o) => o.operator)));
  const drawn = chooseMachine(c, [...operators]);
  const machine = { ...drawn, levels: withInstances(c, drawn.levels) };
  const problem = { workload, machine };
  const einsums = workload.einsums.map((_, e) => e);
  const loops = chooseLoops(c, problem, einsums);
  const limits: Limits = {
    loopsEach: 2,
    tiles: () => [],
    coarse: () => [],
    inFlight: [1, 2],
    stages: [1, 2],
    constraints: [],
  };
  const nests = [{ einsums, loops, keeps: [], bindings: new Map(), inFlight: 1 }];
  const choicesOf = keepChoices(problem, limits, einsums, (t) => isAtHomeOf(problem, nests, t));
  const keeps = tensorsOf(workload, einsums).flatMap((t) => c.pick(choicesOf(loops, t)));
  const bindings = new Map(einsums.map((e) => [e, c.pick(bindingChoices(problem, [], e))]));
  const nest = { einsums, loops, keeps, bindings, inFlight: c.integer(1, 2) };
  const text = JSON.stringify({ cascade, nest, bindings: [...bindings] });
  return Object.assign({ workload, machine, nest }, { [fc.toStringMethod]: () => text });
}

function chooseLoops(c: Choices, { workload: w, machine }: Problem, einsums: readonly number[]): readonly NestLoop[] {
  const inner = innerVariables(w);
  const loops: NestLoop[] = [];
  for (const variable of variablesOf(w, einsums)) {
    const { size, iterative } = w.variables[variable]!;
    let extent = size;
    let after = 0;
    for (let n = inner.has(variable) ? 0 : c.integer(0, 2); n > 0 && extent > 1; n--) {
      extent = iterative ? 1 : c.integer(1, extent - 1);
      after = c.integer(after, loops.length);
      loops.splice(after++, 0, { variable, tile: extent });
    }
  }
  const across = spreadLevels(machine)[0];
  const spread = spreadVariables(w, einsums);
  const most = across === undefined ? 0 : loops.findIndex((l) => !spread.has(l.variable));
  const grid = c.integer(0, most < 0 ? loops.length : most);
  return loops.map((l, i) => (i < grid ? { ...l, across } : l));
}
