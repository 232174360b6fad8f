import { invariant } from '../../invariant.ts';
import type { Resources } from '../resources.ts';
import { WorkLimit } from '../work-limit.ts';
import type { Engine, Probe } from './engine.ts';
import { states } from './flight.ts';
import { popHeap, pushHeap } from './heap.ts';
import { makeReady, release } from './play.ts';
import { causeCount, causeNumber } from './tape.ts';

/** How units and ports serve the operations that have been issued, and why they stand still. */

const order = causeNumber('order');
const unit = causeNumber('unit');
const port = causeNumber('port');
const ramp = causeNumber('ramp');

/** Starts all that can start now. */
export function startReady(e: Engine, resources: Resources, probe: Probe | undefined): void {
  const { ready } = e;
  for (;;) {
    let best = -1;
    let turn = Number.POSITIVE_INFINITY;
    for (let c = 0; c < ready.length; c++) {
      const heap = ready[c]!;
      if (heap.length === 0 || heap.keys[0]! >= turn || !isFree(e, c, heap.items[0]!)) continue;
      best = c;
      turn = heap.keys[0]!;
    }
    if (best < 0) return;
    start(e, popHeap(ready[best]!), best, resources, probe);
  }
}

function isFree(e: Engine, c: number, sequence: number): boolean {
  const { freeAt, now } = e;
  const used = e.charges.classes[c]!;
  for (let i = 0; i < used.length; i++) if (freeAt[used[i]!]! > now) return false;
  return e.tape.ordered.length === 0 || isNext(e, used, sequence);
}

function isNext(e: Engine, used: Int32Array, sequence: number): boolean {
  for (const r of used) {
    const queue = e.queues[r];
    if (queue !== undefined && queue.items[queue.first] !== sequence) return false;
  }
  return true;
}

function start(e: Engine, sequence: number, c: number, resources: Resources, probe: Probe | undefined): void {
  const { flight: f, charges, freeAt, now } = e;
  if (++e.events > e.mostWalked)
    throw new WorkLimit(`more than ${e.mostWalked} operations would have to be simulated one by one`);
  const place = sequence & f.mask;
  const operation = f.operation[place]!;
  const price = e.columns.price[operation]!;
  const used = charges.classes[c]!;
  const readyAt = f.readyAt[place]!;
  let blocker = -1;
  if (now > readyAt) for (const r of used) if (freeAt[r] === now) blocker = r;
  const afterReady = blocker < 0 ? order : resources.kinds[blocker] === 'unit' ? unit : port;
  if (probe?.onStart !== undefined) {
    const waited = now > readyAt;
    const after = blocker < 0 ? f.readyBy[place]! : e.heldBy[blocker]!;
    probe.onStart(sequence, operation, now, after, waited ? afterReady : f.readyCause[place]!);
  }
  const first = charges.firstHold[price]!;
  for (let i = 0; i < used.length; i++) {
    const r = used[i]!;
    const since = freeAt[r]!;
    if (since < now) {
      if (readyAt > since) addWait(e, r, place, readyAt - since);
      const waited = now - Math.max(since, readyAt);
      if (waited > 0) e.stalls[r * causeCount + afterReady]! += waited;
    }
    freeAt[r] = now + charges.holds[first + i]!;
    e.heldBy[r] = sequence;
  }
  if (e.tape.ordered.length > 0) leaveQueues(e, used);
  f.state[place] = states.running;
  f.finishAt[place] = now + charges.durations[price]!;
  pushHeap(e.running, sequence, f.finishAt[place]!);
}

/** The resource stood still until the operation was ready. */
function addWait(e: Engine, r: number, place: number, ticks: number): void {
  const { flight: f, stalls } = e;
  const ramped = Math.min(ticks, f.readyRamp[place]!);
  stalls[r * causeCount + ramp]! += ramped;
  stalls[r * causeCount + f.readyCause[place]!]! += ticks - ramped;
}

function leaveQueues(e: Engine, used: Int32Array): void {
  for (const r of used) {
    const queue = e.queues[r];
    if (queue === undefined) continue;
    queue.first++;
    if (queue.first < 1024) continue;
    queue.items.splice(0, queue.first);
    queue.first = 0;
  }
}

/** Its result is there: what waited for it alone is ready. */
export function finish(e: Engine, sequence: number, probe: Probe | undefined): void {
  const { flight: f, dependents, charges, columns } = e;
  const place = sequence & f.mask;
  const operation = f.operation[place]!;
  f.state[place] = states.done;
  e.lastDone = sequence;
  const rampTicks = charges.ramps[columns.price[operation]!]!;
  for (let d = f.dependents[place]!; d >= 0; ) {
    const after = dependents.next[d]!;
    const its = dependents.sequence[d]!;
    const next = its & f.mask;
    if (--f.pending[next]! === 0 && f.turn[next]! >= 0)
      makeReady(e, its, next, dependents.cause[d]!, rampTicks, sequence);
    dependents.next[d] = dependents.free;
    dependents.free = d;
    d = after;
  }
  const loop = columns.loop[operation]!;
  if (loop >= 0) release(e, loop, f.iteration[place]!);
  probe?.onFinish?.(sequence, operation, e.now);
}

/** When something happens next: a result is there, or a ready operation has all that it holds. */
export function nextTime(e: Engine): number {
  const { running, ready, freeAt, now } = e;
  let next = running.length > 0 ? running.keys[0]! : Number.POSITIVE_INFINITY;
  for (let c = 0; c < ready.length; c++) {
    if (ready[c]!.length === 0) continue;
    const used = e.charges.classes[c]!;
    let free = 0;
    for (let i = 0; i < used.length; i++) if (freeAt[used[i]!]! > free) free = freeAt[used[i]!]!;
    if (free > now && free < next) next = free;
  }
  invariant(next >= now, 'time runs backwards');
  return next;
}
