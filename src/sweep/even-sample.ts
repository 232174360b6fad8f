import { randomShare } from './philox.ts';

/**
 * Which of `count` rows are looked at where there is room for `limit`, rising: those that are kept (distinct and rising),
 * and one of each of as many stretches of the others, of equal lengths, as there is room for. It is drawn, always
 * the same: every n-th row of a grid would have but some of its values. Where too many are kept, they are sampled so themselves.
 */
export function evenSample(count: number, kept: Uint32Array, limit: number): Uint32Array {
  if (kept.length > limit) return evenSample(kept.length, new Uint32Array(), limit).map((i) => kept[i]!);
  const isKept = new Uint8Array(count);
  for (const i of kept) isKept[i] = 1;
  const others = Uint32Array.from({ length: count }, (_, i) => i).filter((i) => isKept[i] === 0);
  const room = Math.min(limit - kept.length, others.length);
  const stretch = others.length / room;
  const drawn = Uint32Array.from({ length: room }, (_, i) => {
    const [from, to] = [Math.floor(i * stretch), Math.floor((i + 1) * stretch)];
    return others[from + Math.floor(randomShare(0, i, 0) * (to - from))]!;
  });
  const all = new Uint32Array(kept.length + room);
  all.set(kept);
  all.set(drawn, kept.length);
  return all.sort();
}
