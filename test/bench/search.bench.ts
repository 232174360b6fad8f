import { bench, describe } from 'vitest';
import { parseMapping } from '../../src/mapper/parse.ts';
import { bestMappings, type Space } from '../../src/search/best-mappings.ts';
import { openNumbers } from '../../src/search/dataflow/dataflow.ts';
import { defaultLimits } from '../../src/search/default-limits.ts';
import { must, shipped, shippedMachine, workloadOf } from '../mapper/inputs.ts';

/** Whole searches: from the problem to the mapping that is proven. */
const options = { axes: ['latency_cycles'], accounting: 'physical', effort: 300 } as const;
const once = { iterations: 3, warmupIterations: 1, time: 0, warmupTime: 0 };

const bert = { B: 64, H: 12, E: 64, F: 64, P: 65536, M: 65536 };
const flash = { B: 1, H: 16, E: 128, F: 128, P: 65536, M: 65536, M0: 128 };

async function dataflow(name: string, hardware: string, sizes: Readonly<Record<string, number>>): Promise<Space> {
  const mapping = must(parseMapping(shipped('mappings', `${name}.map`)));
  const workload = workloadOf(mapping.cascades[0]!.name, sizes);
  const problem = { workload, machine: await shippedMachine(hardware) };
  return { kind: 'dataflow', problem, dataflow: openNumbers(mapping, workload, new Set(['tiles'])) };
}

async function nests(cascade: string, hardware: string, sizes: Readonly<Record<string, number>>): Promise<Space> {
  const workload = workloadOf(cascade, sizes);
  return {
    kind: 'nests',
    problem: { workload, machine: await shippedMachine(hardware) },
    limits: defaultLimits(workload),
  };
}

const searches = [
  ['fusemax-binding, BERT at 64K', await dataflow('fusemax-binding', 'fusemax', bert)],
  ['flash-attention-2, 16 heads at 64K', await dataflow('flash-attention-2', 'h100-sxm', flash)],
  ['flash-attention-3, 16 heads at 64K', await dataflow('flash-attention-3', 'h100-sxm', flash)],
  ['gemm on fusemax, nests', await nests('gemm', 'fusemax', { M: 4096, N: 4096, K: 512 })],
] as const;

describe('search', () => {
  for (const [name, space] of searches) bench(name, () => void bestMappings([space], options), once);
});
