import { type Diagnostic, diagnostic } from '../diagnostic.ts';
import type { BoundAccess, BoundEinsum, Workload } from '../einsum/workload.ts';
import type { Compute, Keep, PlacedMapping } from './placed.ts';

/**
 * Checks the tensors that lie over others: each is computed here, element by element from the one beneath, and nothing
 * needs that one any more once this has begun.
 */
export const checkRooms = (p: PlacedMapping): readonly Diagnostic[] =>
  p.keeps.flatMap((keep) => {
    const beneath = keepBeneath(keep);
    return beneath === undefined ? [] : checkOverlay(p, keep, beneath);
  });

/** The keep whose room another one takes, if any. */
const keepBeneath = (keep: Keep): Keep | undefined => keep.room[keep.room.indexOf(keep) - 1];

function checkOverlay(p: PlacedMapping, keep: Keep, beneath: Keep): readonly Diagnostic[] {
  const [name, under] = [keep, beneath].map((k) => p.workload.tensors[k.tensor]!.name);
  const why = reasonAgainst(p.workload, keep, beneath, `${name}`, `${under}`);
  if (why !== undefined) {
    const message = `"${name}" cannot lie over "${under}": ${why}`;
    return [diagnostic('not-in-place', message, keep.span, { help: 'keep it in room of its own' })];
  }
  const producer = p.computes.find((c) => c.einsum === keep.producer)!;
  return readersAfter(p, producer, beneath).map((reader) =>
    diagnostic(
      'not-in-place',
      `Einsum "${reader.einsum.name}" reads "${under}", of which "${name}" has taken the room`,
      reader.span,
      {
        help: `compute "${reader.einsum.name}" before "${producer.einsum.name}"`,
        related: [{ span: keep.span, message: `"${name}" lies over "${under}" here` }],
      },
    ),
  );
}

function reasonAgainst(w: Workload, keep: Keep, beneath: Keep, name: string, under: string): string | undefined {
  const { producer } = keep;
  const [tensor, other] = [w.tensors[keep.tensor]!, w.tensors[beneath.tensor]!];
  if (producer === undefined) return `"${name}" is not computed here`;
  if (!producer.operands.some((o) => o.tensor === beneath.tensor)) return `it is not computed from "${under}"`;
  const alike =
    [...keep.accesses, ...beneath.accesses].every((a) => isSameElement(a, producer)) &&
    tensor.dimensions.every(
      (d, i) => !d.carried && d.size === other.dimensions[i]!.size && !other.dimensions[i]!.carried,
    );
  if (!alike) return `it is not everywhere computed and read element by element, at the indices of "${under}"`;
  if (tensor.bitsPerElement > other.bitsPerElement)
    return `an element has ${tensor.bitsPerElement} bits and there is room for ${other.bitsPerElement}`;
  if (beneath.drain) return `"${under}" is also needed outside of this body`;
  return undefined;
}

/** Whether an access is of the one element that the producer computes at a point, and the producer of no other at another. */
const isSameElement = ({ indices }: BoundAccess, producer: BoundEinsum): boolean =>
  indices.length === producer.output.indices.length &&
  producer.reduced.length === 0 &&
  producer.variables.length === indices.length &&
  indices.every(({ terms, offset, divisor }, d) => {
    const own = producer.output.indices[d]!;
    const [term] = terms;
    return (
      [own.divisor, divisor, own.terms.length, terms.length].every((n) => n === 1) &&
      own.offset === 0 &&
      offset === 0 &&
      term!.coefficient === 1 &&
      own.terms[0]!.coefficient === 1 &&
      own.terms[0]!.variable === term!.variable
    );
  });

/** Computes that read a tensor after another one, which the loops around both do not tell apart. */
const readersAfter = (p: PlacedMapping, producer: Compute, { tensor, users }: Keep): readonly Compute[] =>
  p.computes.filter(
    (c) => c.id > producer.id && users.includes(c.einsum) && c.einsum.operands.some((o) => o.tensor === tensor),
  );
