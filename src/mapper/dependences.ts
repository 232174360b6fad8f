import { type Diagnostic, diagnostic } from '../diagnostic.ts';
import type { BoundAccess, BoundEinsum, BoundIndex, Workload } from '../einsum/workload.ts';
import type { Compute, Loop, PlacedMapping } from './placed.ts';

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
      if (d !== undefined) found.push(d);
    }
  }
  return found;
}

/** Loops that are around both. */
function sharedLoops(a: Compute, b: Compute): readonly Loop[] {
  let n = 0;
  while (n < a.above.length && a.above[n] === b.above[n]) n++;
  return a.above.slice(0, n);
}

function checkPair(w: Workload, producer: Compute, consumer: Compute, access: BoundAccess): Diagnostic | undefined {
  const tensor = w.tensors[access.tensor]!;
  const say = (reason: string, help: string): Diagnostic =>
    diagnostic(
      'incomplete-operand',
      `Einsum "${consumer.einsum.name}" reads "${tensor.name}" ${reason}`,
      consumer.span,
      {
        help,
        related: producer === consumer ? [] : [{ span: producer.span, message: `"${tensor.name}" is produced here` }],
      },
    );
  const shared = sharedLoops(producer, consumer);
  const carried = producer.einsum.carried;
  const version = carriedIndex(w, access);
  if (carried !== undefined && version !== undefined && version.terms.length > 0 && producer !== consumer) {
    const loop = shared.findLast((l) => l.variable === carried);
    const name = w.variables[carried]!.name;
    if (w.variables[carried]!.size > 1 && loop?.tile !== 1)
      return say(
        `version by version along "${name}", but only the latest version is kept`,
        `put both Einsums under one "for ${name} by 1"`,
      );
  }
  const older = version !== undefined && version.terms.length > 0 && version.offset === 0;
  if (producer.id > consumer.id && !older)
    return say('before it is produced', `compute "${producer.einsum.name}" before "${consumer.einsum.name}"`);
  for (const loop of shared) {
    const reason = checkLoop(w, loop, producer.einsum, access);
    if (reason !== undefined)
      return say(reason, `end the loop over "${w.variables[loop.variable]!.name}" before reading it`);
  }
  return undefined;
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

function checkLoop(w: Workload, loop: Loop, producer: BoundEinsum, access: BoundAccess): string | undefined {
  const { variable } = loop;
  const { name, size } = w.variables[variable]!;
  if (size <= loop.tile) return undefined;
  if (producer.reduced.includes(variable))
    return `inside the loop over "${name}", over which it is not yet completely reduced`;
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
