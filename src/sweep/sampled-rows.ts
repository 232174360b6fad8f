import { allRows } from './answer.ts';
import { quoteName } from './duckdb.ts';
import { evenSample } from './even-sample.ts';
import type { NumberedRows, RankedRows } from './numbered-rows.ts';
import type { StoreReader } from './read-store.ts';
import type { Cells } from './table.ts';

/** Some rows of many, to be looked at. */
export type SampledRows = {
  /** How many rows there are. */
  readonly count: number;
  /** Places of the rows that are here, rising. */
  readonly places: Uint32Array;
  readonly columns: readonly { readonly name: string; readonly cells: Cells }[];
};

/**
 * The front, the best, and an even sample of all others, `limit` rows in all: the same for the same table. Throws the
 * engine's error.
 */
export async function sampleRows(
  store: StoreReader,
  { from, number, columns }: NumberedRows,
  { numbers, front, best }: RankedRows,
  limit: number,
): Promise<SampledRows> {
  const kept = [...new Set([...front, ...best.filter((i) => i !== undefined)])];
  const places = evenSample(numbers.length, Uint32Array.from(kept).sort(), limit);
  await store.choose(Float64Array.from(places, (i) => numbers[i]!));
  const name = quoteName(number);
  const rows = `FROM ${from} AS asked SEMI JOIN chosen ON asked.${name} = chosen.point ORDER BY ${name}`;
  const cast = (isNumber: boolean, type: string): readonly string[] =>
    columns.filter((c) => c.isNumber === isNumber).map((c) => `CAST(${quoteName(c.name)} AS ${type})`);
  const numeric = await store.askNumbers(`SELECT ${[name, ...cast(true, 'DOUBLE')].join(', ')} ${rows}`);
  const texts = await allRows(await store.ask(`SELECT ${[name, ...cast(false, 'VARCHAR')].join(', ')} ${rows}`));
  let [numberAt, textAt] = [0, 0];
  return {
    count: numbers.length,
    places,
    columns: columns.map((column) => {
      if (column.isNumber) return { name: column.name, cells: numeric[++numberAt]! };
      const at = ++textAt;
      return { name: column.name, cells: codedTexts(texts.map((row) => row[at] as string | null)) };
    }),
  };
}

function codedTexts(texts: readonly (string | null)[]): Cells {
  const places = new Map([...new Set(texts.filter((t) => t !== null))].map((text, i) => [text, i]));
  return { texts: [...places.keys()], codes: Int32Array.from(texts, (t) => (t === null ? -1 : places.get(t)!)) };
}
