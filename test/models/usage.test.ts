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
  expect(await account(6, 'DRAM.read')).toEqual({ run: 8, instances: 1, used: 1, busy: 6, tail: 1, transfer: 1 });
  expect(await account(6, 'Array')).toEqual({ run: 8, instances: 4, used: 0, busy: 0, idle: 32 });
});

test('four steps, the last of one element: done earlier than the others, what is left of the port is theirs', async () => {
  const vector = await account(7, 'Vector');
  const port = await account(7, 'DRAM.read');
  // With the port divided evenly throughout it would be 4 x 2 + 2 cycles, with no bandwidth left over 7 + 2.
  expect(vector['run']).toBeGreaterThan(9);
  expect(vector['run']).toBeLessThan(10);
  expect(vector).toMatchObject({ instances: 4, used: 4, busy: 7 });
  expect(7 + vector['transfer']! + vector['tail']!).toBe(4 * vector['run']!);
  expect(port).toMatchObject({ run: vector['run'], instances: 1, used: 1, busy: 7 });
  expect(7 + port['transfer']! + port['tail']!).toBe(port['run']);
});

test('parts are shared out in whole numbers that add up, each less than one off', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(1e9), { minLength: 1, maxLength: 10 }), fc.nat(1e9), (parts, total) => {
      const sum = parts.reduce((a, b) => a + b, 0);
      fc.pre(sum > 0);
      const shares = shareOut(parts, total);
      expect(shares.reduce((a, b) => a + b, 0)).toBe(total);
      shares.forEach((share, i) => {
        expect(Math.abs(share - (parts[i]! / sum) * total)).toBeLessThan(1 + 1e-6);
      });
    }),
  );
});
