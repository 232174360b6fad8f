import { describe, expect, test } from 'vitest';
import { readProduct } from '../../src/arch/product.ts';
import { checkDimension, type QuantityKind } from '../../src/arch/quantity.ts';
import { baseUnit, type Measure, noDimension } from '../../src/units.ts';

const symbols: ReadonlyMap<string, Measure> = new Map([
  ['N', { value: 16, dimension: noDimension }],
  ['BANDWIDTH', { value: 400 * 2 ** 30, dimension: { ...noDimension, data: 1, time: -1 } }],
]);

test.each([
  ['132', 132, ''],
  ['3.35 TB/s', 3.35e12, 'B/s'],
  ['400 GiB/s', 400 * 2 ** 30, 'B/s'],
  ['400GiB/s', 400 * 2 ** 30, 'B/s'],
  ['228 KiB', 228 * 1024, 'B'],
  ['80 GB', 80e9, 'B'],
  ['16 bit', 2, 'B'],
  ['1 Mib', 131072, 'B'],
  ['1.83 GHz', 1.83e9, '1/s'],
  ['940 MHz', 940e6, '1/s'],
  ['3.9 pJ/b', 31.2, 'pJ/B'],
  ['24.4 pJ/B', 24.4, 'pJ/B'],
  ['1 fJ', 0.001, 'pJ'],
  ['2 mJ', 2e9, 'pJ'],
  ['128 B/cycle', 128, 'B/cycle'],
  ['256 cycles', 256, 'cycle'],
  ['250 ns', 250e-9, 's'],
  ['12.08 cm^2', 1208, 'mm^2'],
  ['1545 um^2', 1545e-6, 'mm^2'],
  ['249.6 pJ / 8 B', 31.2, 'pJ/B'],
  ['N^2 * 24 B', 6144, 'B'],
  ['N cycles', 16, 'cycle'],
  ['BANDWIDTH', 400 * 2 ** 30, 'B/s'],
  ['2 * BANDWIDTH', 800 * 2 ** 30, 'B/s'],
  ['-5 GB', -5e9, 'B'],
])('%s is %d %s', (text, value, unit) => {
  const reading = readProduct(text, symbols);
  expect(reading).toMatchObject({ ok: true, value: { value } });
  if (reading?.ok) expect(baseUnit(reading.value.dimension)).toBe(unit);
});

test.each(['', '1 + 2', 'ceil(3)', '(1)', '1/2 B', '2 / 3 / 4', 'N ^ x', '2 3', '* 2', '2 *', '1..2', 'a.b', '"x"'])(
  'leaves %j to the expression reader',
  (text) => {
    expect(readProduct(text, symbols)).toBeUndefined();
  },
);

describe('unknown names', () => {
  const complain = (text: string) => {
    const reading = readProduct(text, symbols);
    if (reading === undefined || reading.ok) throw new Error(`"${text}" was read`);
    return reading.problems[0]!;
  };
  test.each([
    ['400 GBps', 'did you mean "GB/s"?'],
    ['400 gb/s', 'case matters: did you mean "GB" or "Gb"?'],
    ['5 ghz', 'case matters: did you mean "GHz"?'],
    ['64 KB', 'did you mean "kB" (1000) or "KiB" (1024)?'],
    ['64 KiBs', 'did you mean "KiB"'],
  ])('%s', (text, help) => {
    const found = complain(text);
    expect(found.code).toBe('unknown-unit');
    expect(found.help).toContain(help);
  });
  test('a misspelt parameter is not taken for a unit', () => {
    expect(complain('BANDWITH')).toMatchObject({ code: 'unknown-parameter', help: 'did you mean "BANDWIDTH"?' });
  });
  test('the place is that of the name', () => {
    expect(complain('400  GiBB')).toMatchObject({ start: 5, end: 9 });
  });
});

test.each<[string, QuantityKind, string]>([
  ['65536', 'size', 'missing-unit'],
  ['5 GHz', 'size', 'wrong-dimension'],
  ['132 B', 'count', 'wrong-dimension'],
  ['64 KiB', 'bandwidth', 'wrong-dimension'],
  ['3 pJ', 'energyPerData', 'wrong-dimension'],
  ['3 mm', 'area', 'wrong-dimension'],
  ['1 s', 'frequency', 'wrong-dimension'],
])('%s is no %s', (text, kind, code) => {
  const reading = readProduct(text, symbols);
  if (reading === undefined || !reading.ok) throw new Error('not a product');
  expect(checkDimension(reading.value, kind, 'field', text)).toMatchObject({ ok: false, problems: [{ code }] });
});
