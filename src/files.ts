import { constants, readFileSync } from 'node:fs';
import { mkdir, open, readdir, stat, writeFile } from 'node:fs/promises';
import { dirname, join, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Diagnostic, diagnostic, failure, type Result, success } from './diagnostic.ts';
import { didYouMean } from './did-you-mean.ts';
import type { Source } from './source.ts';

/** Kinds of text that a user names on the command line; each has a folder of shipped ones. */
export const fileKinds = {
  cascade: { folder: 'cascades', extension: '.einsum', noun: 'cascade', plural: 'cascades' },
  hardware: { folder: 'hardware-specs', extension: '.yaml', noun: 'machine', plural: 'machines' },
  mapping: { folder: 'mappings', extension: '.map', noun: 'mapping', plural: 'mappings' },
  workload: { folder: 'workloads', extension: '.yaml', noun: 'workload', plural: 'workloads' },
} as const;

export type FileKind = keyof typeof fileKinds;

/** Longest text that is read: users' files are not trusted to be small. */
const maxFileBytes = 2 ** 20;

// The package's root is one above this file, in the sources as in the build.
const packageRoot = dirname(dirname(fileURLToPath(import.meta.url)));

/** Version of this package, as in package.json. */
export function packageVersion(): string {
  const { version } = JSON.parse(readFileSync(join(packageRoot, 'package.json'), 'utf8')) as { version: string };
  return version;
}

const shippedPath = (kind: FileKind, name: string): string =>
  join(packageRoot, fileKinds[kind].folder, `${name}${fileKinds[kind].extension}`);

/** Names of what ships, in alphabetical order. */
export async function shippedNames(kind: FileKind): Promise<readonly string[]> {
  const { folder, extension } = fileKinds[kind];
  const files = await readdir(join(packageRoot, folder)).catch(() => []);
  const names = files.filter((f) => f.endsWith(extension)).map((f) => f.slice(0, -extension.length));
  return names.sort((a, b) => (a < b ? -1 : 1));
}

/** Names of the design spaces that ship, in alphabetical order. */
export async function shippedExperiments(): Promise<readonly string[]> {
  const folders = await readdir(join(packageRoot, 'experiments')).catch(() => []);
  const isThere = await Promise.all(
    folders.map((name) => isFile(join(packageRoot, 'experiments', name, 'sweep.json'))),
  );
  return folders.filter((_, i) => isThere[i]).sort((a, b) => (a < b ? -1 : 1));
}

/** The text of a shipped file; undefined if there is none of that name. */
export async function shippedSource(kind: FileKind, name: string): Promise<Source | undefined> {
  if (!(await shippedNames(kind)).includes(name)) return undefined;
  const read = await readTextFile(shippedPath(kind, name));
  return read.ok
    ? { name: `${fileKinds[kind].folder}/${name}${fileKinds[kind].extension}`, text: read.value.text }
    : undefined;
}

/** Where a file or a folder of this package is, by its path in it. */
export const packagePath = (path: string): string => join(packageRoot, path);

/** The text of a file of this package, by its path in it; undefined if it has none there. */
export async function packageFile(path: string): Promise<Source | undefined> {
  const read = await readTextFile(packagePath(path));
  return read.ok ? { name: path, text: read.value.text } : undefined;
}

const unreadable = (message: string, help?: string): Result<never> =>
  failure([diagnostic('unreadable-file', message, undefined, { help })]);

const systemReasons: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  EISDIR: 'it is a folder',
  ENOTDIR: 'a part of the path is not a folder',
  ELOOP: 'its symbolic links form a circle',
  ENAMETOOLONG: 'the name is too long',
  EROFS: 'the file system is read-only',
  ENOSPC: 'no space is left',
  EEXIST: 'a file stands where a folder is needed',
};

/** Why the system refuses a file, in our words. */
export function systemReason(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error';
  return systemReasons[code] ?? code;
}

const sizeText = (bytes: number): string => `${(bytes / 2 ** 20).toFixed(1)} MiB`;

