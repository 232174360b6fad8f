import { pieceLength } from '../pieces.ts';
import { computeItem, fillItem, loopItem } from './draft.ts';
import { type MeasureValues, setExtent, valuesOfMeasures } from './measures.ts';
import type { Program } from './program.ts';

/**
 * The estimate of `analytic/span.ts` for a loop tree with other numbers: the same formulas, over its program, with
 * room for all that an evaluation writes.
 */
export type CompiledSpan = {
  cycles: number;
  bound: number;
  /** Bytes that keeps fill and drain on average when their block is entered, by keep: to be set before. */
  readonly fills: Float64Array;
  readonly drains: Float64Array;
  /** Writes cycles and bound. */
  readonly update: () => void;
};

type OpenNumbers = {
  readonly tiles: Float64Array;
  readonly stages: Float64Array;
  readonly inFlight: Float64Array;
};

type State = OpenNumbers & {
  readonly program: Program;
  readonly measures: MeasureValues;
  /** By slot; as in `Span`. */
  readonly busy: Float64Array;
  readonly certain: Float64Array;
  /** By slot: when the resource is free again. */
  readonly free: Float64Array;
  /** By use: cycles that the item holds it, and those of a loop that are certain. */
  readonly held: Float64Array;
  readonly heldCertainly: Float64Array;
  /** By item. */
  readonly cycles: Float64Array;
  readonly bounds: Float64Array;
  readonly ends: Float64Array;
  /** By block. */
  readonly blockCycles: Float64Array;
  readonly blockBounds: Float64Array;
};

export function createSpan(program: Program, open: OpenNumbers): CompiledSpan {
  const measures = valuesOfMeasures(program.measures);
  const slots = program.slots.at(-1)!;
  const uses = program.useSlots.length;
  const items = program.kinds.length;
  const { fills, drains, first } = program.measures;
  const state: State = {
    ...open,
    program,
    measures,
    busy: new Float64Array(slots),
    certain: new Float64Array(slots),
    free: new Float64Array(slots),
    held: new Float64Array(uses),
    heldCertainly: new Float64Array(uses),
    cycles: new Float64Array(items),
    bounds: new Float64Array(items),
    ends: new Float64Array(items),
    blockCycles: new Float64Array(program.blocks),
    blockBounds: new Float64Array(program.blocks),
  };
  const span: CompiledSpan = {
    cycles: 0,
    bound: 0,
    fills: measures.values.subarray(fills, drains),
    drains: measures.values.subarray(drains, first),
    update: () => {
      runBlock(state, 0);
      span.cycles = state.blockCycles[0]!;
      span.bound = state.blockBounds[0]!;
    },
  };
  return span;
}

/** Runs the items of a block, one after the other or each when its operands and its resources are free. */
function runBlock(s: State, block: number): void {
  const { busy, certain, free, held, heldCertainly, cycles, bounds, ends } = s;
  const { items, slots, strict, kinds, uses, useSlots, waits, waitsFor } = s.program;
  const firstSlot = slots[block]!;
  const endSlot = slots[block + 1]!;
  for (let r = firstSlot; r < endSlot; r++) {
    busy[r] = 0;
    certain[r] = 0;
    free[r] = 0;
  }
  const inSequence = strict[block] === 1;
  let took = 0;
  let bound = 0;
  for (let i = items[block]!, end = items[block + 1]!; i < end; i++) {
    const kind = kinds[i]!;
    if (kind === loopItem) runLoop(s, i);
    else measureItem(s, i, kind);
    const unawaited = isUnawaited(s, i, kind);
    const firstUse = uses[i]!;
    const endUse = uses[i + 1]!;
    let start = 0;
    if (!inSequence) {
      for (let w = waits[i]!, last = waits[i + 1]!; w < last; w++) {
        const ready = ends[waitsFor[w]!]!;
        if (ready > start) start = ready;
      }
      for (let u = firstUse; u < endUse; u++) {
        const slot = useSlots[u]!;
        if (held[u]! > 0 && free[slot]! > start) start = free[slot]!;
      }
    }
    for (let u = firstUse; u < endUse; u++) {
      const slot = useSlots[u]!;
      const hold = held[u]!;
      busy[slot] = busy[slot]! + hold;
      if (unawaited) continue;
      if (hold > 0) free[slot] = start + hold;
      if (kind === loopItem) certain[slot] = certain[slot]! + heldCertainly[u]!;
      else if (kind === computeItem) certain[slot] = certain[slot]! + hold;
    }
    ends[i] = start + cycles[i]!;
    if (unawaited) continue;
    if (inSequence) {
      took += cycles[i]!;
      bound += bounds[i]!;
    } else {
      if (ends[i]! > took) took = ends[i]!;
      if (bounds[i]! > bound) bound = bounds[i]!;
    }
  }
  for (let r = firstSlot; r < endSlot; r++) if (busy[r]! > took) took = busy[r]!;
  s.blockCycles[block] = took;
  s.blockBounds[block] = bound;
}

