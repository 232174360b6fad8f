/** Makes each value once, or anew if it is not among those that were made last, so many at most. */
export function memoized<T>(
  make: (key: string) => Promise<T>,
  most = Number.POSITIVE_INFINITY,
): (key: string) => Promise<T> {
  const made = new Map<string, Promise<T>>();
  return (key) => {
    const known = made.get(key);
    if (known !== undefined) return known;
    const value = make(key);
    made.set(key, value);
    if (made.size > most) made.delete(made.keys().next().value!);
    return value;
  };
}
