import { type Diagnostic, diagnostic } from '../diagnostic.ts';
import { invariant } from '../invariant.ts';
import type { Name } from './ast.ts';
import { wholeBox } from './domain.ts';
import { elementCount, type TileMemory, tileEvaluator } from './evaluate-tile.ts';
import { executionSteps, type Step } from './iteration.ts';
import type { Rounding } from './number-format.ts';
import { float64, type Numerics, storedInput } from './numerics.ts';
import { computedEinsums } from './shape.ts';
import type { Box, Tensor, Workload } from './workload.ts';

/** A tensor's elements, row-major over its full shape; a carried dimension has all its versions. */
export type TensorValue = {
  /** Arbitrary where the element does not exist. */
  readonly values: Float64Array;
  /** 1 where the element exists, else 0. */
  readonly exists: Uint8Array;
};

/** Points of all iteration spaces together; a few minutes. */
const maxPoints = 2 ** 31;
/** Elements of all tensors together; 9 bytes each. */
const maxElements = 2 ** 27;

/**
 * Why a workload is too large for the reference executor, or for another that holds at most so many elements; empty
 * if it is not. Errors: `too-many-points`.
 */
export function executionLimits(w: Workload, mostElements = maxElements): readonly Diagnostic[] {
  const size = (i: number): number => w.einsums[i]!.variables.reduce((n, v) => n * w.variables[v]!.size, 1);
  const points = w.einsums.map((_, i) => size(i));
  const elements = w.tensors.map(elementCount);
  const total = (counts: readonly number[]): number => counts.reduce((a, b) => a + b, 0);
  const help = 'set smaller sizes: execution visits every point, one at a time';
  const [largest] = points.map((count, i) => ({ count, i })).sort((a, b) => b.count - a.count);
  if (largest !== undefined && total(points) > maxPoints) {
    const message = `executing the cascade visits ${total(points)} points, of which "${w.einsums[largest.i]!.name}" has ${largest.count}; the limit is ${maxPoints} (2^31)`;
    return [diagnostic('too-many-points', message, computedEinsums(w.cascade)[largest.i]!.span, { help })];
  }
  if (total(elements) <= mostElements) return [];
  const message = `executing the cascade holds ${total(elements)} elements; the limit is ${mostElements} (2^${Math.log2(mostElements)})`;
  return [diagnostic('too-many-points', message, w.cascade.nameSpan, { help })];
}

/**
 * Executes a cascade, every point one at a time, in float64 unless `numerics` says otherwise: the oracle of everything
 * else. `inputs` has a row-major array for each input tensor. The result has every tensor, inputs included. Call it
 * only on workloads within `executionLimits`.
 */
export function evaluateCascade(
  w: Workload,
  inputs: ReadonlyMap<Name, Float64Array>,
  numerics: Numerics = float64,
): ReadonlyMap<Name, TensorValue> {
  invariant(executionLimits(w).length === 0, 'the workload is beyond the limits of execution');
  const tensors = w.tensors.map((t, i) => initialTensor(t, inputs, numerics.stored[i]));
  const memory: TileMemory = {
    read: (tensor, offset) => present(tensors[tensor]!, offset),
    accumulated: (tensor, offset) => present(tensors[tensor]!, offset),
    write: (tensor, offset, value) => {
      tensors[tensor]!.values[offset] = value;
      tensors[tensor]!.exists[offset] = 1;
    },
  };
  const steps = executionSteps(w);
  invariant(!('reader' in steps), 'a bound workload has an order of execution');
  const whole = wholeBox(w.variables.map((v) => v.size));
  for (const step of steps) {
    if (step.kind === 'whole') tileEvaluator(w, step.einsum, numerics)(whole, memory);
    else iterate(w, step, { whole, memory, tensors, numerics });
  }
  return new Map(w.tensors.map((t, i) => [t.name, tensors[i]!]));
}

const present = ({ values, exists }: TensorValue, offset: number): number | undefined =>
  exists[offset] === 1 ? values[offset] : undefined;

function initialTensor(
  t: Tensor,
  inputs: ReadonlyMap<Name, Float64Array>,
  rounding: Rounding | undefined,
): TensorValue {
  const elements = elementCount(t);
  if (t.producer === undefined) {
    const values = inputs.get(t.name);
    invariant(values?.length === elements, `input "${t.name}" needs ${elements} values, has ${values?.length ?? 0}`);
    return { values: storedInput(values, rounding), exists: new Uint8Array(elements).fill(1) };
  }
  const value = { values: new Float64Array(elements), exists: new Uint8Array(elements) };
  const { initial } = t;
  if (initial !== undefined)
    forEachOfVersion(t, 0, (offset) => {
      value.values[offset] = initial;
      value.exists[offset] = 1;
    });
  return value;
}

type Execution = {
  readonly whole: Box;
  readonly memory: TileMemory;
  readonly tensors: readonly TensorValue[];
  readonly numerics: Numerics;
};

/** Runs Einsums that advance together, and carries over what an iteration does not compute anew. */
function iterate(
  w: Workload,
  { variable, einsums }: Step & { kind: 'iterate' },
  { whole, memory, tensors, numerics }: Execution,
): void {
  const evaluators = einsums.map((i) => ({ einsum: w.einsums[i]!, evaluate: tileEvaluator(w, i, numerics) }));
  for (let step = 0; step < w.variables[variable]!.size; step++) {
    const at = (bounds: ArrayLike<number>, value: number): readonly number[] =>
      Array.from(bounds, (bound, v) => (v === variable ? value : bound));
    const box = { lo: at(whole.lo, step), hi: at(whole.hi, step + 1) };
    for (const { einsum, evaluate } of evaluators) {
      evaluate(box, memory);
      if (einsum.carried !== undefined)
        carryOver(w.tensors[einsum.output.tensor]!, tensors[einsum.output.tensor]!, step + 1);
    }
  }
}

function carryOver(t: Tensor, { values, exists }: TensorValue, version: number): void {
  const stride = innerSize(t);
  forEachOfVersion(t, version, (offset) => {
    if (exists[offset] === 1) return;
    values[offset] = values[offset - stride]!;
    exists[offset] = 1;
  });
}

/** Elements between an element and its next version. */
const innerSize = ({ dimensions }: Tensor): number =>
  dimensions.slice(dimensions.findIndex((d) => d.carried) + 1).reduce((n, d) => n * d.size, 1);

function forEachOfVersion(t: Tensor, version: number, visit: (offset: number) => void): void {
  const inner = innerSize(t);
  const versions = t.dimensions.find((d) => d.carried)!.size;
  for (let block = version * inner; block < elementCount(t); block += versions * inner)
    for (let i = 0; i < inner; i++) visit(block + i);
}
