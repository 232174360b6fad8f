import { durationText } from '../report/quantity-text.ts';
import type { Terminal } from './terminal.ts';

/** How far a long command is, told while it runs. */
export type Progress = {
  readonly add: (points: number) => void;
  /** Takes the bar away. */
  readonly end: () => void;
};

/** Between two pictures of the bar, and two lines where nobody watches. */
const redraw_ms = 100;
const line_ms = 30_000;
/** The rate is that of the last minute: points are not equally quick. */
const window_ms = 60_000;
const barWidth = 24;

const whole = (count: number): string => count.toLocaleString('en-US');

/** A bar on a terminal, elsewhere a line every half minute. `waiting` says what nothing can begin without. */
export function openProgress(
  terminal: Terminal,
  total: number,
  begun: number,
  waiting: () => string | undefined = () => undefined,
): Progress {
  let done = begun;
  const started = performance.now();
  const samples = [{ at: started, done }];
  const text = (): string => {
    const now = performance.now();
    while (samples.length > 1 && now - samples[1]!.at > window_ms) samples.shift();
    const { at, done: before } = samples[0]!;
    const rate = (1000 * (done - before)) / (now - at);
    const counted = `${whole(done)} of ${whole(total)} points`;
    const missing = waiting();
    if (missing !== undefined) return `${counted}, ${missing}`;
    if (!(rate > 0)) return counted;
    return `${counted}, ${rate < 10 ? rate.toPrecision(2) : whole(Math.round(rate))} a second, ${durationText((total - done) / rate)} left`;
  };
  const bar = (): string => {
    const share = total === 0 ? 1 : done / total;
    const full = Math.round(share * barWidth);
    return `${'█'.repeat(full)}${'░'.repeat(barWidth - full)} ${(100 * share).toFixed(1)}%  ${text()}`;
  };
  const show = terminal.progress;
  const timer = setInterval(
    () => (show === undefined ? terminal.error(`${text()}\n`) : show(bar())),
    show === undefined ? line_ms : redraw_ms,
  );
  return {
    add: (points) => {
      done = Math.min(total, done + points);
      samples.push({ at: performance.now(), done });
    },
    end: () => {
      clearInterval(timer);
      show?.('');
    },
  };
}
