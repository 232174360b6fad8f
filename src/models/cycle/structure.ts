import type { BoundEinsum } from '../../einsum/workload.ts';
import type { Block, Keep, PlacedMapping } from '../../mapper/placed.ts';
import { type Shape, shapeOf } from '../likeness.ts';
import { type Cut, findCut } from '../pieces.ts';
import { type Past, pastOfCompute, pastOfKeep, pastsOf } from '../visited.ts';

/** What the recorder asks of a mapping again and again, whatever block it records. */
export type Structure = {
  /** What came before, by keep that is computed into and by compute. */
  readonly pastOfKeep: readonly (Past | undefined)[];
  readonly pastOfCompute: readonly Past[];
  readonly shapeOfCompute: readonly Shape[];
  /** Of the Einsums that use each keep. */
  readonly shapeOfKeep: readonly Shape[];
  /** By keep: the dimension along which the next loop inside cuts a tile into pieces, and their size. */
  readonly cutOfKeep: readonly (Cut | undefined)[];
  readonly inside: (block: Block) => Inside;
};

type Inside = {
  readonly einsums: readonly BoundEinsum[];
  readonly keeps: readonly Keep[];
  readonly shape: Shape;
  /** Keeps that drain, those whose tiles go into others' before those. */
  readonly drains: readonly Keep[];
};

const structures = new WeakMap<PlacedMapping, Structure>();

export function structureOf(p: PlacedMapping): Structure {
  const known = structures.get(p);
  if (known !== undefined) return known;
  const { tensors } = p.workload;
  const insides = new Map<Block, Inside>();
  const structure: Structure = {
    pastOfKeep: p.keeps.map((k) => pastOfKeep(p, k)),
    pastOfCompute: p.computes.map((c) => pastOfCompute(p, c)),
    shapeOfCompute: p.computes.map((c) => shapeOf([c.einsum], tensors)),
    shapeOfKeep: p.keeps.map((k) => shapeOf(k.users, tensors)),
    cutOfKeep: p.keeps.map((k) => findCut(p, k)),
    inside: (block) => {
      const found = insides.get(block) ?? lookInside(p, block);
      insides.set(block, found);
      return found;
    },
  };
  structures.set(p, structure);
  return structure;
}

function lookInside(p: PlacedMapping, block: Block): Inside {
  const einsums: BoundEinsum[] = [];
  const keeps: Keep[] = [];
  collect(block, einsums, keeps);
  return {
    einsums,
    keeps,
    shape: shapeOf(einsums, p.workload.tensors, pastsOf(p, einsums, keeps)),
    drains: keeps.filter((k) => k.drain).sort((a, b) => keepsAbove(b) - keepsAbove(a)),
  };
}

const keepsAbove = (keep: Keep): number => (keep.parent === undefined ? 0 : 1 + keepsAbove(keep.parent));

function collect(block: Block, einsums: BoundEinsum[], keeps: Keep[]): void {
  keeps.push(...block.keeps);
  for (const branch of block.branches) {
    if (branch.kind === 'compute') einsums.push(branch.einsum);
    else collect(branch.block, einsums, keeps);
  }
}
