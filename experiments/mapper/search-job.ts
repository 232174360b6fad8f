import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import {
  type BestMappings,
  bestMappings,
  bindSizes,
  type Cost,
  checkCascade,
  defaultLimits,
  evaluateMapping,
  isDense,
  loadMachine,
  type Machine,
  type Mapping,
  type Metrics,
  type Objective,
  objectives,
  openNumbers,
  parseCascade,
  parseMapping,
  parseWorkloadFile,
  placeMapping,
  printMapping,
  type Result,
  renderDiagnostic,
  type Space,
  simulateFinalists,
  usualFinalists,
  type Workload,
  weighingOf,
  withinWorkLimit,
} from 'attnsim';
import { packageRoot, packageText } from '../job.ts';
import type { Kind } from '../kind.ts';

/** One problem, solved by one objective: what was written by hand, and what is found. */
export type SearchJob = {
  readonly cascade: string;
  readonly hardware: string;
  readonly workload: string | null;
  readonly sizes: Readonly<Record<string, number>>;
  readonly objective: Objective;
  /** As of `attnsim map`. */
  readonly effort: number;
  readonly gap: number;
};

/** A mapping in both models. */
export type Judged = {
  readonly name: string;
  /** What is least, in closed form. */
  readonly value: number;
  readonly latency_cycles: number;
  readonly simulated: Simulated | { readonly refused: string };
};

type Simulated = {
  readonly cycles: number;
  /** Where they go, on the resource that limits the run: what it has to do in closed form, more of it, and what it waits for. */
  readonly resource: string;
  readonly work_cycles: number;
  readonly beyond_cycles: number;
  readonly stalls_cycles: Readonly<Record<string, number>>;
};

export type SearchOutcome = {
  /** The best of those that ship, as it is written. */
  readonly written: Judged;
  readonly found: Judged & { readonly mapping: string };
  /** The best of those about as good, simulated, as of `attnsim map --simulate`; null where time is not what is least. */
  readonly ranked: (Judged & { readonly mapping: string; readonly finalists: number }) | null;
  /** No mapping of any space has less. */
  readonly bound: number;
  readonly spaces: readonly {
    readonly space: string;
    /** What became of its mappings, by rule. */
    readonly mappings: Readonly<Record<string, string>>;
    /** No mapping of this space has less, unless one of another has. */
    readonly bound: number | null;
  }[];
};

function must<T>(result: Result<T>): T {
  if (!result.ok) throw new Error(result.diagnostics.map(renderDiagnostic).join('\n'));
  return result.value;
}

type Value = (cost: Cost) => number;
type Problem = { readonly workload: Workload; readonly machine: Machine };

async function readProblem({ cascade, hardware, workload, sizes }: SearchJob): Promise<Problem> {
  const checked = must(checkCascade(must(parseCascade(await packageText(`cascades/${cascade}.einsum`)))));
  const presets =
    workload === null ? new Map() : must(parseWorkloadFile(await packageText(`workloads/${workload}.yaml`))).sizes;
  const bound = must(bindSizes(checked, new Map(Object.entries(sizes)), presets));
  const spec = (name: string) => packageText(`hardware-specs/${name}.yaml`);
  return { workload: bound, machine: must(await loadMachine(await spec(hardware), { resolve: spec })) };
}

/** Mappings that ship for a cascade, and fit the machine with some tiles. */
async function shippedMappings({ workload, machine }: Problem): Promise<readonly Mapping[]> {
  const files = (await readdir(join(packageRoot, 'mappings'))).sort();
  const mappings = await Promise.all(files.map(async (f) => must(parseMapping(await packageText(`mappings/${f}`)))));
  return mappings.filter((m) => {
    if (!m.cascades.some((c) => c.name === workload.cascade.name)) return false;
    const placed = placeMapping(m, workload, machine);
    return placed.ok || placed.diagnostics.every((d) => d.code === 'over-capacity');
  });
}

