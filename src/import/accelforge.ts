import { type Result, success } from '../diagnostic.ts';
import { readArchitecture } from './accelforge-architecture.ts';
import { readWorkload } from './accelforge-workload.ts';
import { readVariables } from './arithmetic.ts';
import { type Draft, fileName, type ImportedText, type Importer } from './imported.ts';
import { at } from './ledger.ts';
import { titleShape } from './names.ts';
import { writeCascade } from './write-cascade.ts';
import { writeMachine } from './write-machine.ts';

const reasons: readonly (readonly [RegExp, string])[] = [
  [
    /reuse|concurrent_binding/,
    'one read serves all lanes of an array that want the same; of levels with instances only All and Nothing translate',
  ],
  [
    /renames|persistent_tensors|\.tensors|min_usage|loop_bounds|constraints/,
    'constraints of a search; attnsim map has its own (--constraints)',
  ],
  [
    /extra_attributes|component_class|component_model/,
    'models of components are not evaluated: give energy, latency and area as numbers',
  ],
  [
    /^mapping|^mapper|^model/,
    'a mapping or a search of AccelForge: mappings of attnsim also say what runs where; --mapping auto finds one',
  ],
  [/sparse|densit/, 'tiles are dense here: no compressed formats, no densities'],
  [/leak/, 'it is not a number'],
  [/\.enabled/, 'which unit runs what is said by a mapping'],
];

/** Architectures and workloads of AccelForge. */
export const accelforge: Importer = {
  looksLike: '"arch" with "nodes", or "workload" with "einsums"',
  recognises: (root) => at(at(root, 'arch'), 'nodes') !== undefined || at(root, 'workload') !== undefined,
  otherwise: (path) => reasons.find(([pattern]) => pattern.test(path))?.[1] ?? 'it has no counterpart',
  read: async (root, source, ledger): Promise<Result<Draft>> => {
    const derived: string[] = [];
    const variables = await readVariables(at(root, 'variables'), ledger);
    const file = fileName(source);
    const name = titleShape(file.replace(/\.[^.]*$/, ''));
    const reading = { ledger, variables, derived };
    const cascade = await readWorkload(root, name, reading);
    if (!cascade.ok) return cascade;
    const machine = await readArchitecture(root, name, reading);
    if (!machine.ok) return machine;
    const texts: ImportedText[] = [];
    if (cascade.value !== undefined) texts.push({ kind: 'cascade', name, text: writeCascade(cascade.value) });
    if (machine.value !== undefined) {
      const draft = { ...machine.value, description: `An architecture of AccelForge, from ${file}` };
      texts.push({ kind: 'hardware', name, text: writeMachine(draft, file) });
    }
    return success({ texts, derived });
  },
};
