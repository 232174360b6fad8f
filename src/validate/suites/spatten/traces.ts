import type { Figure, Run } from '../../suite.ts';
import { type Alike, busyCycles, head_size, type Kind, kindOf, type Schedule, type Schedules } from './kind.ts';

/** Tokens that are fetched at a time. */
const group = 8;

/**
 * Bits of keys and values in DRAM. The released test bench has keys of 6 bits, in pairs of heads, of 8, or of 8 and 4 apart:
 * so go 10 and 12 bits, and those that are not stated, and then the low bits are fetched for every row.
 */
function planesOf({ key_bits, value_bits }: Pick<Schedule, 'key_bits' | 'value_bits'>) {
  const narrow = (bits: number): 'int6' | 'int8' => (bits === 6 ? 'int6' : 'int8');
  return { K0: narrow(key_bits), V: narrow(value_bits), forced: key_bits !== 6 && key_bits !== 8 };
}

/** Rows that are alike, as heads of one layer. */
function runOf(schedule: Schedule, { keys, values, rows, low_rows }: Alike, hardware: string): Run {
  const { forced, ...formats } = planesOf(schedule);
  return {
    cascade: 'spatten-layer',
    hardware,
    mapping: 'spatten',
    workload: undefined,
    sizes: { B: 1, H: rows, P: 1, M: keys, E: head_size, F: head_size, KEPT: values },
    formats,
    densities: { G: forced ? 1 : low_rows / rows },
    parameters: { BURST: `${(group * head_size * (formats.K0 === 'int6' ? 6 : 8)) / 8} B` },
  };
}

/** What is fetched for a row: whole groups of tokens. */
const inGroups = (alike: Alike): Alike => ({
  ...alike,
  keys: wholeGroups(alike.keys),
  values: wholeGroups(alike.values),
});

const wholeGroups = (tokens: number): number => Math.ceil(tokens / group) * group;

export const runsOf = (schedule: Schedule, hardware: string): readonly Run[] =>
  schedule.alike.map((alike) => runOf(schedule, alike, hardware));

type Trace = { readonly schedule: string; readonly hardware: string };

const tolerance = { analytic: 0.02, cycle: 0.02 };

const cycles = (name: string, title: string, resource: string): Figure => ({
  name,
  title,
  unit: 'cycles',
  error: 'relative',
  tolerance,
  read: busyCycles(resource),
});

/** The released workloads: how long their rows keep memory and arrays busy. */
export const traces = (schedules: Schedules): Kind =>
  kindOf<Trace>({
    table: 'traces',
    cascade: 'spatten-layer',
    required: ['schedule', 'hardware'],
    figures: [
      cycles('memory_cycles', 'DRAM busy', 'HBM'),
      cycles('qk_cycles', 'scores busy', 'ScoreArray'),
      cycles('pv_cycles', 'values busy', 'ValueArray'),
      {
        name: 'kv_bytes',
        title: 'DRAM bytes',
        unit: 'B',
        error: 'relative',
        tolerance,
        read: (outcomes) => outcomes.reduce((sum, { metrics }) => sum + metrics.traffic.get('HBM')!.read_bytes, 0),
      },
    ],
    fields: { schedule: { enum: Object.keys(schedules) }, hardware: { enum: ['spatten', 'spatten-eighth'] } },
    plan: ({ schedule, hardware }) => ({
      series: 'trace',
      label: `${schedules[schedule]!.model}, ${hardware}`,
      runs: schedules[schedule]!.alike.map((alike) => runOf(schedules[schedule]!, inGroups(alike), hardware)),
    }),
  });
