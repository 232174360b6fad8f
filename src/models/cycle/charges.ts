import type { Tape } from './tape.ts';

/** Prices in ticks, with the machine's ports as they are shared. Operations that hold the same form a class. */
export type Charges = {
  /** Resources of each class. */
  readonly classes: readonly Int32Array[];
  /** By price. */
  readonly classOf: Int32Array;
  /** Ticks that the resources of a price's class are held stand at `holds[firstHold[price]]` and on. */
  readonly firstHold: Int32Array;
  readonly holds: Float64Array;
  /** Ticks from the start to the result. */
  readonly durations: Float64Array;
  readonly ramps: Float64Array;
};

export function chargesOf(tape: Tape, ticksPerCycle: number, factors: Float64Array): Charges {
  const toTicks = (cycles: number): number => Math.ceil(cycles * ticksPerCycle - 1e-9);
  const { prices } = tape;
  const classes: Int32Array[] = [];
  const numbers = new Map<string, number>();
  const classOf = new Int32Array(prices.length);
  const firstHold = new Int32Array(prices.length);
  const holds: number[] = [];
  const durations = new Float64Array(prices.length);
  const ramps = new Float64Array(prices.length);
  prices.forEach(({ uses, latency_cycles, ramp_cycles }, p) => {
    const used = Int32Array.from(uses, (u) => u.resource);
    const name = used.join();
    let number = numbers.get(name);
    if (number === undefined) {
      number = classes.push(used) - 1;
      numbers.set(name, number);
    }
    classOf[p] = number;
    firstHold[p] = holds.length;
    let longest = 0;
    for (const { resource, cycles } of uses) {
      const hold = toTicks(cycles * factors[resource]!);
      longest = Math.max(longest, hold);
      holds.push(hold);
    }
    ramps[p] = toTicks(ramp_cycles);
    durations[p] = longest + toTicks(latency_cycles - ramp_cycles) + ramps[p]!;
  });
  return { classes, classOf, firstHold, holds: Float64Array.from(holds), durations, ramps };
}
