import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { countTraffic } from '../../src/models/traffic.ts';
import { must, place, shippedMachine, workloadOf } from './inputs.ts';

const text = readFileSync(join(import.meta.dirname, '../../docs/mappings.md'), 'utf8');
const blocks = [...text.matchAll(/^```(\w+)\n([\s\S]*?)^```$/gm)].map(([, info, body]) => ({ info, body: `${body}` }));

const cascades = new Map(
  blocks.filter((b) => b.info === 'einsum').map(({ body }) => [/^cascade (\S+)/.exec(body)?.[1], body]),
);

/** Places the example for what its first line says. */
async function placeExample(body: string) {
  const { cascade, machine } = /--cascade (?<cascade>\S+) --machine (?<machine>\S+)/.exec(body)?.groups ?? {};
  const sizes = [...body.matchAll(/--set (\w+)=(\d+)/g)].map(([, name, size]) => [name, Number(size)] as const);
  const workload = workloadOf(cascades.get(cascade) ?? `${cascade}`, Object.fromEntries(sizes));
  return must(place(body, workload, await shippedMachine(`${machine}`)));
}

const examples = blocks.flatMap(({ info, body }, i) => {
  if (info !== 'mapping') return [];
  const shown = blocks[i + 1]?.info === 'bytes' ? blocks[i + 1] : undefined;
  return [{ name: /^mapping (\S+)/m.exec(body)?.[1], body, bytes: shown?.body }];
});

describe('examples of docs/mappings.md', () => {
  test.each(examples)('$name is legal', async ({ body }) => {
    await placeExample(body);
  });

  test.each(examples.filter((e) => e.bytes !== undefined))('$name moves the bytes shown', async ({ body, bytes }) => {
    const { levels } = countTraffic(await placeExample(body));
    const lines = `${bytes}`.trim().split('\n');
    expect(lines.length).toBeGreaterThan(1);
    const counted = lines.map((line) => {
      const [level = '', tensor = ''] = line.split(' ');
      const moved = levels.get(level)?.by_tensor.get(tensor);
      return `${level} ${tensor} read ${moved?.read_bytes} write ${moved?.write_bytes}`;
    });
    expect(counted).toEqual(lines);
  });
});