/** What trails, and tiles that come in ahead or leave under the next; what moves nothing is not there. */
function isUnawaited(s: State, item: number, kind: number): boolean {
  if (kind === computeItem || kind === loopItem) return s.program.trailing[item] === 1;
  return s.stages[s.program.subjects[item]!]! > 1 || isAbsent(s, item, kind);
}

/** Whether a movement moves nothing. */
function isAbsent({ program, measures }: State, item: number, kind: number): boolean {
  const { fills, drains } = program.measures;
  return measures.values[(kind === fillItem ? fills : drains) + program.subjects[item]!] === 0;
}

function measureItem(s: State, item: number, kind: number): void {
  const { held, cycles, bounds } = s;
  const { uses, charges, coefficients, factors, factorMeasures, accesses, rates, rateUses, rateCycles, latencies } =
    s.program;
  const { values } = s.measures;
  const firstUse = uses[item]!;
  const endUse = uses[item + 1]!;
  for (let u = firstUse; u < endUse; u++) held[u] = 0;
  for (let c = charges[item]!, end = charges[item + 1]!; c < end; c++) {
    let amount = coefficients[c]!;
    for (let f = factors[c]!; f < factors[c + 1]!; f++) amount *= values[factorMeasures[f]!]!;
    const access = accesses[c]!;
    if (access > 0) amount = Math.ceil(amount / access) * access;
    for (let r = rates[c]!; r < rates[c + 1]!; r++) held[rateUses[r]!] = held[rateUses[r]!]! + amount * rateCycles[r]!;
  }
  let most = 0;
  for (let u = firstUse; u < endUse; u++) if (held[u]! > most) most = held[u]!;
  if (kind === computeItem) {
    cycles[item] = most + latencies[item]!;
    bounds[item] = cycles[item]!;
    return;
  }
  if (kind === fillItem) most *= awaitedShare(s, item);
  cycles[item] = isAbsent(s, item, kind) ? 0 : most + latencies[item]!;
}

/** The part of a tile that comes first. */
function awaitedShare({ program, measures, tiles }: State, item: number): number {
  const cut = program.cuts[item];
  if (cut === undefined) return 1;
  const length = 1 + cut.coefficient * (measures.values[cut.loop.variable]! - 1);
  cut.step = cut.coefficient * tiles[cut.loop.id]!;
  return Math.min(1, pieceLength(cut, length) / length);
}

/** The full steps of a loop and, where its tile does not divide, the last one. */
function runLoop(s: State, item: number): void {
  const { program, measures, held, heldCertainly, cycles, bounds } = s;
  const loop = program.subjects[item]!;
  const variable = program.variables[item]!;
  const block = program.inside[item]!;
  const extent = measures.values[variable]!;
  const tile = s.tiles[loop]!;
  const full = Math.floor(extent / tile);
  const left = extent - full * tile;
  const inFlight = s.inFlight[loop]!;
  for (let u = program.uses[item]!; u < program.uses[item + 1]!; u++) {
    held[u] = 0;
    heldCertainly[u] = 0;
  }
  cycles[item] = 0;
  bounds[item] = 0;
  let ramp = 0;
  if (full > 0) {
    setExtent(measures, variable, tile);
    ramp = addSteps(s, item, block, inFlight, full);
  }
  if (left > 0) {
    setExtent(measures, variable, left);
    ramp = addSteps(s, item, block, inFlight, 1);
  }
  setExtent(measures, variable, extent);
  cycles[item] = cycles[item]! + ramp;
  const beside = program.strict[block] === 1 ? 1 : program.lags[block] === 1 ? Number.POSITIVE_INFINITY : inFlight;
  if (beside === 1) return;
  let bound = bounds[item]! / beside;
  for (let u = program.uses[item]!; u < program.uses[item + 1]!; u++)
    if (heldCertainly[u]! > bound) bound = heldCertainly[u]!;
  bounds[item] = bound;
}

/** Adds as many steps of a loop, all alike; what the last takes longer than a step of many. */
function addSteps(s: State, item: number, block: number, inFlight: number, times: number): number {
  runBlock(s, block);
  const { program, busy, certain, held, heldCertainly, cycles, bounds } = s;
  const { uses, slots } = program;
  const took = s.blockCycles[block]!;
  let most = 0;
  for (let u = uses[item]!, r = slots[block]!; r < slots[block + 1]!; u++, r++) {
    held[u] = held[u]! + times * busy[r]!;
    heldCertainly[u] = heldCertainly[u]! + times * certain[r]!;
    if (busy[r]! > most) most = busy[r]!;
  }
  const steady = inFlight === 1 ? took : Math.max(most, took / inFlight);
  cycles[item] = cycles[item]! + times * steady;
  bounds[item] = bounds[item]! + times * s.blockBounds[block]!;
  return took - steady;
}
