import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import * as attnsim from '../src/index.ts';

const text = (path: string): attnsim.Source => ({
  name: path,
  text: readFileSync(join(import.meta.dirname, '..', path), 'utf8'),
});

const inputs: attnsim.SimulationInputs = {
  cascade: text('cascades/attention-1-pass.einsum'),
  machine: text('hardware-specs/fusemax.yaml'),
  mapping: text('mappings/fusemax-binding.map'),
  sizes: new Map(Object.entries({ B: 1, H: 2, P: 300, M: 515, E: 8, F: 8 })),
  model: 'cycle',
};

function contentOf<T>(result: attnsim.Result<T>): T {
  if (!result.ok) throw new Error(result.diagnostics.map(attnsim.renderDiagnostic).join('\n'));
  return result.value;
}

test('texts become metrics, a report and a plot', async () => {
  const outcome = contentOf(await attnsim.simulate(inputs));
  const compulsory_bytes = attnsim.compulsoryTraffic(outcome.workload).bytes;
  const report = attnsim.buildReport({ ...outcome, compulsory_bytes });
  expect(report.flops).toBe(2 * 2 * 2 * 300 * 515 * 8);
  expect(report.traffic_bytes['DRAM']!.read + report.traffic_bytes['DRAM']!.write).toBeGreaterThanOrEqual(
    compulsory_bytes,
  );
  expect(attnsim.summarizeReport(report)).toContain('attention-1-pass on fusemax');
  const plot = attnsim.rooflineData([{ report, label: 'run' }])!;
  const svg = await attnsim.renderSvg(attnsim.rooflineFigure(plot));
  expect(svg).toContain('fusemax');
});

test('what a mapping computes tile by tile is what the cascade means', async () => {
  const small = { ...inputs, sizes: new Map(Object.entries({ B: 1, H: 1, P: 5, M: 11, M0: 4, E: 3, F: 3 })) };
  const { workload, mapping } = contentOf(await attnsim.simulate(small));
  const values = attnsim.randomInputs(workload, 1);
  const meant = attnsim.evaluateCascade(workload, values).get('AV')!.values;
  const computed = attnsim.executeMapping(mapping, values).get('AV')!.values;
  expect(computed).toHaveLength(5 * 3);
  for (const [i, v] of computed.entries()) expect(v).toBeCloseTo(meant[i]!, 12);
});

test('a mistake comes back as a diagnostic with its place', async () => {
  const wrong = inputs.cascade.text.replace('Q[B, H, P, E]', 'Q[B, HH, P, E]');
  const result = await attnsim.simulate({ ...inputs, cascade: { name: 'mistaken.einsum', text: wrong } });
  expect(result.ok).toBe(false);
  if (result.ok) return;
  const first = result.diagnostics[0]!;
  expect(first.code).toBe('unknown-rank');
  expect(attnsim.position(first.span!.source, first.span!.start).line).toBeGreaterThan(1);
});
