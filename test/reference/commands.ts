import type { Argument, Command, Option } from 'commander';
import { declaredProgram } from '../../src/cli/program.ts';

/** A cell of a table: outside of code, what looks like a tag would be one. */
const cell = (text: string): string =>
  text.replaceAll('|', '\\|').replaceAll(/<([^>]*)>(?=[^`]*(`[^`]*`[^`]*)*$)/g, '&lt;$1&gt;');

const tableOf = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [head, head.map(() => '---'), ...rows.map((row) => row.map(cell))].map((row) => `| ${row.join(' | ')} |\n`).join('');

const isOptional = (argument: Argument): string => (argument.required ? '' : 'may be left out');

function usageOf(name: string, { registeredArguments, options }: Command): string {
  const words = registeredArguments.map((a) => {
    const word = `${a.name().toUpperCase()}${a.variadic ? '...' : ''}`;
    return a.required ? word : `[${word}]`;
  });
  const required = options.filter((o) => o.mandatory).map((o) => o.flags);
  return [name, ...words, ...required, ...(options.length > required.length ? ['[OPTION...]'] : [])].join(' ');
}

/** What holds if an option is not given; nothing where that is to leave it out. */
function defaultOf({ defaultValue, mandatory }: Option): string {
  if (mandatory) return 'required';
  return typeof defaultValue === 'string' ? `\`${defaultValue}\`` : '';
}

function sectionOf(parent: string, command: Command): string {
  const name = `${parent} ${command.name()}`;
  if (command.commands.length > 0)
    return `## ${name}\n\n${sentence(command.description())}\n\n${command.commands.map((c) => `#${sectionOf(name, c)}`).join('\n')}`;
  const parts = [`## ${name}`, sentence(command.description()), `\`\`\`text\n${usageOf(name, command)}\n\`\`\``];
  if (command.registeredArguments.length > 0) {
    const rows = command.registeredArguments.map((a) => [
      `\`${a.name().toUpperCase()}\``,
      [a.description, ...(a.argChoices === undefined ? [] : [a.argChoices.join(', ')])].join(': '),
      isOptional(a),
    ]);
    parts.push(tableOf(['argument', 'is', ''], rows).trimEnd());
  }
  const options = command.options.filter((o) => !o.hidden);
  if (options.length > 0) {
    const rows = options.map((o) => [`\`${o.flags}\``, o.description, defaultOf(o)]);
    parts.push(tableOf(['option', 'does', 'default'], rows).trimEnd());
  }
  return `${parts.join('\n\n')}\n`;
}

/** What every command takes, too. */
const globalOptions = ({ options }: Command): string =>
  tableOf(
    ['option of all commands', 'does', 'default'],
    options.map((o) => [`\`${o.flags}\``, o.description, defaultOf(o)]),
  );

const sentence = (text: string): string => `${text[0]!.toUpperCase()}${text.slice(1)}.`;

/** docs/reference/commands.md: every command with its arguments, options and defaults, as they are declared. */
export function commandReference(): string {
  const program = declaredProgram();
  const shown = program.createHelp().visibleCommands(program);
  const commands = shown.filter((c) => c.name() !== 'help').toSorted((a, b) => (a.name() < b.name() ? -1 : 1));
  const head = [
    '# Commands',
    'What `attnsim COMMAND --help` says, as it is declared in the code. Names of what ships stand for their files. Diagnostics go to',
  ];
  return `${head.join('\n\n')}
stderr. Exit codes: 0 done, 1 the input is wrong (all mistakes are printed), 2 wrong usage, 70 a bug of ours, 130 stopped by Ctrl-C.
An option that is _repeatable_ may be given several times.

${tableOf(
  ['command', 'does'],
  commands.map((c) => [`[\`${c.name()}\`](#${`${program.name()} ${c.name()}`.replaceAll(' ', '-')})`, c.description()]),
)}
${globalOptions(program)}
${commands.map((c) => sectionOf(program.name(), c)).join('\n')}`;
}
