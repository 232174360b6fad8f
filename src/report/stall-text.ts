import type { Layout } from '../layout.ts';
import { type StallCause, stallCauses } from '../models/metrics.ts';
import { wrapSentence } from '../wrap-text.ts';
import { countText, percentText } from './quantity-text.ts';
import type { Report, StallTable } from './report.ts';
import { type Column, renderTable } from './table.ts';

/** Shares under these are noise on a screen, in lists and in tables of one decimal; the report has them. */
const leastListed = 5e-5;
const leastTabled = 5e-4;

/** What a resource waits for while it stands still; of the last two, what it is left with. */
export const causeText: { readonly [cause in StallCause]: string } = {
  operand: 'results not computed yet',
  transfer: 'data on its way',
  slot: 'a free slot of a buffer',
  order: 'its turn in the mapping',
  unit: 'another unit of the operation',
  port: 'a port of the operation',
  ramp: 'an array to fill or empty',
  launch: 'a grid or a step of it to begin',
  tail: 'nothing left to do',
  idle: 'nothing to do at all',
};

/** Names and shares, largest first: "slot 3.1%, operand 0.4%". */
export function sharesText(shares: { readonly [name: string]: number | undefined }): string {
  return Object.entries(shares)
    .filter((s): s is [string, number] => s[1] !== undefined && s[1] >= leastListed)
    .sort((a, b) => b[1] - a[1])
    .map(([name, share]) => `${name} ${percentText(share)}`)
    .join(', ');
}

/** Names of resources, busiest first. */
export const busiestFirst = (report: Report): readonly string[] =>
  Object.entries(report.resources)
    .sort(([a, x], [b, y]) => y.busy_share - x.busy_share || (a < b ? -1 : 1))
    .map(([name]) => name);

export const wordList = (words: readonly string[]): string =>
  words.length < 2 ? words.join() : `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`;

/** " (LM and SLN of SFU and FP32)"; empty where no other unit computes operands. */
function operandsText(report: Report): string {
  const byUnits = new Map<string, string[]>();
  for (const [einsum, units] of Object.entries(report.bound.operands_from)) {
    const of = wordList(units);
    byUnits.set(of, [...(byUnits.get(of) ?? []), einsum]);
  }
  if (byUnits.size === 0) return '';
  return ` (${[...byUnits].map(([units, einsums]) => `${wordList(einsums)} of ${units}`).join(', ')})`;
}

/** More causes than this make no sentence, and smaller ones do not matter. */
const mostTold = 3;
const leastTold = 0.001;

/** What limits the run, and what that resource does when it is not busy: one sentence. */
export function limitText(report: Report): string {
  const { resource, kind } = report.bound;
  if (report.latency_cycles === 0) return 'nothing: no point is computed';
  const { busy_share, instances, stall_shares, used_instances } = report.resources[resource]!;
  // Instances that are never used are told once, and then left out.
  const used = Math.max(1, used_instances ?? instances);
  const ofUsed = (share: number): string => percentText((share * instances) / used);
  const told = stallCauses
    .map((cause) => ({
      cause,
      share: Math.max(0, (stall_shares?.[cause] ?? 0) - (cause === 'idle' ? 1 - used / instances : 0)),
    }))
    .filter(({ share }) => (share * instances) / used >= leastTold)
    .sort((a, b) => b.share - a.share)
    .slice(0, mostTold);
  const waits = told
    .filter(({ cause }) => cause !== 'tail' && cause !== 'idle')
    .map(({ cause, share }, i) => {
      const from = cause === 'operand' ? operandsText(report) : '';
      return `${i === 0 ? 'waits ' : ''}${ofUsed(share)} for ${causeText[cause]}${from}`;
    });
  const done = told
    .filter(({ cause }) => cause === 'tail' || cause === 'idle')
    .map(({ cause, share }) => `${ofUsed(share)} with ${causeText[cause]}`);
  const where = used < instances ? `${used} of ${instances} in use, ` : '';
  const does = [`${where}busy ${ofUsed(busy_share)} of the time`, ...waits, ...done].join(', ');
  return kind === 'latency' ? `latency; busiest is ${resource}: ${does}` : `${resource} (${kind}): ${does}`;
}

/** How many times longer a transfer takes than with the port to itself. */
function slowdownText(report: Report, resource: string): string {
  const slowdown = report.resources[resource]!.slowdown ?? 1;
  return slowdown < 1.005 ? '-' : `${Number(slowdown.toPrecision(3))} times`;
}

/**
 * Every resource and what it does, in shares of its time, busiest first, and how much contention slows down its
 * transfers. The shares of a row add up to 100%; causes that nothing stalls for are left out.
 */
export function stallTable(report: Report, layout: Layout = {}): string {
  const stalls = (name: string): StallTable => report.resources[name]!.stall_shares ?? {};
  const names = busiestFirst(report);
  const causes = stallCauses.filter((cause) => names.some((name) => (stalls(name)[cause] ?? 0) >= leastTabled));
  const cell = (share = 0): string => (share < leastTabled ? '-' : percentText(share));
  const slowed = names.some((name) => slowdownText(report, name) !== '-');
  const columns: Column[] = [
    { title: 'resource' },
    { title: 'used', align: 'right' },
    ...(slowed ? ['slowed'] : []).map((title): Column => ({ title, align: 'right' })),
    ...['busy', ...causes].map((title): Column => ({ title, align: 'right' })),
  ];
  const countedText = ({ instances, used_instances }: Report['resources'][string]): string =>
    used_instances === null || used_instances === instances ? `${instances}` : `${used_instances}/${instances}`;
  const rows = names.map((name) => [
    name,
    countedText(report.resources[name]!),
    ...(slowed ? [slowdownText(report, name)] : []),
    cell(report.resources[name]!.busy_share),
    ...causes.map((cause) => cell(stalls(name)[cause])),
  ]);
  const whole = `shares of ${countText(report.latency_cycles, 'cycles')} of all instances, used or not`;
  return `${wrapSentence(whole, { ...layout, indent: '  ' })}\n${renderTable(columns, rows, { ...layout, indent: '  ' })}`;
}
