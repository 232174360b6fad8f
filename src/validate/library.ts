import { type Diagnostic, failure, type Result, success } from '../diagnostic.ts';
import { bindSizes } from '../einsum/shape.ts';
import type { Workload } from '../einsum/workload.ts';
import type { WorkloadFile } from '../einsum/workload-file.ts';
import { placeMapping } from '../mapper/place.ts';
import { boardPower } from '../models/power.ts';
import { type Counted, countOnce, retime } from '../models/retime.ts';
import { evaluatePlacement, type Placement, splitParameters } from '../simulate.ts';
import { memoized } from './memoized.ts';
import { openTexts, type ShippedTexts } from './shipped-texts.ts';
import type { Evaluation, Outcome, ReadShipped, Run } from './suite.ts';

/** Evaluates runs of what ships; every text is read once, however many runs there are, and every run once. */
export type Library = {
  readonly evaluate: (run: Run, evaluation: Evaluation) => Promise<Result<Outcome>>;
};

/** Seconds that runs take in closed form on machines of which only rates, latencies and fractions differ. */
export type Stopwatch = {
  /** `parameters` of the machine go before those of the run; what moves in a run is counted once. */
  readonly seconds: (run: Run, parameters: Readonly<Record<string, string>>) => Promise<Result<number>>;
};

export function openStopwatch(readShipped: ReadShipped): Stopwatch {
  const place = placerOf(openTexts(readShipped));
  const counted = memoized(async (key): Promise<Result<Counted>> => {
    const placed = await place(JSON.parse(key) as Run);
    return placed.ok ? success(countOnce(placed.value.placed)) : placed;
  });
  return {
    seconds: async (run, parameters) => {
      const known = await counted(JSON.stringify(run));
      if (!known.ok) return known;
      const placed = await place({ ...run, parameters: { ...run.parameters, ...parameters } });
      if (!placed.ok) return placed;
      const { latency_cycles } = retime(known.value, placed.value.placed);
      return success(boardPower(placed.value.placed.machine, latency_cycles, known.value.energy_pj).time_s);
    },
  };
}

/** What decides the workload of a run. */
type Sized = Pick<Run, 'cascade' | 'workload' | 'sizes'> & Required<Pick<Run, 'formats' | 'densities'>>;

/** From a run to its mapping, legal for its workload and machine. */
function placerOf({ cascade, mapping, workload, spec, machine }: ShippedTexts) {
  /** Cascades with their sizes, whichever machine they run on. */
  const boundOf = memoized(async (key: string): Promise<Result<Workload>> => {
    const run = JSON.parse(key) as Sized;
    const [checked, presets] = await Promise.all([cascade(run.cascade), presetsOf(run)]);
    if (!checked.ok || !presets.ok) return failure(wrong([checked, presets]));
    const formats = new Map(Object.entries(run.formats));
    const given = Object.entries(run.densities).map(([name, share]) => [name, { share, source: 'given' }] as const);
    const densities = new Map(given);
    return bindSizes(checked.value, new Map(Object.entries(run.sizes)), presets.value.sizes, formats, densities);
  });
  const presetsOf = async (run: Pick<Run, 'workload'>): Promise<Result<Pick<WorkloadFile, 'sizes'>>> =>
    run.workload === undefined ? success({ sizes: new Map() }) : workload(run.workload);

  return async (run: Run): Promise<Result<Placement>> => {
    const { cascade: name, workload: preset, sizes, formats = {}, densities = {} } = run;
    const sized: Sized = { cascade: name, workload: preset, sizes, formats, densities };
    const [checked, parsed, presets, written] = await Promise.all([
      cascade(run.cascade),
      mapping(run.mapping),
      presetsOf(run),
      spec(run.hardware),
    ]);
    if (!checked.ok || !parsed.ok || !presets.ok || !written.ok)
      return failure(wrong([checked, parsed, presets, written]));
    const split = splitParameters(new Map(Object.entries(run.parameters)), parsed.value, written.value.parameters);
    const bound = await boundOf(JSON.stringify(sized));
    if (!split.ok || !bound.ok) return failure(wrong([split, bound]));
    const loaded = await machine(run.hardware, split.value.machine, run.kernel ?? parsed.value.name);
    if (!loaded.ok) return loaded;
    const placed = placeMapping(parsed.value, bound.value, loaded.value, split.value.mapping);
    return placed.ok ? success({ placed: placed.value, mapping: parsed.value }) : placed;
  };
}

/** A library that reads what ships by `readShipped`, each text once, and evaluates each run once. */
export function openLibrary(readShipped: ReadShipped): Library {
  const place = placerOf(openTexts(readShipped));
  const evaluateRun = async (run: Run, { model, accounting }: Evaluation): Promise<Result<Outcome>> => {
    const placement = await place(run);
    if (!placement.ok) return placement;
    const metrics = evaluatePlacement(placement.value, model, { accounting: run.accounting ?? accounting });
    return metrics.ok ? success({ metrics: metrics.value, machine: placement.value.placed.machine }) : metrics;
  };
  const evaluate = memoized((key) => {
    const { run, evaluation } = JSON.parse(key) as { run: Run; evaluation: Evaluation };
    return evaluateRun(run, evaluation);
  });
  return { evaluate: (run, evaluation) => evaluate(JSON.stringify({ run, evaluation })) };
}

const wrong = (results: readonly Result<unknown>[]): readonly Diagnostic[] =>
  results.flatMap((r) => (r.ok ? [] : r.diagnostics));
