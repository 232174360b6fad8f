import type { Range } from './table.ts';

const endOf = ({ first, count }: Range): number => first + count;

/** The same points in as few ranges as can be, in order. */
export function joined(ranges: readonly Range[]): readonly Range[] {
  const result: Range[] = [];
  for (const range of ranges.filter((r) => r.count > 0).toSorted((a, b) => a.first - b.first)) {
    const last = result.at(-1);
    if (last === undefined || range.first > endOf(last)) result.push(range);
    else result[result.length - 1] = { first: last.first, count: Math.max(endOf(last), endOf(range)) - last.first };
  }
  return result;
}

/** What of a range is in none of `others`, which are joined. */
export function gapsIn(range: Range, others: readonly Range[]): readonly Range[] {
  const gaps: Range[] = [];
  let from = range.first;
  for (const other of others) {
    if (endOf(other) <= from) continue;
    if (other.first >= endOf(range)) break;
    if (other.first > from) gaps.push({ first: from, count: other.first - from });
    from = endOf(other);
  }
  if (from < endOf(range)) gaps.push({ first: from, count: endOf(range) - from });
  return gaps;
}
