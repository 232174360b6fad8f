import { loadMachine } from '../../arch/load.ts';
import type { Diagnostic, Result } from '../../diagnostic.ts';
import { resolveSource, writeTextFile } from '../../files.ts';
import { printMapping } from '../../mapper/print.ts';
import { bestMappings } from '../../search/best-mappings.ts';
import { choosable } from '../../search/dataflow/dataflow.ts';
import { type Objective, objectives } from '../../search/objective.ts';
import { axesOf } from '../../search/search.ts';
import { unknownAccounting } from '../../simulate.ts';
import { readAssignments, readSizes } from '../assignments.ts';
import { choose, chooseSeveral, readCount } from '../choices.ts';
import { resolveMachine } from '../fitting-mappings.ts';
import { mapData, nothingFound, outcomeOf, summarizeMap } from '../map-summary.ts';
import { spacesOf } from '../mapping-spaces.ts';
import { exitCodes, printDiagnostics, refuse, type Terminal } from '../terminal.ts';
import { bindCascade } from '../workload-inputs.ts';

export type MapOptions = {
  readonly cascade: string;
  readonly hardware: string;
  readonly workload?: string;
  readonly set: readonly string[];
  readonly param: readonly string[];
  readonly mapping: readonly string[];
  readonly choose: string;
  readonly objective: string;
  readonly accounting: string;
  readonly effort: string;
  readonly out?: string;
  readonly json?: boolean;
};

const mistakes = (results: readonly Result<unknown>[]): readonly Diagnostic[] =>
  results.flatMap((r) => (r.ok ? [] : r.diagnostics));

/** `attnsim map CASCADE HARDWARE`: the best mapping of some spaces, and what proves it. */
export async function map(options: MapOptions, terminal: Terminal): Promise<number> {
  const sizes = readSizes(options.set);
  const parameters = readAssignments('--param', options.param, 'BANDWIDTH="2 TB/s"');
  const objective = choose('--objective', options.objective, Object.keys(objectives) as Objective[]);
  const chosen = chooseSeveral('--choose', options.choose, choosable);
  const effort = readCount('--effort', options.effort);
  if (!sizes.ok || !parameters.ok || !objective.ok || !chosen.ok || !effort.ok)
    return refuse(terminal, mistakes([sizes, parameters, objective, chosen, effort]), exitCodes.usageWrong);
  const workload = await bindCascade(options.cascade, { workload: options.workload, sizes: sizes.value });
  const source = await resolveSource('hardware', options.hardware);
  const machine = source.ok
    ? await loadMachine(source.value, { resolve: resolveMachine, parameters: parameters.value })
    : source;
  if (!workload.ok || !machine.ok) return refuse(terminal, mistakes([workload, machine]));
  printDiagnostics(terminal, [...workload.warnings, ...machine.warnings]);
  const { accounting } = options;
  const unknown = unknownAccounting(machine.value, accounting);
  if (unknown !== undefined) return refuse(terminal, [unknown]);
  const spaces = await spacesOf(workload.value, machine.value, {
    mappings: options.mapping,
    choose: new Set(chosen.value),
  });
  if (!spaces.ok) return refuse(terminal, spaces.diagnostics);
  printDiagnostics(terminal, spaces.warnings);

  const axes = axesOf[objective.value];
  const found = bestMappings(spaces.value, { axes, accounting, effort: effort.value });
  const outcome = outcomeOf(found, objective.value);
  if (outcome === undefined)
    return refuse(terminal, [nothingFound(workload.value.cascade.name, machine.value.name, found.searched)]);
  const { mapping } = outcome.best;
  const text = printMapping({ ...mapping, name: `${mapping.name}-${objective.value}` });
  terminal.out(
    options.json === true
      ? `${JSON.stringify(mapData(outcome, text), undefined, 2)}\n`
      : `${text}\n${summarizeMap(outcome, machine.value, terminal.width)}`,
  );
  if (options.out === undefined) return exitCodes.done;
  const failed = await writeTextFile(options.out, text);
  return failed === undefined ? exitCodes.done : refuse(terminal, [failed]);
}
