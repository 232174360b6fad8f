import type { TornadoPanel, TornadoRow } from '../../../src/figures/tornado.ts';
import { tornadoFigure } from '../../../src/figures/tornado-figure.ts';
import type { Report } from '../../../src/report/report.ts';
import type { GalleryCase } from '../gallery-case.ts';
import { shippedReport } from '../shipped-report.ts';

const moved = [
  { name: 'BANDWIDTH', base: '40 GB/s', lower: '36 GB/s', higher: '44 GB/s' },
  { name: 'LANES', base: '256', lower: '192', higher: '320' },
  { name: 'EXP_CYCLES', base: '6', lower: '5', higher: '7' },
  { name: 'GLOBAL_BUFFER', base: '16 MiB', lower: '14 MiB', higher: '18 MiB' },
];

const run = { cascade: 'attention-1-pass', machine: 'fusemax', mapping: 'fusemax-binding', workload: 'bert-base' };
const at = (parameters: Readonly<Record<string, string>>): Promise<Report> =>
  shippedReport({
    ...run,
    sizes: { B: 1, P: 1024, M: 1024 },
    parameters: { BANDWIDTH: '40 GB/s', ...parameters },
    model: 'analytic',
  });

async function panel(name: string, of: (report: Report) => number): Promise<TornadoPanel> {
  const base = of(await at({}));
  const change = async (parameter: string, value: string): Promise<number> =>
    (of(await at({ [parameter]: value })) / base - 1) * 100;
  const rows = await Promise.all(
    moved.map(
      async ({ name, base: from, lower, higher }): Promise<TornadoRow> => ({
        label: `${name} = ${from}`,
        lower: { label: lower, change: await change(name, lower) },
        higher: { label: higher, change: await change(name, higher) },
      }),
    ),
  );
  return { title: `${name} (minimize)`, x: `change of ${name} (%)`, rows };
}

export const galleryCase: GalleryCase = {
  section: 'Design spaces',
  title: 'What to change first',
  text: 'What becomes of each objective when one parameter after the other is moved to both sides, the one that matters most on top.',
  made: ['attnsim sensitivity first-sweep --store first.duckdb --svg tornado.svg'],
  draw: async (options) =>
    tornadoFigure(
      {
        title: 'What to change first in FuseMax',
        subtitle: ['BERT at 1K with 40 GB/s', 'Moved one at a time'],
        source: 'attnsim, analytic model',
        panels: [await panel('latency', (r) => r.latency_s), await panel('area', (r) => r.area_mm2)],
      },
      options,
    ),
};
