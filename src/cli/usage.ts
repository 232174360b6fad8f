import type { Command, CommanderError } from 'commander';
import { type Diagnostic, diagnostic } from '../diagnostic.ts';
import { didYouMean } from '../did-you-mean.ts';

/** Commander's reports quote what they are about. */
const quoted = (message: string): string => /'([^']*)'/.exec(message)?.[1] ?? '';

/** The long name of an option as declared: "--set" of "--set <NAME=VALUE>". */
const optionName = (flags: string): string => /--[a-z-]+/.exec(flags)?.[0] ?? flags;

/** Options of a command, and of all commands. */
function options(program: Command, running: Command | undefined): string[] {
  const all = [...(running?.options ?? []), ...program.options].map((o) => optionName(o.flags));
  return [...all.filter((option) => running === undefined || option !== '--version'), '--help'];
}

/** A command as it is called: "plot lines" of the command "lines" of "plot". */
function calledName(command: Command): string {
  const group = command.parent;
  return group?.parent ? `${calledName(group)} ${command.name()}` : command.name();
}

const seeHelp = (running: Command | undefined): string =>
  running === undefined ? 'see "attnsim --help"' : `see "attnsim ${calledName(running)} --help"`;

/** `group` is the program, or a command that has others. */
export function unknownCommand(group: Command, name: string): Diagnostic {
  const running = group.parent === null ? undefined : group;
  const called = running === undefined ? 'attnsim' : `"${calledName(running)}"`;
  const commands = group.commands.map((c) => c.name());
  const help = didYouMean(name, commands) ?? seeHelp(running);
  return diagnostic('unknown-command', `${called} has no command "${name}"`, undefined, { help });
}

/** Tells a wrong command line in our words. `running` is the command that was begun, if one was. */
export function usageDiagnostic(error: CommanderError, program: Command, running: Command | undefined): Diagnostic {
  const name = quoted(error.message);
  const called = running === undefined ? 'attnsim' : `"${calledName(running)}"`;
  const report = (code: Diagnostic['code'], message: string, help?: string): Diagnostic =>
    diagnostic(code, message, undefined, { help: help ?? seeHelp(running) });
  switch (error.code) {
    case 'commander.unknownCommand':
      return unknownCommand(running ?? program, name);
    case 'commander.unknownOption': {
      const [flag = name] = name.split('=');
      return report(
        'unknown-option',
        `${called} has no option "${flag}"`,
        nearOptions(flag, options(program, running)),
      );
    }
    case 'commander.missingArgument':
      return report('missing-argument', `${called} needs ${name.toUpperCase()}`, usageLine(running));
    case 'commander.missingMandatoryOptionValue':
      return report('missing-argument', `${called} needs ${name}`);
    case 'commander.optionMissingArgument':
      return report('missing-argument', `option "${optionName(name)}" needs a value: ${name}`);
    case 'commander.excessArguments':
      return report('extra-argument', `${called} got more arguments than it takes`, usageLine(running));
    default:
      return report('unknown-option', error.message.replace(/^error: /, ''));
  }
}

/** Compared without the dashes, which would make every option look alike. */
const nearOptions = (flag: string, known: readonly string[]): string | undefined =>
  didYouMean(
    flag.replace(/^-+/, ''),
    known.map((o) => o.replace(/^-+/, '')),
  )?.replaceAll(/"(?=[a-z-]+")/g, '"--');

const usageLine = (running: Command | undefined): string | undefined =>
  running === undefined ? undefined : `usage: attnsim ${calledName(running)} ${running.usage()}`;
