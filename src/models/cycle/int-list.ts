/** A list of 32-bit integers that grows; read `values` up to `length`. */
export type IntList = { values: Int32Array; length: number };

export const createIntList = (): IntList => ({ values: new Int32Array(64), length: 0 });

export function pushInt(list: IntList, value: number): void {
  if (list.length === list.values.length) {
    const larger = new Int32Array(2 * list.length);
    larger.set(list.values);
    list.values = larger;
  }
  list.values[list.length++] = value;
}
