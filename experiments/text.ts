/** "256", "64K", "1M". */
export function lengthText(n: number): string {
  if (n >= 2 ** 20) return `${n / 2 ** 20}M`;
  return n >= 2 ** 10 ? `${n / 2 ** 10}K` : String(n);
}

/** "12.3%": a share. */
export const percent = (share: number, decimals = 1): string => `${(share * 100).toFixed(decimals)}%`;

export const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length;
