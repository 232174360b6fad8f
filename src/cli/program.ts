import { Command, CommanderError } from 'commander';
import { packageVersion } from '../files.ts';
import { InternalError } from '../invariant.ts';
import { exitCodes, refuse, type Terminal } from './terminal.ts';
import { usageDiagnostic } from './usage.ts';

// Commands are imported when they run: `attnsim --help` must not wait for parsers and plots.

const collect = (value: string, before: readonly string[]): readonly string[] => [...before, value];

const densityOption = [
  '--density <TENSOR=SHARE>',
  'how much of what is selected by value exists on average (repeatable)',
  collect,
  [],
] as const;
const setOption = ['--set <NAME=SIZE>', 'bind a rank or a parameter of the cascade (repeatable)', collect, []] as const;
const workloadOption = ['--workload <NAME|FILE>', 'rank sizes from a shipped or own workload'] as const;
const parameterOption = [
  '--param <NAME=VALUE>',
  'override a parameter of the machine or the mapping (repeatable)',
  collect,
  [],
] as const;
const mappingOption = [
  '--mapping <NAME|FILE>',
  'shipped name or file (.map), or auto for the fastest that is found; may be left out if only one shipped mapping fits',
] as const;
const jsonOption = ['--json', 'print only JSON on the standard output'] as const;

function addRun(program: Command, finish: (code: number) => void, terminal: Terminal): void {
  program
    .command('run')
    .description('time, energy and traffic of a cascade on a machine')
    .argument('<cascade>', 'shipped name or file (.einsum)')
    .argument('<hardware>', 'shipped name or file (.yaml, .json)')
    .option(...workloadOption)
    .option(...setOption)
    .option(...parameterOption)
    .option(
      '--format <TENSOR,...=FORMAT>',
      'keep tensors in another format than they are declared (repeatable)',
      collect,
      [],
    )
    .option(...mappingOption)
    .option(...densityOption)
    .option('--seed <N>', 'measure densities on random inputs')
    .option('--inputs <DIR>', 'measure densities on inputs from DIR/<TENSOR>.json')
    .option('--model <analytic|cycle|both>', 'closed form, or discrete-event simulation', 'cycle')
    .option('--accounting <NAME>', "how energy is charged: an accounting of the machine's", 'physical')
    .option('--stalls', 'print what every unit and port waits for')
    .option('--detail', 'find the critical path, and the bytes in use over time (cycle model)')
    .option('--out <FILE>', 'write the report (JSON)')
    .option('--svg <FILE>', 'write a roofline plot (SVG)')
    .option('--trace <FILE>', 'write what every unit and port does, for ui.perfetto.dev (cycle model)')
    .option('--trace-window <FROM:TO>', 'only this part of the run, in cycles or as "1.2 ms:1.3 ms", folds unfolded')
    .option('--trace-events <N>', 'most events of a trace', '200000')
    .option(...jsonOption)
    .action(async (cascade: string, hardware: string, options) => {
      const { run } = await import('./commands/run.ts');
      finish(await run({ ...options, cascade, hardware }, terminal));
    });
}

