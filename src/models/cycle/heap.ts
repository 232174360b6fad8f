/** A queue of integers, smallest key first, smallest item first among equal keys. */
export type Heap = { items: Int32Array; keys: Float64Array; length: number };

export const createHeap = (): Heap => ({ items: new Int32Array(16), keys: new Float64Array(16), length: 0 });

export function pushHeap(heap: Heap, item: number, key: number): void {
  if (heap.length === heap.items.length) {
    const items = new Int32Array(2 * heap.length);
    const keys = new Float64Array(2 * heap.length);
    items.set(heap.items);
    keys.set(heap.keys);
    heap.items = items;
    heap.keys = keys;
  }
  const { items, keys } = heap;
  let at = heap.length++;
  while (at > 0) {
    const parent = (at - 1) >> 1;
    const above = keys[parent]!;
    if (above < key || (above === key && items[parent]! < item)) break;
    keys[at] = above;
    items[at] = items[parent]!;
    at = parent;
  }
  keys[at] = key;
  items[at] = item;
}

/** Takes the first item out. */
export function popHeap(heap: Heap): number {
  const { items, keys } = heap;
  const first = items[0]!;
  const length = --heap.length;
  const item = items[length]!;
  const key = keys[length]!;
  let at = 0;
  for (;;) {
    let child = 2 * at + 1;
    if (child >= length) break;
    const right = child + 1;
    if (
      right < length &&
      (keys[right]! < keys[child]! || (keys[right] === keys[child] && items[right]! < items[child]!))
    )
      child = right;
    const below = keys[child]!;
    if (key < below || (key === below && item < items[child]!)) break;
    keys[at] = below;
    items[at] = items[child]!;
    at = child;
  }
  keys[at] = key;
  items[at] = item;
  return first;
}
