import { type BoundAccess, type BoundEinsum, gateDensity, type Origin, type Workload } from '../einsum/workload.ts';
import type { Building, Mutable } from './building.ts';
import { moves, sharedLoops } from './loops.ts';
import type { Keep, Loop } from './placed.ts';
import { mostSteps } from './tile.ts';

/**
 * Decides, of a tile that has what selections keep, when it can be fetched, when it is another one, and how often it moves
 * at all; and refuses one that rows share which select different elements.
 */
export function linkToSelections(b: Building, keep: Mutable<Keep>): void {
  const { workload } = b;
  keep.decidedBy = decidedBy(b, keep);
  const deciding = keep.decidedBy.map((s) => {
    const made = b.computes.find((c) => c.output.tensor === s.keep.tensor);
    return made === undefined ? 0 : sharedLoops(keep.above, made.above).length;
  });
  keep.knownLoops = Math.max(keep.parent!.above.length, keep.sharedLoops, ...deciding);
  checkShared(b, keep);
  checkAlike(b, keep);
  const gates = gatesOf(workload, keep);
  const open = gates.reduce((share, g) => share * g.share, 1);
  keep.density = keep.users.every((u) => u.density === 0) ? 0 : open;
  const others = selectors(keep).flatMap((s) => s.others);
  keep.deciding = [...new Set([...gates.flatMap((g) => g.variables), ...others])];
  if (keep.producer !== undefined) return;
  // The next row has selected others, though the loops select the same positions.
  const own = keep.above.filter(
    (l) => others.includes(l.variable) && !isIndexing(keep, l.variable) && moves(workload, l),
  );
  keep.renewing = [...new Set([...keep.renewing, ...own])];
}

const isIndexing = ({ accesses }: Keep, variable: number): boolean =>
  accesses.some((a) => a.indices.some((index) => index.terms.some((t) => t.variable === variable)));

/** Selections that all users of a tile read, and that say what to fetch. */
function decidedBy({ workload, computes }: Building, keep: Keep): Keep['decidedBy'] {
  const [first, ...others] = computes.filter((c) => keep.users.includes(c.einsum));
  if (keep.producer !== undefined || first === undefined) return [];
  return first.operands.flatMap((of, i) => {
    const { producer } = workload.tensors[of.tensor]!;
    const selects = producer !== undefined && workload.einsums[producer]!.selection !== undefined;
    const shared = selects && others.every((c) => c.operands.includes(of));
    return shared ? [{ keep: of, access: first.einsum.operands[i]! }] : [];
  });
}

/** A selection along a variable that indexes a tile, and the variables at each value of which it is another one. */
type Selector = { readonly tensor: number; readonly along: number; readonly others: readonly number[] };

/** The selections of whose positions a tile is; none where some user of it takes all there is. */
function selectors(keep: Keep): readonly Selector[] {
  const ofUsers = keep.users.flatMap((user) =>
    [user.output, ...user.operands].filter((a) => a.tensor === keep.tensor).map((a) => selectorsOf(user, a)),
  );
  return ofUsers.every((s) => s.length > 0) ? ofUsers.flat() : [];
}

const variablesOf = ({ indices }: Pick<BoundAccess, 'indices'>): readonly number[] =>
  indices.flatMap((index) => index.terms.map((t) => t.variable));

function selectorsOf(user: BoundEinsum, access: BoundAccess): readonly Selector[] {
  const indexing = variablesOf(access);
  return [...user.packing].flatMap(([along, chain]) =>
    indexing.includes(along)
      ? chain.map((origin) => ({
          tensor: origin.tensor,
          along,
          others: variablesOf(origin).filter((v) => !indexing.includes(v)),
        }))
      : [],
  );
}

/**
 * A tile has what is selected along a rank for one fibre: for several, whose selections differ, it would have to hold what any of
 * them selects.
 */
