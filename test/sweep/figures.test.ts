import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { figurePath, figurePaths, type RunFigures } from '../../src/sweep/figures.ts';

const names = { levels: ['DRAM', undefined, 'L2'], resources: ['Array', 'DRAM', 'L2.read'] };
const figures: RunFigures = {
  latency_cycles: 100,
  latency_s: 2,
  lower_bound_cycles: 90,
  energy_j: 3,
  area_mm2: 4,
  average_w: 5,
  flops: 6,
  readBytes: [10, 0, 30],
  writeBytes: [1, 0, 3],
  requiredBytes: [7, 0, 8],
  capacityBytes: [70, 0, 80],
  busyCycles: [50, 400, 25],
  instances: [1, 8, 2],
  bound: 1,
  boundKind: 'bandwidth',
};

const span = { source: { name: 'sweep.json', text: '' }, start: 0, end: 0 };

function read(text: string): number | string | undefined {
  const path = figurePath({ text, span });
  if (!('bind' in path)) return path.code;
  return path.bind(names)?.read(figures);
}

test.each([
  ['latency_s', 2],
  ['lower_bounds.latency_cycles', 90],
  ['roofline.achieved_ops_per_s', 3],
  ['traffic_bytes.DRAM', 11],
  ['traffic_bytes.0', 11],
  // Levels without a memory do not count.
  ['traffic_bytes.1.write', 3],
  ['traffic_bytes.L2.read', 30],
  ['buffer_bytes.L2.required', 8],
  ['buffer_bytes.1.capacity', 80],
  ['utilization.Array', 0.5],
  ['resources.L2.read.busy_share', 0.125],
  ['resources.DRAM.busy_cycles', 400],
  ['bound.resource', 'DRAM'],
  ['bound.kind', 'bandwidth'],
  ['traffic_bytes.L3', undefined],
  ['traffic_bytes.2', undefined],
  ['utilization.Array1D', undefined],
  ['traffic_bytes', 'unknown-metric'],
  ['traffic_bytes.', 'unknown-metric'],
  ['latency', 'unknown-metric'],
])('%s', (path, value) => {
  expect(read(path)).toBe(value);
});

test('the documents have all metrics', () => {
  const text = readFileSync('docs/sweeps.md', 'utf8');
  const section = text.slice(text.indexOf('### Metrics'), text.indexOf('### How long a point takes'));
  for (const path of figurePaths) {
    const [end] = /\.[a-z_]+$/.exec(path) ?? [path];
    expect(section.includes(`\`${path}\``) || section.includes(`\`${end}\``), path).toBe(true);
  }
});
