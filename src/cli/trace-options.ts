import { type Diagnostic, diagnostic, failure, type Result, success } from '../diagnostic.ts';
import { countText, engineering } from '../report/quantity-text.ts';
import { units } from '../units.ts';

/** A moment of a run, in cycles or in seconds from its beginning. */
type Moment = { readonly value: number; readonly unit: 'cycles' | 's' };

/** What a trace is to show. An end that is left out is that of the run. */
export type TraceOptions = {
  readonly window: { readonly from: Moment | undefined; readonly to: Moment | undefined } | undefined;
  /** Most events that are written. */
  readonly most: number;
};

/** More than this no viewer opens with pleasure. */
const mostEvents = 1_000_000;

const example = '--trace-window 10000:20000 (cycles) or --trace-window "1.2 ms:1.3 ms"';

/** Reads the options of a trace as written on the command line. */
export function readTraceOptions(window: string | undefined, events: string): Result<TraceOptions> {
  const most = readCount(events);
  const read = window === undefined ? success(undefined) : readWindow(window);
  if (most.ok && read.ok) return success({ window: read.value, most: most.value });
  return failure([most, read].flatMap((r) => (r.ok ? [] : r.diagnostics)));
}

function readCount(text: string): Result<number> {
  const count = Number(text);
  if (/^\d+$/.test(text) && count >= 1 && count <= mostEvents) return success(count);
  const message = `--trace-events "${text}" is no whole number from 1 to ${mostEvents}`;
  return failure([diagnostic('bad-choice', message, undefined)]);
}

function readWindow(text: string): Result<TraceOptions['window']> {
  const wrong = (reason: string): Result<never> =>
    failure([diagnostic('bad-window', `--trace-window "${text}": ${reason}`, undefined, { help: `write ${example}` })]);
  const ends = text.split(':');
  if (ends.length !== 2) return wrong(ends.length === 1 ? 'there is no ":"' : 'there is more than one ":"');
  const [from, to] = ends.map(readMoment);
  for (const end of [from!, to!]) if (typeof end === 'string') return wrong(end);
  const window = { from: from as Moment | undefined, to: to as Moment | undefined };
  const { from: first, to: last } = window;
  if (first !== undefined && last !== undefined && first.unit === last.unit && first.value >= last.value)
    return wrong('it ends before it begins');
  return success(window);
}

/** A moment, undefined for none, or what is wrong with it. */
function readMoment(text: string): Moment | undefined | string {
  if (text.trim() === '') return undefined;
  const [, digits, symbol] = /^\s*(\d+(?:\.\d*)?|\.\d+)\s*(\S*)\s*$/.exec(text) ?? [];
  if (digits === undefined) return `"${text.trim()}" is no number, with or without a unit of time`;
  if (symbol === '') return { value: Number(digits), unit: 'cycles' };
  const unit = units.get(symbol!);
  const value = unit === undefined ? 0 : (Number(digits) * unit.above) / unit.below;
  if (unit?.dimension.cycles === 1) return { value, unit: 'cycles' };
  if (unit?.dimension.time === 1) return { value, unit: 's' };
  return `"${symbol}" is no unit of time`;
}

/** The window in ticks of a run. A beginning after its end is a mistake. */
export function windowTicks(
  { window }: TraceOptions,
  run: { readonly ticks: number; readonly ticksPerCycle: number; readonly clock_hz: number },
): Result<{ readonly from: number; readonly to: number } | undefined> {
  if (window === undefined) return success(undefined);
  const ticksOf = ({ value, unit }: Moment): number =>
    value * run.ticksPerCycle * (unit === 'cycles' ? 1 : run.clock_hz);
  const from = window.from === undefined ? 0 : ticksOf(window.from);
  const to = window.to === undefined ? run.ticks : ticksOf(window.to);
  const cycles = run.ticks / run.ticksPerCycle;
  const wrong = (reason: string): readonly Diagnostic[] => [
    diagnostic('bad-window', `--trace-window shows nothing: ${reason}`, undefined),
  ];
  if (from >= run.ticks) {
    const end = `${countText(cycles, 'cycles')}, ${engineering(cycles / run.clock_hz, 's')}`;
    return failure(wrong(`the run ends after ${end}`));
  }
  if (from >= to) return failure(wrong('it ends before it begins'));
  return success({ from, to });
}
