import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Cells, packColumn, unpackColumn, valueAt } from '../../src/page/sweep-column.ts';
import { rowsCommand } from '../../src/page/sweep-command.ts';
import { conditionText, type NamedColumn } from '../../src/page/sweep-condition.ts';
import { exactText, readValue, shownText, unitOf } from '../../src/page/sweep-quantity.ts';
import { csvText, sortedRows } from '../../src/page/sweep-rows.ts';
import { selectedRows } from '../../src/page/sweep-selection.ts';
import { tellingShare, usualView, type ViewColumn } from '../../src/page/sweep-view.ts';
import { runs } from '../runs.ts';

const number = fc.oneof(
  { weight: 12, arbitrary: fc.double({ min: -1e6, max: 1e6, noNaN: true }) },
  { weight: 4, arbitrary: fc.double({ noNaN: true }) },
  { weight: 8, arbitrary: fc.integer({ min: -20, max: 20 }) },
  { weight: 1, arbitrary: fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0) },
);

const named = (cells: Cells, name = 'x'): NamedColumn => ({ name, ...unpackColumn(packColumn(cells)) });

/** Many different numbers that are nearly alike, beside some given ones: they are rounded, and rounding joins some. */
const crowded = (values: readonly number[], step: number, base = 1.2345678): Float64Array =>
  Float64Array.from({ length: 1500 + values.length }, (_, i) => values[i - 1500] ?? base + (i - 700) * step);

describe('columns', () => {
  test('are the same unpacked, with numbers rounded where there are many', () => {
    fc.assert(
      fc.property(fc.array(number, { minLength: 1, maxLength: 400 }), fc.boolean(), (values, isCrowded) => {
        const cells = isCrowded ? crowded(values, 1e-7) : Float64Array.from(values);
        const packed = packColumn(cells);
        const column = unpackColumn(JSON.parse(JSON.stringify(packed)));
        expect(packed.digits).toBe(isCrowded ? 7 : undefined);
        cells.forEach((value, row) => {
          const kept = isCrowded ? Number(value.toPrecision(7)) : value;
          expect(valueAt(column, row)).toBe(Number.isNaN(kept) ? undefined : kept + 0);
        });
      }),
      { numRuns: runs(60) },
    );
  });

  test('of texts too, whatever they are', () => {
    fc.assert(
      fc.property(fc.array(fc.option(fc.string({ unit: 'binary' })), { minLength: 1, maxLength: 300 }), (rows) => {
        const texts = [...new Set(rows.filter((t) => t !== null))];
        const codes = Int32Array.from(rows, (t) => (t === null ? -1 : texts.indexOf(t)));
        const column = unpackColumn(packColumn({ texts, codes }));
        expect(rows.map((_, row) => valueAt(column, row) ?? null)).toEqual(rows);
      }),
      { numRuns: runs(60) },
    );
  });
});

/** What a condition of two ends says of a number, by reading it. */
function holds(condition: string, value: number): boolean {
  const bound = (sign: string): number | undefined => {
    const [, text] = new RegExp(`"x" ${sign} (\\S+)`).exec(condition) ?? [];
    return text === undefined ? undefined : Number(text);
  };
  return !Number.isNaN(value) && value >= (bound('>=') ?? -Infinity) && value <= (bound('<=') ?? Infinity);
}

describe('the condition in SQL', () => {
  test('holds for the numbers whose rows are selected on the page, also where these are rounded', () => {
    const end = fc.oneof(
      fc.constant(undefined),
      fc.double({ min: 1.2345, max: 1.2348, noNaN: true }),
      fc.double({ min: 0.99999, max: 1.00001, noNaN: true }),
      fc.integer({ min: -20000, max: 20000 }).map((i) => 1 + i / 2e7),
      number,
    );
    fc.assert(
      fc.property(
        fc.array(number, { maxLength: 50 }),
        end,
        end,
        fc.constantFrom(0, 1e-8, 1e-7, 3),
        fc.constantFrom(1.2345678, 1, -1, -100),
        (few, a, b, step, base) => {
          const cells = step === 0 ? Float64Array.from([1, ...few]) : crowded(few, step, base);
          const [from, to] = [a, b].map((e) => (e === undefined || !Number.isFinite(e) ? undefined : e));
          const column = named(cells);
          const selection = new Map([[0, { kind: 'range' as const, from, to }]]);
          const condition = conditionText([column], selection);
          const expected = [...cells].map((value) => (holds(condition, value) ? 1 : 0));
          expect([...selectedRows([column], selection, cells.length)]).toEqual(expected);
        },
      ),
      { numRuns: runs(300) },
    );
  });

  test('quotes names and texts, and knows rows without a value', () => {
    const column = named({ texts: ["it's", 'b'], codes: Int32Array.from([0, 1, -1]) }, 'a "name"');
    const of = (...codes: readonly number[]): string =>
      conditionText([column], new Map([[0, { kind: 'values', codes: new Set(codes) }]]));
    expect(of(0, 1)).toBe(`"a ""name""" IN ('b', 'it''s')`);
    expect(of(0, 2)).toBe(`("a ""name""" IN ('b') OR "a ""name""" IS NULL)`);
    expect(of()).toBe('false');
  });

  test('of columns with values that are none keeps these out, and joins columns', () => {
    const columns = [named(Float64Array.from([1, Number.NaN, 3])), named(Float64Array.from([1, 2, 3]), 'y')];
    const range = (from: number | undefined, to: number | undefined) => ({ kind: 'range' as const, from, to });
    const selection = new Map([
      [1, range(undefined, 2.5)],
      [0, range(2, undefined)],
    ]);
    expect(conditionText(columns, selection)).toBe('"x" >= 2 AND NOT isnan("x") AND "y" <= 2.5e+0');
    expect(conditionText(columns, new Map())).toBe('');
  });

  test('is in a command that a shell understands', () => {
    const data = { file: 'a b.duckdb', objectives: [], columns: [] };
    expect(rowsCommand(data, `"x" IN ('a')`)).toBe(
      `attnsim query 'a b.duckdb' 'FROM points WHERE status = '\\''ok'\\'' AND "x" IN ('\\''a'\\'')'`,
    );
    expect(rowsCommand({ ...data, statement: "select 'x' -- all" }, '')).toBe(
      `attnsim query 'a b.duckdb' 'FROM query('\\''select '\\'''\\''x'\\'''\\'' -- all'\\'')'`,
    );
  });
});

