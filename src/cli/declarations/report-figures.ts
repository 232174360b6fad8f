import type { Command } from 'commander';
import type { ReportFigure } from '../commands/plot-reports.ts';
import { type Act, addExample, type Declare, groups } from './declare.ts';

const baselineOption = (what: string) => ['--baseline <LABEL>', what] as const;

type Options = {
  readonly of: string;
  readonly by: string;
  readonly baseline?: string;
  readonly out: string;
  readonly title?: string;
  readonly width?: string;
};

/** What figures of reports have in common. */
function addReportFigure(
  command: Command,
  act: Act,
  figure: (options: Options) => ReportFigure,
  example: string,
): void {
  command
    .argument('<report...>', 'reports of runs (.json), each as FILE or LABEL=FILE; without a label, what differs is it')
    .optionsGroup(groups.output)
    .requiredOption('--out <FILE.svg>', 'the figure')
    .option('--title <TEXT>', 'above it')
    .option('--width <PIXELS>', 'how wide it is; its letters are as large as ever')
    .action((reports: readonly string[], options: Options) =>
      act(async (terminal) => {
        const { plotReports } = await import('../commands/plot-reports.ts');
        return await plotReports({ ...options, reports, figure: figure(options) }, terminal);
      }),
    );
  addExample(command, `plot ${command.name()} ${example}`, 'docs/report.md');
}

const withBaseline = ({ baseline }: Options): { readonly baseline?: string } =>
  baseline === undefined ? {} : { baseline };

/** Figures of reports, below `plot`. */
export const declareReportFigures: Declare = (plot, act) => {
  addReportFigure(
    plot
      .command('roofline')
      .description('runs under the roofs of their machines')
      .option(...baselineOption('an arrow leads from this run to each other')),
    act,
    (options) => ({ kind: 'roofline', ...withBaseline(options) }),
    'before=unfused.json after=fused.json --baseline before --out roofline.svg',
  );
  addReportFigure(
    plot
      .command('breakdown')
      .description('what runs consist of, as stacked bars')
      .option('--of <energy|time|traffic|stalls>', 'what is broken down', 'time'),
    act,
    ({ of }) => ({ kind: 'breakdown', of }),
    'unfused.json fused.json --of energy --out energy.svg',
  );
  addReportFigure(
    plot.command('utilization').description('how busy units and ports are'),
    act,
    () => ({ kind: 'utilization' }),
    'fused.json --out utilization.svg',
  );
  addReportFigure(
    plot
      .command('speedup')
      .description('how many times faster runs are than one of them')
      .option(...baselineOption('that one; the first if not given')),
    act,
    (options) => ({ kind: 'speedup', ...withBaseline(options) }),
    'unfused.json fused.json --out speedup.svg',
  );
  addReportFigure(
    plot
      .command('scaling')
      .description('what becomes of runs as a size grows, a line for each kind of run')
      .requiredOption('--by <RANK>', 'the size that grows')
      .option('--of <latency|throughput|energy|bytes>', 'what becomes of it', 'latency'),
    act,
    ({ by, of }) => ({ kind: 'scaling', by, of }),
    '1k.json 4k.json 16k.json --by P --out scaling.svg',
  );
};
