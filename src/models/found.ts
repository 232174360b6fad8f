/** What was found for iterations, by the keys of how they behave (`likeness.ts`): those that are alike are looked up. */
export type Found<T> = Map<number, { readonly key: Float64Array; readonly value: T }[]>;

export const createFound = <T>(): Found<T> => new Map();

export const lookUp = <T>(found: Found<T>, key: Float64Array): T | undefined =>
  found.get(hashOf(key))?.find((entry) => sameKey(entry.key, key))?.value;

export function enter<T>(found: Found<T>, key: Float64Array, value: T): void {
  const hash = hashOf(key);
  const entries = found.get(hash);
  if (entries === undefined) found.set(hash, [{ key, value }]);
  else entries.push({ key, value });
}

export function sameKey(a: Float64Array, b: Float64Array): boolean {
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

function hashOf(key: Float64Array): number {
  let hash = 0;
  // Infinite entries count for nothing: keys are compared in the end.
  for (let i = 0; i < key.length; i++) hash = (Math.imul(hash, 31) + (key[i]! | 0) + (key[i] === Infinity ? 7 : 0)) | 0;
  return hash;
}