test('rows are sorted with those without a value last, and are CSV', () => {
  const column = named(Float64Array.from([2, Number.NaN, 3, 2, Number.POSITIVE_INFINITY]));
  const all = new Uint8Array([1, 1, 1, 1, 1]);
  expect([...sortedRows(column, all, 1)]).toEqual([0, 3, 2, 4, 1]);
  expect([...sortedRows(column, all, -1)]).toEqual([4, 2, 0, 3, 1]);
  expect([...sortedRows(column, new Uint8Array([0, 1, 1, 0, 0]), 1)]).toEqual([2, 1]);
  const texts = named({ texts: ['a "b"', 'c,d'], codes: Int32Array.from([0, 1, -1, 0, 0]) }, 'a\nb');
  expect(csvText([column, texts], [0, 1, 2, 4])).toBe('x,"a\nb"\r\n2,"a ""b"""\r\n,"c,d"\r\n3,\r\ninf,"a ""b"""\r\n');
});

describe('quantities', () => {
  test('are read as they are written exactly', () => {
    fc.assert(
      fc.property(
        fc.double({ noNaN: true, noDefaultInfinity: true }),
        fc.constantFrom('', 's', 'B', 'mm²', 'J'),
        (v, unit) => {
          expect(readValue(exactText(v, unit), unit)).toBe(v + 0);
        },
      ),
      { numRuns: runs(500) },
    );
  });

  test('are short for people', () => {
    expect(shownText(0.0020134123, 's')).toBe('2.0134 ms');
    expect([4194304, 1536 * 1024, 26843545600, 4e11, 256, 0.88951].map((v) => shownText(v, ''))).toEqual([
      '4 Mi',
      '1.5 Mi',
      '25 Gi',
      '400 G',
      '256',
      '0.88951',
    ]);
    expect([shownText(1241.52, 'mm²'), shownText(1e12, 'cycles'), shownText(-Infinity, 's')]).toEqual([
      '1241.5 mm²',
      '1 Tcycles',
      '-∞',
    ]);
    const names = ['latency_s', 'traffic_bytes.DRAM.read', 'resources.DRAM.busy_cycles', 'utilization.Array2D', 'PES'];
    expect(names.map(unitOf)).toEqual(['s', 'B', 'cycles', '', '']);
  });

  test('are read with and without prefix and unit', () => {
    expect(['2.5 ms', '2.5m', '0.0025', '2500 us', '2.5e-3 s', '1,000'].map((t) => readValue(t, 's'))).toEqual([
      0.0025, 0.0025, 0.0025, 0.0025, 0.0025, 1000,
    ]);
    expect(['4 Mi', '400 G', '1k', '-.5'].map((t) => readValue(t, ''))).toEqual([4194304, 4e11, 1000, -0.5]);
    expect(['', 'fast', '2 x', '1 2', '3 B'].map((t) => readValue(t, 's'))).toEqual(Array(5).fill(undefined));
  });
});

describe('what a page shows first', () => {
  const view = (name: string, role: ViewColumn['role'], ...values: readonly number[]): ViewColumn => ({
    name,
    role,
    unit: '',
    ...unpackColumn(packColumn(Float64Array.from(values))),
  });
  const tells = view('tells', 'axis', 1, 1, 2, 2);
  const tellsNothing = view('nothing', 'axis', 1, 2, 1, 2);
  const same = view('same', 'axis', 5, 5, 5, 5);
  const latency = view('latency', 'metric', 1, 2, 11, 12);
  const area = view('area', 'metric', 7, 7, 8, 8);

  test('are two objectives, coloured by the axis that tells most of them, and all that varies side by side', () => {
    const columns = [view('point', 'number', 0, 1, 2, 3), same, tellsNothing, tells, latency, area];
    const goals = [4, 5].map((column) => ({ column, goal: 'minimize' as const }));
    expect(usualView(columns, goals)).toEqual({ x: 4, y: 5, colour: 3, axes: [2, 3, 4, 5] });
    expect(usualView(columns.slice(0, 4), [])).toMatchObject({ x: 2, y: 3 });
    expect(usualView([], [])).toEqual({ x: undefined, y: undefined, colour: undefined, axes: [] });
  });

  test('the correlation ratio is 1 where groups say all, and 0 where they say nothing', () => {
    expect(tellingShare(tells, area)).toBe(1);
    expect(tellingShare(tellsNothing, area)).toBe(0);
    // Ranks 0 to 3, groups of means 0.5 and 2.5: 4 of 5.
    expect(tellingShare(tells, latency)).toBeCloseTo(0.8, 12);
    expect(tellingShare(tells, same)).toBe(0);
  });
});
