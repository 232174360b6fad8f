import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { touchedElements } from '../../src/einsum/compulsory.ts';
import { evaluateCascade, type TensorValue } from '../../src/einsum/evaluate.ts';
import { evaluateTile, type TileMemory } from '../../src/einsum/evaluate-tile.ts';
import { computedPoints } from '../../src/einsum/operations.ts';
import { analyzePasses } from '../../src/einsum/passes.ts';
import { randomInputs } from '../../src/einsum/random-inputs.ts';
import type { Workload } from '../../src/einsum/workload.ts';
import { type Computation, computation, rankSize, type StepMeaning } from '../arbitraries/computation.ts';
import { tryBind } from '../einsum/bind.ts';
import { runs } from '../runs.ts';

type Elements = Map<string, number>;
type Outcome = {
  readonly elements: ReadonlyMap<string, Elements>;
  readonly points: ReadonlyMap<string, number>;
  /** Coordinates read of each tensor. */
  readonly read: ReadonlyMap<string, Set<string>>;
};

function* pointsOf(c: Computation, variables: readonly string[]): Generator<Record<string, number>> {
  const [v, ...rest] = variables;
  if (v === undefined) {
    yield {};
    return;
  }
  for (let value = 0; value < rankSize(c, v.toUpperCase()); value++)
    for (const point of pointsOf(c, rest)) yield { [v]: value, ...point };
}

/** Executes the meaning of a computation, finding out by trial what exists. */
function interpret(c: Computation, inputs: ReadonlyMap<string, Float64Array>): Outcome {
  const elements = new Map<string, Elements>();
  const points = new Map<string, number>();
  const read = new Map<string, Set<string>>();
  for (const { name, ranks } of c.inputs) {
    const all = [
      ...pointsOf(
        c,
        ranks.map((r) => r.toLowerCase()),
      ),
    ];
    const keys = all.map((p) => ranks.map((r) => p[r.toLowerCase()]).join());
    elements.set(name, new Map(keys.map((key, i) => [key, inputs.get(name)![i]!])));
  }
  for (const step of c.steps) {
    const own: Elements = new Map();
    elements.set(step.name, own);
    const { carried } = step;
    const others = step.output.filter((v) => v !== carried);
    const versions = carried === undefined ? 0 : rankSize(c, carried.toUpperCase());
    const keyAt = (point: Readonly<Record<string, number>>, version: number): string =>
      step.output.map((v) => (v === carried ? version : point[v])).join();
    if (carried !== undefined) for (const p of pointsOf(c, others)) own.set(keyAt(p, 0), step.initial);
    let computed = 0;
    for (let version = 0; version < Math.max(1, versions); version++) {
      const fresh: Elements = new Map();
      for (const p of pointsOf(
        c,
        step.variables.filter((v) => v !== carried),
      )) {
        const point = carried === undefined ? p : { ...p, [carried]: version };
        const value = valueAt(step, point, elements, read);
        if (value === undefined) continue;
        computed++;
        const key = keyAt(point, version + 1);
        const before = fresh.get(key);
        fresh.set(key, before === undefined ? value : step.reduce === 'sum' ? before + value : Math.max(before, value));
      }
      if (step.selection !== undefined) keepSelected(c, step, step.selection, fresh);
      if (carried !== undefined)
        for (const p of pointsOf(c, others)) {
          const next = keyAt(p, version + 1);
          if (!fresh.has(next)) fresh.set(next, own.get(keyAt(p, version))!);
        }
      for (const [key, value] of fresh) own.set(key, value);
    }
    points.set(step.name, computed);
  }
  return { elements, points, read };
}

/** What is beyond a number; or of each fibre, one by one, what is better than all that is left, the first of equals. */
function keepSelected(
  c: Computation,
  step: StepMeaning,
  selection: NonNullable<StepMeaning['selection']>,
  elements: Elements,
): void {
  if (selection.variable === undefined) {
    for (const [key, value] of elements) if (!selection.lets(value)) elements.delete(key);
    return;
  }
  const { variable, largest, count } = selection;
  const keyOf = (point: Readonly<Record<string, number>>): string => step.output.map((v) => point[v]).join();
  const others = step.output.filter((v) => v !== variable);
  for (const outer of pointsOf(c, others)) {
    const fibre = [...pointsOf(c, [variable])].map((p) => keyOf({ ...outer, ...p })).filter((key) => elements.has(key));
    const left = new Set(fibre);
    for (let kept = 0; kept < count(outer) && left.size > 0; kept++) {
      let best: string | undefined;
      for (const key of left) {
        const [value, held] = [elements.get(key)!, best === undefined ? 0 : elements.get(best)!];
        if (best === undefined || (largest ? value > held : value < held)) best = key;
      }
      left.delete(best!);
    }
    for (const key of left) elements.delete(key);
  }
}

function valueAt(
  step: StepMeaning,
  point: Readonly<Record<string, number>>,
  elements: ReadonlyMap<string, Elements>,
  read: Map<string, Set<string>>,
): number | undefined {
  if (!step.holds(point)) return undefined;
  const elementAt = (o: StepMeaning['operands'][number]): number | undefined =>
    elements.get(o.tensor)!.get(o.at.map((f) => f(point)).join());
  if (step.asks.some(({ of, exists }) => (elementAt(of) !== undefined) !== exists)) return undefined;
  const keys = step.operands.map((o) => o.at.map((f) => f(point)).join());
  const values = step.operands.map(elementAt);
  if (step.first) return values.find((v) => v !== undefined);
  if (values.some((v) => v === undefined)) return undefined;
  for (const [i, o] of step.operands.entries()) read.set(o.tensor, (read.get(o.tensor) ?? new Set()).add(keys[i]!));
  return step.combine(values as number[]);
}

