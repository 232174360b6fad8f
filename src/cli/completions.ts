import type { Argument, Command, Option } from 'commander';
import { type FileKind, fileKinds, shippedExperiments, shippedNames } from '../files.ts';

/** A word that may come next, and what it is. */
type Offer = { readonly word: string; readonly is: string };

/** What a shell offers for a word that is begun; `files`: also those that are there. */
type Completions = { readonly offers: readonly Offer[]; readonly files: boolean };

const kinds = Object.keys(fileKinds) as FileKind[];

/** What arguments and options name that have these names. */
const named: Readonly<Record<string, readonly (FileKind | 'experiment')[]>> = {
  cascade: ['cascade'],
  hardware: ['hardware'],
  mapping: ['mapping'],
  workload: ['workload'],
  experiment: ['experiment'],
  name: kinds,
  'check file': [...kinds, 'experiment'],
};

/** Choices as an option's flags have them: "<analytic|cycle|both>", or several of some with commas between. */
const choicesIn = (flags: string): readonly string[] =>
  /<([a-z-]+(?:[|,][a-z-]+)+)(?:,\.\.\.)?>/.exec(flags)?.[1]?.split(/[|,]/) ?? [];

const takesFiles = (text: string): boolean => /\b(FILE|DIR)\b/.test(text);

async function shippedOffers(kind: FileKind | 'experiment'): Promise<readonly Offer[]> {
  const names = kind === 'experiment' ? await shippedExperiments() : await shippedNames(kind);
  const is = kind === 'experiment' ? kind : fileKinds[kind].noun;
  return names.map((word) => ({ word, is }));
}

const offersOf = async (name: string): Promise<readonly Offer[]> =>
  (await Promise.all((named[name] ?? []).map(shippedOffers))).flat();

async function optionValues(option: Option): Promise<Completions> {
  const choices = choicesIn(option.flags).map((word): Offer => ({ word, is: '' }));
  const auto = option.long === '--mapping' ? [{ word: 'auto', is: 'the fastest that is found' }] : [];
  const shipped = await offersOf(option.attributeName());
  return { offers: [...choices, ...auto, ...shipped], files: takesFiles(option.flags) };
}

async function argumentValues(command: Command, argument: Argument | undefined): Promise<Completions> {
  if (argument === undefined) return { offers: [], files: false };
  if (argument.argChoices !== undefined)
    return { offers: argument.argChoices.map((word) => ({ word, is: '' })), files: false };
  const key = `${command.name()} ${argument.name()}`;
  return { offers: await offersOf(key in named ? key : argument.name()), files: argument.name() !== 'statement' };
}

const optionNames = (options: readonly Option[], before: readonly string[]): readonly Offer[] =>
  [...options, { long: '--help', description: 'what the command takes', defaultValue: undefined }]
    .filter(({ long, defaultValue }) => long !== undefined && (Array.isArray(defaultValue) || !before.includes(long!)))
    .map(({ long, description }) => ({ word: long!, is: description }));

const commandNames = (command: Command): readonly Offer[] =>
  command
    .createHelp()
    .visibleCommands(command)
    .map((c) => ({ word: c.name(), is: c.description() }));

/** Where in a command line a word stands. */
type Place = { readonly command: Command; readonly argument: number; readonly option: Option | undefined };

function placeAfter(program: Command, words: readonly string[]): Place {
  let place: Place = { command: program, argument: 0, option: undefined };
  for (const word of words) {
    const { command, argument, option: begun } = place;
    const known = [...command.options, ...program.options];
    const sub = argument === 0 ? command.commands.find((c) => c.name() === word) : undefined;
    if (begun !== undefined) place = { command, argument, option: undefined };
    else if (word.startsWith('-')) {
      const option = known.find((o) => o.long === word || o.short === word);
      place = { command, argument, option: option?.required === true ? option : undefined };
    } else if (sub !== undefined) place = { command: sub, argument: 0, option: undefined };
    else if (!(command === program && word === 'help')) place = { command, argument: argument + 1, option: undefined };
  }
  return place;
}

async function allThatFit(program: Command, before: readonly string[], begun: string): Promise<Completions> {
  const { command, argument, option } = placeAfter(program, before);
  if (option !== undefined) return await optionValues(option);
  const options = command === program ? program.options : [...command.options, ...program.options.slice(1)];
  if (begun.startsWith('-')) return { offers: optionNames(options, before), files: false };
  if (command.commands.length > 0 && argument === 0) return { offers: commandNames(command), files: false };
  const declared = command.registeredArguments;
  const last = declared.at(-1);
  return await argumentValues(command, declared[argument] ?? (last?.variadic === true ? last : undefined));
}

/**
 * What may stand in place of the last word of a command line, of which the words after "attnsim" are given. In a list
 * with commas the last part is completed.
 */
export async function completionsOf(program: Command, words: readonly string[]): Promise<Completions> {
  // Bash takes "--model=cycle" apart; other shells do not.
  const line = words.filter((word) => word !== '=');
  const begun = words.at(-1) === '=' ? '' : (line.pop() ?? '');
  const [, option, value] = /^(--[a-z-]+)=(.*)$/.exec(begun) ?? [];
  if (option !== undefined) {
    const { offers, files } = await completionsOf(program, [...line, option, value!]);
    return { offers: offers.map(({ word, is }) => ({ word: `${option}=${word}`, is })), files };
  }
  const { offers, files } = await allThatFit(program, line, begun);
  const listed = begun.slice(0, begun.lastIndexOf(',') + 1);
  return {
    offers: offers.map(({ word, is }) => ({ word: listed + word, is })).filter(({ word }) => word.startsWith(begun)),
    files: files && listed === '',
  };
}
