import type { PlacedMapping } from '../../../src/mapper/placed.ts';
import { evaluateMapping } from '../../../src/models/evaluate.ts';
import type { Metrics } from '../../../src/models/metrics.ts';
import { machineOf } from '../../arch/shipped.ts';
import { must, place, workloadOf } from '../../mapper/inputs.ts';

/** A memory over cores with a systolic array and a vector unit; whatever is not set costs nothing. */
const machine = `name: tiny
sources: { hand: "made up, so that times can be worked out by hand" }
parameters:
  BANDWIDTH: { value: 1 B/cycle, source: hand }
  ACCESS: { value: 1 B, source: hand }
  LATENCY: { value: 0 cycles, source: hand }
  CORES: { value: 1, source: hand }
  CORE_LATENCY: { value: 0 cycles, source: hand }
  MAC: { value: 1, source: hand }
  EXP: { value: 1, source: hand }
  ROWS: { value: 4, source: hand }
  COLUMNS: { value: 2, source: hand }
clock: { value: 1 GHz, source: hand }
levels:
  - name: DRAM
    memory: { read_bandwidth: BANDWIDTH, access: ACCESS, latency: LATENCY, source: hand }
  - name: Core
    parent: DRAM
    instances: { value: CORES, source: hand }
    memory: { latency: CORE_LATENCY, source: hand }
    units:
      - name: Array
        source: hand
        dimensions: { rows: ROWS, columns: COLUMNS }
        operators: { mac: { cycles: MAC }, mul: { cycles: MAC } }
        ramp_up: ROWS * 1 cycle
        ramp_down: COLUMNS * 1 cycle
      - name: Vector
        source: hand
        dimensions: { lanes: 1 }
        operators: { exp: { cycles: EXP } }
`;

type Case = {
  readonly cascade: string;
  readonly sizes: Readonly<Record<string, number>>;
  readonly mapping: string;
  readonly machine?: Readonly<Record<string, string | number>>;
  /** Of a port of each core's own, which has none otherwise. */
  readonly corePort?: string;
  /** One port of the memory for reads and writes, in place of one for reads. */
  readonly sharedPort?: boolean;
  readonly model?: Metrics['model'];
};

const withCorePort = (bandwidth: string | undefined): string =>
  bandwidth === undefined
    ? machine
    : machine.replace('latency: CORE_LATENCY', `write_bandwidth: ${bandwidth}, latency: CORE_LATENCY`);

export async function placedOf(c: Case): Promise<PlacedMapping> {
  const values = Object.entries(c.machine ?? {}).map(([name, value]) => [name, String(value)]);
  const spec = withCorePort(c.corePort);
  const text = c.sharedPort === true ? spec.replace('read_bandwidth: BANDWIDTH', 'bandwidth: BANDWIDTH') : spec;
  const tiny = await machineOf({ name: 'tiny.yaml', text }, Object.fromEntries(values));
  return must(place(`mapping test\n${c.mapping}`, workloadOf(c.cascade, c.sizes), tiny));
}

export const simulated = async (c: Case): Promise<Metrics> => evaluateMapping(await placedOf(c), c.model ?? 'cycle');

export const cyclesOf = async (c: Case): Promise<number> => (await simulated(c)).latency_cycles;

/** One exponential a byte. */
export const stream = `cascade stream
  rank N
  input X[N] : int8
  output Y[N]
  Y[n] = exp(X[n])
`;
