import type { RawSlice } from './timeline-data.ts';

/** What is thinner than this part of the window is hardly seen. */
const finest = 1 / 1200;

/** Neighbours too thin to be told apart as one slice, with the name of whoever is busy longest. */
function joinRow(row: readonly RawSlice[], thin: number): readonly RawSlice[] {
  const joined: RawSlice[] = [];
  /** How long each subject of the last slice is busy. */
  let shares = new Map<string, RawSlice>();
  for (const slice of row) {
    const last = joined.at(-1);
    const isThin = (s: RawSlice): boolean => s.count > 1 || s.to - s.from < thin;
    if (last === undefined || !isThin(slice) || !isThin(last) || slice.from - last.to >= thin) {
      joined.push(slice);
      shares = new Map([[slice.subject, slice]]);
      continue;
    }
    const share = shares.get(slice.subject);
    shares.set(slice.subject, { ...slice, busy: slice.busy + (share?.busy ?? 0) });
    const most = [...shares.values()].reduce((a, b) => (b.busy > a.busy ? b : a));
    const { from, busy, count } = last;
    joined[joined.length - 1] = {
      from,
      to: slice.to,
      busy: busy + slice.busy,
      subject: most.subject,
      kind: most.kind,
      count: count + slice.count,
      ...(shares.size > 1 ? { mixed: true } : {}),
    };
  }
  return joined;
}

/** Joins slices that are too thin to be seen, and more of them until there are no more than so many. Lengths are ticks. */
export function joinSlices(
  rows: readonly (readonly RawSlice[])[],
  length: number,
  most: number,
): readonly (readonly RawSlice[])[] {
  for (let thin = length * finest; ; thin *= 2) {
    const joined = rows.map((row) => joinRow(row, thin));
    if (joined.flat().length <= most || thin > length) return joined;
  }
}
