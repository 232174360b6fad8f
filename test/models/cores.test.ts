import { describe, expect, test } from 'vitest';
import { checkCascade } from '../../src/einsum/check.ts';
import { parseCascade } from '../../src/einsum/parse.ts';
import { bindSizes } from '../../src/einsum/shape.ts';
import { parseMapping } from '../../src/mapper/parse.ts';
import { placeMapping } from '../../src/mapper/place.ts';
import { evaluateMapping } from '../../src/models/evaluate.ts';
import type { Metrics } from '../../src/models/metrics.ts';
import { must, shipped, shippedMachine } from '../mapper/inputs.ts';

/** By hand: cores, fp32 lanes of a core, instructions that it issues a cycle, GHz, GB/s that the cores reach. */
const cpus = {
  'raspberry-pi-5': { cores: 4, lanes: 8, issue: 4, clock: 2.4, bandwidth: 10.2 },
  rk3588: { cores: 4, lanes: 8, issue: 4, clock: 2.376, bandwidth: 19.5 },
  'jetson-orin-cpu': { cores: 12, lanes: 8, issue: 6, clock: 2.2, bandwidth: 204.8 },
  'jetson-orin-nano-cpu': { cores: 6, lanes: 8, issue: 6, clock: 1.7, bandwidth: 102 },
  'snapdragon-x-elite': { cores: 12, lanes: 16, issue: 8, clock: 3.39, bandwidth: 83 },
  'apple-m1': { cores: 4, lanes: 16, issue: 8, clock: 3.2, bandwidth: 58 },
  'apple-m2-max': { cores: 8, lanes: 16, issue: 8, clock: 2.99, bandwidth: 224 },
  'apple-m4-max': { cores: 12, lanes: 16, issue: 8, clock: 3.19, bandwidth: 305.76 },
  'core-i9-13900k': { cores: 8, lanes: 16, issue: 6, clock: 5.5, bandwidth: 63.488 },
  'core-i3-1315u': { cores: 2, lanes: 16, issue: 6, clock: 4.5, bandwidth: 25.792 },
  'core-i5-4278u': { cores: 2, lanes: 16, issue: 4, clock: 3.1, bandwidth: 15.872 },
} as const;

/** Llama 3.2 3B: its layers, and attention of one of them. */
const layers = { L: 28, B: 1, D: 3072, H: 24, G: 3, E: 128, FF: 8192 };
const attention = { B: 1, H: 24, G: 3, E: 128, F: 128, M0: 64 };
const weightsOfLayer = 2 * 3072 * 3072 + 2 * 3072 * 1024 + 3 * 3072 * 8192;

type Sizes = Readonly<Record<string, number>>;

async function evaluate(
  cpu: string,
  cascade: string,
  mapping: string,
  sizes: Sizes,
  formats: ReadonlyMap<string, string> = new Map(),
): Promise<Metrics> {
  const read = must(parseMapping(shipped('mappings', `${mapping}.map`)));
  const checked = must(checkCascade(must(parseCascade(shipped('cascades', `${cascade}.einsum`)))));
  const workload = must(bindSizes(checked, new Map(Object.entries(sizes)), new Map(), formats));
  const placed = placeMapping(read, workload, await shippedMachine(cpu));
  return evaluateMapping(must(placed), 'analytic');
}

describe.each(Object.entries(cpus))('%s', (cpu, { cores, lanes, issue, clock, bandwidth }) => {
  const seconds = ({ latency_cycles }: Metrics): number => latency_cycles / (clock * 1e9);
  /** Seconds for so many bytes, for so many operations in fp16, and for products of quantized blocks:
   * 140 or 100 instructions for 256, of which 0.54 of those that could be are issued in a cycle. */
  const memory = (bytes: number): number => bytes / (bandwidth * 1e9);
  const arithmetic = (operations: number): number => operations / (cores * 2 * lanes * clock * 1e9);
  const blocks = (products: number): number =>
    (products * ((cpu.startsWith('core') ? 100 : 140) / 256)) / (0.54 * cores * issue * clock * 1e9);

  test('a token takes as long as its weights, or as its multiply-adds', async () => {
    const weights = layers.L * weightsOfLayer;
    const time = seconds(await evaluate(cpu, 'decoder-layers', 'decoder-layers', { ...layers, P: 1 }));
    const bound = Math.max(memory(2 * weights), blocks(weights));
    expect(time).toBeGreaterThan(bound);
    expect(time).toBeLessThan(1.02 * bound);
  });

  test('quantized weights take less by their bits', async () => {
    const formats = new Map(['WQ', 'WK', 'WV', 'WZ', 'W1', 'W2', 'W3'].map((tensor) => [tensor, 'q4_k'] as const));
    const { traffic } = await evaluate(cpu, 'decoder-layers', 'decoder-layers', { ...layers, L: 1, P: 1 }, formats);
    const weights = (weightsOfLayer * 4.5) / 8;
    expect(traffic.get('DRAM')!.read_bytes).toBeGreaterThan(weights);
    expect(traffic.get('DRAM')!.read_bytes).toBeLessThan(1.01 * weights);
  });

  test('a prompt is limited by the instructions of its products', async () => {
    const time = seconds(await evaluate(cpu, 'decoder-layers', 'decoder-layers', { ...layers, P: 512 }));
    const bound = blocks(512 * layers.L * weightsOfLayer);
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
