import type { Diagnostic } from '../diagnostic.ts';
import { type Ledger, type Place, problem } from './ledger.ts';

/** A number of a machine as a spec writes it, and the path of what says it in the file. */
export type Quantity = { readonly value: string; readonly path: string };

/** How often something stands beside itself, along one dimension. */
export type Fanout = {
  readonly name: string;
  readonly size: number;
  /** What the file says of reads that serve several of them. */
  readonly reuse?: Place;
};

/** What one instance of a memory or of a unit is; `fanout` is all there is of it, from the root, outermost first. */
type Component = {
  readonly name: string;
  readonly fanout: readonly Fanout[];
  readonly path: string;
  /** Of one instance. */
  readonly area?: Quantity;
};

export type MemoryDraft = Component & {
  readonly kind: 'memory';
  readonly capacity?: Bits;
  /** What a port does, in units such as "B/cycle" or "b/s". */
  readonly bandwidth?: Rate;
  readonly readBandwidth?: Rate;
  readonly writeBandwidth?: Rate;
  /** Of what it keeps, where the file says so. */
  readonly word_bits?: number;
  /** The smallest transfer. */
  readonly access?: Bits;
  readonly readEnergy?: Quantity;
  readonly writeEnergy?: Quantity;
  /** One read fills several instances of what is below. */
  readonly multicast?: boolean;
};

/** An amount of data, and the path of what says it. */
export type Bits = { readonly bits: number; readonly path: string };

export type Rate = { readonly number: number; readonly unit: string; readonly place: Place };

export type UnitDraft = Component & {
  readonly kind: 'unit';
  readonly operators: readonly {
    readonly name: string;
    readonly cycles?: Quantity;
    readonly energy?: Quantity;
  }[];
};

/** A machine as a chain from the outermost memory inwards; a unit computes on the memory before it. */
export type MachineDraft = {
  readonly name: string;
  readonly description: string;
  readonly clock: Quantity & { readonly source: 'file' | 'convention' };
  readonly idlePower?: Quantity;
  /** The tool does not charge reads of results that leave a memory. */
  readonly hasFreeDrains?: boolean;
  readonly chain: readonly (MemoryDraft | UnitDraft)[];
};

export const countOf = (fanout: readonly Fanout[]): number => fanout.reduce((product, { size }) => product * size, 1);

/** More of anything is a mistake, and numbers would not be exact. */
const mostLanes = 2 ** 31;

type Chain = MachineDraft['chain'];

/**
 * Memories that stand in every lane of an array: those of which there are as many as of the unit of which there are
 * most. Of machines without any array, the innermost.
 */
export function laneMemories(chain: Chain): ReadonlySet<MemoryDraft> {
  const lanes = Math.max(...chain.map((c) => (c.kind === 'unit' ? countOf(c.fanout) : 1)));
  const memories = chain.filter((c) => c.kind === 'memory');
  return new Set(lanes === 1 ? memories.slice(-1) : memories.filter((m) => countOf(m.fanout) === lanes));
}

/** What lanes do with memories of their own takes no time in attnsim, so these have no bandwidth. */
export function withoutLanePorts(chain: Chain, ledger: Ledger): Chain {
  const inLanes = laneMemories(chain);
  return chain.map((component) => {
    if (component.kind === 'unit' || !inLanes.has(component)) return component;
    const { bandwidth, readBandwidth, writeBandwidth, ...rest } = component;
    for (const port of [bandwidth, readBandwidth, writeBandwidth])
      ledger.leave(port?.place, 'every lane has such a memory of its own, whose reads take no time');
    return rest;
  });
}

/** A machine needs a memory, and in it something that computes; and counts that divide from level to level. */
export function checkChain(chain: Chain, architecture: Place): Diagnostic | undefined {
  if (!chain.some((c) => c.kind === 'unit'))
    return problem('missing-field', 'the architecture has nothing that computes', architecture);
  if (chain[0]?.kind !== 'memory')
    return problem('missing-field', 'the architecture has no memory around what computes', architecture);
  const widest = chain.find((c) => !(countOf(c.fanout) <= mostLanes));
  if (widest !== undefined)
    return problem('out-of-range', `there are more than ${mostLanes} of "${widest.name}"`, architecture);
  const uneven = chain.findIndex((c, i) => i > 0 && countOf(c.fanout) % countOf(chain[i - 1]!.fanout) !== 0);
  if (uneven < 0) return undefined;
  const [outer, inner] = [chain[uneven - 1]!, chain[uneven]!];
  const among = `${countOf(outer.fanout)} of "${outer.name}"`;
  const counts = `${countOf(inner.fanout)} of "${inner.name}" cannot be divided among ${among}`;
  return problem('out-of-range', counts, architecture);
}
