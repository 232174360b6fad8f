import { type Argument, type Command, Help, type HelpConfiguration, type Option } from 'commander';
import { widthOf, wrapText } from '../wrap-text.ts';
import { coloured } from './colours.ts';

const gap = '  ';
/** Names take at most this share of a line; longer ones have it to themselves. */
const mostShare = 0.4;

function argumentTerm(argument: Argument): string {
  const name = `${argument.name()}${argument.variadic ? '...' : ''}`;
  return argument.required ? `<${name}>` : `[${name}]`;
}

/** How the help is laid out; commander leaves colours out where there are none. */
export const helpLayout: HelpConfiguration = {
  showGlobalOptions: true,
  styleTitle: (title) => coloured(title, 'head'),
  // That a command takes options goes without saying; with its arguments it is long enough.
  subcommandTerm: (command: Command) => [command.name(), ...command.registeredArguments.map(argumentTerm)].join(' '),
  optionDescription: ({ description, defaultValue }: Option) =>
    typeof defaultValue === 'string' ? `${description} (default: ${defaultValue})` : description,
  padWidth(command, helper) {
    return Math.min(Help.prototype.padWidth.call(this, command, helper), Math.floor(mostShare * this.helpWidth!));
  },
  formatItem(term, termWidth, description, helper) {
    const room = Math.max(12, helper.helpWidth! - termWidth - 2 * gap.length);
    const lines = wrapText(description, room);
    const isBeside = widthOf(term) <= termWidth;
    const head = gap + (isBeside ? term + ' '.repeat(termWidth - widthOf(term)) + gap + lines[0]! : term);
    const indent = gap + ' '.repeat(termWidth) + gap;
    return [head, ...lines.slice(isBeside ? 1 : 0).map((line) => indent + line)].join('\n');
  },
};
