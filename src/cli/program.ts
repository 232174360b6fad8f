import { Command, CommanderError, type OutputConfiguration } from 'commander';
import { packageVersion } from '../files.ts';
import { InternalError } from '../invariant.ts';
import { choose } from './choices.ts';
import { colourChoices, coloured } from './colours.ts';
import { declareCompare } from './declarations/compare.ts';
import { type Act, addExample } from './declarations/declare.ts';
import { declareImport } from './declarations/import.ts';
import { declareAnalyze, declareCheck, declareExecute } from './declarations/language.ts';
import { declareDemo, declareList, declareShow } from './declarations/library.ts';
import { declareMap } from './declarations/map.ts';
import { declareRun } from './declarations/run.ts';
import { declareCompletion } from './declarations/shell.ts';
import { declareBest, declareMerge, declarePareto, declarePlot, declareQuery } from './declarations/store.ts';
import { declareSensitivity, declareSweep, declareWorker } from './declarations/sweep.ts';
import { declareCalibrate, declareValidate } from './declarations/validate.ts';
import { helpLayout } from './help.ts';
import { exitCodes, quietened, refuse, type Terminal } from './terminal.ts';
import { unknownCommand, usageDiagnostic } from './usage.ts';

/** Every command by what it is for, as the help lists them. */
const commandGroups = [
  ['A cascade on a machine:', [declareRun, declareMap, declareCompare]],
  ['A cascade by itself:', [declareCheck, declareAnalyze, declareExecute]],
  ['Many runs:', [declareSweep, declareWorker, declareSensitivity]],
  ['The table of a sweep:', [declareQuery, declareBest, declarePareto, declarePlot, declareMerge]],
  ['Against what is published:', [declareValidate, declareCalibrate]],
  ['From other tools:', [declareImport]],
  ['What ships:', [declareList, declareShow, declareDemo]],
  ['About attnsim:', [declareCompletion]],
] as const;

/**
 * The program with all its commands, arguments and options, for whoever runs or describes it. Of what they do nothing is
 * loaded before `act` begins the work.
 */
export function declaredProgram(act: Act = async () => {}, output: OutputConfiguration = {}): Command {
  const program = new Command('attnsim');
  program
    .description('Simulates attention algorithms on accelerators: time, energy, bytes, and what limits them.')
    .version(packageVersion())
    .showSuggestionAfterError(false)
    .exitOverride()
    .configureHelp(helpLayout)
    .configureOutput(output)
    .option(
      '-q, --quiet',
      'print nothing but what is asked for: no notes, warnings, or text beside files that are written',
    )
    .option(`--color <${colourChoices.join('|')}>`, 'colours; NO_COLOR and FORCE_COLOR are heeded', 'auto');
  for (const [heading, declarations] of commandGroups) {
    program.commandsGroup(heading);
    for (const declare of declarations) declare(program, act);
  }
  program.helpCommand('help [command]', 'what a command takes, and an example');
  addExample(program, 'run attention-1-pass fusemax --workload bert-base --mapping fusemax-binding', 'README.md');
  return program;
}

/** What is asked of every command. */
type GlobalOptions = { readonly quiet?: boolean; readonly color: string };

/** The terminal as its user wants it. */
function asWanted(terminal: Terminal, { quiet, color }: GlobalOptions): Terminal {
  const paint = color === 'always' ? coloured : undefined;
  const shown = color === 'auto' ? terminal : { ...terminal, paint, errors: { ...terminal.errors, paint } };
  return quiet === true ? quietened(shown) : shown;
}

const outputTo = (terminal: Terminal, wanted: () => Terminal): OutputConfiguration => ({
  writeOut: (text) => terminal.out(text),
  // Mistakes in the command line are told in our words (usage.ts); only help comes through here.
  writeErr: (text) => {
    if (!text.startsWith('error:')) terminal.error(text);
  },
  getOutHelpWidth: () => terminal.width ?? 80,
  getErrHelpWidth: () => terminal.errors?.width ?? 80,
  getOutHasColors: () => wanted().paint !== undefined,
  getErrHasColors: () => wanted().errors?.paint !== undefined,
});

function commanderExit(
  error: CommanderError,
  program: Command,
  running: Command | undefined,
  terminal: Terminal,
): number {
  if (error.exitCode === 0) return exitCodes.done;
  // Commander has shown the help: no command at all, or "help" of one that is not there, of which it does not tell.
  if (error.code === 'commander.help') {
    const [, asked] = program.args;
    return asked === undefined
      ? exitCodes.usageWrong
      : refuse(terminal, [unknownCommand(program, asked)], exitCodes.usageWrong);
  }
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
  let running: Command | undefined;
  const wanted = (): Terminal => asWanted(terminal, program.opts<GlobalOptions>());
  const program = declaredProgram(
    async (work) => {
      const color = choose('--color', program.opts<GlobalOptions>().color, colourChoices);
      code = color.ok ? await work(wanted()) : refuse(terminal, color.diagnostics, exitCodes.usageWrong);
    },
    outputTo(terminal, wanted),
  );
  for (const group of [program, ...program.commands])
    group.hook('preSubcommand', (_, command) => {
      running = command;
    });
  try {
    await program.parseAsync(args, { from: 'user' });
    return code;
  } catch (error) {
    if (error instanceof CommanderError) return commanderExit(error, program, running, wanted());
    return reportBug(error, terminal);
  }
}
