import { type Diagnostic, diagnostic, failure, type Result, success } from '../diagnostic.ts';

const nameForm = /^[A-Za-z_][A-Za-z0-9_]*$/;

type Assignment = { readonly name: string; readonly value: string };

function readAssignment(option: string, text: string, example: string): Result<Assignment> {
  const equals = text.indexOf('=');
  const name = (equals < 0 ? text : text.slice(0, equals)).trim();
  const value = equals < 0 ? '' : text.slice(equals + 1).trim();
  const wrong = (reason: string): Result<never> =>
    failure([
      diagnostic('bad-assignment', `${option} "${text}": ${reason}`, undefined, { help: `write ${option} ${example}` }),
    ]);
  if (equals < 0) return wrong('there is no "="');
  if (!nameForm.test(name)) return wrong(name === '' ? 'there is no name before "="' : `"${name}" is no name`);
  if (value === '') return wrong('there is no value after "="');
  return success({ name, value });
}

/** Reads repeated NAME=VALUE options; two values for one name are a mistake, even if they are equal. */
export function readAssignments(
  option: string,
  texts: readonly string[],
  example: string,
): Result<ReadonlyMap<string, string>> {
  const values = new Map<string, string>();
  const diagnostics: Diagnostic[] = [];
  for (const text of texts) {
    const read = readAssignment(option, text, example);
    if (!read.ok) {
      diagnostics.push(...read.diagnostics);
      continue;
    }
    const { name, value } = read.value;
    const before = values.get(name);
    if (before !== undefined)
      diagnostics.push(
        diagnostic('assigned-twice', `${option} gives "${name}" two values: ${before} and ${value}`, undefined),
      );
    values.set(name, value);
  }
  return diagnostics.length > 0 ? failure(diagnostics) : success(values);
}

const powers: Readonly<Record<string, number>> = { k: 10, m: 20, g: 30 };

/** What a number with a suffix may have meant; sizes of ranks are mostly powers of two. */
function sizeHelp(name: string, value: string): string {
  const suffixed = /^(\d{1,6})([kmg])(i?b?)$/i.exec(value);
  if (suffixed === null) return `write whole numbers in digits, such as --set ${name}=4096`;
  return `write --set ${name}=${Number(suffixed[1]) * 2 ** powers[suffixed[2]!.toLowerCase()]!}`;
}

/** `--set P=65536`: integers in digits. Whether the cascade has such a rank is not known here. */
export function readSizes(texts: readonly string[]): Result<ReadonlyMap<string, number>> {
  const lists = readSizeLists(texts);
  if (!lists.ok) return lists;
  const several = [...lists.value].find(([, sizes]) => sizes.length > 1);
  if (several === undefined) return success(new Map([...lists.value].map(([name, [size]]) => [name, size!])));
  const message = `--set "${several[0]}=${several[1].join()}": several sizes to choose from are for "attnsim map" only`;
  return failure([diagnostic('bad-assignment', message, undefined)]);
}

/** `--set M0=64,128`: sizes to choose from. */
export function readSizeLists(texts: readonly string[]): Result<ReadonlyMap<string, readonly number[]>> {
  const read = readAssignments('--set', texts, 'P=4096');
  if (!read.ok) return read;
  const lists = new Map<string, number[]>();
  const diagnostics: Diagnostic[] = [];
  for (const [name, list] of read.value)
    for (const value of list.split(',').map((v) => v.trim())) {
      const number = Number(value);
      if (/^[+-]?\d+$/.test(value) && Number.isSafeInteger(number)) {
        lists.set(name, [...(lists.get(name) ?? []), number]);
        continue;
      }
      const reason = /^[+-]?\d+$/.test(value) ? 'is above 2^53' : 'is not a whole number';
      const message = `--set "${name}=${list}": "${value}" ${reason}`;
      diagnostics.push(diagnostic('bad-assignment', message, undefined, { help: sizeHelp(name, value) }));
    }
  return diagnostics.length > 0 ? failure(diagnostics) : success(lists);
}

/** `--format K,V=fp8_e4m3`: formats of tensors. Whether there are such tensors and formats is not known here. */
export function readFormats(texts: readonly string[]): Result<ReadonlyMap<string, string>> {
  const single = texts.flatMap((text) => {
    const equals = text.indexOf('=');
    return equals < 0
      ? [text]
      : text
          .slice(0, equals)
          .split(',')
          .map((name) => `${name}${text.slice(equals)}`);
  });
  return readAssignments('--format', single, 'K,V=fp8_e4m3');
}
