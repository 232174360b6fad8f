import { extname } from 'node:path';
import { type Diagnostic, diagnostic } from '../diagnostic.ts';
import type { LabelledReport } from '../figures/labelled-report.ts';
import { rooflineData } from '../figures/roofline-data.ts';
import { writeTextFile } from '../files.ts';
import { printReport, type Report } from '../report/report.ts';
import { validateReport } from '../report/validate.ts';

/** "out/report.json" for one run; "out/report.cycle.json" where several models ran. */
export function reportPath(path: string, report: Report, count: number): string {
  return count === 1 ? path : insertName(path, report.model);
}

/** "out/report.cycle.json", of "out/report.json". */
export function insertName(path: string, name: string): string {
  const extension = extname(path);
  return `${path.slice(0, path.length - extension.length)}.${name}${extension}`;
}

/** Validates and writes reports; gives what could not be written. */
export async function writeReports(
  files: readonly { readonly path: string; readonly report: Report }[],
): Promise<readonly Diagnostic[]> {
  const failed: Diagnostic[] = [];
  for (const { path, report } of files) {
    await validateReport(report);
    const wrong = await writeTextFile(path, printReport(report));
    if (wrong !== undefined) failed.push(wrong);
  }
  return failed;
}

/** Why there is no roofline plot of some runs. */
export const noRoofline =
  'none of the runs has a roofline: their machines have no memory of finite bandwidth, or they compute no product';

/** Writes the roofline plot of some runs; gives why there is none. Loads d3, which takes most of a second. */
export async function writeRoofline(path: string, runs: readonly LabelledReport[]): Promise<readonly Diagnostic[]> {
  const data = rooflineData(runs);
  if (data === undefined) return [diagnostic('nothing-found', noRoofline, undefined)];
  const { renderSvg } = await import('../figures/svg.ts');
  const { rooflineFigure } = await import('../figures/roofline-figure.ts');
  const svg = await renderSvg(rooflineFigure(data));
  const wrong = await writeTextFile(path, svg);
  return wrong === undefined ? [] : [wrong];
}
