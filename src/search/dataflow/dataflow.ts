import type { Arithmetic, Name } from '../../einsum/ast.ts';
import type { Workload } from '../../einsum/workload.ts';
import type { Mapping, MappingNode, MappingParameter } from '../../mapper/mapping.ts';
import { mapNumbers, type NumberRole } from '../../mapper/numbers.ts';

/** A loop tree, with places and units, of which some numbers are to be chosen. */
export type Dataflow = {
  /** Each number that is to be chosen is a parameter of it. */
  readonly mapping: Mapping;
  readonly knobs: readonly Knob[];
  /** Parameters that stand for a number that was written in the tree itself, and what it is of: "for p by". */
  readonly inline: ReadonlyMap<Name, string>;
};

/** A parameter to be chosen. Undefined among its values: what the mapping says. */
type Knob = { readonly name: Name; readonly kind: Choosable; readonly values: readonly (number | undefined)[] };

export const choosable = ['tiles', 'stages', 'in-flight'] as const;
/** Which numbers of a loop tree a search chooses. */
export type Choosable = (typeof choosable)[number];

const roles: Readonly<Partial<Record<NumberRole, Choosable>>> = {
  tile: 'tiles',
  stages: 'stages',
  'in-flight': 'in-flight',
};

/**
 * Opens the numbers of a mapping: of tiles, stages or iterations in flight, those that it states. A parameter that such a
 * number names is chosen, and a number that is written in the tree; what the mapping computes from them follows. A step of
 * one coordinate, one stage and sequences stay.
 */
export function openNumbers(mapping: Mapping, workload: Workload, choose: ReadonlySet<Choosable>): Dataflow {
  const parameters = new Map(mapping.parameters.map((p) => [p.name, p]));
  const added: MappingParameter[] = [];
  const knobs = new Map<Name, Choosable>();
  const inline = new Map<Name, string>();
  const opened = mapNumbers(mapping, (a, role, node) => {
    const kind = roles[role];
    if (kind === undefined || !choose.has(kind)) return a;
    // A formula for stages follows from tiles and sizes; the step of a loop is often a product of what is to be chosen.
    const named = kind === 'tiles' || a.kind === 'name' ? namesIn(a) : [];
    for (const name of named) if (parameters.has(name) && !knobs.has(name)) knobs.set(name, kind);
    if (a.kind !== 'number' || a.value === 1) return a;
    const name = freeName(`${kind.replace('-', '_').toUpperCase()}_${added.length + 1}`, workload, parameters);
    added.push({ name, value: a, span: a.span });
    knobs.set(name, kind);
    inline.set(name, lineOf(node, kind));
    return { kind: 'name', name, span: a.span };
  });
  return {
    mapping: { ...opened, parameters: [...mapping.parameters, ...added] },
    knobs: [...knobs].map(([name, kind]) => ({ name, kind, values: valuesOf(kind, workload) })),
    inline,
  };
}

/** The mapping with what was chosen: a number in the tree where there was one, or a parameter with that value. */
export function chosenMapping(d: Dataflow, choice: ReadonlyMap<Name, number>, name: Name): Mapping {
  const written = new Map(d.mapping.parameters.map((p) => [p.name, p.value]));
  const closed = mapNumbers(d.mapping, (a) => {
    if (a.kind !== 'name' || !d.inline.has(a.name)) return a;
    const value = choice.get(a.name);
    return value === undefined ? written.get(a.name)! : { kind: 'number', value, span: a.span };
  });
  const parameters = d.mapping.parameters
    .filter((p) => !d.inline.has(p.name))
    .map((p): MappingParameter => {
      const value = choice.get(p.name);
      return value === undefined ? p : { ...p, value: { kind: 'number', value, span: p.span } };
    });
  return { ...closed, name, parameters };
}

/** The line that a number is written in, up to it. */
function lineOf(node: MappingNode | undefined, kind: Choosable): string {
  if (node?.kind === 'keep') return `keep ${node.tensors.map((t) => t.name).join(', ')} in ${node.level.name} stages`;
  const line = node?.kind === 'loop' ? `for ${node.variable.name}` : '';
  return `${line} ${kind === 'tiles' ? 'by' : 'pipeline'}`.trim();
}

function namesIn(a: Arithmetic): readonly Name[] {
  if (a.kind === 'name') return [a.name];
  return a.kind === 'call' ? a.operands.flatMap(namesIn) : [];
}

function freeName(wanted: Name, { sizes }: Workload, taken: ReadonlyMap<Name, unknown>): Name {
  let name = wanted;
  while (sizes.has(name) || taken.has(name)) name += '_';
  return name;
}

/**
 * Powers of two and three times powers of two: of tiles up to the longest rank. Of stages and iterations in flight the
 * most come first: of equals in closed form, those are quicker when simulated.
 */
function valuesOf(kind: Choosable, { variables }: Workload): readonly (number | undefined)[] {
  const most = { tiles: Math.max(...variables.map((v) => v.size)), stages: 4, 'in-flight': 64 }[kind];
  const values = new Set<number>();
  for (let n = 1; n <= most; n *= 2) {
    values.add(n);
    if (3 * n <= most) values.add(3 * n);
  }
  return [undefined, ...[...values].sort((a, b) => (kind === 'tiles' ? a - b : b - a))];
}
