import { type Result, success } from '../diagnostic.ts';
import { type Draft, fileName, type ImportedText, type Importer } from './imported.ts';
import { at, entriesOf } from './ledger.ts';
import { titleShape } from './names.ts';
import { readArchitecture } from './teaal-architecture.ts';
import { readEinsums } from './teaal-cascade.ts';
import { writeCascade } from './write-cascade.ts';
import { writeMachine } from './write-machine.ts';

const reasons: readonly (readonly [RegExp, string])[] = [
  [/^format/, 'tiles are dense here: no compressed formats'],
  [/^bindings/, 'a mapping of attnsim says what is kept where; --mapping auto finds one'],
  [/^mapping/, 'a mapping of attnsim also says what is kept where; --mapping auto finds one'],
];

/** Einsums, orders of ranks and architectures of TeAAL. */
export const teaal: Importer = {
  looksLike: '"einsum" with "declaration" and "expressions", or "architecture" with configurations',
  recognises: (root) => {
    const architecture = at(root, 'architecture');
    const configurations = entriesOf(architecture).filter(([key]) => key !== 'version' && key !== 'nodes');
    return (
      at(root, 'einsum') !== undefined ||
      (at(architecture, 'version') === undefined && configurations.some(([, { node }]) => node.kind === 'list'))
    );
  },
  otherwise: (path) => reasons.find(([pattern]) => pattern.test(path))?.[1] ?? 'it has no counterpart',
  read: async (root, source, ledger): Promise<Result<Draft>> => {
    const derived: string[] = [];
    const file = fileName(source);
    const name = titleShape(file.replace(/\.[^.]*$/, ''));
    const cascade = readEinsums(root, name, ledger, derived);
    if (!cascade.ok) return cascade;
    const machine = readArchitecture(root, name, ledger, derived);
    if (!machine.ok) return machine;
    const texts: ImportedText[] = [];
    if (cascade.value !== undefined) texts.push({ kind: 'cascade', name, text: writeCascade(cascade.value) });
    if (machine.value !== undefined) {
      const draft = { ...machine.value, description: `An architecture of TeAAL, from ${file}` };
      texts.push({ kind: 'hardware', name, text: writeMachine(draft, file) });
    }
    return success({ texts, derived });
  },
};
