import { chartFigure } from '../../../src/figures/chart-figure.ts';
import { labelReports } from '../../../src/figures/labelled-report.ts';
import { scalingChart } from '../../../src/figures/scaling.ts';
import type { GalleryCase } from '../gallery-case.ts';
import { shippedReport } from '../shipped-report.ts';

const runs = [
  { cascade: 'attention-3-pass', machine: 'flat', mapping: 'unfused' },
  { cascade: 'attention-3-pass', machine: 'flat', mapping: 'flat' },
  { cascade: 'attention-1-pass', machine: 'fusemax', mapping: 'fusemax-binding' },
] as const;

export const galleryCase: GalleryCase = {
  section: 'Runs',
  title: 'Scaling with the sequence length',
  text: 'Latency over a size, a line for each kind of run, beside lines that grow as the size and as its square. Throughput, energy and bytes go the same way.',
  made: ['attnsim plot scaling 1k.json 4k.json 16k.json --by P --out scaling.svg'],
  draw: async (options) => {
    const lengths = [1024, 2048, 4096, 8192, 16384];
    const reports = await Promise.all(
      runs.flatMap((run) =>
        lengths.map((P) =>
          shippedReport({ ...run, workload: 'bert-base', sizes: { B: 1, P, M: P }, model: 'analytic' }),
        ),
      ),
    );
    return chartFigure(scalingChart(labelReports(reports, { apartFromSizes: true }), 'P')!, options);
  },
};
