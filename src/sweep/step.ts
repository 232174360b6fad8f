/** How far a parameter is moved to both sides. */
export type Step =
  /** By a share of its value. */
  | { readonly kind: 'share'; readonly share: number }
  /** To the next values of its axis; by a share, where it has none. */
  | { readonly kind: 'axis'; readonly otherwise: number };

export const usualShare = 0.05;

export type Way = 'lower' | 'higher';

/** The value that a step leads to, or why there is none. `values` are those of its axis, rising. */
export function stepped(
  base: number,
  way: Way,
  step: Step,
  values: readonly number[],
): { readonly value: number | undefined; readonly reason?: string } {
  if (!(base > 0)) return { value: undefined, reason: `a value of ${base} has no logarithm` };
  if (step.kind === 'share' || values.length === 0) {
    const share = step.kind === 'share' ? step.share : step.otherwise;
    return { value: base * (way === 'higher' ? 1 + share : 1 - share) };
  }
  const value = way === 'higher' ? values.find((v) => v > base) : values.findLast((v) => v < base);
  if (value === undefined) return { value, reason: `the axis has no ${way} value` };
  return value > 0 ? { value } : { value: undefined, reason: `a value of ${value} has no logarithm` };
}

/** Where a step from a whole number led between two of them: the one further away, if it is above 0. */
export function wholeBeyond(base: number, value: number): number | undefined {
  if (!Number.isInteger(base) || Number.isInteger(value)) return undefined;
  const whole = value > base ? Math.ceil(value) : Math.floor(value);
  return whole > 0 ? whole : undefined;
}