function addMap(program: Command, finish: (code: number) => void, terminal: Terminal): void {
  program
    .command('map')
    .description('find the best mapping of a cascade on a machine, with a bound that says how good it is')
    .argument('<cascade>', 'shipped name or file (.einsum), or several with commas, the best of which is found')
    .argument('<hardware>', 'shipped name or file (.yaml, .json)')
    .option(...workloadOption)
    .option('--set <NAME=SIZE>', 'bind a rank, or give sizes to choose from: M0=64,128 (repeatable)', collect, [])
    .option(...densityOption)
    .option('--param <NAME=VALUE>', 'override a parameter of the machine (repeatable)', collect, [])
    .option('--objective <latency|energy|edp|dram-bytes|buffer>', 'what is to be least (latency if not given)')
    .option('--pareto <latency,energy,...>', 'find the front of these, two or more, instead of one best')
    .option('--level <NAME>', 'the level whose room counts as "buffer"')
    .option('--constraints <FILE>', 'what mappings must be, or must not be')
    .option('--accounting <NAME>', "how energy is charged: an accounting of the machine's", 'physical')
    .option(
      '--mapping <NAME|FILE>',
      'search only the loop tree of a mapping, and choose its numbers (repeatable)',
      collect,
      [],
    )
    .option('--choose <tiles,stages,in-flight>', 'which numbers of a loop tree to choose', 'tiles')
    .option('--effort <N>', 'lists of loops to try at most; the bound says what may be missed', '3000')
    .option(
      '--gap <SHARE>',
      'be content with what is at most this share above the least; 0: nothing is left out',
      '0.001',
    )
    .option('--simulate', 'rank mappings that are about as good by simulation, and take the quickest')
    .option('--no-simulate', 'leave out the simulation of what has the least latency')
    .option('--explain', 'say why it beats the runner-up, and what other numbers would do')
    .option('--out <FILE>', 'write the mapping (.map), of a front each: found-1.map, found-2.map, ...')
    .option('--svg <FILE>', 'draw the front (SVG)')
    .option('--certificate <FILE>', 'write what proves the bound, so that it can be checked (.json)')
    .option(...jsonOption)
    .action(async (cascade: string, hardware: string, options) => {
      const { map } = await import('./commands/map.ts');
      finish(await map({ ...options, cascade, hardware }, terminal));
    });
}

function addLanguageCommands(program: Command, finish: (code: number) => void, terminal: Terminal): void {
  program
    .command('check')
    .description('find the mistakes in cascades, machines, mappings and workloads')
    .argument('<file...>', 'files or shipped names')
    .action(async (files: readonly string[]) => {
      const { check } = await import('./commands/check.ts');
      finish(await check(files, terminal));
    });
  program
    .command('analyze')
    .description('operation counts, passes and why, footprints and intensity of a cascade')
    .argument('<cascade>', 'shipped name or file (.einsum)')
    .option(...workloadOption)
    .option(...setOption)
    .option(...densityOption)
    .option(...jsonOption)
    .action(async (cascade: string, options) => {
      const { analyze } = await import('./commands/analyze.ts');
      finish(await analyze({ ...options, cascade }, terminal));
    });
  program
    .command('execute')
    .description('compute a cascade on random or given inputs: values, and errors of number formats')
    .argument('<cascade>', 'shipped name or file (.einsum)')
    .option(...workloadOption)
    .option(...setOption)
    .option('--format <[TENSOR,...=]FORMAT>', 'round tensors, or all of them, to a format or "declared"', collect, [])
    .option('--arithmetic <FORMAT>', 'of operations and accumulators; fp32 with --format, else fp64')
    .option('--exp <NAME>', 'exponential: exact, taylor1 to taylor8, minimax3')
    .option('--hardware <NAME|FILE>', 'run it as mapped to this machine, tile by tile, not in the reference executor')
    .option(...mappingOption)
    .option(...parameterOption)
    .option('--seed <N>', 'seed of the random inputs', '1')
    .option('--inputs <DIR>', 'read inputs from DIR/<TENSOR>.json')
    .option('--out <DIR>', 'write outputs to DIR/<TENSOR>.json')
    .option(...jsonOption)
    .action(async (cascade: string, options) => {
      const { execute } = await import('./commands/execute.ts');
      finish(await execute({ ...options, cascade }, terminal));
    });
}

function addImport(program: Command, finish: (code: number) => void, terminal: Terminal): void {
  program
    .command('import')
    .description('model sizes of other tools as a workload, as far as they translate, and what did not')
    .argument('<file>', 'config.json of Hugging Face, or an example that ships: llama-8b.json')
    .option('--from <KIND>', 'huggingface; recognised by content if not given')
    .option('--out <FILE>', 'write what is imported; of several texts each gets its own extension')
    .option(...jsonOption)
    .action(async (file: string, options) => {
      const { importFile } = await import('./commands/import.ts');
      finish(await importFile({ ...options, file }, terminal));
    });
}

