import { loadMachine, loadSpec } from '../arch/load.ts';
import type { Machine } from '../arch/machine.ts';
import { type Diagnostic, diagnostic, failure, type Result, success } from '../diagnostic.ts';
import { checkCascade } from '../einsum/check.ts';
import { parseCascade } from '../einsum/parse.ts';
import { bindSizes } from '../einsum/shape.ts';
import { parseWorkloadFile } from '../einsum/workload-file.ts';
import { parseMapping } from '../mapper/parse.ts';
import { placeMapping } from '../mapper/place.ts';
import { evaluatePlacement, splitParameters } from '../simulate.ts';
import type { Source } from '../source.ts';
import type { Evaluation, Outcome, ReadShipped, Run } from './suite.ts';

/** Evaluates runs of what ships; every text is read once, however many runs there are, and every run once. */
export type Library = {
  readonly evaluate: (run: Run, evaluation: Evaluation) => Promise<Result<Outcome>>;
};

/** Makes each value once. */
export function memoized<T>(make: (key: string) => Promise<T>): (key: string) => Promise<T> {
  const made = new Map<string, Promise<T>>();
  return (key) => {
    const value = made.get(key) ?? make(key);
    made.set(key, value);
    return value;
  };
}

type Read = (path: string) => Promise<Result<Source>>;

const readerOf =
  (readShipped: ReadShipped): Read =>
  async (path) => {
    const source = await readShipped(path);
    if (source !== undefined) return success(source);
    return failure([diagnostic('not-found', `there is no "${path}" among what ships`, undefined)]);
  };

/** Reads, and goes on with what was read. */
const readInto = <T>(read: Read, path: (name: string) => string, into: (source: Source) => Result<T>) =>
  memoized(async (name: string) => {
    const source = await read(path(name));
    return source.ok ? into(source.value) : source;
  });

/** Specs by name, and machines by name and parameters. */
function machinesOf(read: Read, readShipped: ReadShipped) {
  const resolve = (base: string): Promise<Source | undefined> => readShipped(specPath(base));
  const spec = memoized(async (name: string) => {
    const source = await read(specPath(name));
    return source.ok ? loadSpec(source.value, { resolve }) : source;
  });
  const load = memoized(async (key: string): Promise<Result<Machine>> => {
    const { name, parameters } = JSON.parse(key) as { name: string; parameters: [string, string][] };
    const source = await read(specPath(name));
    if (!source.ok) return source;
    return loadMachine(source.value, { resolve, parameters: new Map(parameters) });
  });
  const machine = (name: string, parameters: ReadonlyMap<string, string>) =>
    load(JSON.stringify({ name, parameters: [...parameters] }));
  return { spec, machine };
}

const specPath = (name: string): string => `hardware-specs/${name}.yaml`;

export function openLibrary(readShipped: ReadShipped): Library {
  const read = readerOf(readShipped);
  const cascade = readInto(
    read,
    (name) => `cascades/${name}.einsum`,
    (source) => {
      const parsed = parseCascade(source);
      return parsed.ok ? checkCascade(parsed.value) : parsed;
    },
  );
  const mapping = readInto(read, (name) => `mappings/${name}.map`, parseMapping);
  const workload = readInto(read, (name) => `workloads/${name}.yaml`, parseWorkloadFile);
  const { spec, machine } = machinesOf(read, readShipped);

  const evaluateRun = async (run: Run, { model, accounting }: Evaluation): Promise<Result<Outcome>> => {
    const texts = [cascade(run.cascade), mapping(run.mapping), workload(run.workload), spec(run.hardware)] as const;
    const [checked, parsed, presets, written] = await Promise.all(texts);
    if (!checked.ok || !parsed.ok || !presets.ok || !written.ok)
      return failure(wrong([checked, parsed, presets, written]));
    const given = { ...run.parameters, ...(model === 'cycle' ? run.cycle_parameters : {}) };
    const split = splitParameters(new Map(Object.entries(given)), parsed.value, written.value.parameters);
    const bound = bindSizes(checked.value, new Map(Object.entries(run.sizes)), presets.value.sizes);
    if (!split.ok || !bound.ok) return failure(wrong([split, bound]));
    const loaded = await machine(run.hardware, split.value.machine);
    if (!loaded.ok) return loaded;
    const placed = placeMapping(parsed.value, bound.value, loaded.value, split.value.mapping);
    if (!placed.ok) return placed;
    const metrics = evaluatePlacement({ placed: placed.value, mapping: parsed.value }, model, { accounting });
    return metrics.ok ? success({ metrics: metrics.value, machine: loaded.value }) : metrics;
  };
  const evaluate = memoized((key) => {
    const { run, evaluation } = JSON.parse(key) as { run: Run; evaluation: Evaluation };
    return evaluateRun(run, evaluation);
  });
  return { evaluate: (run, evaluation) => evaluate(JSON.stringify({ run, evaluation })) };
}

const wrong = (results: readonly Result<unknown>[]): readonly Diagnostic[] =>
  results.flatMap((r) => (r.ok ? [] : r.diagnostics));
