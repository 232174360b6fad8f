/** Parts of one whole by their names. */
export type Parts = { readonly [name: string]: number };

/** Values by position in `series`, one row a whole; undefined: it has no such part. */
export type Stacks = {
  readonly series: readonly string[];
  readonly values: readonly (readonly (number | undefined)[])[];
};

const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);

/**
 * Wholes as stacks of the same series: parts that are largest in shares of their wholes first, and what is beyond `most`
 * series joined as the last of them.
 */
export function stackParts(wholes: readonly Parts[], most: number, rest: string): Stacks {
  const weights = new Map<string, number>();
  for (const whole of wholes) {
    const total = sum(Object.values(whole));
    for (const [name, part] of Object.entries(whole))
      if (part > 0) weights.set(name, (weights.get(name) ?? 0) + part / total);
  }
  const names = [...weights].sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1)).map(([name]) => name);
  if (names.length <= most) return { series: names, values: wholes.map((w) => names.map((n) => w[n])) };
  const [kept, small] = [names.slice(0, most - 1), names.slice(most - 1)];
  const restOf = (whole: Parts): number | undefined => {
    const parts = small.map((n) => whole[n]).filter((v) => v !== undefined);
    return parts.length === 0 ? undefined : sum(parts);
  };
  return { series: [...kept, rest], values: wholes.map((w) => [...kept.map((n) => w[n]), restOf(w)]) };
}
