import { peakMac, peakRate } from '../arch/peaks.ts';
import type { PlacedMapping } from '../mapper/placed.ts';
import type { Metrics } from './metrics.ts';

/** The roofline at one memory level with finite bandwidth. An operation is a FLOP: a MAC has two. */
export type Roofline = {
  readonly level: string;
  /** FLOPs per byte that crosses the level's port. */
  readonly intensity_ops_per_byte: number;
  /** Intensity at which bandwidth and peak allow the same performance. */
  readonly ridge_ops_per_byte: number;
  readonly peak_ops_per_s: number;
  readonly bandwidth_bytes_per_s: number;
  /** min(peak, intensity x bandwidth), at the clock of the spec as all roofs are. */
  readonly attainable_ops_per_s: number;
  /** FLOPs over the time of the run, at the clock that a power limit leaves it. */
  readonly achieved_ops_per_s: number;
};

/**
 * Operations a second of the machine's fastest unit, or of all units together that the mapping gives MACs, if that is more: they
 * can be busy at the same time. A unit that is quicker with narrow operands has the rate of the narrowest that it is given.
 */
function highestRate({ machine, computes }: PlacedMapping): number | undefined {
  const fastest = peakMac(machine)?.operations_per_s;
  if (fastest === undefined) return undefined;
  const leastCycles = new Map<number, number>();
  for (const { unit, operations } of computes.flatMap(({ bindings }) => bindings))
    for (const { operator, cycles } of operations)
      if (operator === 'mac' && cycles > 0)
        leastCycles.set(unit, Math.min(cycles, leastCycles.get(unit) ?? Number.POSITIVE_INFINITY));
  const together = [...leastCycles].reduce(
    (sum, [unit, cycles]) => sum + peakRate(machine, machine.units[unit]!, 'mac', cycles),
    0,
  );
  return Math.max(fastest, together);
}

/**
 * One roofline a memory level with a stated bandwidth, outermost first; none if the machine has no MAC unit. Where reads and
 * writes have ports of their own, the level's intensity and bandwidth are those of the port that takes longer.
 */
export function rooflines(p: PlacedMapping, metrics: Metrics): readonly Roofline[] {
  const peak = highestRate(p);
  if (peak === undefined) return [];
  const { clock_hz } = p.machine;
  const achieved = metrics.flops === 0 ? 0 : metrics.flops / metrics.board.time_s;
  return p.machine.levels.flatMap(({ name, memory, totalInstances }) => {
    if (memory === undefined) return [];
    const moved = metrics.traffic.get(name) ?? { read_bytes: 0, write_bytes: 0 };
    const ports = memory.sharedPort
      ? [{ bytes: moved.read_bytes + moved.write_bytes, rate: memory.read_bytes_per_cycle }]
      : [
          { bytes: moved.read_bytes, rate: memory.read_bytes_per_cycle },
          { bytes: moved.write_bytes, rate: memory.write_bytes_per_cycle },
        ];
    const port = ports.reduce((a, b) => (b.bytes / b.rate > a.bytes / a.rate ? b : a));
    if (!Number.isFinite(port.rate)) return [];
    const bandwidth = port.rate * totalInstances * clock_hz;
    const intensity = metrics.flops / port.bytes;
    return [
      {
        level: name,
        intensity_ops_per_byte: intensity,
        ridge_ops_per_byte: peak / bandwidth,
        peak_ops_per_s: peak,
        bandwidth_bytes_per_s: bandwidth,
        attainable_ops_per_s: port.bytes === 0 ? peak : Math.min(peak, intensity * bandwidth),
        achieved_ops_per_s: achieved,
      },
    ];
  });
}
