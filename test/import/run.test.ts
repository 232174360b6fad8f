import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { describeMachine } from '../../src/arch/describe.ts';
import { loadMachine } from '../../src/arch/load.ts';
import { importText } from '../../src/import/import-text.ts';
import type { ImportedText } from '../../src/import/imported.ts';
import type { Source } from '../../src/source.ts';
import { resolveShipped, shippedNames } from '../arch/shipped.ts';
import { runCommand } from '../cases/command-errors.ts';
import { cases, contentOf, imported } from './cases.ts';

const folder = mkdtempSync(join(tmpdir(), 'attnsim-'));
afterAll(() => rmSync(folder, { recursive: true }));

const sourceOf = (name: string): Source => cases.find((c) => c.name === name)!.source;

/** Writes what is imported, and gives its path. */
async function written(name: string, kind: ImportedText['kind']): Promise<string> {
  const { texts } = await imported(sourceOf(name));
  const path = join(folder, `${name}.${kind === 'cascade' ? 'einsum' : 'yaml'}`);
  writeFileSync(path, texts.find((t) => t.kind === kind)!.text);
  return path;
}

/** Cascades with the machines that they run on, imported or not, and sizes where the file has none. */
const runs: readonly (readonly [string, string | undefined, readonly string[]])[] = [
  ['accelforge-attention', 'accelforge-attention', ['H=2', 'M=128']],
  ['timeloop-array', 'timeloop-array', ['M=128', 'N=128']],
  ['teaal-spmm', 'teaal-spmm', ['M=256', 'N=128', 'K=64']],
  ['two-matmuls', 'cores', ['M=16', 'NA=16', 'NB=16', 'NC=8']],
  ['row-wise', 'row-wise', ['M=32', 'N=32', 'K=32']],
  ['timeloop-array', undefined, ['M=256', 'N=256', 'K=64']],
];

describe('what is imported runs', () => {
  test.each(runs)('%s on %s', async (cascade, machine, sizes) => {
    const hardware = machine === undefined ? 'fusemax' : await written(machine, 'hardware');
    const args = ['run', await written(cascade, 'cascade'), hardware, ...sizes.flatMap((size) => ['--set', size])];
    const { code, error } = await runCommand([...args, '--mapping', 'auto', '--model', 'analytic', '--json']);
    expect(error).toBe('');
    expect(code).toBe(0);
  });

  test('the sizes of a model with a cascade that ships', async () => {
    const workload = await written('llama-8b', 'workload');
    const args = ['analyze', 'decoder-layers', '--workload', workload, '--set', 'B=1', '--set', 'P=1', '--json'];
    const { code, out } = await runCommand(args);
    expect(code).toBe(0);
    // 2 operations for each of the 6,979,321,856 weights of the linear layers of 32 layers.
    const layer = 4096 * 4096 * 2 + 2 * 4096 * 1024 + 3 * 4096 * 14336;
    expect(JSON.parse(out).flops).toBe(2 * 32 * layer);
  });
});

/** The machine of `hardware-specs/pe-array.yaml`, as Timeloop would have it. */
const peArray = `
architecture:
  version: 0.4
  nodes:
  - !Component { name: DRAM, class: DRAM, attributes: { datawidth: 16, block_size: 1 } }
  - !Component { name: GlobalBuffer, class: SRAM, attributes: { entries: 65536, datawidth: 16 } }
  - !Container { name: array, spatial: { meshX: 256 } }
  - !Component { name: Registers, class: regfile, attributes: { depth: 256, width: 16, datawidth: 16 } }
  - !Component { name: PE, class: intmac }
ERT:
  tables:
  - { name: DRAM, actions: [{ name: read, energy: 200 }, { name: write, energy: 200 }] }
  - { name: GlobalBuffer, actions: [{ name: read, energy: 6 }, { name: write, energy: 6 }] }
  - { name: Registers, actions: [{ name: read, energy: 1 }, { name: write, energy: 1 }] }
  - { name: PE, actions: [{ name: compute, energy: 1 }] }
`;

test('an imported machine is the one that was written by hand after the same figures', async () => {
  const { texts } = contentOf(await importText({ name: 'array.yaml', text: peArray }));
  const options = { resolve: resolveShipped, known: shippedNames };
  const ours = contentOf(await loadMachine({ name: 'array.yaml', text: texts[0]!.text }, options));
  const text = readFileSync(join(import.meta.dirname, '../../hardware-specs/pe-array.yaml'), 'utf8');
  const byHand = contentOf(await loadMachine({ name: 'pe-array.yaml', text }, options));
  const [a, b] = [describeMachine(ours), describeMachine(byHand)];
  expect(a.levels).toEqual(b.levels);
  expect(a.clock_hz).toBe(b.clock_hz);
  expect(a.accountings).toEqual(b.accountings);
  expect(a.units.map(({ name, level, peaks }) => ({ name, level, peaks }))).toEqual(
    b.units.map(({ name, level, peaks }) => ({ name, level, peaks })),
  );
});
