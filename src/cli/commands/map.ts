import { loadMachine } from '../../arch/load.ts';
import type { Machine } from '../../arch/machine.ts';
import { type Diagnostic, diagnostic, type Result } from '../../diagnostic.ts';
import type { Workload } from '../../einsum/workload.ts';
import { resolveSource, writeTextFile } from '../../files.ts';
import { printMapping } from '../../mapper/print.ts';
import { bytesText, countText } from '../../report/quantity-text.ts';
import { renderPairs } from '../../report/table.ts';
import { defaultLimits } from '../../search/default-limits.ts';
import { isDense } from '../../search/dense.ts';
import { type Cost, type Objective, objectives } from '../../search/objective.ts';
import { axesOf, type Found, searchMappings } from '../../search/search.ts';
import { writePlan } from '../../search/write-plan.ts';
import { unknownAccounting } from '../../simulate.ts';
import { readAssignments, readSizes } from '../assignments.ts';
import { choose } from '../choices.ts';
import { resolveMachine } from '../fitting-mappings.ts';
import { exitCodes, printDiagnostics, refuse, type Terminal } from '../terminal.ts';
import { bindCascade } from '../workload-inputs.ts';

export type MapOptions = {
  readonly cascade: string;
  readonly hardware: string;
  readonly workload?: string;
  readonly set: readonly string[];
  readonly param: readonly string[];
  readonly objective: string;
  readonly accounting: string;
  readonly effort: string;
  readonly out?: string;
  readonly json?: boolean;
};

const mistakes = (results: readonly Result<unknown>[]): readonly Diagnostic[] =>
  results.flatMap((r) => (r.ok ? [] : r.diagnostics));

/** `attnsim map CASCADE HARDWARE`: the best mapping of a space, and what proves it. */
export async function map(options: MapOptions, terminal: Terminal): Promise<number> {
  const sizes = readSizes(options.set);
  const parameters = readAssignments('--param', options.param, 'BANDWIDTH="2 TB/s"');
  const objective = choose('--objective', options.objective, Object.keys(objectives) as Objective[]);
  const effort = /^[1-9]\d{0,8}$/.test(options.effort) ? Number(options.effort) : undefined;
  const wrongEffort = diagnostic(
    'bad-choice',
    `--effort "${options.effort}" is no whole number of 1 to 999999999`,
    undefined,
  );
  if (!sizes.ok || !parameters.ok || !objective.ok || effort === undefined) {
    const mistaken = mistakes([sizes, parameters, objective]);
    return refuse(terminal, effort === undefined ? [...mistaken, wrongEffort] : mistaken, exitCodes.usageWrong);
  }
  const workload = await bindCascade(options.cascade, { workload: options.workload, sizes: sizes.value });
  const source = await resolveSource('hardware', options.hardware);
  const machine = source.ok
    ? await loadMachine(source.value, { resolve: resolveMachine, parameters: parameters.value })
    : source;
  if (!workload.ok || !machine.ok) return refuse(terminal, mistakes([workload, machine]));
  printDiagnostics(terminal, [...workload.warnings, ...machine.warnings]);
  const wrong = unsearchable(workload.value, machine.value, options.accounting);
  if (wrong.length > 0) return refuse(terminal, wrong);
  return search(workload.value, machine.value, objective.value, effort, options, terminal);
}

/** What the search cannot count, and accountings that the machine has not. */
function unsearchable(workload: Workload, machine: Machine, accounting: string): readonly Diagnostic[] {
  const wrong: Diagnostic[] = [];
  if (!isDense(workload))
    wrong.push(
      diagnostic(
        'not-dense',
        `cascade "${workload.cascade.name}" is not dense at these sizes: the search counts whole tiles only, without masks, windows, heads that share keys, or a last part of a partition that is smaller`,
        undefined,
        { help: 'set sizes that divide, and masks off; or write a mapping (docs/mappings.md)' },
      ),
    );
  const able = new Set(machine.units.flatMap((u) => [...u.operators.keys()]));
  for (const { name, operations } of workload.einsums)
    for (const { operator } of operations)
      if (!able.has(operator))
        wrong.push(
          diagnostic(
            'unit-cannot',
            `Einsum "${name}" needs operation "${operator}", which no unit of "${machine.name}" has`,
            undefined,
          ),
        );
  const unknown = unknownAccounting(machine, accounting);
  return unknown === undefined ? wrong : [...wrong, unknown];
}