function addValidate(program: Command, finish: (code: number) => void, terminal: Terminal): void {
  program
    .command('validate')
    .description('predictions beside published numbers: every error, their means, the worst')
    .argument('[suite]', 'fusemax, peers, gpus, edge, spatten or accelerators; all if left out')
    .option('--points <FILE>', 'points of your own, in the format of the shipped ones (JSON)')
    .option('--model <analytic|cycle|both>', 'closed form, or discrete-event simulation', 'analytic')
    .option('--accounting <NAME>', 'how energy is charged, if not as in the published numbers, such as physical')
    .option('--svg <FILE>', 'plot predicted against published values')
    .option(...jsonOption)
    .action(async (suite: string | undefined, options) => {
      const { validate } = await import('./commands/validate.ts');
      finish(await validate({ ...options, suite }, terminal));
    });
}

function addCalibrate(program: Command, finish: (code: number) => void, terminal: Terminal): void {
  program
    .command('calibrate')
    .description('fit the factors of machines to measured points, and judge the fit on points that it did not see')
    .argument('<suite>', 'gpus')
    .option('--points <FILE>', 'points of your own, in the format of the shipped ones (JSON)')
    .option('--only <TEXT>', 'series of points with this in their name, as in "H100, FlashAttention"')
    .option('--rounds <N>', 'most rounds of the fit', '8')
    .option('--cross-validate', 'fit without a half, a kernel, a device, and judge on that')
    .option('--out <DIR>', 'write the specs with their new factors there, and what came of the fit')
    .action(async (suite: string, options) => {
      const { calibrate } = await import('./commands/calibrate.ts');
      finish(await calibrate({ ...options, suite }, terminal));
    });
}

function addSweep(program: Command, finish: (code: number) => void, terminal: Terminal): void {
  const patience = ['--patience <SECONDS>', 'how long to wait for a queue that has gone away', '60'] as const;
  program
    .command('sweep')
    .description('evaluate every point of a design space, and keep a table of them')
    .argument('<experiment>', 'shipped name, sweep.json, or the folder of one')
    .option('--jobs <N>', 'threads; as many as there are cores if not given')
    .option('--out <FILE>', 'the table; NAME.duckdb if not given')
    .option('--resume', 'go on with a table that is there')
    .option('--shard <I/N>', 'only the points of one of N machines, such as 3/16')
    .option('--queue <URL>', 'give the points out to workers, such as redis://127.0.0.1:6379')
    .option(...patience)
    .option(...jsonOption)
    .action(async (experiment: string, options) => {
      const { sweep } = await import('./commands/sweep.ts');
      finish(await sweep({ ...options, experiment }, terminal));
    });
  program
    .command('worker')
    .description('evaluate points that sweeps give out, on any number of machines')
    .requiredOption('--queue <URL>', 'where sweeps give them out, such as redis://127.0.0.1:6379')
    .option('--jobs <N>', 'threads; as many as there are cores if not given')
    .option('--idle <SECONDS>', 'end when there has been nothing to do for so long')
    .option('--lock <SECONDS>', 'after so long without a word from a worker, others take up what it had', '10')
    .option(...patience)
    .action(async (options) => {
      const { worker } = await import('./commands/worker.ts');
      finish(await worker(options, terminal));
    });
}

