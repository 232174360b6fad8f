import { entryOf } from './named-table.ts';
import { bytesText, countText, engineering, intensityText, rateText } from './quantity-text.ts';
import type { Report } from './report.ts';
import { causeText, wordList } from './stall-text.ts';
import { bytesThrough } from './summary.ts';

/** Operators that each Einsum of the cascade has, by its name. */
export type EinsumOperators = ReadonlyMap<string, readonly string[]>;

/** Whole percents, as people say them; what is more than nothing is not 0%. */
function percent(share: number): string {
  const whole = Math.round(share * 100);
  if (whole === 0 && share > 0) return 'less than 1%';
  return whole === 100 && share < 0.9995 ? `${(share * 100).toFixed(1)}%` : `${whole}%`;
}

/** A part of what a resource is busy with. */
type Work = { readonly name: string; readonly many: boolean; readonly share: number };

/** Parts smaller than this are not told, nor more than so many. */
const leastTold = 0.05;
const mostTold = 3;
const leastStall = 0.005;
const mostStalls = 2;

/** "the exponential SLN", "the products QK and SLNV", "RNV": Einsums of one kind together, as far as the unit has that operator. */
function computedBy(report: Report, unit: string, operators: EinsumOperators): readonly Work[] {
  const busy = entryOf(report.busy_cycles_by_einsum, unit) ?? {};
  const total = Object.values(busy).reduce((a, b) => a + b, 0);
  // An Einsum with several operators may have some of them on other units.
  const here = entryOf(report.busy_cycles_by_operator, unit) ?? {};
  const does = (einsum: string, operator: string): boolean =>
    (operators.get(einsum) ?? []).includes(operator) && Object.hasOwn(here, operator);
  const kinds = new Map<string, { readonly noun: string; readonly names: string[]; cycles: number }>();
  for (const [einsum, cycles] of Object.entries(busy)) {
    if (cycles <= 0) continue;
    const noun = does(einsum, 'exp') ? 'exponential' : does(einsum, 'mac') ? 'product' : '';
    const key = noun === '' ? `Einsum ${einsum}` : noun;
    const kind = kinds.get(key) ?? { noun, names: [], cycles: 0 };
    kind.names.push(einsum);
    kind.cycles += cycles;
    kinds.set(key, kind);
  }
  return [...kinds.values()].map(({ noun, names, cycles }) => {
    const many = names.length > 1;
    const listed = names.length > mostTold ? '' : ` ${wordList(names)}`;
    return { name: noun === '' ? names[0]! : `the ${noun}${many ? 's' : ''}${listed}`, many, share: cycles / total };
  });
}

function movedThrough(report: Report, port: string): readonly Work[] {
  const bytes = Object.entries(bytesThrough(report, port));
  const total = bytes.reduce((sum, [, b]) => sum + b, 0);
  return bytes.filter(([, b]) => b > 0).map(([name, b]) => ({ name, many: false, share: b / total }));
}

/** "; the products QK and SLNV are 89% of that, the exponential SLN is 11%". */
function workClause(report: Report, resource: string, operators: EinsumOperators): string {
  const isUnit = report.resources[resource]!.kind === 'unit';
  const parts = (isUnit ? computedBy(report, resource, operators) : movedThrough(report, resource))
    .filter(({ share }) => share >= leastTold)
    .sort((a, b) => b.share - a.share || (a.name < b.name ? -1 : 1))
    .slice(0, mostTold);
  const [first, ...others] = parts;
  if (first === undefined) return '';
  const of = isUnit ? 'of that' : 'of what it moves';
  if (first.share >= 0.995) return `, all of it ${isUnit ? 'for' : 'with'} ${first.name}`;
  const told = others.map((w) => `${w.name} ${w.many ? 'are' : 'is'} ${percent(w.share)}`);
  return `; ${wordList([`${first.name} ${first.many ? 'are' : 'is'} ${percent(first.share)} ${of}`, ...told])}`;
}

/** "DRAM" of the port "DRAM.read". */
const memoryOf = (port: string): string => port.replace(/\.(read|write)$/, '');

/** Of the instances of the resource that limits the run, those that are used. */
function busyWhereUsed({ bound, resources }: Report): number {
  const { busy_share, instances, used_instances } = resources[bound.resource]!;
  return Math.min(1, (busy_share * instances) / Math.max(1, used_instances ?? instances));
}

const isUsedInPart = ({ bound, resources }: Report): boolean => {
  const { instances, used_instances } = resources[bound.resource]!;
  return used_instances !== null && used_instances < instances;
};

function limitSentence(report: Report, operators: EinsumOperators): string {
  const { resource, kind } = report.bound;
  const { instances, used_instances, kind: what } = report.resources[resource]!;
  const used = used_instances ?? instances;
  const where = used < instances ? ` (${used} of ${instances} in use)` : '';
  const busy = `${percent(busyWhereUsed(report))} busy`;
  const work = workClause(report, resource, operators);
  if (kind === 'latency')
    return `No resource limits it, but latency: the busiest, ${resource}${where}, is ${busy}${work}.`;
  const name = what === 'unit' ? resource : `the bandwidth of ${memoryOf(resource)}`;
  const port = what === 'unit' || resource === memoryOf(resource) ? '' : ` (${resource})`;
  return `It is limited by ${name}${port}${where}, ${busy}${work}.`;
}

