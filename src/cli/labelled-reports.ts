import { existsSync } from 'node:fs';
import { type Diagnostic, diagnostic, failure, type Result, success } from '../diagnostic.ts';
import { didYouMean } from '../did-you-mean.ts';
import { type LabelledReport, labelReports } from '../figures/labelled-report.ts';
import { readTextFile } from '../files.ts';
import { parseReport } from '../report/parse-report.ts';
import type { Report } from '../report/report.ts';

type Named = { readonly label: string | undefined; readonly path: string };

/** "LABEL=FILE", or a file. */
function named(argument: string): Named {
  const at = argument.indexOf('=');
  return at <= 0 || existsSync(argument)
    ? { label: undefined, path: argument }
    : { label: argument.slice(0, at), path: argument.slice(at + 1) };
}

/**
 * Reports that files hold, with labels: as given, or of what differs between them. `apartFromSizes` labels lines along
 * which sizes vary. Errors: those of files, texts and reports, all of them.
 */
export async function readLabelledReports(
  reports: readonly string[],
  options: { readonly apartFromSizes?: boolean } = {},
): Promise<Result<readonly LabelledReport[]>> {
  const wrong: Diagnostic[] = [];
  const read: { readonly report: Report; readonly label: string | undefined }[] = [];
  for (const { label, path } of reports.map(named)) {
    const text = await readTextFile(path);
    const report = text.ok ? parseReport(text.value) : text;
    if (report.ok) read.push({ report: report.value, label });
    else wrong.push(...report.diagnostics);
  }
  if (wrong.length > 0) return failure(wrong);
  const labelled = labelReports(
    read.map(({ report }) => report),
    options,
  );
  return success(labelled.map(({ report, label }, i) => ({ report, label: read[i]!.label ?? label })));
}

/** The run that an option names by its label; none if it is not given. */
export function runOf(
  option: string,
  label: string | undefined,
  runs: readonly LabelledReport[],
): Result<LabelledReport | undefined> {
  const found = runs.find((run) => run.label === label);
  if (label === undefined || found !== undefined) return success(found);
  const labels = runs.map((run) => run.label);
  const help =
    didYouMean(label, labels) ?? `the runs are ${labels.map((l) => `"${l}"`).join(', ')}; LABEL=FILE gives names`;
  return failure([diagnostic('bad-choice', `${option} "${label}" is none of the runs`, undefined, { help })]);
}
