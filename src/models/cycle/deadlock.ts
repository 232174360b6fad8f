import { stallCauses } from '../metrics.ts';
import type { Resources } from '../resources.ts';
import type { Engine } from './engine.ts';
import { states } from './flight.ts';
import { codes, kinds } from './tape.ts';

/** Thrown when operations of a mapping wait for each other; the message names the circle. */
export class Deadlock extends Error {
  override readonly name = 'Deadlock';
}

/**
 * Who waits for whom, where nothing can go on: from the oldest operation that is not done until one comes again, or
 * until it is the issue of operations that is waited for.
 */
export function namedWaits(e: Engine, resources: Resources): string {
  const { flight: f } = e;
  const waits: string[] = [];
  const seen = new Set<number>();
  const add = (what: string): void => {
    if (waits.at(-1) !== what) waits.push(what);
  };
  for (let sequence = f.oldest; !seen.has(sequence); ) {
    seen.add(sequence);
    const place = sequence & f.mask;
    const name = nameOf(e, sequence);
    if (f.pending[place]! > 0) {
      const { on, cause } = waitedFor(e, sequence);
      const other = nameOf(e, on);
      add(cause === 'slot' ? `${name} waits for a stage that ${other} still uses` : `${name} waits for ${other}`);
      sequence = on;
    } else if (f.turn[place]! < 0) {
      add(`${name} waits for its turn, which comes with a later iteration`);
      add(blockedIssue(e, name));
      break;
    } else {
      const r = queueBefore(e, sequence);
      if (r === undefined) break;
      const queue = e.queues[r]!;
      sequence = queue.items[queue.first]!;
      add(`${name} waits for its turn on ${resources.names[r]}, after ${nameOf(e, sequence)}`);
    }
  }
  return waits.join('; ');
}

/** What cannot be issued. */
function blockedIssue(e: Engine, oldest: string): string {
  const instruction = e.tape.code.values[e.at]!;
  const { name, inFlight } = e.tape.loops[instruction >> 4]!;
  const loop = name === '' ? 'the mapping' : `the loop over "${name}"`;
  if ((instruction & 15) === codes.barrier) return `the next branch in ${loop}, a sequence, waits for ${oldest}`;
  const most = inFlight === 1 ? 'one is' : `${inFlight} are`;
  return `the next iteration of ${loop}, of which at most ${most} in flight, waits for ${oldest}`;
}

function nameOf(e: Engine, sequence: number): string {
  const { operations, placed } = e.tape;
  const at = e.flight.operation[sequence & e.flight.mask]!;
  const subject = operations.subject.values[at]!;
  const kind = kinds[operations.kind.values[at]!]!;
  if (kind === 'compute') return placed.computes[subject]!.einsum.name;
  const { tensor, level } = placed.keeps[subject]!;
  return `the ${kind} of ${placed.workload.tensors[tensor]!.name} in ${placed.machine.levels[level]!.name}`;
}

/** The oldest operation that another one waits for. */
function waitedFor(e: Engine, sequence: number): { readonly on: number; readonly cause: string } {
  const { flight: f, tape } = e;
  const { firstWait, waitBack, waitCause } = tape.operations;
  const at = f.operation[sequence & f.mask]!;
  for (let w = firstWait.values[at]!; w < firstWait.values[at + 1]!; w++) {
    const on = sequence - waitBack.values[w]!;
    if (on >= f.oldest && f.state[on & f.mask] !== states.done)
      return { on, cause: stallCauses[waitCause.values[w]!]! };
  }
  throw new Error('an operation waits for nothing');
}

/** An ordered resource that serves another operation first. */
function queueBefore(e: Engine, sequence: number): number | undefined {
  const price = e.tape.operations.price.values[e.flight.operation[sequence & e.flight.mask]!]!;
  for (const r of e.charges.classes[e.charges.classOf[price]!]!) {
    const queue = e.queues[r];
    if (queue !== undefined && queue.items[queue.first] !== sequence) return r;
  }
  return undefined;
}