/** What the resource that limits the run waits for; undefined: nothing of note, or the model does not say. */
function stallSentence(report: Report): string | undefined {
  const { resource } = report.bound;
  const { stall_shares, instances, used_instances } = report.resources[resource]!;
  const used = Math.max(1, used_instances ?? instances);
  const waits = Object.entries(stall_shares ?? {})
    .filter(([cause]) => cause !== 'idle' && cause !== 'tail')
    .map(([cause, share]) => ({ cause: cause as keyof typeof causeText, share: (share * instances) / used }))
    .filter(({ share }) => share >= leastStall)
    .sort((a, b) => b.share - a.share)
    .slice(0, mostStalls);
  if (waits.length === 0) return undefined;
  return `${resource} waits ${wordList(waits.map(({ cause, share }) => `${percent(share)} of the time for ${causeText[cause]}`))}.`;
}

function rooflineSentence({ roofline, flops }: Report): string | undefined {
  if (roofline === null || flops === 0 || roofline.intensity_ops_per_byte === null) return undefined;
  const { level, intensity_ops_per_byte, attainable_ops_per_s, achieved_ops_per_s } = roofline;
  const share = percent(achieved_ops_per_s / attainable_ops_per_s);
  const allowed = `At ${intensityText(intensity_ops_per_byte)} of ${level}, the roofline allows ${rateText(attainable_ops_per_s, 'FLOP/s')}`;
  return `${allowed}; the run does ${rateText(achieved_ops_per_s, 'FLOP/s')}, ${share} of that.`;
}

function boundSentence({ lower_bounds, latency_cycles }: Report): string | undefined {
  const bound = lower_bounds.latency_cycles;
  if (bound <= 0) return undefined;
  const ratio = latency_cycles / bound;
  if (ratio < 1.005) return 'No schedule of this mapping could be noticeably quicker.';
  return `The quickest that a schedule of this mapping could be is ${countText(bound, 'cycles')}: the run takes ${ratio.toPrecision(3)} times that.`;
}

/** What a run comes to, what limits it and why, and how far that is from the least there could be. */
export function runSentences(report: Report, operators: EinsumOperators): readonly string[] {
  const { cascade, hardware, latency_cycles, latency_s, energy_j, model } = report;
  const how = model === 'cycle' ? 'as simulated' : 'in closed form';
  if (latency_cycles === 0)
    return [`Nothing of ${cascade} is computed at these sizes on ${hardware}, so it takes no time.`];
  const energy = energy_j > 0 ? ` and ${engineering(energy_j, 'J', 3)}` : '';
  return [
    `${cascade} takes ${engineering(latency_s, 's', 3)}${energy} on ${hardware}, ${how}.`,
    limitSentence(report, operators),
    stallSentence(report),
    rooflineSentence(report),
    boundSentence(report),
  ].filter((sentence) => sentence !== undefined);
}

/** A number that a page shows large, with what it is and what belongs to it. */
export type KeyNumber = { readonly name: string; readonly value: string; readonly note: string };

/** The numbers that are asked for first. */
export function keyNumbers(report: Report): readonly KeyNumber[] {
  const { roofline, flops, power, bound, lower_bounds, latency_s, latency_cycles, energy_j, area_mm2 } = report;
  const numbers: KeyNumber[] = [
    { name: 'time', value: engineering(latency_s, 's'), note: countText(latency_cycles, 'cycles') },
  ];
  if (energy_j > 0)
    numbers.push({ name: 'energy', value: engineering(energy_j, 'J'), note: `${report.energy_accounting} accounting` });
  if (latency_cycles > 0 && flops > 0) {
    const share =
      roofline === null ? '' : `${percent(roofline.achieved_ops_per_s / roofline.attainable_ops_per_s)} of the roof`;
    const achieved = roofline?.achieved_ops_per_s ?? flops / latency_s;
    numbers.push({ name: 'performance', value: rateText(achieved, 'FLOP/s'), note: share });
  }
  if (latency_cycles > 0)
    numbers.push({
      name: bound.kind === 'latency' ? 'busiest (limited by latency)' : `limited by (${bound.kind})`,
      value: bound.resource,
      note: `${percent(busyWhereUsed(report))} busy${isUsedInPart(report) ? ' where it is in use' : ''}`,
    });
  const moved = roofline === null ? undefined : report.traffic_bytes[roofline.level];
  if (roofline !== null && moved !== undefined)
    numbers.push({
      name: `traffic of ${roofline.level}`,
      value: bytesText(moved.read + moved.write),
      note: `at least ${bytesText(lower_bounds.traffic_bytes)}`,
    });
  if (lower_bounds.latency_cycles > 0)
    numbers.push({
      name: 'over its lower bound',
      value: `${(latency_cycles / lower_bounds.latency_cycles).toPrecision(4)} x`,
      note: `${countText(lower_bounds.latency_cycles, 'cycles')} at least`,
    });
  if (power !== null)
    numbers.push({
      name: 'power',
      value: `${power.average_w.toFixed(0)} W`,
      note: `give or take ${power.uncertainty_w.toFixed(0)} W, at ${engineering(power.clock_hz, 'Hz', 3)}`,
    });
  if (area_mm2 > 0) numbers.push({ name: 'area', value: `${area_mm2.toPrecision(4)} mm²`, note: 'of the machine' });
  return numbers;
}