const acceptable = new Set(['index-out-of-range', 'not-countable']);

/** Binds; a refusal must be one of those that the sizes can bring about. */
function bound(c: Computation): Workload | undefined {
  const result = tryBind(c.text, c.sizes);
  if (result.ok) return result.value;
  expect(result.diagnostics.map((d) => d.code).filter((code) => !acceptable.has(code))).toEqual([]);
  return undefined;
}

function* coordinates(shape: readonly number[]): Generator<string> {
  const total = shape.reduce((a, b) => a * b, 1);
  for (let i = 0; i < total; i++) {
    let rest = i;
    const at: number[] = [];
    for (const size of shape.toReversed()) {
      at.unshift(rest % size);
      rest = Math.floor(rest / size);
    }
    yield at.join();
  }
}

function expectSame(w: Workload, actual: ReadonlyMap<string, TensorValue>, expected: Outcome): void {
  for (const t of w.tensors) {
    const wanted = expected.elements.get(t.name)!;
    const { values, exists } = actual.get(t.name)!;
    const keys = [...coordinates(t.dimensions.map((d) => d.size))];
    expect(keys.filter((_, i) => exists[i] === 1).sort(), `existence in ${t.name}`).toEqual([...wanted.keys()].sort());
    const wrong = keys.filter((key, i) => exists[i] === 1 && Math.abs(values[i]! - wanted.get(key)!) > 1e-9);
    expect(wrong, `values of ${t.name}`).toEqual([]);
  }
}

const computations = runs(300);

describe('random cascades', () => {
  test('execute as plain loops do: same values, same existence, same number of computed points', () => {
    let done = 0;
    fc.assert(
      fc.property(computation(), (c) => {
        const w = bound(c);
        if (w === undefined) return;
        done++;
        const inputs = randomInputs(w, 1);
        const expected = interpret(c, inputs);
        expectSame(w, evaluateCascade(w, inputs), expected);
        for (const e of w.einsums)
          expect(computedPoints(w, e), `points of ${e.name}`).toBe(expected.points.get(e.name));
        for (const [i, t] of w.tensors.entries())
          if (t.producer === undefined)
            expect(touchedElements(w, i), `elements read of ${t.name}`).toBe(expected.read.get(t.name)?.size ?? 0);
        for (const { passes, chain } of analyzePasses(w)) expect(passes > 1).toBe(chain.length > 0);
      }),
      { numRuns: computations },
    );
    expect(done).toBeGreaterThan(computations / 2);
  });

  test('with selections: same values, same existence, and as many points as were counted without any data', () => {
    let done = 0;
    let selected = 0;
    fc.assert(
      fc.property(computation(4, true), fc.nat(2), (c, digits) => {
        const w = bound(c);
        if (w === undefined) return;
        done++;
        // Few digits make ties.
        const rounded = [...randomInputs(w, 1)].map(
          ([name, values]) => [name, values.map((v) => Number(v.toFixed(digits)))] as const,
        );
        const inputs = new Map(rounded);
        const expected = interpret(c, inputs);
        expectSame(w, evaluateCascade(w, inputs), expected);
        for (const e of w.einsums) {
          const points = expected.points.get(e.name)!;
          expect(computedPoints(w, { ...e, domain: e.candidates })).toBeGreaterThanOrEqual(points);
          if (w.gates.length === 0) expect(computedPoints(w, e), `points of ${e.name}`).toBe(points);
        }
        if (w.gates.length === 0 && w.einsums.some((e) => e.conditional)) selected++;
      }),
      { numRuns: 2 * computations },
    );
    expect(done).toBeGreaterThan(computations / 2);
    expect(selected).toBeGreaterThan(computations / 20);
  });

  test('give the same values tile by tile, the reduced variables in any tiles', () => {
    const tiles = fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 8, maxLength: 8 });
    fc.assert(
      fc.property(computation(1), tiles, (c, steps) => {
        const w = bound(c);
        if (w === undefined || w.einsums[0]!.carried !== undefined) return;
        const inputs = randomInputs(w, 1);
        const expected = evaluateCascade(w, inputs).get(w.einsums[0]!.name)!;
        const made = new Map<number, number>();
        const memory: TileMemory = {
          read: (tensor, offset) => inputs.get(w.tensors[tensor]!.name)![offset],
          accumulated: (_, offset) => made.get(offset),
          write: (_, offset, value) => made.set(offset, value),
        };
        const sizes = w.variables.map((v) => v.size);
        const cut = (v: number, lo: number[], hi: number[]): void => {
          if (v === sizes.length) evaluateTile(w, 0, { lo, hi }, memory);
          else
            for (let at = 0; at < sizes[v]!; at += steps[v]!)
              cut(v + 1, [...lo, at], [...hi, Math.min(sizes[v]!, at + steps[v]!)]);
        };
        cut(0, [], []);
        expect(made.size).toBe(expected.exists.filter((e) => e === 1).length);
        for (const [offset, value] of made) expect(Math.abs(value - expected.values[offset]!)).toBeLessThan(1e-9);
      }),
      { numRuns: runs(150) },
    );
  });
});
