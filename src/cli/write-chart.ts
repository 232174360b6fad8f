import { failure, type Result, success } from '../diagnostic.ts';
import type { Chart } from '../figures/chart-figure.ts';
import { writeTextFile } from '../files.ts';

/** Draws a chart into an SVG file. Error: `unwritable-file`. */
export async function writeChart(path: string, chart: Chart): Promise<Result<void>> {
  const { renderSvg } = await import('../figures/svg.ts');
  const { chartFigure } = await import('../figures/chart-figure.ts');
  const svg = await renderSvg(chartFigure(chart));
  const wrong = await writeTextFile(path, svg);
  return wrong === undefined ? success(undefined) : failure([wrong]);
}
