import type { Building, Mutable } from './building.ts';
import { isBelow } from './levels.ts';
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
    keep.density = movedShare(b, keep);
    linkToSelections(b, keep);
    checkShared(b, keep);
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

/** Selections that decide what a tile is made of, and how far ahead that is known. */
function linkToSelections(b: Building, keep: Mutable<Keep>): void {
  const { workload } = b;
  const users = b.computes.filter((c) => keep.users.includes(c.einsum));
  const [first, ...others] = users;
  const selectors =
    keep.producer !== undefined || first === undefined
      ? []
      : first.operands.flatMap((of, i) => {
          const access = first.einsum.operands[i]!;
          const { producer } = workload.tensors[of.tensor]!;
          const selects = producer !== undefined && workload.einsums[producer]!.selection !== undefined;
          return selects && others.every((c) => c.operands.includes(of)) ? [{ keep: of, access }] : [];
        });
  keep.decidedBy = selectors;
  const deciding = selectors.map((s) => {
    const made = b.computes.find((c) => c.output.tensor === s.keep.tensor);
    return made === undefined ? 0 : sharedLoops(keep.above, made.above).length;
  });
  keep.knownLoops = Math.max(keep.parent!.above.length, keep.sharedLoops, ...deciding);
}

/**
 * A tile has what is selected along a rank for one fibre: for several, whose selections differ, it would have to hold what any of
 * them selects.
 */
function checkShared(b: Building, keep: Keep): void {
  const { workload } = b;
  for (const user of keep.users)
    for (const access of [user.output, ...user.operands]) {
      if (access.tensor !== keep.tensor) continue;
      const indexing = access.indices.flatMap((index) => index.terms.map((t) => t.variable));
      for (const [along, chain] of user.packing) {
        if (!indexing.includes(along)) continue;
        for (const { tensor, indices } of chain) {
          const open = indices
            .flatMap((index) => index.terms.map((t) => t.variable))
            .find((v) => !indexing.includes(v) && !isFixed(workload, keep.above, v));
          if (open === undefined) continue;
          reportShared(b, keep, workload.tensors[tensor]!.name, along, open);
          return;
        }
      }
    }
}

function reportShared(b: Building, keep: Keep, selection: string, along: number, open: number): void {
  const { tensors, variables } = b.workload;
  const [selected, several] = [variables[along]!.name, variables[open]!.name];
  const message = `"${tensors[keep.tensor]!.name}" is kept for several "${several}", each of which selects other elements along "${selected}" (in "${selection}")`;
  b.report('shared-selection', message, keep.span, `keep it inside a loop over "${several}", which steps by 1`);
}

const isFixed = ({ variables }: Building['workload'], above: readonly Loop[], v: number): boolean =>
  variables[v]!.size === 1 || above.some((l) => l.variable === v && l.tile === 1);

/**
 * Share of the tiles of a keep that move: those for which gates that all its users wait for are open. A gate counts where
 * the loops above fix its element; of others, some element of a tile may be open.
 */
function movedShare({ workload }: Building, { users, above }: Keep): number {
  const fixed = (v: number): boolean => isFixed(workload, above, v);
  const gates = users[0]!.conditions.filter(
    (c) =>
      users.every((u) => u.conditions.some((o) => o.tensor === c.tensor && o.exists === c.exists)) &&
      workload.einsums[workload.tensors[c.tensor]!.producer!]!.variables.every(fixed),
  );
  return gates.reduce((share, { tensor, exists }) => {
    const density = workload.gates.find((g) => g.tensor === tensor)?.density ?? 1;
    return share * (exists ? density : 1 - density);
  }, 1);
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
