/** Values by names, such as those of memories, units or tensors. */
export type Table<T> = { readonly [name: string]: T };

/** What a table has of a name; what every object has, such as "constructor", is not its own. */
export const entryOf = <T>(table: Table<T>, name: string): T | undefined =>
  Object.hasOwn(table, name) ? table[name] : undefined;
