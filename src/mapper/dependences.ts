import { type Diagnostic, diagnostic } from '../diagnostic.ts';
import type { BoundAccess, BoundEinsum, BoundIndex, Workload } from '../einsum/workload.ts';
import { moves, sharedLoops } from './loops.ts';
import type { Compute, Loop, PlacedMapping } from './placed.ts';
import { isStoredBy } from './tile.ts';

/**
 * Checks that no Einsum reads what is not there yet: under the loops that a producer and a consumer share, the
 * consumer may read only what the producer has completed in this iteration, or, along a carried rank, the version
 * before.
 */
export function checkDependences(p: PlacedMapping): readonly Diagnostic[] {
  const found: Diagnostic[] = [];
  for (const consumer of p.computes) {
    for (const access of consumer.einsum.operands) {
      const producer = p.computes.find((c) => c.einsum.output.tensor === access.tensor);
      if (producer === undefined) continue;
      const d = checkPair(p.workload, producer, consumer, access);
      // A tensor that is read at two places can be wrong twice for one reason.
      if (d !== undefined && !found.some((f) => f.span === d.span && f.message === d.message)) found.push(d);
    }
  }
  return found;
}

type Say = (reason: string, help: string) => Diagnostic;

function checkPair(w: Workload, producer: Compute, consumer: Compute, access: BoundAccess): Diagnostic | undefined {
  const { name } = w.tensors[access.tensor]!;
  const say: Say = (reason, help) =>
    diagnostic('incomplete-operand', `Einsum "${consumer.einsum.name}" reads "${name}" ${reason}`, consumer.span, {
      help,
      related: producer === consumer ? [] : [{ span: producer.span, message: `"${name}" is produced here` }],
    });
  const shared = sharedLoops(producer.above, consumer.above);
  const version = carriedIndex(w, access);
  const stepwise = version !== undefined && version.terms.length > 0;
  if (stepwise && producer !== consumer) {
    const d = checkVersions(w, producer, consumer, version, shared, say);
    if (d !== undefined) return d;
  }
  if (producer.id > consumer.id && !(stepwise && version.offset === 0))
    return say('before it is produced', `compute "${producer.einsum.name}" before "${consumer.einsum.name}"`);
  for (const loop of shared) {
    const reason = moves(w, loop)
      ? (whyIncomplete(w, loop.variable, producer.einsum, access) ??
        whyElsewhere(w, loop.variable, producer.einsum, consumer.einsum))
      : undefined;
    if (reason !== undefined)
      return say(reason, `end the loop over "${w.variables[loop.variable]!.name}" before reading it`);
  }
  return undefined;
}

/** One version is stored. So a reader goes along with the producer, and reads an old version before it is replaced. */
function checkVersions(
  w: Workload,
  producer: Compute,
  consumer: Compute,
  version: BoundIndex,
  shared: readonly Loop[],
  say: Say,
): Diagnostic | undefined {
  const { carried, output } = producer.einsum;
  if (carried === undefined) return undefined;
  const { name, size } = w.variables[carried]!;
  if (size > 1 && shared.findLast((l) => l.variable === carried)?.tile !== 1)
    return say(
      `version by version along "${name}", but only the latest version is kept`,
      `put both Einsums under one "for ${name} by 1"`,
    );
  if (version.offset !== 0 || producer.id > consumer.id) return undefined;
  const tensor = w.tensors[output.tensor]!;
  const own = [...producer.above, ...consumer.above].filter((l) => !shared.includes(l));
  if (!own.some((l) => moves(w, l) && isStoredBy(output, tensor, l.variable))) return undefined;
  return say(
    'at the version before, of which later tiles have been replaced by then',
    `compute "${consumer.einsum.name}" in the same body as "${producer.einsum.name}", or before it`,
  );
}

function carriedIndex(w: Workload, access: BoundAccess): BoundIndex | undefined {
  const d = w.tensors[access.tensor]!.dimensions.findIndex((x) => x.carried);
  return d < 0 ? undefined : access.indices[d];
}

const isPlain = (index: BoundIndex, variable: number): boolean =>
  index.divisor === 1 &&
  index.terms.length === 1 &&
  index.terms[0]!.variable === variable &&
  index.terms[0]!.coefficient === 1;

/** Positions of other selections are other elements, which the loop has not come to. */
function whyElsewhere(w: Workload, variable: number, producer: BoundEinsum, reader: BoundEinsum): string | undefined {
  const positions = ({ packing }: BoundEinsum): string =>
    JSON.stringify((packing.get(variable) ?? []).map((o) => [o.tensor, o.indices]));
  if (!reader.variables.includes(variable) || positions(producer) === positions(reader)) return undefined;
  return `inside the loop over "${w.variables[variable]!.name}", along which it has selected other elements`;
}

/** Why a reader under the same loop over a variable cannot read what it wants, in words; undefined: it can. */
export function whyIncomplete(
  w: Workload,
  variable: number,
  producer: BoundEinsum,
  access: BoundAccess,
): string | undefined {
  const { name } = w.variables[variable]!;
  if (producer.reduced.includes(variable))
    return `inside the loop over "${name}", over which it is not yet completely reduced`;
  if (producer.selection?.kind === 'rank' && producer.selection.variable === variable)
    return `inside the loop over "${name}", of all of which it is a selection`;
  const d = producer.output.indices.findIndex((i) => i.terms.some((t) => t.variable === variable));
  if (d < 0) return undefined;
  const index = access.indices[d]!;
  if (w.tensors[access.tensor]!.dimensions[d]!.carried) {
    if (isPlain(index, variable) && (index.offset === 0 || index.offset === 1)) return undefined;
    return `at another version than the loop over "${name}" has reached`;
  }
  if (isPlain(index, variable) && index.offset === 0) return undefined;
  return `outside the tile that the loop over "${name}" has produced`;
}
