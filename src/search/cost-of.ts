import { invariant } from '../invariant.ts';
import type { PlacedMapping } from '../mapper/placed.ts';
import { busyCycles, estimateTime } from '../models/analytic/evaluate.ts';
import { countAccesses, countActions } from '../models/energy.ts';
import { countTraffic } from '../models/traffic.ts';
import type { Cost } from './objective.ts';
import { homeOf } from './plan.ts';

/**
 * What the closed form says of a mapping, as `evaluateMapping` does; undefined where `isUseless` says of what it costs at
 * least that it is no use. Throws `WorkLimit` where it would take too long.
 */
export function costOfPlaced(
  p: PlacedMapping,
  accounting: string,
  isUseless: (least: Cost) => boolean,
): Cost | undefined {
  const charged = p.machine.accountings.get(accounting);
  invariant(charged !== undefined, `machine "${p.machine.name}" has no accounting "${accounting}"`);
  const traffic = countTraffic(p);
  let energy_pj = 0;
  for (const { count, each_pj } of countActions(p, countAccesses(p, traffic, charged), charged).values())
    energy_pj += count * each_pj;
  const home = traffic.levels.get(p.machine.levels[homeOf(p.machine)]!.name);
  const home_bytes = home === undefined ? 0 : home.read_bytes + home.write_bytes;
  const time = estimateTime(p, traffic, busyCycles(p, traffic));
  if (isUseless({ latency_cycles: time.floor_cycles, energy_pj, home_bytes })) return undefined;
  return { latency_cycles: time.settle().latency_cycles, energy_pj, home_bytes };
}
