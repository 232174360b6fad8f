import { diagnostic } from '../../diagnostic.ts';
import { writeTextFile } from '../../files.ts';
import { type ComparedRun, changeText, compareWith } from '../../report/compared.ts';
import { significant } from '../../report/quantity-text.ts';
import { compareReports } from '../../report/summary.ts';
import { renderTable } from '../../report/table.ts';
import { readLabelledReports, runOf } from '../labelled-reports.ts';
import { exitCodes, printResult, refuse, type Terminal } from '../terminal.ts';

export type CompareOptions = {
  readonly reports: readonly string[];
  readonly baseline?: string;
  readonly html?: string;
  readonly json?: boolean;
};

/** What a program wants to know of the runs beside the baseline; null where there is nothing to divide by. */
const asData = (runs: readonly ComparedRun[]): object => ({
  baseline: runs.find((run) => run.isBaseline)!.label,
  runs: runs.map(({ label, report, speedup, energy_change, traffic_change, traffic_bytes }) => ({
    label,
    latency_s: report.latency_s,
    energy_j: report.energy_j,
    traffic_bytes: traffic_bytes ?? null,
    speedup: speedup ?? null,
    energy_change: energy_change ?? null,
    traffic_change: traffic_change ?? null,
  })),
});

const changeCell = (change: number | undefined): string => (change === undefined ? '-' : changeText(change));

function differencesText(runs: readonly ComparedRun[], terminal: Terminal): string {
  const baseline = runs.find((run) => run.isBaseline)!;
  const rows = runs
    .filter((run) => run !== baseline)
    .map(({ label, speedup, energy_change, traffic_change }) => [
      label,
      speedup === undefined ? '-' : `${significant(speedup)} x`,
      changeCell(energy_change),
      changeCell(traffic_change),
    ]);
  const columns = [
    { title: `against ${baseline.label}` },
    ...['speed-up', 'energy', 'bytes'].map((title) => ({ title, align: 'right' as const })),
  ];
  return renderTable(columns, rows, terminal);
}

/** `attnsim compare REPORT...`: runs side by side, and how they differ from one of them. */
export async function compare(options: CompareOptions, terminal: Terminal): Promise<number> {
  if (options.reports.length < 2) {
    const help = 'name two or more: attnsim compare before.json after.json';
    return refuse(
      terminal,
      [diagnostic('missing-argument', 'one report has nothing to be compared with', undefined, { help })],
      exitCodes.usageWrong,
    );
  }
  const runs = await readLabelledReports(options.reports);
  if (!runs.ok) return refuse(terminal, runs.diagnostics);
  const base = runOf('--baseline', options.baseline, runs.value);
  if (!base.ok) return refuse(terminal, base.diagnostics, exitCodes.usageWrong);
  const baseline = base.value === undefined ? 0 : runs.value.indexOf(base.value);
  const compared = compareWith(runs.value, baseline);
  if (options.json === true) terminal.out(`${JSON.stringify(asData(compared), undefined, 2)}\n`);
  else {
    const titled = runs.value.map(({ label, report }) => ({ title: label, report }));
    printResult(terminal, `${compareReports(titled, terminal)}\n${differencesText(compared, terminal)}`, [
      options.html,
    ]);
  }
  if (options.html === undefined) return exitCodes.done;
  const { comparisonPage } = await import('../../page/comparison-page.ts');
  const { pageScript } = await import('../page-script.ts');
  const wrong = await writeTextFile(
    options.html,
    await comparisonPage(runs.value, baseline, await pageScript('browser')),
  );
  return wrong === undefined ? exitCodes.done : refuse(terminal, [wrong]);
}
