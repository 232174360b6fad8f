import type { BoundAccess } from '../../einsum/workload.ts';
import type { Compute } from '../../mapper/placed.ts';
import { accessBox, type TileBox } from '../../mapper/tile.ts';
import { keyLength, type Shape, writeKey } from '../likeness.ts';
import { accessLatency, type ComputeCost, computeCost, resultDelay } from '../resources.ts';
import { wasVisited } from '../visited.ts';
import { isActive } from '../walk.ts';
import {
  createOperation,
  type Issuer,
  type Iteration,
  priceOf,
  type Recorded,
  submit,
  touch,
  waitForRoom,
  waitForWriters,
} from './issue.ts';

/**
 * Issues an Einsum on the tile where the loops stand, behind what it waits for; undefined if nothing is computed
 * there. The iteration waits for it.
 */
export type ComputeIssuer = (compute: Compute, iteration: Iteration | undefined) => Recorded | undefined;

type Priced = { readonly price: number; readonly counted: ComputeCost };

/** The cost of a compute on the last shape of tile that it had: on the first visit, and on later ones. */
type Known = {
  readonly shape: Shape;
  readonly key: Float64Array;
  /** Where the key of the next tile is written. */
  readonly scratch: Float64Array;
  costs: { readonly first: Priced; readonly later: Priced } | undefined;
};

export function createComputeIssuer(issuer: Issuer): ComputeIssuer {
  const { structure, env, keeps } = issuer;
  const { tensors } = issuer.costs.placed.workload;
  const known = structure.shapeOfCompute.map((shape): Known => {
    const length = keyLength(shape);
    return { shape, key: new Float64Array(length).fill(NaN), scratch: new Float64Array(length), costs: undefined };
  });
  const boxOf = (access: BoundAccess): TileBox => accessBox(access, tensors[access.tensor]!, env, []);

  return (compute, iteration) => {
    const { einsum } = compute;
    const updates = wasVisited(structure.pastOfCompute[compute.id]!, env);
    const costs = costsHere(issuer, compute, known[compute.id]!);
    if (costs === undefined) return undefined;
    const { price, counted } = updates ? costs.later : costs.first;
    const operation = createOperation(issuer, 'compute', { compute }, price, iteration);
    issuer.counters.addCompute(compute.id, counted, updates);
    for (let i = 0; i < compute.operands.length; i++) {
      const state = keeps[compute.operands[i]!.id];
      if (state === undefined) continue;
      const box = boxOf(einsum.operands[i]!);
      waitForWriters(operation, state, box);
      touch(operation, state, false, box, i, state.version);
    }
    const state = keeps[compute.output.id];
    if (state !== undefined) {
      const box = boxOf(einsum.output);
      waitForWriters(operation, state, box);
      waitForRoom(operation, state, state.version, box);
      touch(operation, state, true, box, -1, state.version);
      state.dirty = true;
    }
    submit(issuer, operation, compute.lag > 0);
    return operation;
  };
}

/** Costs of a compute where the loops stand; undefined if nothing is computed there. */
function costsHere(issuer: Issuer, compute: Compute, memory: Known): Known['costs'] {
  const { key, scratch } = memory;
  writeKey(memory.shape, issuer.env, scratch);
  if (isEqual(scratch, key)) return memory.costs;
  key.set(scratch);
  memory.costs = isActive([compute.einsum], issuer.env)
    ? { first: priceHere(issuer, compute, false), later: priceHere(issuer, compute, true) }
    : undefined;
  return memory.costs;
}

function priceHere(issuer: Issuer, compute: Compute, updates: boolean): Priced {
  const { costs, env, prices } = issuer;
  const counted = computeCost(costs, compute, env, updates);
  const latency = compute.operands.reduce((most, k) => Math.max(most, accessLatency(costs, k, undefined)), 0);
  const ramp_cycles = resultDelay(costs.placed, compute, env);
  const paid = { uses: counted.uses, latency_cycles: latency + ramp_cycles, ramp_cycles, compute: compute.id };
  return { price: priceOf(prices, paid), counted };
}

const isEqual = (a: Float64Array, b: Float64Array): boolean => {
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
};
