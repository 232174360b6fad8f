import { addExample, type Declare, groups, jsonOption, storeArgument } from './declare.ts';
import { declarePlotCascade, declarePlotMapping } from './diagrams.ts';

import { declareReportFigures } from './report-figures.ts';

const whereOption = [
  '--where <CONDITION>',
  'only points for which this holds, in SQL: "machine = \'fusemax\'"',
] as const;

export const declareQuery: Declare = (program, act) => {
  const command = program
    .command('query')
    .description("ask a sweep's table in SQL; without a statement, what the table is")
    .argument(...storeArgument)
    .argument('[statement]', 'such as "select machine, min(latency_s) from points group by machine"')
    .optionsGroup(groups.output)
    .option('--csv', 'print CSV; all rows without a statement')
    .option('--out <FILE.csv|FILE.parquet>', 'write a file; all rows without a statement')
    .option('--html <FILE>', 'write a page to look at them; all rows that are ok without a statement')
    .option('--sensitivity <FILE>', 'on the page: what "attnsim sensitivity --out" has written (JSON)')
    .option(...jsonOption)
    .action((file: string, statement: string | undefined, options) =>
      act(async (terminal) => {
        const { query } = await import('../commands/query.ts');
        return await query({ ...options, file, statement }, terminal);
      }),
    );
  addExample(command, 'query first.duckdb "select L, min(latency_s) from points group by L"', 'docs/sweeps.md');
};

export const declareBest: Declare = (program, act) => {
  const command = program
    .command('best')
    .description('the points of a sweep that are best by an objective')
    .argument(...storeArgument)
    .optionsGroup(groups.how)
    .option('--by <COLUMN>', "what is to be least; the sweep's first objective if not given")
    .option('--maximize', 'what is to be most')
    .option(...whereOption)
    .option('--top <N>', 'so many points', '1')
    .optionsGroup(groups.output)
    .option(...jsonOption)
    .action((file: string, options) =>
      act(async (terminal) => {
        const { best } = await import('../commands/best.ts');
        return await best({ ...options, file }, terminal);
      }),
    );
  addExample(command, 'best first.duckdb --by energy_j --where "L = 16384"', 'docs/sweeps.md');
};

export const declarePareto: Declare = (program, act) => {
  const command = program
    .command('pareto')
    .description('the points of a sweep that no other beats in all of some objectives')
    .argument(...storeArgument)
    .optionsGroup(groups.how)
    .option('--objectives <COLUMN,...>', "two or more, less is better: COLUMN:max if not; the sweep's if not given")
    .option(...whereOption)
    .optionsGroup(groups.output)
    .option('--out <FILE.csv|FILE.parquet>', 'write the front with all columns')
    .option('--svg <FILE>', 'draw the front by the first two objectives (SVG)')
    .option(...jsonOption)
    .action((file: string, options) =>
      act(async (terminal) => {
        const { pareto } = await import('../commands/pareto.ts');
        return await pareto({ ...options, file }, terminal);
      }),
    );
  addExample(command, 'pareto first.duckdb --out front.csv --svg front.svg', 'docs/sweeps.md');
};

export const declarePlot: Declare = (program, act) => {
  const plot = program.command('plot').description('a figure of what was found, or of what ships');
  const lines = plot
    .command('lines')
    .description("lines of a sweep's table, as a statement of SQL gives them")
    .argument(...storeArgument)
    .argument('<statement>', 'x, y and the name of the line, such as "select L, latency_s, machine from points"')
    .optionsGroup(groups.output)
    .requiredOption('--out <FILE.svg>', 'the figure')
    .option('--title <TEXT>', 'above it; the name of the sweep if not given')
    .action((file: string, statement: string, options) =>
      act(async (terminal) => {
        const { plotLines } = await import('../commands/plot.ts');
        return await plotLines({ ...options, file, statement }, terminal);
      }),
    );
  const example = 'plot lines first.duckdb "select L, min(latency_s), BW from points group by L, BW" --out lines.svg';
  declarePlotCascade(plot, act);
  declarePlotMapping(plot, act);
  declareReportFigures(plot, act);
  for (const command of [plot, lines]) addExample(command, example, 'docs/sweeps.md');
};

export const declareMerge: Declare = (program, act) => {
  const command = program
    .command('merge')
    .description('join stores of one sweep, such as those of its shards')
    .argument('<out>', 'the new store (.duckdb)')
    .argument('<file...>', 'stores that it is made of')
    .optionsGroup(groups.output)
    .option(...jsonOption)
    .action((out: string, files: readonly string[], options) =>
      act(async (terminal) => {
        const { merge } = await import('../commands/merge.ts');
        return await merge({ ...options, out, files }, terminal);
      }),
    );
  addExample(command, 'merge all.duckdb first.duckdb', 'docs/sweeps.md');
};
