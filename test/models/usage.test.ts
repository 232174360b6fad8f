import fc from 'fast-check';
import { expect, test } from 'vitest';
import { shareOut } from '../../src/models/cycle/usage.ts';
import { simulated, stream } from './closed-forms/tiny.ts';

const mapping = `
  keep X, Y in DRAM
  for n by 2 across Core pipeline 1
    keep X in Core
    compute Y on Vector
`;

/** What a resource of four cores does, over all its instances, when so many elements go through in tiles of two. */
async function account(elements: number, resource: string): Promise<Readonly<Record<string, number>>> {
  const metrics = await simulated({ cascade: stream, sizes: { N: elements }, mapping, machine: { CORES: 4 } });
  const { cycles, instances, used } = metrics.busy_cycles.get(resource)!;
  const stalls = Object.fromEntries(metrics.stalls!.get(resource)!);
  return { run: metrics.latency_cycles, instances, used: used!, busy: cycles, ...stalls };
}

test('three steps on four cores share the port: a tile takes six cycles to come, and two to be used', async () => {
  expect(await account(6, 'Vector')).toEqual({ run: 8, instances: 4, used: 3, busy: 6, transfer: 18, idle: 8 });
  expect(await account(6, 'DRAM.read')).toEqual({ run: 8, instances: 1, used: 1, busy: 6, tail: 2 });
  expect(await account(6, 'Array')).toEqual({ run: 8, instances: 4, used: 0, busy: 0, idle: 32 });
});

test('four steps, the last of one element: done after five of ten cycles, its quarter of the port after four', async () => {
  const vector = { run: 10, instances: 4, used: 4, busy: 7, transfer: 28, tail: 5 };
  expect(await account(7, 'Vector')).toEqual(vector);
  expect(await account(7, 'DRAM.read')).toEqual({ run: 10, instances: 1, used: 1, busy: 7, tail: 3 });
});

test('parts are shared out in whole numbers that add up, each less than one off', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(1e9), { maxLength: 10 }), fc.integer({ min: 1, max: 1000 }), (parts, divisor) => {
      const sum = parts.reduce((a, b) => a + b, 0);
      const shares = shareOut(parts, divisor);
      expect(shares.reduce((a, b) => a + b, 0)).toBe(Math.floor(sum / divisor));
      shares.forEach((share, i) => {
        expect(Math.abs(share - parts[i]! / divisor)).toBeLessThan(1);
      });
    }),
  );
});
