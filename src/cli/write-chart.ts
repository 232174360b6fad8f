import type { Result } from '../diagnostic.ts';
import type { Chart } from '../figures/chart-figure.ts';
import { writeFigure } from './write-figure.ts';

/** Draws a chart into an SVG file. Error: `unwritable-file`. */
export async function writeChart(path: string, chart: Chart): Promise<Result<void>> {
  const { chartFigure } = await import('../figures/chart-figure.ts');
  return writeFigure(path, chartFigure(chart));
}
