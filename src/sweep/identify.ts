import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { dirname, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { packageVersion } from '../files.ts';
import type { Identity } from './identity.ts';
import { identityText } from './identity.ts';
import type { OpenSweep } from './open-sweep.ts';
import type { SweepTexts } from './sweep-texts.ts';

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

/** Of `dist`, or of `src` where it runs from the sources. */
const codeRoot = dirname(dirname(fileURLToPath(import.meta.url)));

/** SHA-256 over the version of this package and its code: what it evaluates may be other once a byte of it is. */
export async function codeHash(): Promise<string> {
  const extension = import.meta.url.slice(import.meta.url.lastIndexOf('.'));
  const files = (await readdir(codeRoot, { recursive: true, withFileTypes: true }))
    .filter((file) => file.isFile() && file.name.endsWith(extension) && !file.name.endsWith(`.d${extension}`))
    .map(({ parentPath, name }) => relative(codeRoot, join(parentPath, name)).split(sep).join('/'))
    // Experiments are built beside the package's own code.
    .filter((path) => !path.startsWith('experiments/'))
    .sort();
  const hash = createHash('sha256').update(packageVersion());
  const texts = await Promise.all(files.map((path) => readFile(join(codeRoot, path))));
  for (const [i, path] of files.entries()) hash.update(`\0${path}\0`).update(texts[i]!);
  return hash.digest('hex');
}

/** What the rows of a sweep depend on. */
export function identityOf(sweep: OpenSweep, texts: SweepTexts, code: string): Identity {
  const named = { experiment: texts.experiment, ...texts.files };
  return {
    name: sweep.experiment.name.text,
    columns: sweep.columns,
    points: sweep.points,
    objectives: sweep.experiment.objectives.map(({ metric, goal }) => ({ metric: metric.text, goal })),
    code,
    texts: Object.fromEntries(Object.entries(named).map(([name, { text }]) => [name, sha256(text)])),
  };
}

/** The same for the same identity; different for others. */
export const identityKey = (identity: Identity): string => sha256(identityText(identity));