function addSensitivity(program: Command, finish: (code: number) => void, terminal: Terminal): void {
  program
    .command('sensitivity')
    .description('what to change first: how much each parameter of a design space moves each objective')
    .argument('<experiment>', 'shipped name, sweep.json, or the folder of one')
    .option('--point <N>', 'at this point of the space, in place of what is best in its table')
    .option('--store <FILE>', 'the table of the sweep; NAME.duckdb if not given')
    .option('--best', 'at the best point of the table (if there is one; else in the middle of the space)')
    .option('--pareto', 'at all points of the front of the table')
    .option('--metric <NAME,...>', 'figures in place of the objectives; NAME:max where more is better')
    .option('--step <SHARE|axis>', 'how far parameters are moved: a share, or to the next values of their axes', '5%')
    .option('--all', 'move all parameters of the machine and the mapping, too')
    .option('--out <FILE>', 'write what is found (JSON)')
    .option('--svg <FILE>', 'draw what each parameter does, as a tornado chart (SVG)')
    .option(...jsonOption)
    .action(async (experiment: string, options) => {
      const { sensitivity } = await import('./commands/sensitivity.ts');
      finish(await sensitivity({ ...options, experiment }, terminal));
    });
}

function addLibraryCommands(program: Command, finish: (code: number) => void, terminal: Terminal): void {
  program
    .command('list')
    .description('what ships: cascades, machines, mappings, workloads')
    .argument('[kind]', 'cascades, machines, mappings or workloads; all if left out')
    .option(...jsonOption)
    .action(async (kind: string | undefined, options) => {
      const { list } = await import('./commands/list.ts');
      finish(await list({ ...options, kind }, terminal));
    });
  program
    .command('show')
    .description('one of them, with the sources of its numbers')
    .argument('<name>', 'shipped name or file')
    .option('--kind <KIND>', 'if several kinds have that name: cascade, machine, mapping or workload')
    .action(async (name: string, options) => {
      const { show } = await import('./commands/show.ts');
      finish(await show({ ...options, name }, terminal));
    });
  program
    .command('demo')
    .description('FuseMax with BERT at 64K and FlashAttention-3 on H100 at 16K; what "npm start" runs')
    .option('--out <DIR>', 'folder of the reports and the plot', 'out')
    .action(async (options) => {
      const { demo } = await import('./commands/demo.ts');
      finish(await demo(options, terminal));
    });
}

function addStoreCommands(program: Command, finish: (code: number) => void, terminal: Terminal): void {
  const whereOption = [
    '--where <CONDITION>',
    'only points for which this holds, in SQL: "machine = \'fusemax\'"',
  ] as const;
  program
    .command('query')
    .description("ask a sweep's table in SQL; without a statement, what the table is")
    .argument('<file>', 'store of a sweep')
    .argument('[statement]', 'such as "select machine, min(latency_s) from points group by machine"')
    .option('--csv', 'print CSV; all rows without a statement')
    .option('--out <FILE.csv|FILE.parquet>', 'write a file; all rows without a statement')
    .option(...jsonOption)
    .action(async (file: string, statement: string | undefined, options) => {
      const { query } = await import('./commands/query.ts');
      finish(await query({ ...options, file, statement }, terminal));
    });
  program
    .command('best')
    .description('the points of a sweep that are best by an objective')
    .argument('<file>', 'store of a sweep')
    .option('--by <COLUMN>', "what is to be least; the sweep's first objective if not given")
    .option('--maximize', 'what is to be most')
    .option(...whereOption)
    .option('--top <N>', 'so many points', '1')
    .option(...jsonOption)
    .action(async (file: string, options) => {
      const { best } = await import('./commands/best.ts');
      finish(await best({ ...options, file }, terminal));
    });
  program
    .command('pareto')
    .description('the points of a sweep that no other beats in all of some objectives')
    .argument('<file>', 'store of a sweep')
    .option('--objectives <COLUMN,...>', "two or more, less is better: COLUMN:max if not; the sweep's if not given")
    .option(...whereOption)
    .option('--out <FILE.csv|FILE.parquet>', 'write the front with all columns')
    .option('--svg <FILE>', 'draw the front by the first two objectives (SVG)')
    .option(...jsonOption)
    .action(async (file: string, options) => {
      const { pareto } = await import('./commands/pareto.ts');
      finish(await pareto({ ...options, file }, terminal));
    });
  program
    .command('plot')
    .description('a figure of what was found')
    .command('lines')
    .description("lines of a sweep's table, as a statement of SQL gives them")
    .argument('<file>', 'store of a sweep')
    .argument('<statement>', 'x, y and the name of the line, such as "select L, latency_s, machine from points"')
    .requiredOption('--out <FILE.svg>', 'the figure')
    .option('--title <TEXT>', 'above it; the name of the sweep if not given')
    .action(async (file: string, statement: string, options) => {
      const { plotLines } = await import('./commands/plot.ts');
      finish(await plotLines({ ...options, file, statement }, terminal));
    });
  program
    .command('merge')
    .description('join stores of one sweep, such as those of its shards')
    .argument('<out>', 'the new store')
    .argument('<file...>', 'stores that it is made of')
    .option(...jsonOption)
    .action(async (out: string, files: readonly string[], options) => {
      const { merge } = await import('./commands/merge.ts');
      finish(await merge({ ...options, out, files }, terminal));
    });
}

