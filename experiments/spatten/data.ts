import { loadMachine, type Machine, peaks, type Result, renderDiagnostic, type Selector } from 'attnsim';
import { packageText } from '../job.ts';
import type { Alike } from './rows.ts';

export type Schedule = {
  readonly model: string;
  readonly key_bits: number;
  readonly value_bits: number;
  readonly alike: readonly Alike[];
};

export type Schedules = Readonly<Record<string, Schedule>>;

/** What was published of the chip. */
export type Reported = {
  readonly dram_reduction: {
    readonly all: number;
    readonly benchmarks: { readonly bert: number; readonly gpt2: number };
    readonly token_and_value_pruning: { readonly all: number; readonly gpt2: number };
    readonly head_pruning: number;
    readonly quantization: { readonly gpt2: number };
    readonly low_bits_share: number;
  };
  readonly tflops: { readonly bert: number; readonly gpt2: number };
  readonly steps: readonly { readonly step: string; readonly speedup: number }[];
  readonly power_w: number;
  readonly baselines: readonly Baseline[];
  readonly eighth: readonly Baseline[];
  readonly eighth_gops: number;
  /** Share of the operations that A3 skips. */
  readonly a3_saved: number;
  /** By schedule, then by keys of a row. */
  readonly rows_without_head_pruning: Readonly<Record<string, Readonly<Record<string, number>>>>;
};
/** How many times as fast SpAtten is, and how many times as much energy it takes. */
export type Baseline = { readonly name: string; readonly speedup: number; readonly energy: number };

const specText = (name: string) => packageText(`hardware-specs/${name}.yaml`);

/** What ships is right, so a mistake is a bug and is thrown. */
export function right<T>(result: Result<T>): T {
  if (!result.ok) throw new Error(result.diagnostics.map(renderDiagnostic).join('\n'));
  return result.value;
}

export const machineOf = async (name: string): Promise<Machine> =>
  right(await loadMachine(await specText(name), { resolve: specText }));

/** The top-k engine of a machine; without one it is a mistake of the experiment. */
export function selectorOf(machine: Machine): Selector {
  const selector = machine.units.find((unit) => unit.selector !== undefined)?.selector;
  if (selector === undefined) throw new Error(`${machine.name} has no selector`);
  return selector;
}

/** Bytes a second of the outermost memory. */
export const bandwidthOf = ({ levels, clock_hz }: Machine): number =>
  levels[0]!.memory!.read_bytes_per_cycle * clock_hz;

/** FLOP/s of all arrays together: products of scores and of values are computed beside each other. */
export const productPeak = (machine: Machine): number =>
  peaks(machine)
    .filter(({ operator }) => operator === 'mac')
    .reduce((sum, { operations_per_s }) => sum + operations_per_s, 0);

const jsonOf = async <T>(name: string): Promise<T> =>
  JSON.parse((await packageText(`experiments/spatten/${name}.json`)).text) as T;

/** The released workloads. */
export const readSchedules = async (): Promise<Schedules> =>
  (await jsonOf<{ schedules: Schedules }>('schedules')).schedules;

export const readReported = (): Promise<Reported> => jsonOf<Reported>('reported');
