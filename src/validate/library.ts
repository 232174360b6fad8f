import { type Diagnostic, failure, type Result, success } from '../diagnostic.ts';
import { bindSizes } from '../einsum/shape.ts';
import type { WorkloadFile } from '../einsum/workload-file.ts';
import { placeMapping } from '../mapper/place.ts';
import { evaluatePlacement, splitParameters } from '../simulate.ts';
import { memoized } from './memoized.ts';
import { openTexts } from './shipped-texts.ts';
import type { Evaluation, Outcome, ReadShipped, Run } from './suite.ts';

/** Evaluates runs of what ships; every text is read once, however many runs there are, and every run once. */
export type Library = {
  readonly evaluate: (run: Run, evaluation: Evaluation) => Promise<Result<Outcome>>;
};

export function openLibrary(readShipped: ReadShipped): Library {
  const { cascade, mapping, workload, spec, machine } = openTexts(readShipped);

  const presetsOf = async (run: Run): Promise<Result<Pick<WorkloadFile, 'sizes'>>> =>
    run.workload === undefined ? success({ sizes: new Map() }) : workload(run.workload);

  const evaluateRun = async (run: Run, { model, accounting }: Evaluation): Promise<Result<Outcome>> => {
    const texts = [cascade(run.cascade), mapping(run.mapping), presetsOf(run), spec(run.hardware)] as const;
    const [checked, parsed, presets, written] = await Promise.all(texts);
    if (!checked.ok || !parsed.ok || !presets.ok || !written.ok)
      return failure(wrong([checked, parsed, presets, written]));
    const split = splitParameters(new Map(Object.entries(run.parameters)), parsed.value, written.value.parameters);
    const formats = new Map(Object.entries(run.formats ?? {}));
    const bound = bindSizes(checked.value, new Map(Object.entries(run.sizes)), presets.value.sizes, formats);
    if (!split.ok || !bound.ok) return failure(wrong([split, bound]));
    const loaded = await machine(run.hardware, split.value.machine, run.kernel ?? parsed.value.name);
    if (!loaded.ok) return loaded;
    const placed = placeMapping(parsed.value, bound.value, loaded.value, split.value.mapping);
    if (!placed.ok) return placed;
    const metrics = evaluatePlacement({ placed: placed.value, mapping: parsed.value }, model, {
      accounting: run.accounting ?? accounting,
    });
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