async function search(
  workload: Workload,
  machine: Machine,
  objective: Objective,
  effort: number,
  options: MapOptions,
  terminal: Terminal,
): Promise<number> {
  // Counted and not timed, so that every machine finds the same.
  let left = effort;
  const problem = { workload, machine };
  const found = searchMappings(problem, {
    limits: defaultLimits(workload),
    axes: axesOf[objective],
    accounting: options.accounting,
    expired: () => left-- <= 0,
  });
  const value = objectives[objective];
  const [best] = found.plans.toSorted((a, b) => value(a.cost) - value(b.cost));
  if (best === undefined) {
    const message = `no mapping of "${workload.cascade.name}" on "${machine.name}" was found with an effort of ${effort}`;
    return refuse(terminal, [diagnostic('nothing-found', message, undefined, { help: 'give it more --effort' })]);
  }
  const text = printMapping(writePlan(problem, best.plan, `${workload.cascade.name}-${objective}`));
  const result = { objective, value: value(best.cost), bound: Math.min(value(best.cost), value(found.bound)) };
  if (options.json === true)
    terminal.out(`${JSON.stringify(resultData(text, best.cost, result, found), undefined, 2)}\n`);
  else terminal.out(`${text}\n${summary(best.cost, result, found, machine, terminal)}`);
  if (options.out === undefined) return exitCodes.done;
  const failed = await writeTextFile(options.out, text);
  return failed === undefined ? exitCodes.done : refuse(terminal, [failed]);
}

type Outcome = { readonly objective: Objective; readonly value: number; readonly bound: number };

/** How much more what was found has than the least of the space, at most: a share of that. */
const gapOf = ({ value, bound }: Outcome): number => (value === bound ? 0 : value / bound - 1);

function summary(cost: Cost, outcome: Outcome, { tally }: Found, machine: Machine, terminal: Terminal): string {
  const gap = gapOf(outcome);
  const pairs: (readonly [string, string])[] = [
    [
      'latency',
      `${countText(cost.latency_cycles, 'cycles')}, ${(cost.latency_cycles / machine.clock_hz).toPrecision(4)} s`,
    ],
    ['energy', `${(cost.energy_pj / 1e12).toPrecision(4)} J`],
    ['outermost memory', bytesText(cost.home_bytes)],
    [
      'proven',
      gap === 0
        ? `the least ${outcome.objective} of the space`
        : `${outcome.objective} at most ${(100 * gap).toPrecision(3)}% above the least of the space`,
    ],
    ['nests in the space', countOf(tally.space)],
    ['evaluated', countOf(tally.evaluated)],
    ['too costly', countOf(tally.bounded)],
    ['too large', countOf(tally.overfull)],
    ['no loop tree', countOf(tally.illegal)],
    ['not looked at', countOf(tally.left)],
  ];
  return renderPairs(pairs, { width: terminal.width, indent: '  ' });
}

/** A count that may have more digits than anybody reads. */
const countOf = (n: bigint): string => (n < 1_000_000n ? String(n) : Number(n).toExponential(3));

/** Names of fields carry their units, as in a report. */
function resultData(mapping: string, cost: Cost, outcome: Outcome, { tally }: Found): object {
  const counts = Object.fromEntries(Object.entries(tally).map(([name, n]) => [name, String(n)]));
  return { mapping, ...cost, ...outcome, gap: gapOf(outcome), nests: counts };
}