async function execute(job: SearchJob): Promise<SearchOutcome> {
  const problem = await readProblem(job);
  const { workload } = problem;
  const shipped = await shippedMappings(problem);
  const least = objectives[job.objective];
  const spaces: Space[] = shipped.map((mapping) => ({
    kind: 'dataflow',
    problem,
    dataflow: openNumbers(mapping, workload, new Set(['tiles'])),
  }));
  if (isDense(workload)) spaces.push({ kind: 'nests', problem, limits: defaultLimits(workload) });
  const best = bestMappings(spaces, {
    ...weighingOf(job.objective),
    accounting: 'physical',
    effort: job.effort,
    gap: job.gap,
  });
  const found = best.found.toSorted((a, b) => least(a.cost) - least(b.cost))[0]!;
  return {
    written: bestWritten(problem, shipped, least),
    found: { ...judge(problem, nameOf(found.space), found.mapping, least), mapping: printMapping(found.mapping) },
    ranked: job.objective === 'latency' ? rank(best, problem) : null,
    bound: Math.min(least(found.cost), least(best.bound)),
    spaces: best.searched.map(({ space, tally, remaining }) => ({
      space: nameOf(space),
      mappings: Object.fromEntries(Object.entries(tally).map(([name, count]) => [name, String(count)])),
      bound: remaining === undefined ? null : least(remaining),
    })),
  };
}

/** The best of those that fit as they are written; of equals the first. */
function bestWritten(problem: Problem, mappings: readonly Mapping[], least: Value): Judged {
  const values = mappings.flatMap((mapping) => {
    const placed = placeMapping(mapping, problem.workload, problem.machine);
    return placed.ok
      ? [{ mapping, value: least(costOf(evaluateMapping(placed.value, 'analytic'), problem.machine)) }]
      : [];
  });
  const [first] = values.sort((a, b) => a.value - b.value);
  if (first === undefined) throw new Error(`no mapping of ${problem.workload.cascade.name} fits as it is written`);
  return judge(problem, first.mapping.name, first.mapping, least);
}

function rank(best: BestMappings, problem: Problem): SearchOutcome['ranked'] {
  const least = objectives.latency;
  const finalists = simulateFinalists(best, { ...usualFinalists, accounting: 'physical', value: least, vary: true });
  const { space, mapping } = finalists[0]!;
  const judged = judge(problem, nameOf(space), mapping, least);
  return { ...judged, mapping: printMapping(mapping), finalists: finalists.length };
}

/** Both models. */
function judge({ workload, machine }: Problem, name: string, mapping: Mapping, least: Value): Judged {
  const placed = must(placeMapping(mapping, workload, machine));
  const closed = evaluateMapping(placed, 'analytic');
  const simulated = withinWorkLimit(mapping, 'the closed form says what it costs', (): Simulated => {
    const { latency_cycles: cycles, difference } = evaluateMapping(placed, 'cycle');
    if (difference === undefined) throw new Error('a simulation says why it differs');
    const { resource, work_cycles, beyond_cycles, stalls } = difference;
    return { cycles, resource, work_cycles, beyond_cycles, stalls_cycles: Object.fromEntries(stalls) };
  });
  return {
    name,
    value: least(costOf(closed, machine)),
    latency_cycles: closed.latency_cycles,
    simulated: simulated.ok ? simulated.value : { refused: simulated.diagnostics[0]!.message },
  };
}

const nameOf = (space: Space): string => (space.kind === 'nests' ? 'nests' : space.dataflow.mapping.name);

function costOf({ latency_cycles, energy_pj, traffic }: Metrics, { levels }: Machine): Cost {
  const home = traffic.get(levels.find((l) => l.memory !== undefined)!.name);
  return {
    latency_cycles,
    energy_pj: [...energy_pj.values()].reduce((sum, part) => sum + part, 0),
    home_bytes: home === undefined ? 0 : home.read_bytes + home.write_bytes,
    // Not asked for.
    room_bytes: 0,
  };
}

export const searches: Kind<SearchJob, SearchOutcome> = {
  name: 'searches',
  execute,
  keyOf: ({ cascade, hardware, workload, sizes, objective, effort, gap }) =>
    JSON.stringify({ cascade, hardware, workload, sizes, objective, effort, gap }),
  isLong: ({ sizes }) => Math.max(...Object.values(sizes)) > 4096,
  record: (job, outcome) => ({ ...job, ...outcome }),
};
