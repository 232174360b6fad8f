import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { packageRoot } from '../../experiments/job.ts';
import { mapper } from '../../experiments/mapper/experiment.ts';
import { type Judged, type SearchJob, type SearchOutcome, searches } from '../../experiments/mapper/search-job.ts';
import { executeAll } from '../../experiments/pool.ts';
import { present } from '../../experiments/results.ts';
import { parseMapping } from '../../src/mapper/parse.ts';
import { placeMapping } from '../../src/mapper/place.ts';
import { must, shipped, shippedMachine, shippedNames, workloadOf } from '../mapper/inputs.ts';
import { normalised } from '../report/fixtures.ts';

const folder = join(packageRoot, 'experiments/mapper');
const committed = (path: string): string => readFileSync(join(folder, path), 'utf8');

const parts = [...(await mapper.parts()).values()];
const jobs = parts.flatMap((part) => part.jobs);
const results = JSON.parse(committed('results.json')) as (SearchJob & SearchOutcome)[];
const outcomes = new Map(results.map((r) => [searches.keyOf(r), r]));
const rows = jobs.map((job) => outcomes.get(searches.keyOf(job))!);

/** So small that every mapping has room. */
const sizes = { B: 1, H: 2, P: 139, M: 150, M0: 64, E: 3, F: 5, K: 70, N: 66, D: 4, FF: 7 };

/** Those of the experiment. Others, such as variants of these with other counts and clocks, would say nothing new of the mapper. */
const hardware = new Set(jobs.map((job) => job.hardware));
const cascades = new Set(jobs.map((job) => job.cascade));
/** Kernels as frameworks have them: what the mapper finds in their place are those that they are compared with. */
const baselines = ['unfused-gpu'];

test('every cascade of the experiment with a mapping for one of its machines is there, and nothing else', async () => {
  const names = shippedNames('mappings', '.map').filter((n) => !baselines.includes(n));
  const mappings = names.map((n) => must(parseMapping(shipped('mappings', `${n}.map`))));
  const pairs = new Set<string>();
  for (const name of hardware) {
    const machine = await shippedMachine(name);
    for (const mapping of mappings)
      for (const { name: cascade } of mapping.cascades)
        if (cascades.has(cascade) && placeMapping(mapping, workloadOf(cascade, sizes), machine).ok)
          pairs.add(`${cascade} on ${name}`);
  }
  expect(new Set(jobs.map((job) => `${job.cascade} on ${job.hardware}`))).toEqual(pairs);
  expect(new Set(outcomes.keys())).toEqual(new Set(jobs.map(searches.keyOf)));
});

test('the document is made of the results', async () => {
  const files = await present(searches, parts, outcomes, committed('README.md'));
  expect(normalised(files.get('README.md')!), 'npm run build && npm run experiment -- mapper').toBe(
    normalised(committed('README.md')),
  );
});

test.each(rows)('$cascade on $hardware, $objective: found is no worse than by hand, within its bound', (row) => {
  expect(row.found.value).toBeLessThanOrEqual(row.written.value);
  expect(row.bound).toBeLessThanOrEqual(row.found.value);
  for (const { simulated } of [row.written, row.found, row.ranked ?? row.found]) {
    if ('refused' in simulated) continue;
    const { work_cycles, beyond_cycles, stalls_cycles } = simulated;
    const told = Object.values(stalls_cycles).reduce((sum, cycles) => sum + cycles, work_cycles + beyond_cycles);
    expect(told).toBeCloseTo(simulated.cycles, 3);
  }
  if (row.ranked === null) return;
  const cyclesOf = ({ simulated }: Judged): number => ('cycles' in simulated ? simulated.cycles : Infinity);
  for (const other of [row.found, row.written]) expect(cyclesOf(row.ranked)).toBeLessThanOrEqual(cyclesOf(other));
});

test('what is found now is no worse than what stands there', async () => {
  // Quick ones: a few hundred choices.
  const quick = jobs.filter(
    (job) => job.hardware === 'h100-sxm' && job.objective === 'latency' && job.sizes['P'] === 4096,
  );
  expect(quick.length).toBeGreaterThan(1);
  for (const [key, { written, found }] of await executeAll(searches, quick, 0)) {
    expect(written).toEqual(outcomes.get(key)!.written);
    expect(found.value).toBeLessThanOrEqual(outcomes.get(key)!.found.value);
  }
});
