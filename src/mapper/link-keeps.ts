import type { Building, Mutable } from './building.ts';
import { isBelow } from './levels.ts';
import { linkToSelections } from './link-selections.ts';
import { moves, sharedLoops } from './loops.ts';
import type { Keep, Loop } from './placed.ts';
import { gridOf, isStoredBy, loopsAround } from './tile.ts';

/** Decides what each keep fills and drains, now that all its users are known, and checks where tensors live. */
export function linkKeeps(b: Building): void {
  for (const keep of b.keeps) {
    const tensor = b.workload.tensors[keep.tensor]!;
    if (keep.users.length === 0) {
      b.report('useless-keep', `"${tensor.name}" is kept here, but nothing below uses it`, keep.span);
      continue;
    }
    keep.returning = returning(keep);
    const grid = gridOf(keep.above)[0]?.across;
    keep.local = grid !== undefined && (keep.level === grid || isBelow(b.machine.levels, keep.level, grid));
    if (keep.parent === undefined) {
      checkHome(b, keep);
      continue;
    }
    linkToParent(b, keep);
    linkToSelections(b, keep);
  }
}

function linkToParent(b: Building, keep: Mutable<Keep>): void {
  const { role } = b.workload.tensors[keep.tensor]!;
  const elsewhere = b.computes.filter((c) => c.operands.some((o) => o.tensor === keep.tensor && !isWithin(o, keep)));
  const partners = keep.producer === undefined ? b.computes.filter((c) => c.output.tensor === keep.tensor) : elsewhere;
  keep.adds = addsToParent(b, keep);
  keep.rereads = keep.adds && b.machine.levels[keep.parent!.level]!.memory?.adds !== true;
  keep.fill = keep.producer === undefined ? 'always' : keep.adds ? 'never' : 'revisited';
  keep.wanted = keep.producer !== undefined && (role === 'output' || elsewhere.length > 0);
  keep.drain = keep.wanted || keep.returning.some((l) => moves(b.workload, l));
  keep.sharedLoops = partners.reduce((most, c) => Math.max(most, sharedLoops(keep.above, c.above).length), 0);
  const shared = keep.above.slice(0, keep.sharedLoops);
  const carried = partners[0]?.einsum.carried;
  keep.renewing = keep.producer === undefined ? shared.filter((l) => l.variable === carried) : shared;
}

/** The outermost keep of an instance has its part of a sum. */
const addsToParent = (b: Building, { producer, parent, local, above }: Keep): boolean =>
  producer !== undefined && local && !parent!.local && loopsAround(b.workload, producer, above).length > 0;

const isWithin = (inner: Keep, outer: Keep): boolean => {
  for (let k: Keep | undefined = inner; k !== undefined; k = k.parent) if (k === outer) return true;
  return false;
};

/** Loops above that return to a tile of a produced tensor, to add to it or to carry it on. */
const returning = ({ producer, above }: Keep): readonly Loop[] =>
  producer === undefined
    ? []
    : above.filter((l) => producer.reduced.includes(l.variable) || producer.carried === l.variable);

/** Inputs and outputs live where no loop moves them; every user of a tensor is below its home. */
function checkHome(b: Building, keep: Mutable<Keep>): void {
  const tensor = b.workload.tensors[keep.tensor]!;
  const around = keep.above.find((l) => moves(b.workload, l));
  if (tensor.role !== 'intermediate' && around !== undefined) {
    const loop = b.workload.variables[around.variable]!.name;
    b.report(
      'no-home',
      `${tensor.role} "${tensor.name}" is kept only inside the loop over "${loop}": the whole tensor has no place to be`,
      keep.span,
      'keep it outside all loops too, in the outermost memory',
    );
  }
  checkState(b, keep);
  const first = b.keeps.find((k) => k.tensor === keep.tensor && k.parent === undefined);
  if (first !== keep)
    b.report('two-homes', `"${tensor.name}" is kept in two places with no place above both to pass it on`, keep.span);
}

/** A home that loops come back to must still hold the tile: nothing can have been drained from it. */
function checkState(b: Building, keep: Keep): void {
  const loop = keep.returning.find((l) => moves(b.workload, l));
  if (loop === undefined) return;
  const tensor = b.workload.tensors[keep.tensor]!;
  const inner = keep.above
    .slice(keep.above.indexOf(loop) + 1)
    .find((l) => moves(b.workload, l) && isStoredBy(keep.producer!.output, tensor, l.variable));
  if (inner === undefined) return;
  const name = (l: Loop): string => b.workload.variables[l.variable]!.name;
  b.report(
    'lost-state',
    `"${tensor.name}" is kept for one step of the loop over "${name(inner)}" only, but the loop over "${name(loop)}" comes back to go on with it`,
    keep.span,
    `keep it outside the loop over "${name(loop)}" too`,
  );
}
