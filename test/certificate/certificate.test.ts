import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { shippedSource } from '../../src/files.ts';
import { placeMapping } from '../../src/mapper/place.ts';
import { evaluateMapping } from '../../src/models/evaluate.ts';
import { certificateSchema } from '../../src/report/certificate-schema.ts';
import { defaultLimits } from '../../src/search/default-limits.ts';
import { type Objective, objectives } from '../../src/search/objective.ts';
import { spaceOf } from '../../src/search/space-size.ts';
import { runCommand } from '../cases/command-errors.ts';
import { expectWritten } from '../documented.ts';
import { endOnFailure, runs } from '../runs.ts';
import { anyProblem } from '../search/random-problem.ts';
import { certify } from './certify.ts';
import { checkCertificate, readProblems } from './check.ts';
import { readMapping } from './claim.ts';
import type { Problem } from './loops.ts';

const folder = mkdtempSync(join(tmpdir(), 'attnsim-'));
afterAll(() => rmSync(folder, { recursive: true }));

// biome-ignore lint/suspicious/noExplicitAny: what is tampered with need not be a certificate any more.
type Tampered = any;

let written = 0;

/** The certificate that the command writes. */
async function certificateFor(...args: readonly string[]): Promise<Tampered> {
  const file = join(folder, `${written++}.json`);
  const { code, error } = await runCommand(['map', ...args, '--certificate', file]);
  expect(code, error).toBe(0);
  return JSON.parse(readFileSync(file, 'utf8'));
}

/** Of some tiles of a mapping of attention in one pass. */
async function bindingCertificate(): Promise<Tampered> {
  const sources = await Promise.all([
    shippedSource('cascade', 'attention-1-pass'),
    shippedSource('hardware', 'fusemax'),
    shippedSource('mapping', 'fusemax-binding'),
  ]);
  const [cascade, hardware, mapping] = sources.map((s) => s!.text) as [string, string, string];
  const sizes = { B: 1, H: 1, P: 600, M: 512, E: 16, F: 16 };
  const [problem] = await readProblems({ hardware, parameters: {}, algorithms: [{ cascade, sizes }] });
  const knobs = ['P1', 'P0', 'SLICE'].map((name) => ({ name, kind: 'tiles' as const, values: [undefined, 1, 4] }));
  const dataflow = { mapping: readMapping(mapping), knobs, inline: new Map<string, string>() };
  return certify([{ kind: 'dataflow', problem: problem!, dataflow }], 'latency', { effort: 300, hardware });
}

/** Of nests of attention in three passes, few of which were looked at. */
async function nestsCertificate(): Promise<Tampered> {
  const sources = await Promise.all([
    shippedSource('cascade', 'attention-3-pass'),
    shippedSource('hardware', 'fusemax'),
  ]);
  const [cascade, hardware] = sources.map((s) => s!.text) as [string, string];
  const sizes = { B: 1, H: 1, P: 600, M: 512, E: 16, F: 16 };
  const [problem] = await readProblems({ hardware, parameters: {}, algorithms: [{ cascade, sizes }] });
  const limits = defaultLimits(problem!.workload);
  return certify([{ kind: 'nests', problem: problem!, limits }], 'latency', { effort: 12, hardware });
}

const sizes = (...all: readonly string[]): readonly string[] => all.flatMap((s) => ['--set', s]);
const tiny = sizes('B=1', 'H=1', 'P=3', 'M=2', 'E=2', 'F=3');

const anyObjective = fc.constantFrom(...(Object.keys(objectives) as Objective[]).filter((o) => o !== 'buffer'));

test('certificates of nests of small problems hold, and few claims are left to trust', () => {
  let trusting = 0;
  fc.assert(
    fc.property(anyProblem(2), anyObjective, fc.constantFrom(3, 10), ({ limits, ...problem }, objective, effort) => {
      const all = problem.workload.einsums.map((_, e) => e);
      fc.pre(spaceOf(problem, limits, all) < 500n);
      const certificate = certify([{ kind: 'nests', problem, limits }], objective, { effort });
      fc.pre(certificate !== undefined);
      const { refused, trusted } = checkCertificate(certificate, [problem], 1000);
      expect(refused).toEqual([]);
      if (trusted.size > 0) trusting++;
    }),
    { numRuns: runs(30), maxSkipsPerRun: 100, endOnFailure },
  );
  expect(trusting).toBeLessThan(runs(10));
});

describe('certificates of what ships', () => {
  test('every choice of the tiles of a mapping', async () => {
    const certificate = await certificateFor('attention-3-pass', 'fusemax', ...tiny, '--mapping', 'unfused');
    const { refused, trusted } = checkCertificate(certificate, await readProblems(certificate));
    expect([refused, [...trusted]]).toEqual([[], []]);
  });
  test('all mappings that fit, and nests, of which none was searched to the end', async () => {
    const certificate = await certificateFor('attention-3-pass', 'fusemax', ...tiny, '--effort', '2');
    expect(certificate.spaces.length).toBeGreaterThan(3);
    const { refused, trusted, proven } = checkCertificate(certificate, await readProblems(certificate), 200);
    expect(refused).toEqual([]);
    expect([[...trusted], proven]).toEqual([[], certificate.bound]);
  });
  test('what units and memory take at least proves a bound where the search need not be trusted', async () => {
    const product = sizes('M=4096', 'N=4096', 'K=512');
    const certificate = await certificateFor('gemm', 'fusemax', ...product, '--objective', 'dram-bytes');
    const { refused, trusted, proven } = checkCertificate(certificate, await readProblems(certificate), 100);
    expect([refused, [...trusted], proven]).toEqual([[], [], certificate.bound]);
  });
});

