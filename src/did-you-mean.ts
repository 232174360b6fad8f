/** Damerau-Levenshtein distance (optimal string alignment); a change of case alone counts 1. */
function distance(a: string, b: string): number {
  if (a === b) return 0;
  const left = a.toLowerCase();
  const right = b.toLowerCase();
  if (left === right) return 1;
  const rows: number[][] = [Array.from({ length: right.length + 1 }, (_, j) => j)];
  for (let i = 1; i <= left.length; i++) {
    const row = [i];
    const above = rows[i - 1]!;
    for (let j = 1; j <= right.length; j++) {
      const cost = left[i - 1] === right[j - 1] ? 0 : 1;
      let best = Math.min(above[j]! + 1, row[j - 1]! + 1, above[j - 1]! + cost);
      if (i > 1 && j > 1 && left[i - 1] === right[j - 2] && left[i - 2] === right[j - 1])
        best = Math.min(best, rows[i - 2]![j - 2]! + 1);
      row.push(best);
    }
    rows.push(row);
  }
  return rows[left.length]![right.length]!;
}

/** The candidates close enough to be what was meant, nearest first. */
function suggestions(name: string, candidates: Iterable<string>): string[] {
  if (name.length > 80) return [];
  const near: { candidate: string; far: number }[] = [];
  for (const candidate of new Set(candidates)) {
    if (candidate.length > 80) continue;
    const far = distance(name, candidate);
    if (far <= Math.floor(Math.max(name.length, candidate.length) * 0.4) + 1 && far < candidate.length)
      near.push({ candidate, far });
  }
  near.sort((a, b) => a.far - b.far || (a.candidate < b.candidate ? -1 : 1));
  return near.slice(0, 3).map((n) => n.candidate);
}

/**
 * One sentence of help for an unknown name: what may have been meant, or, when nothing is near and
 * fewer than ten names are allowed, what is allowed. Undefined when there is nothing useful to say.
 */
export function didYouMean(name: string, candidates: Iterable<string>): string | undefined {
  const all = [...new Set(candidates)];
  const near = suggestions(name, all);
  const quote = (n: string): string => `"${n}"`;
  if (near.length > 0) return `did you mean ${near.map(quote).join(' or ')}?`;
  if (all.length > 0 && all.length < 10) return `known: ${all.map(quote).join(', ')}`;
  return undefined;
}
