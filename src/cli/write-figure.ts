import { failure, type Result, success } from '../diagnostic.ts';
import type { Figure } from '../figures/figure.ts';
import { writeTextFile } from '../files.ts';

/** Draws a figure into an SVG file. Error: `unwritable-file`. Loads d3, which takes most of a second. */
export async function writeFigure(path: string, figure: Figure): Promise<Result<void>> {
  const { renderSvg } = await import('../figures/svg.ts');
  const wrong = await writeTextFile(path, await renderSvg(figure));
  return wrong === undefined ? success(undefined) : failure([wrong]);
}