function checkShared(b: Building, keep: Keep): void {
  const { tensors, variables } = b.workload;
  for (const { tensor, along, others } of selectors(keep)) {
    const open = others.find((v) => !isFixed(b.workload, keep.above, v));
    if (open === undefined) continue;
    const [selected, several] = [variables[along]!.name, variables[open]!.name];
    const message = `"${tensors[keep.tensor]!.name}" is kept for several "${several}", each of which selects other elements along "${selected}" (in "${tensors[tensor]!.name}")`;
    b.report('shared-selection', message, keep.span, `keep it inside a loop over "${several}", which steps by 1`);
    return;
  }
}

/** What users of one tile select must be the same elements, or come to all of it: else positions in it mean different ones. */
function checkAlike(b: Building, keep: Keep): void {
  const { workload } = b;
  const variables = new Set(keep.accesses.flatMap(variablesOf));
  for (const v of variables) {
    const uses = keep.users.map((user) => ({ user, chain: user.packing.get(v) ?? [] }));
    const other = uses.find(({ chain }) => positionsOf(chain) !== positionsOf(uses[0]!.chain));
    const isCut = keep.above.some((l) => l.variable === v && moves(workload, l));
    if (other === undefined || (!isCut && isOneChain(uses.map(({ chain }) => chain)))) continue;
    const message = `"${workload.tensors[keep.tensor]!.name}" is kept for "${uses[0]!.user.name}" and "${other.user.name}", which take other elements of it along "${workload.variables[v]!.name}"`;
    b.report('shared-selection', message, keep.span, 'keep it for each of them in a body of its own');
    return;
  }
}

const positionsOf = (chain: readonly Origin[]): string => JSON.stringify(chain.map((o) => [o.tensor, o.indices]));

/** Whether each selects from what the one before has: then what one needs is part of what another does. */
function isOneChain(chains: readonly (readonly Origin[])[]): boolean {
  const longest = chains.reduce((a, b) => (b.length > a.length ? b : a));
  return chains.every((chain) => positionsOf(longest.slice(0, chain.length)) === positionsOf(chain));
}

const isFixed = ({ variables }: Pick<Workload, 'variables'>, above: readonly Loop[], v: number): boolean =>
  variables[v]!.size === 1 || above.some((l) => l.variable === v && l.tile === 1);

/**
 * The gates that all users of a tile wait for, as the shares of tiles that move for them. A gate counts where the loops above
 * fix its element; of others, some element of a tile may be open. A tile that stays for several elements comes with the first that
 * is open, and so does what a cache is asked for.
 */
function gatesOf(
  w: Workload,
  keep: Keep,
): readonly { readonly share: number; readonly variables: readonly number[] }[] {
  const { users, above, cache } = keep;
  return users[0]!.conditions.flatMap((c) => {
    const decides = w.einsums[w.tensors[c.tensor]!.producer!]!.variables;
    const all = users.every((u) => u.conditions.some((o) => o.tensor === c.tensor && o.exists === c.exists));
    const open = decides.filter((v) => !isFixed(w, above, v));
    if (!all || (open.length > 0 && !(cache && open.every((v) => !isIndexing(keep, v))))) return [];
    const density = gateDensity(w.gates, c.tensor);
    const elements = open.reduce((n, v) => n * w.variables[v]!.size, elementsFor(w, keep, decides));
    return [{ share: 1 - (1 - (c.exists ? density : 1 - density)) ** elements, variables: decides }];
  });
}

/** Elements of a gate for which a tile stays where it is: those of the innermost loops, which do not move it. */
function elementsFor(w: Workload, keep: Keep, decides: readonly number[]): number {
  let elements = 1;
  for (const loop of keep.above.toReversed()) {
    if (!moves(w, loop)) continue;
    if (isIndexing(keep, loop.variable)) break;
    if (decides.includes(loop.variable)) elements *= mostSteps(loop, w.variables[loop.variable]!.size);
  }
  return elements;
}
