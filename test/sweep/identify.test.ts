import { expect, test } from 'vitest';
import { packageFile } from '../../src/files.ts';
import { gatherTexts } from '../../src/sweep/gather-texts.ts';
import { codeHash, identityKey, identityOf } from '../../src/sweep/identify.ts';
import { openSweep } from '../../src/sweep/open-sweep.ts';
import type { SweepTexts } from '../../src/sweep/sweep-texts.ts';
import { must } from '../mapper/inputs.ts';

const texts: SweepTexts = must(await gatherTexts((await packageFile('experiments/first-sweep/sweep.json'))!, '.'));

test('an identity has a hash of every text: the experiment, and what it names', async () => {
  const identity = identityOf(must(await openSweep(texts)), texts, 'code');
  expect(Object.keys(identity.texts)).toEqual([
    'experiment',
    'cascade:attention-1-pass',
    'hardware:fusemax',
    'mapping:fusemax-binding',
    'workload:bert-base',
  ]);
  expect(identity).toMatchObject({ name: 'first-sweep', points: 60, code: 'code' });
});

test('the key is another once a text or the code is', async () => {
  const keyOf = async (given: SweepTexts, code: string): Promise<string> =>
    identityKey(identityOf(must(await openSweep(given)), given, code));
  const machine = texts.files['hardware:fusemax']!;
  const files = { ...texts.files, 'hardware:fusemax': { ...machine, text: `${machine.text}\n` } };
  const keys = [await keyOf(texts, 'a'), await keyOf(texts, 'b'), await keyOf({ ...texts, files }, 'a')];
  expect(new Set(keys).size).toBe(3);
  expect(await keyOf(texts, 'a')).toBe(keys[0]);
});

test('code has one hash', async () => {
  const hash = await codeHash();
  expect(hash).toMatch(/^[0-9a-f]{64}$/);
  expect(await codeHash()).toBe(hash);
});
