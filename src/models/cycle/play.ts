import type { Engine, Probe } from './engine.ts';
import { addDependent, launch, states } from './flight.ts';
import type { Folder } from './fold.ts';
import { pushHeap } from './heap.ts';
import { causeNumber, codes } from './tape.ts';

/** How the engine plays a tape: operations are issued, iterations begin and end. */

const order = causeNumber('order');

/** More than there are turns, so that none makes up for a priority. */
const turnsPerPriority = 2 ** 32;

/** Issues what the tape says, as far as can be now. True when everything has been. */
export function issue(e: Engine, folder: Folder | undefined, probe: Probe | undefined): boolean {
  const { tape } = e;
  const code = tape.code.values;
  const { length } = tape.code;
  while (e.at < length) {
    const instruction = code[e.at]!;
    const argument = instruction >> 4;
    switch (instruction & 15) {
      case codes.operation:
        issueOperation(e, argument, probe);
        break;
      case codes.begin:
        if (!beginIteration(e, argument)) return false;
        break;
      case codes.end:
        release(e, argument, e.windows[argument]!.begun - 1);
        break;
      case codes.barrier: {
        const window = e.windows[argument]!;
        if (window.outstanding[(window.begun - 1) & window.mask]! > 1) return false;
        break;
      }
      case codes.turn:
        giveTurn(e, e.flight.next - argument);
        break;
      case codes.tile:
        e.tiles[argument]!++;
        break;
      case codes.repeat:
        if (repeat(e, argument, folder, probe)) continue;
        break;
      case codes.call:
        e.repeating.push({ at: e.at, of: argument, left: 0, history: [] });
        e.at = tape.calls[argument]!.start;
        continue;
      case codes.return:
        returnFrom(e, argument);
    }
    e.at++;
  }
  return true;
}

/** Jumps back if there are repetitions left. */
function repeat(e: Engine, index: number, folder: Folder | undefined, probe: Probe | undefined): boolean {
  const { start, times } = e.tape.repeats[index]!;
  let top = e.repeating.at(-1);
  if (top?.at !== e.at) {
    top = { at: e.at, of: index, left: times, history: [] };
    e.repeating.push(top);
  }
  if (folder !== undefined && top.left > 1) top.left -= folder(top, probe);
  if (top.left === 0) {
    e.repeating.pop();
    return false;
  }
  top.left--;
  e.at = start;
  return true;
}

/** Goes back to where a run was called, if it was: the end of its first one is passed over. */
function returnFrom(e: Engine, call: number): void {
  const top = e.repeating.at(-1);
  if (top === undefined || top.of !== call || (e.tape.code.values[top.at]! & 15) !== codes.call) return;
  e.repeating.pop();
  e.at = top.at;
}

function issueOperation(e: Engine, operation: number, probe: Probe | undefined): void {
  const { flight: f, columns: table } = e;
  const place = launch(f);
  const sequence = f.next - 1;
  f.operation[place] = operation;
  f.state[place] = states.waiting;
  f.dependents[place] = -1;
  const loop = table.loop[operation]!;
  if (loop >= 0) {
    const window = e.windows[loop]!;
    f.iteration[place] = window.begun - 1;
    window.outstanding[(window.begun - 1) & window.mask]!++;
  }
  let pending = 0;
  const last = table.firstWait[operation + 1]!;
  for (let w = table.firstWait[operation]!; w < last; w++) {
    const on = sequence - table.waitBack[w]!;
    if (on < f.oldest) continue;
    const its = on & f.mask;
    if (f.state[its] === states.done) continue;
    f.dependents[its] = addDependent(e.dependents, f.dependents[its]!, sequence, table.waitCause[w]!);
    pending++;
  }
  f.pending[place] = pending;
  f.turn[place] = -1;
  probe?.onIssue?.(sequence, operation);
  if (table.late[operation] === 0) giveTurn(e, sequence);
}

/** From now on the operation takes its place among those that are served. */
function giveTurn(e: Engine, sequence: number): void {
  const { flight: f } = e;
  const place = sequence & f.mask;
  f.turn[place] = e.turns++;
  if (e.tape.ordered.length > 0)
    for (const r of e.charges.classes[classOf(e, place)]!) e.queues[r]?.items.push(sequence);
  if (f.pending[place] === 0) makeReady(e, sequence, place, order, 0, e.lastDone);
}

const classOf = (e: Engine, place: number): number => e.charges.classOf[e.columns.price[e.flight.operation[place]!]!]!;

/** It can start as soon as all that it holds is free. */
export function makeReady(
  e: Engine,
  sequence: number,
  place: number,
  cause: number,
  rampTicks: number,
  by: number,
): void {
  const { flight: f } = e;
  f.state[place] = states.ready;
  f.readyAt[place] = e.now;
  f.readyCause[place] = cause;
  f.readyRamp[place] = rampTicks;
  f.readyBy[place] = by;
  const priority = e.columns.priority[f.operation[place]!]!;
  pushHeap(e.ready[classOf(e, place)]!, sequence, f.turn[place]! - priority * turnsPerPriority);
}

/** False if too many iterations of the loop are not over. */
function beginIteration(e: Engine, loop: number): boolean {
  const window = e.windows[loop]!;
  if (window.begun - window.over >= window.inFlight) return false;
  const place = window.begun++ & window.mask;
  window.outstanding[place] = 1;
  if (window.awaitedBy >= 0) {
    const around = e.windows[window.awaitedBy]!;
    window.around[place] = around.begun - 1;
    around.outstanding[(around.begun - 1) & around.mask]!++;
  }
  return true;
}

/** One less is waited for by an iteration; if it is over then, by the one around it, too. */
export function release(e: Engine, loop: number, iteration: number): void {
  const window = e.windows[loop]!;
  const place = iteration & window.mask;
  if (--window.outstanding[place]! > 0) return;
  while (window.over < window.begun && window.outstanding[window.over & window.mask] === 0) window.over++;
  if (window.awaitedBy >= 0) release(e, window.awaitedBy, window.around[place]!);
}
