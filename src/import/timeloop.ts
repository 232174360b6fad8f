import { failure, type Result, success } from '../diagnostic.ts';
import { readVariables } from './arithmetic.ts';
import { type Draft, fileName, type ImportedText, type Importer } from './imported.ts';
import { at } from './ledger.ts';
import type { MachineDraft } from './machine-draft.ts';
import { titleShape } from './names.ts';
import { readArchitecture } from './timeloop-architecture.ts';
import { readEnergies } from './timeloop-energies.ts';
import { readProblem } from './timeloop-problem.ts';
import { formatOfWidth, writeCascade } from './write-cascade.ts';
import { writeMachine } from './write-machine.ts';

const reasons: readonly (readonly [RegExp, string])[] = [
  [
    /(^|\.)(mapspace|constraints|architecture_constraints|mapspace_constraints)/,
    'constraints of a search; attnsim map has its own (--constraints)',
  ],
  [
    /^(mapper|mapping)/,
    'a mapping or a search of Timeloop: mappings of attnsim also say what keeps what; --mapping auto finds one',
  ],
  [/densities|sparse|metadata|compress/, 'tiles are dense here: no compressed formats, no densities'],
  [
    /^(ERT|ART|compound_components|components|globals)/,
    'of the tables only energies of reads, writes and computes are used',
  ],
  [/attributes/, 'an attribute for the models of Accelergy, or one that attnsim has no counterpart of'],
];

/** Architectures (versions 0.2 to 0.4) and problems of Timeloop, and energies of Accelergy beside them. */
export const timeloop: Importer = {
  looksLike: '"architecture" with a "version", or "problem"',
  recognises: (root) =>
    at(root, 'problem') !== undefined ||
    at(at(root, 'architecture'), 'version') !== undefined ||
    at(at(root, 'architecture'), 'nodes') !== undefined ||
    (at(at(root, 'architecture'), 'subtree') !== undefined && at(root, 'einsum') === undefined),
  otherwise: (path) => reasons.find(([pattern]) => pattern.test(path))?.[1] ?? 'it has no counterpart',
  read: async (root, source, ledger): Promise<Result<Draft>> => {
    const derived: string[] = [];
    ledger.take(at(at(root, 'variables'), 'version'));
    const variables = await readVariables(at(root, 'variables'), ledger);
    const file = fileName(source);
    const title = titleShape(file.replace(/\.[^.]*$/, ''));
    const machine = await readArchitecture(root, { ledger, variables, energies: readEnergies(root), derived }, title);
    if (!machine.ok) return machine;
    const problem = readProblem(root, ledger, wordFormat(machine.value, derived));
    if (!problem.ok) return failure(problem.diagnostics);
    const texts: ImportedText[] = [];
    if (problem.value !== undefined)
      texts.push({ kind: 'cascade', name: title, text: writeCascade({ name: title, ...problem.value }) });
    if (machine.value !== undefined) {
      const draft = { ...machine.value, description: `An architecture of Timeloop, from ${file}` };
      texts.push({ kind: 'hardware', name: title, text: writeMachine(draft, file) });
    }
    return success({ texts, derived });
  },
};

/** Words of a problem are as wide as those of the outermost memory; 16 bits where there is none. */
function wordFormat(machine: Omit<MachineDraft, 'description'> | undefined, derived: string[]): string {
  const memory = machine?.chain[0];
  const bits = memory?.kind === 'memory' ? memory.word_bits : undefined;
  const format = formatOfWidth(bits ?? 16);
  if (bits === undefined && machine === undefined)
    derived.push('tensors are int16: how wide words are is in the architecture; --format changes it');
  else derived.push(`tensors are ${format ?? 'int16'}, as wide as the words of the outermost memory`);
  return format ?? 'int16';
}
