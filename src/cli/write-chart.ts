import { failure, type Result, success } from '../diagnostic.ts';
import { writeTextFile } from '../files.ts';
import type { Chart } from '../report/chart-plot.ts';

/** Draws a chart into an SVG file. Error: `unwritable-file`. */
export async function writeChart(path: string, chart: Chart): Promise<Result<void>> {
  const { renderSvg } = await import('../report/svg.ts');
  const { chartSize, drawChart } = await import('../report/chart-plot.ts');
  const svg = await renderSvg(chartSize(chart), (selection, d3) => drawChart(selection, chart, d3));
  const wrong = await writeTextFile(path, svg);
  return wrong === undefined ? success(undefined) : failure([wrong]);
}
