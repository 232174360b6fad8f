import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { boardPower } from '../../src/models/power.ts';

const machine = (power: Partial<Parameters<typeof boardPower>[0]['power']>) => ({
  clock_hz: 1e9,
  power: { idle_w: 100, limit_w: 700, window_s: 0, scale: 1, uncertainty: 0.1, ...power },
});

/** A second of the clock, with actions of so many joules. */
const second = (joules: number, power = {}) => boardPower(machine(power), 1e9, joules * 1e12);

describe('power of the board', () => {
  test('under the limit it is what the machine takes anyway, and the energy over the time', () => {
    expect(second(500)).toEqual({ time_s: 1, average_w: 600, uncertainty_w: 60, clock_hz: 1e9 });
    expect(second(500, { scale: 1.2 }).average_w).toBeCloseTo(700, 9);
  });

  test('over the limit the clock falls with the third root of what is too much', () => {
    // 1200 W of actions where 600 W are left: a clock of 2^(-1/3), and energy an action of 2^(-2/3).
    const { time_s, average_w, clock_hz } = second(1200);
    expect(time_s).toBeCloseTo(2 ** (1 / 3), 12);
    expect(clock_hz).toBeCloseTo(1e9 * 2 ** (-1 / 3), 0);
    expect(average_w).toBeCloseTo(700, 9);
  });

  test('it falls gradually: a run much shorter than the window keeps its clock, a long one does not', () => {
    expect(second(1200, { window_s: 1000 }).time_s).toBeCloseTo(1, 3);
    expect(second(1200, { window_s: 1e-4 }).time_s).toBeCloseTo(2 ** (1 / 3), 3);
    // After one window 1/e of the way is left: (1 - 1/e) of the cycles at full clock, on average.
    const before = 1 - Math.exp(-1);
    expect(second(1200, { window_s: 1 }).time_s).toBeCloseTo(before + (1 - before) * 2 ** (1 / 3), 12);
  });

  test('more energy never takes less time or power, and never more power than the limit while the clock can fall', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0, max: 5000, noNaN: true }),
        fc.double({ min: 0, max: 5000, noNaN: true }),
        (a, b) => {
          const [less, more] = [second(Math.min(a, b)), second(Math.max(a, b))];
          expect(more.time_s).toBeGreaterThanOrEqual(less.time_s);
          expect(more.average_w).toBeGreaterThanOrEqual(less.average_w - 1e-9);
          expect(more.average_w).toBeLessThanOrEqual(700 + 1e-9);
        },
      ),
    );
  });

  test('a run of no cycles takes no time', () => {
    expect(boardPower(machine({}), 0, 0)).toEqual({ time_s: 0, average_w: 100, uncertainty_w: 10, clock_hz: 1e9 });
  });
});