describe('a certificate that was tampered with is refused', () => {
  const dataflow = certificateFor('attention-3-pass', 'fusemax', ...tiny, '--mapping', 'unfused');
  const binding = bindingCertificate();
  const nests = nestsCertificate();
  const changes: readonly (readonly [string, Promise<Tampered>, (c: Tampered, of: Problem) => void, RegExp])[] = [
    ['another value', dataflow, (c) => (c.value *= 0.99), /the mapping has/],
    ['another size', dataflow, (c) => (c.algorithms[0].sizes.M = 7), /^M is 2/],
    ['a bound above the value', dataflow, (c) => (c.bound *= 1.01), /above what was found/],
    ['a smaller gap', nests, (c) => (c.gap = 0), /the gap is/],
    ['no spaces', dataflow, (c) => (c.spaces = []), /no space/],
    ['a worse mapping', binding, worsen, /is less than was found/],
    [
      'a run that is missing',
      dataflow,
      (c) => (firstOf(c).verdicts = firstOf(c).verdicts.replace(/\d+b/, '')),
      /choices are bounded/,
    ],
    ['a wrong verdict', dataflow, (c) => retell(c, 'evaluated', 'overfull'), /is not overfull/],
    ['choices that are left', dataflow, (c) => retell(c, 'evaluated', 'left'), /does not fit the count/],
    ['fewer values', dataflow, (c) => firstOf(c).knobs[0].values.pop(), /has \d+ choices, not/],
    [
      'a bound that parts do not have',
      nests,
      (c) => Object.assign(c, { bound: c.value, gap: 0 }),
      /less than the bound/,
    ],
    ['a part that is missing', nests, (c) => lastOf(c).parts.pop(), /nothing is said of/],
    ['a region that is missing', nests, (c) => lastOf(c).parts[0].regions.pop(), /no region has the nests/],
    [
      'a region of no space',
      nests,
      (c) => lastOf(c).parts[0].regions.push({ ...lastOf(c).parts[0].regions[0], loops: [['p', 7]] }),
      /is in no space/,
    ],
    ['a region that costs less', nests, (c) => (lastOf(c).parts[0].regions[0].least = [[0]]), /may cost less/],
    [
      'a part that was not searched',
      nests,
      (c) => Object.assign(lastOf(c).parts[0], { regions: null, floor: [0], least: [[0]] }),
      /not searched|less than/,
    ],
    ['counts that do not add up', nests, (c) => (lastOf(c).mappings.left = '7'), /are accounted for/],
  ];
  test('and was not before', async () => {
    for (const certificate of [await dataflow, await binding, await nests])
      expect(checkCertificate(certificate, await readProblems(certificate), 400).refused).toEqual([]);
  });
  test.each(changes)('%s', async (_, written, change, reason) => {
    const certificate = structuredClone(await written);
    const problems = await readProblems(certificate);
    change(certificate, problems[0]!);
    expect(checkCertificate(certificate, problems, 400).refused.join('\n')).toMatch(reason);
  });
});

const firstOf = (c: Tampered): Tampered => c.spaces[0];
const lastOf = (c: Tampered): Tampered => c.spaces.at(-1);

/** Claims of the mapping as it ships that nothing is better. */
function worsen(c: Tampered, { workload, machine }: Problem): void {
  const { mapping } = firstOf(c);
  const placed = placeMapping(readMapping(mapping), workload, machine);
  const value = placed.ok && evaluateMapping(placed.value, 'analytic').latency_cycles;
  expect(value).toBeGreaterThan(c.value);
  Object.assign(c, { mapping, value, bound: value, gap: 0 });
}

/** Says of all choices with one verdict that they have another. */
function retell(c: Tampered, from: string, to: string): void {
  const space = firstOf(c);
  space.verdicts = space.verdicts.replaceAll(from[0], to[0]);
  space.mappings[to] = String(BigInt(space.mappings[to]) + BigInt(space.mappings[from]));
  space.mappings[from] = '0';
}

test('the published schema is the one that certificates are checked against', () => {
  expectWritten('docs/certificate-schema.json', `${JSON.stringify(certificateSchema, undefined, 2)}\n`);
  expect(new Ajv2020({ strict: true }).validateSchema(certificateSchema)).toBe(true);
});

test('the checker has nothing of the search', () => {
  const index = readFileSync(join(import.meta.dirname, '../../src/index.ts'), 'utf8');
  const searching = [...index.matchAll(/export (?:type )?\{([^}]*)\} from '\.\/search\//g)].flatMap((m) =>
    namesIn(m[1]!),
  );
  expect(searching).toContain('searchMappings');
  const checker = readdirSync(import.meta.dirname).filter((f) => !/\.test\.ts$|^certify\.ts$/.test(f));
  const imports = checker.flatMap((file) => {
    const text = readFileSync(join(import.meta.dirname, file), 'utf8');
    return [...text.matchAll(/import (?:type )?(?:\{([^}]*)\} from )?'([^']*)'/g)];
  });
  expect(imports.length).toBeGreaterThan(10);
  for (const [, names = '', from = ''] of imports) {
    expect(from).toMatch(/^(attnsim|node:fs|\.\/[a-z-]+\.ts)$/);
    if (from === 'attnsim') expect(searching.filter((name) => namesIn(names).includes(name))).toEqual([]);
    expect(from).not.toBe('./certify.ts');
  }
});

const namesIn = (list: string): readonly string[] =>
  list
    .split(',')
    .map((name) => name.replace('type ', '').trim())
    .filter((name) => name !== '');
