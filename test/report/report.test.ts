import { Ajv2020 } from 'ajv/dist/2020.js';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { InternalError } from '../../src/invariant.ts';
import { buildReport, printReport, sortedTable } from '../../src/report/report.ts';
import { reportSchema } from '../../src/report/schema.ts';
import { validateReport } from '../../src/report/validate.ts';
import { expectWritten } from '../documented.ts';
import { toyRoofline, toyRun } from './fixtures.ts';

const report = buildReport(toyRun);

test('units are converted once: cycles to seconds, picojoules to joules', () => {
  expect(report.latency_s).toBe(2e-6);
  expect(report.energy_j).toBeCloseTo(3712e-12, 24);
  expect(report.energy_by_component_j['DRAM read']).toBeCloseTo(2560e-12, 24);
});

test('the parts of the energy add up to the total, to the last bit', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.double({ min: 0, max: 1e18, noNaN: true })), (parts) => {
      const metrics = { ...toyRun.metrics, energy_pj: new Map(Object.entries(parts)) };
      const built = buildReport({ ...toyRun, metrics });
      expect(Object.values(built.energy_by_component_j).reduce((a, b) => a + b, 0)).toBe(built.energy_j);
    }),
  );
});

test('an unlimited capacity is null, since JSON has no infinity', () => {
  expect(report.buffer_bytes['DRAM']).toEqual({ required: 0, capacity: null });
  expect(report.buffer_bytes['Buffer']).toEqual({ required: 192, capacity: 1024 });
});

test("the lower bounds are the model's and the roofline's: 1024 FLOP at 12.8 GFLOP/s are 80 cycles of 1 GHz", () => {
  expect(report.lower_bounds.latency_cycles).toBe(1500);
  expect(report.lower_bounds.traffic_bytes).toBe(320);
  expect(report.lower_bounds.roofline_latency_cycles).toBeCloseTo(80, 9);
});

test('a machine without finite bandwidth has no roofline', async () => {
  const built = buildReport({ ...toyRun, rooflines: [] });
  expect(built.roofline).toBeNull();
  expect(built.lower_bounds.roofline_latency_cycles).toBeNull();
  await validateReport(built);
});

test('the intensity at a level that nothing crosses is null', async () => {
  const idle = { ...toyRoofline, level: 'L2', intensity_ops_per_byte: Number.POSITIVE_INFINITY };
  const built = buildReport({ ...toyRun, rooflines: [toyRoofline, idle] });
  expect(built.roofline?.intensity_ops_per_byte).toBe(3.2);
  expect(built.rooflines[1]?.intensity_ops_per_byte).toBeNull();
  await validateReport(built);
});

test('what a resource does adds up: cycles to the run over its instances, shares to 1', () => {
  for (const [name, { busy_cycles, busy_share, instances, stall_shares }] of Object.entries(report.resources)) {
    const sum = (causes: object): number => Object.values(causes).reduce((a: number, b: number) => a + b, 0);
    expect(busy_cycles + sum(report.stalls_cycles![name]!), name).toBe(report.latency_cycles * instances);
    expect(busy_share + sum(stall_shares!), name).toBeCloseTo(1, 12);
  }
  expect(report.resources['Lanes']).toEqual({
    busy_cycles: 0,
    busy_share: 0,
    instances: 4,
    kind: 'unit',
    slowdown: null,
    stall_shares: { idle: 1 },
    used_instances: 0,
  });
});

test('memories are in the order of the machine', () => {
  expect(report.levels).toEqual(['DRAM', 'Buffer']);
});

function allKeysSorted(value: unknown): boolean {
  if (Array.isArray(value)) return value.every(allKeysSorted);
  if (typeof value !== 'object' || value === null) return true;
  const keys = Object.keys(value);
  return keys.every((k, i) => i === 0 || keys[i - 1]! < k) && Object.values(value).every(allKeysSorted);
}

test('keys are sorted at every depth and equal runs print equal bytes', () => {
  expect(allKeysSorted(report)).toBe(true);
  const reversed = new Map([...toyRun.metrics.energy_pj].reverse());
  const again = buildReport({ ...toyRun, metrics: { ...toyRun.metrics, energy_pj: reversed } });
  expect(printReport(again)).toBe(printReport(report));
});

test('a name that is special to JavaScript is an ordinary key', () => {
  const table = sortedTable(new Map([['__proto__', 1]]), (v) => v);
  expect(JSON.stringify(table)).toBe('{"__proto__":1}');
});

test('a report fits the schema; the schema is valid under its own draft', async () => {
  await validateReport(report);
  expect(new Ajv2020({ strict: true, allowUnionTypes: true }).validateSchema(reportSchema)).toBe(true);
});

test.each([
  ['a missing field', { ...report, latency_s: undefined }],
  ['an infinite latency', { ...report, latency_cycles: Number.POSITIVE_INFINITY }],
  ['a negative energy', { ...report, energy_j: -1 }],
  ['less than no operation', { ...report, operations: { mac: -0.5 } }],
  ['a unit busier than the run', { ...report, utilization: { Array: 1.5 } }],
  ['a field that is not in the schema', { ...report, colour: 'red' }],
  ['a difference without its resource', { ...report, difference: { ...report.difference, resource: undefined } }],
  ['an unknown stall cause', { ...report, stalls_cycles: { Array: { boredom: 3 } } }],
])('%s is our bug', async (_, wrong) => {
  await expect(validateReport(wrong as typeof report)).rejects.toThrow(InternalError);
});

test('the published schema is the one that reports are checked against', () => {
  expectWritten('docs/report-schema.json', `${JSON.stringify(reportSchema, undefined, 2)}\n`);
});