/** Reads at most `limit` bytes and one more, whatever the file system says of the size. */
async function readBounded(path: string, limit: number): Promise<Uint8Array> {
  // Without O_NONBLOCK a named pipe without a writer would be waited for.
  const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const bytes = new Uint8Array(limit + 1);
    let length = 0;
    while (length < bytes.length) {
      const { bytesRead } = await file.read(bytes, length, bytes.length - length, length);
      if (bytesRead === 0) break;
      length += bytesRead;
    }
    return bytes.subarray(0, length);
  } finally {
    await file.close();
  }
}

function decode(path: string, bytes: Uint8Array): Result<Source> {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    const zero = text.indexOf('\0');
    if (zero < 0) return success({ name: path, text });
    return unreadable(`"${path}" is not a text: it has a zero byte at offset ${zero}`);
  } catch {
    return unreadable(`"${path}" is not a text in UTF-8`, 'save it as UTF-8');
  }
}

/**
 * Reads a text that a user named. Errors: `unreadable-file` (missing, a folder, no permission, not UTF-8
 * text), `too-large` (found before more than `limit` bytes are read).
 */
export async function readTextFile(path: string, limit = maxFileBytes): Promise<Result<Source>> {
  try {
    const found = await stat(path);
    if (found.isDirectory()) return unreadable(`"${path}" is a folder, not a file`);
    if (!found.isFile()) return unreadable(`"${path}" is not a regular file`);
    const bytes = found.size > limit ? undefined : await readBounded(path, limit);
    if (bytes !== undefined && bytes.length <= limit) return decode(path, bytes);
    const size = bytes === undefined ? sizeText(found.size) : `more than ${sizeText(limit)}`;
    return failure([diagnostic('too-large', `"${path}" has ${size}; at most ${sizeText(limit)} is read`, undefined)]);
  } catch (error) {
    return unreadable(`cannot read "${path}": ${systemReason(error)}`);
  }
}

const looksLikePath = (text: string, kind: FileKind): boolean =>
  text.includes('/') || text.includes(sep) || text.endsWith(fileKinds[kind].extension) || /\.(ya?ml|json)$/.test(text);

/** A name that is begun but not ended, such as "bert" for "bert-base", is meant more likely than a typo. */
export function nearNames(name: string, known: readonly string[]): string | undefined {
  const longer = known.filter((k) => name.length >= 2 && k.startsWith(name));
  if (longer.length === 0) return didYouMean(name, known);
  return `did you mean ${longer
    .slice(0, 3)
    .map((k) => `"${k}"`)
    .join(' or ')}?`;
}

async function isFile(path: string): Promise<boolean> {
  return await stat(path).then(
    (s) => s.isFile(),
    () => false,
  );
}

/**
 * The text that an argument of the command line means: a file if there is one at that path, else what ships
 * under that name. Errors: those of `readTextFile`, and `not-found` with what may have been meant.
 */
export async function resolveSource(kind: FileKind, argument: string): Promise<Result<Source>> {
  if (await isFile(argument)) return readTextFile(argument);
  const shipped = await shippedSource(kind, argument);
  if (shipped !== undefined) return success(shipped);
  if (looksLikePath(argument, kind)) return readTextFile(argument);
  const names = await shippedNames(kind);
  const help =
    nearNames(argument, names) ??
    `"attnsim list ${fileKinds[kind].plural}" shows what ships; a path to a file works too`;
  const message = `there is no file "${argument}", and no ${fileKinds[kind].noun} of that name ships`;
  return failure([diagnostic('not-found', message, undefined, { help })]);
}

/** Makes a folder and those above it. Not `mkdir`'s own recursion, which never ends where folders cannot be made (/proc). */
export async function makeFolder(path: string): Promise<void> {
  try {
    await mkdir(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST') return;
    if (code !== 'ENOENT' || dirname(path) === path || (await exists(dirname(path)))) throw error;
    await makeFolder(dirname(path));
    await mkdir(path);
  }
}

const exists = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  );

/** Writes a result file, and the folders above it if they are missing. Error: `unwritable-file`. */
export async function writeTextFile(path: string, text: string): Promise<Diagnostic | undefined> {
  try {
    await makeFolder(dirname(path));
    await writeFile(path, text);
    return undefined;
  } catch (error) {
    return diagnostic('unwritable-file', `cannot write "${path}": ${systemReason(error)}`, undefined);
  }
}
