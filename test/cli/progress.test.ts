import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { openProgress } from '../../src/cli/progress.ts';
import type { Terminal } from '../../src/cli/terminal.ts';
import { durationText } from '../../src/report/quantity-text.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** What is printed, and what the bar showed. */
function listen(watched: boolean) {
  const lines: string[] = [];
  const terminal: Terminal = {
    out: () => {},
    error: (text) => void lines.push(text),
    width: undefined,
    progress: watched ? (line) => void lines.push(line) : undefined,
  };
  return { lines, terminal };
}

test('a bar on a terminal: share, points, rate and time left', () => {
  const { lines, terminal } = listen(true);
  const progress = openProgress(terminal, 4000, 1000);
  vi.advanceTimersByTime(1000);
  progress.add(500);
  vi.advanceTimersByTime(1000);
  progress.add(500);
  vi.advanceTimersByTime(100);
  expect(lines.at(-1)).toBe('████████████░░░░░░░░░░░░ 50.0%  2,000 of 4,000 points, 476 a second, 5 s left');
  progress.end();
  expect(lines.at(-1)).toBe('');
  vi.advanceTimersByTime(1000);
  expect(lines.at(-1)).toBe('');
});

test('a line every half minute where nobody watches', () => {
  const { lines, terminal } = listen(false);
  const progress = openProgress(terminal, 100, 0);
  vi.advanceTimersByTime(29_000);
  progress.add(3);
  expect(lines).toEqual([]);
  vi.advanceTimersByTime(2000);
  expect(lines).toEqual(['3 of 100 points, 0.10 a second, 16 min 10 s left\n']);
  progress.end();
});

test('the rate is that of the last minute', () => {
  const { lines, terminal } = listen(true);
  const progress = openProgress(terminal, 1e6, 0);
  vi.advanceTimersByTime(1000);
  progress.add(100_000);
  for (let s = 0; s < 100; s++) {
    vi.advanceTimersByTime(1000);
    progress.add(20);
  }
  vi.advanceTimersByTime(100);
  expect(lines.at(-1)).toContain('102,000 of 1,000,000 points, 20 a second');
  progress.end();
});

test('what is waited for is said instead of a rate', () => {
  const { lines, terminal } = listen(true);
  const progress = openProgress(terminal, 10, 0, () => 'no worker is there');
  vi.advanceTimersByTime(200);
  expect(lines.at(-1)).toMatch(/0 of 10 points, no worker is there$/);
  progress.end();
});

test('durations', () => {
  expect([0.2, 59.5, 200, 7500].map(durationText)).toEqual(['1 s', '1 min 0 s', '3 min 20 s', '2 h 5 min']);
});
