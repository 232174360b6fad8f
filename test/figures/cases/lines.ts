import { chartFigure } from '../../../src/figures/chart-figure.ts';
import type { GalleryCase } from '../gallery-case.ts';
import { shippedReport } from '../shipped-report.ts';

const bandwidths = [25, 50, 100, 200, 400, 800];
const lengths = [512, 1024, 4096];

export const galleryCase: GalleryCase = {
  section: 'Design spaces',
  title: 'Lines of a sweep',
  text: 'Whatever a statement of SQL gives of the table of a sweep: x, y and the name of the line.',
  made: [
    'attnsim plot lines first.duckdb "select BW / 1e9, min(latency_s), L from points group by BW, L" --out lines.svg',
  ],
  draw: async (options) => {
    const run = { cascade: 'attention-1-pass', machine: 'fusemax', mapping: 'fusemax-binding', workload: 'bert-base' };
    const speed = async (L: number, bandwidth: number): Promise<number> => {
      const parameters = { BANDWIDTH: `${bandwidth} GB/s` };
      const report = await shippedReport({ ...run, sizes: { B: 1, P: L, M: L }, parameters, model: 'analytic' });
      return report.flops / report.latency_s / 1e12;
    };
    const series = lengths.map(async (L) => ({
      name: `L = ${L}`,
      points: await Promise.all(bandwidths.map(async (x) => ({ x, y: await speed(L, x) }))),
    }));
    return chartFigure(
      {
        kind: 'lines',
        title: 'Attention of BERT on FuseMax',
        source: 'attnsim, analytic model',
        x: { title: 'Bandwidth of DRAM (GB/s)', scale: 'log' },
        y: { title: 'Performance (TFLOP/s)', scale: 'linear' },
        series: await Promise.all(series),
      },
      options,
    );
  },
};