function createProgram(finish: (code: number) => void, terminal: Terminal): Command {
  const program = new Command('attnsim');
  program
    .description('Simulates attention algorithms on accelerators: time, energy, bytes, and what limits them.')
    .version(packageVersion())
    .showSuggestionAfterError(false)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => terminal.out(text),
      // Mistakes in the command line are told in our words (usage.ts); only help comes through here.
      writeErr: (text) => {
        if (!text.startsWith('error:')) terminal.error(text);
      },
    });
  addRun(program, finish, terminal);
  addMap(program, finish, terminal);
  addLanguageCommands(program, finish, terminal);
  addImport(program, finish, terminal);
  addValidate(program, finish, terminal);
  addCalibrate(program, finish, terminal);
  addStoreCommands(program, finish, terminal);
  addSweep(program, finish, terminal);
  addSensitivity(program, finish, terminal);
  addLibraryCommands(program, finish, terminal);
  program.addHelpText(
    'after',
    '\nExample:\n  attnsim run attention-1-pass fusemax --workload bert-base --mapping fusemax-binding\n',
  );
  return program;
}

/** All commands as they are declared, for the reference of the documents; nothing of it is to be run. */
export const declaredProgram = (): Command =>
  createProgram(() => {}, { out: () => {}, error: () => {}, width: undefined });

function commanderExit(error: CommanderError, program: Command, args: readonly string[], terminal: Terminal): number {
  if (error.exitCode === 0) return exitCodes.done;
  // No command at all: commander has shown the help.
  if (error.code === 'commander.help') return exitCodes.usageWrong;
  const first = args.find((a) => !a.startsWith('-'));
  const running = program.commands.find((c) => c.name() === first);
  return refuse(terminal, [usageDiagnostic(error, program, running)], exitCodes.usageWrong);
}

function reportBug(error: unknown, terminal: Terminal): number {
  const message = error instanceof Error ? error.message : String(error);
  const kind = error instanceof InternalError ? '' : `${error instanceof Error ? error.name : 'thrown value'}: `;
  terminal.error(`attnsim: internal error: ${kind}${message}\n`);
  terminal.error('This is a bug in attnsim. Please report it with the command and the files that led here.\n');
  if (process.env['ATTNSIM_DEBUG'] === '1' && error instanceof Error) terminal.error(`${error.stack}\n`);
  else terminal.error('ATTNSIM_DEBUG=1 shows where it happened.\n');
  return exitCodes.ourBug;
}

/** Runs one command line and gives its exit code: 0 done, 1 wrong input, 2 wrong usage, 70 a bug of ours. */
export async function runCommandLine(args: readonly string[], terminal: Terminal): Promise<number> {
  let code: number = exitCodes.done;
  try {
    const program = createProgram((c) => {
      code = c;
    }, terminal);
    try {
      await program.parseAsync(args, { from: 'user' });
      return code;
    } catch (error) {
      if (error instanceof CommanderError) return commanderExit(error, program, args, terminal);
      throw error;
    }
  } catch (error) {
    return reportBug(error, terminal);
  }
}
