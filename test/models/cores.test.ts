import { describe, expect, test } from 'vitest';
import { parseMapping } from '../../src/mapper/parse.ts';
import { placeMapping } from '../../src/mapper/place.ts';
import { evaluateMapping } from '../../src/models/evaluate.ts';
import type { Metrics } from '../../src/models/metrics.ts';
import { must, shipped, shippedMachine, workloadOf } from '../mapper/inputs.ts';

/** By hand: cores, fp32 lanes of a core, GHz, GB/s that the cores reach. */
const cpus = {
  'raspberry-pi-5': { cores: 4, lanes: 8, clock: 2.4, bandwidth: 10.2 },
  rk3588: { cores: 4, lanes: 8, clock: 2.376, bandwidth: 19.5 },
  'jetson-orin-cpu': { cores: 12, lanes: 8, clock: 2.2, bandwidth: 204.8 },
  'jetson-orin-nano-cpu': { cores: 6, lanes: 8, clock: 1.7, bandwidth: 102 },
  'snapdragon-x-elite': { cores: 12, lanes: 16, clock: 3.39, bandwidth: 135 },
  'apple-m1': { cores: 4, lanes: 16, clock: 3.2, bandwidth: 58 },
  'apple-m2-max': { cores: 8, lanes: 16, clock: 2.99, bandwidth: 224 },
  'apple-m4-max': { cores: 12, lanes: 16, clock: 3.19, bandwidth: 305.76 },
} as const;

/** Llama 3.2 3B: its layers, and attention of one of them. */
const layers = { L: 28, B: 1, D: 3072, H: 24, G: 3, E: 128, FF: 8192 };
const attention = { B: 1, H: 24, G: 3, E: 128, F: 128, M0: 64 };
const weightsOfLayer = 2 * 3072 * 3072 + 2 * 3072 * 1024 + 3 * 3072 * 8192;

type Sizes = Readonly<Record<string, number>>;

async function evaluate(cpu: string, cascade: string, mapping: string, sizes: Sizes): Promise<Metrics> {
  const read = must(parseMapping(shipped('mappings', `${mapping}.map`)));
  const placed = placeMapping(read, workloadOf(cascade, sizes), await shippedMachine(cpu));
  return evaluateMapping(must(placed), 'analytic');
}

describe.each(Object.entries(cpus))('%s', (cpu, { cores, lanes, clock, bandwidth }) => {
  const seconds = ({ latency_cycles }: Metrics): number => latency_cycles / (clock * 1e9);
  /** Seconds for so many bytes, and for so many multiply-adds in fp32. */
  const memory = (bytes: number): number => bytes / (bandwidth * 1e9);
  const arithmetic = (macs: number): number => macs / (cores * lanes * clock * 1e9);

  test('a token takes as long as its weights, or as its multiply-adds', async () => {
    const weights = layers.L * weightsOfLayer;
    const time = seconds(await evaluate(cpu, 'decoder-layers', 'decoder-layers', { ...layers, P: 1 }));
    const bound = Math.max(memory(2 * weights), arithmetic(weights));
    expect(time).toBeGreaterThan(bound);
    expect(time).toBeLessThan(1.02 * bound);
  });

  test('a prompt is limited by the lanes', async () => {
    const time = seconds(await evaluate(cpu, 'decoder-layers', 'decoder-layers', { ...layers, P: 512 }));
    const bound = arithmetic(512 * layers.L * weightsOfLayer);
    expect(time).toBeGreaterThan(bound);
    expect(time).toBeLessThan(1.1 * bound);
  });

  test('a product of a matrix and a vector reads the matrix once', async () => {
    const { traffic, ...metrics } = await evaluate(cpu, 'gemm', 'gemm-cores', { M: 1, N: 128256, K: 3072 });
    expect(traffic.get('DRAM')).toMatchObject({
      read_bytes: 2 * (128256 * 3072 + 3072),
      write_bytes: 2 * 128256,
    });
    const bound = Math.max(memory(2 * 128256 * 3072), arithmetic(128256 * 3072));
    expect(metrics.latency_cycles / (clock * 1e9)).toBeGreaterThan(bound);
    expect(metrics.latency_cycles / (clock * 1e9)).toBeLessThan(1.02 * bound);
  });

  test('attention of one query reads keys and values once, of a prompt its products limit it', async () => {
    const decode = await evaluate(cpu, 'attention-1-pass', 'attention-cores', { ...attention, P: 1, M: 4096 });
    expect(decode.traffic.get('DRAM')!.read_bytes).toBe(2 * (2 * 8 * 4096 * 128 + 24 * 128));
    const prompt = await evaluate(cpu, 'attention-1-pass', 'attention-cores', { ...attention, P: 4096, M: 4096 });
    const products = arithmetic(24 * 4096 * 4096 * 2 * 128);
    // Besides the products a score takes a maximum, a difference, an exponential of 11 steps and a sum: 14 of 270.
    expect(seconds(prompt)).toBeGreaterThan(products * (270 / 256));
    expect(seconds(prompt)).toBeLessThan(products * 1.12);
  });
});
