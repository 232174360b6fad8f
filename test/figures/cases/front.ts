import { chartFigure } from '../../../src/figures/chart-figure.ts';
import { frontChart } from '../../../src/figures/front-chart.ts';
import { paretoFront } from '../../../src/sweep/pareto.ts';
import type { GalleryCase } from '../gallery-case.ts';
import { shippedReport } from '../shipped-report.ts';

const sides = ['96', '128', '160', '192', '224', '256', '320'];
const buffers = ['4 MiB', '8 MiB', '16 MiB', '24 MiB'];

export const galleryCase: GalleryCase = {
  section: 'Design spaces',
  title: 'Pareto front',
  text: 'All points of a sweep, faint, and those that no other beats in both objectives, joined by steps: what lies beyond a corner is beaten.',
  made: ['attnsim pareto first.duckdb --svg front.svg'],
  draw: async (options) => {
    const run = { cascade: 'attention-1-pass', machine: 'fusemax', mapping: 'fusemax-binding', workload: 'bert-base' };
    const sizes = { B: 1, P: 4096, M: 4096 };
    const reports = await Promise.all(
      buffers.flatMap((GLOBAL_BUFFER) =>
        sides.map((PE_DIM) =>
          shippedReport({
            ...run,
            sizes,
            parameters: { GLOBAL_BUFFER, PE_DIM, BANDWIDTH: '60 GB/s' },
            model: 'analytic',
          }),
        ),
      ),
    );
    const latency = Float64Array.from(reports, (r) => r.latency_s * 1e3);
    const area = Float64Array.from(reports, (r) => r.area_mm2);
    const positions = paretoFront([area, latency]);
    return chartFigure(
      frontChart({
        title: 'Front of arrays and buffers',
        source: `attnsim, analytic model: ${positions.length} of ${reports.length} points are in the front`,
        x: { title: 'area (mm²)', goal: 'minimize', values: area },
        y: { title: 'latency (ms)', goal: 'minimize', values: latency },
        positions,
        isWhole: true,
      }),
      options,
    );
  },
};
