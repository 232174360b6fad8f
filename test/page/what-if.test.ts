import { expect, test } from 'vitest';
import { shippedSource } from '../../src/files.ts';
import {
  type Changes,
  commandLine,
  evaluateChanged,
  extendedSpecs,
  type WhatIfInputs,
} from '../../src/page/what-if.ts';
import type { Report } from '../../src/report/report.ts';
import { runCommand } from '../cases/command-errors.ts';
import { wordsOf } from './browser.ts';

const resolve = (name: string) => shippedSource('hardware', name);

async function inputsOf(
  [cascade, machine, mapping]: readonly [string, string, string],
  sizes: Readonly<Record<string, number>>,
  more: Partial<WhatIfInputs> = {},
): Promise<WhatIfInputs> {
  const spec = (await resolve(machine))!;
  return {
    cascade: (await shippedSource('cascade', cascade))!,
    machine: spec,
    specs: await extendedSpecs(spec, resolve),
    mapping: (await shippedSource('mapping', mapping))!,
    sizes: Object.entries(sizes),
    presets: [],
    formats: [],
    densities: [],
    parameters: [],
    accounting: 'physical',
    ...more,
  };
}

type Case = {
  readonly texts: readonly [string, string, string];
  readonly sizes: Readonly<Record<string, number>>;
  readonly changes: Changes;
  readonly more?: Partial<WhatIfInputs>;
  readonly words?: readonly string[];
};

const attention = { B: 1, H: 2, P: 1024, M: 1024, E: 64, F: 64 };
const spatten = { B: 1, H: 12, P: 1, M: 204, E: 64, F: 64, KEPT: 40 };
const changed = (sizes: Changes['sizes'], parameters: Changes['parameters']): Changes => ({ sizes, parameters });

const fusemax = ['attention-1-pass', 'fusemax', 'fusemax-binding'] as const;

const cases: readonly Case[] = [
  {
    texts: fusemax,
    sizes: attention,
    changes: changed(
      [['M', '1500']],
      [
        ['RAMPS', '1'],
        ['BANDWIDTH', '123.4 GB/s'],
      ],
    ),
  },
  {
    texts: fusemax,
    sizes: attention,
    changes: changed([], [['GLOBAL_BUFFER', '2 * 4 MiB']]),
    more: { accounting: 'artifact' },
    words: ['--accounting', 'artifact'],
  },
  {
    texts: ['gemm', 'raspberry-pi-5', 'gemm-cores'],
    sizes: { M: 8, N: 500, K: 300 },
    changes: changed([['N', '700']], [['CORES', '3']]),
    more: { formats: [['B', 'int8']] },
    words: ['--format', 'B=int8'],
  },
  {
    texts: ['spatten-layer', 'spatten', 'spatten'],
    sizes: spatten,
    changes: changed([['KEPT', '60']], []),
    more: { densities: [['G', { share: 0.07, source: 'given' }]] },
    words: ['--density', 'G=0.07'],
  },
];

test.each(cases)('the whole report of $texts is what the command says', async (of) => {
  const { texts, sizes, changes, more, words = [] } = of;
  const inputs = await inputsOf(texts, sizes, more);
  const [cascade, machine, mapping] = texts;
  const result = await evaluateChanged(inputs, changes);
  if (!result.ok) throw new Error(result.diagnostics.map((d) => d.message).join('\n'));
  const command = commandLine([cascade, machine, '--mapping', mapping, ...words], inputs, changes);
  const { code, out, error } = await runCommand([...wordsOf(command).slice(1), '--json']);
  expect(code, error).toBe(0);
  expect(result.value).toEqual(JSON.parse(out) as Report);
});

test('a machine brings the specs that it extends, and theirs', async () => {
  const inputs = await inputsOf(['gemm', 'raspberry-pi-5', 'gemm-cores'], { M: 1, N: 1, K: 1 });
  expect(inputs.specs.map(([name]) => name)).toEqual(['simd-cores']);
});

test('words of the command are quoted as a shell needs it', async () => {
  const inputs = await inputsOf(['gemm', 'raspberry-pi-5', 'gemm-cores'], { M: 1, N: 2, K: 3 });
  const changes = changed([['M', '4']], [['BANDWIDTH', "2 * '1 GB/s'"]]);
  const command = commandLine(['my gemm.einsum', 'raspberry-pi-5'], inputs, changes);
  expect(command).toBe(
    String.raw`attnsim run 'my gemm.einsum' raspberry-pi-5 --set M=4 --set N=2 --set K=3 --param 'BANDWIDTH=2 * '\''1 GB/s'\''' --model analytic`,
  );
});
