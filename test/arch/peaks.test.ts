import { expect, test } from 'vitest';
import { describeMachine } from '../../src/arch/describe.ts';
import { peakMac, peaks, ridges, totalArea } from '../../src/arch/peaks.ts';
import { machineOf, shippedSource } from './shipped.ts';

test('FuseMax: 61.6 TMAC/s and a ridge of 143.4 MAC a byte', async () => {
  const machine = await machineOf(shippedSource('fusemax'));
  expect(peakMac(machine)).toMatchObject({ unit: 'Array2D', applications_per_cycle: 65536 });
  expect(peakMac(machine)!.operations_per_s).toBe(2 * 65536 * 940e6);
  expect(ridges(machine)).toEqual([
    {
      level: 'DRAM',
      bandwidth_bytes_per_s: 400 * 2 ** 30,
      ridge_ops_per_byte: (2 * 65536 * 940e6) / (400 * 2 ** 30),
    },
  ]);
  expect(ridges(machine)[0]!.ridge_ops_per_byte / 2).toBeCloseTo(143.4, 1);
});

/** What the data sheet says, and not what is achieved. */
const datasheet = { MATRIX_FRACTION: '1', KERNEL_FRACTION: '1', HBM_FRACTION: '1', VECTOR_COST: '1' };

test('H100: the datasheet peak from SMs, shape and clock', async () => {
  const machine = await machineOf(shippedSource('h100-sxm'), datasheet);
  expect(peakMac(machine)!.operations_per_s).toBeCloseTo(132 * 4096 * 1.83e9, -3);
  expect(peakMac(machine)!.operations_per_s / 1e12).toBeCloseTo(989.4, 1);
  // 16 lanes a SM, one exponential each: FlashAttention-3 (arXiv 2407.08608) says 3.9 T a second.
  const exp = peaks(machine).find(({ unit, operator }) => unit === 'SFU' && operator === 'exp')!;
  expect(exp.operations_per_s / 1e12).toBeCloseTo(3.9, 1);
  expect(ridges(machine).map(({ level }) => level)).toEqual(['HBM', 'L2', 'SharedMemory']);
  expect(ridges(machine)[0]!.ridge_ops_per_byte).toBeCloseTo(989.4e12 / 3.35e12, 0);
});

test('A100: 312 TFLOP/s, and 19.5 in fp32', async () => {
  const machine = await machineOf(shippedSource('a100-sxm-80gb'), datasheet);
  expect(peakMac(machine)!.operations_per_s / 1e12).toBeCloseTo(311.9, 1);
  const fp32 = peaks(machine).find(({ unit, operator }) => unit === 'FP32' && operator === 'mac')!;
  expect(fp32.operations_per_s / 1e12).toBeCloseTo(19.5, 1);
});

test("H100: at the rate of the best measured product the tensor cores' energy is the board's 700 W, less what it idles at", async () => {
  const machine = await machineOf(shippedSource('h100-sxm'), datasheet);
  const { power_w, operations_per_s } = peakMac(machine)!;
  expect((power_w * 794.5e12) / operations_per_s).toBeCloseTo(700 - 105, 6);
});

test.each([
  ['a100-sxm-40gb', 312, 1.555],
  ['h100-pcie', 820, 2.039],
  ['h200', 989, 4.8],
  ['b200', 2250, 8],
  ['gb200', 2500, 8],
  ['gb300', 2500, 8],
  ['mi250x-gcd', 191.5, 1.638],
  ['mi250x', 383, 3.277],
  ['mi300x', 1307, 5.3],
  ['mi355x', 2500, 8],
])('%s: %d TFLOP/s in fp16 and %d TB/s, as its data sheet has it', async (name, teraflops, terabytes) => {
  const gain = name === 'mi355x' ? { PRODUCT_GAIN: '1' } : {};
  const machine = await machineOf(shippedSource(name), { ...datasheet, ...gain });
  expect(Math.abs(peakMac(machine)!.operations_per_s / (teraflops * 1e12) - 1)).toBeLessThan(0.01);
  const { memory } = machine.levels[0]!;
  expect((memory!.read_bytes_per_cycle * machine.clock_hz) / 1e12).toBeCloseTo(terabytes, 3);
});

test.each([
  ['fusemax', 1207951209.6768 + 10799217.93184 + 92e6],
  ['flat', 1203195975.1884801 + 12905679.4128 + 184e6],
])('%s: areas are those of the artifact, %d um^2', async (name, area) => {
  expect(totalArea(await machineOf(shippedSource(name)))).toBeCloseTo(area / 1e6, 6);
});

test('FuseMax is 6.4% smaller than FLAT', async () => {
  const [fusemax, flat] = await Promise.all([machineOf(shippedSource('fusemax')), machineOf(shippedSource('flat'))]);
  expect(1 - totalArea(fusemax) / totalArea(flat)).toBeCloseTo(0.064, 2);
});

test('an operator that takes no time has no peak', async () => {
  const machine = await machineOf(shippedSource('flat'));
  expect(peaks(machine).some(({ operator }) => operator === 'sub')).toBe(false);
  const slower = await machineOf(shippedSource('flat'), { SUB_CYCLES: '1' });
  expect(peaks(slower).some(({ operator }) => operator === 'sub')).toBe(true);
});

test('the description has what a reader asks for', async () => {
  const described = describeMachine(await machineOf(shippedSource('h100-sxm'), datasheet));
  expect(described.levels.map(({ name, depth }) => `${depth} ${name}`)).toEqual([
    '0 HBM',
    '1 L2',
    '2 SM',
    '3 SharedMemory',
    '3 Registers',
  ]);
  expect(described.units.map(({ name, level, lanes, total_lanes }) => [name, level, lanes, total_lanes])).toEqual([
    ['TensorCore', 'SM', 2048, 270336],
    ['FP32', 'SM', 128, 16896],
    ['SFU', 'SM', 16, 2112],
  ]);
  expect(described.parameters.map(({ name, value }) => `${name} = ${value}`)).toContain('BANDWIDTH = 3.35 TB/s');
  expect(described.port_powers.find(({ level }) => level === 'HBM')!.power_w).toBeCloseTo(3.35e12 * 31.2e-12, 6);
});
