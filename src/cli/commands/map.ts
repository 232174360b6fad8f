import { loadMachine, loadSpec } from '../../arch/load.ts';
import type { Machine } from '../../arch/machine.ts';
import { printSpec } from '../../arch/print.ts';
import { type Diagnostic, diagnostic, failure, type Result, success } from '../../diagnostic.ts';
import { didYouMean } from '../../did-you-mean.ts';
import { readTextFile, resolveSource, writeTextFile } from '../../files.ts';
import { printMapping } from '../../mapper/print.ts';
import { littleWork } from '../../models/work-limit.ts';
import { checkCertificate } from '../../report/certificate-schema.ts';
import { countText } from '../../report/quantity-text.ts';
import { type BestMappings, bestMappings, type FoundMapping, type Progress } from '../../search/best-mappings.ts';
import type { Constraints } from '../../search/constraints/constraints.ts';
import { parseConstraints } from '../../search/constraints/parse.ts';
import type { Asked } from '../../search/cost-of.ts';
import { choosable } from '../../search/dataflow/dataflow.ts';
import { explainBest } from '../../search/explain.ts';
import { simulateFinalists, simulateFound, usualFinalists } from '../../search/finalists.ts';
import { type Objective, objectives } from '../../search/objective.ts';
import { weighingOf } from '../../search/search.ts';
import { unknownAccounting } from '../../simulate.ts';
import { type Algorithm, bindAlgorithms } from '../algorithms.ts';
import { readAssignments, readSizeLists } from '../assignments.ts';
import { certificateOf } from '../certificate.ts';
import { choose, chooseSeveral, readCount, readShare } from '../choices.ts';
import { readDensities } from '../densities.ts';
import { explanationData, explanationText } from '../explanation-text.ts';
import { executedText, finalistsData, finalistsText } from '../finalists-text.ts';
import { resolveMachine } from '../fitting-mappings.ts';
import { type FrontPoint, frontChart, frontData, summarizeFront, weighed } from '../front-summary.ts';
import { mapData, nameOf, nothingFound, outcomeOf, summarizeMap } from '../map-summary.ts';
import { spacesOf } from '../mapping-spaces.ts';
import { exitCodes, printDiagnostics, printResult, refuse, sayUnless, type Terminal } from '../terminal.ts';

export type MapOptions = {
  readonly cascade: string;
  readonly hardware: string;
  readonly workload?: string;
  readonly set: readonly string[];
  readonly density: readonly string[];
  readonly param: readonly string[];
  readonly mapping: readonly string[];
  readonly choose: string;
  readonly constraints?: string;
  readonly objective?: string;
  readonly pareto?: string;
  readonly level?: string;
  readonly accounting: string;
  readonly effort: string;
  readonly explain?: boolean;
  /** True: rank by simulation; false: simulate nothing. */
  readonly simulate?: boolean;
  readonly gap: string;
  readonly out?: string;
  readonly svg?: string;
  readonly certificate?: string;
  readonly json?: boolean;
};

const mistakes = (results: readonly Result<unknown>[]): readonly Diagnostic[] =>
  results.flatMap((r) => (r.ok ? [] : r.diagnostics));

type Weighed = keyof typeof weighed;

/** `attnsim map CASCADE HARDWARE`: the best mapping of some spaces, or the front of several objectives, and what proves it. */
export async function map(options: MapOptions, terminal: Terminal): Promise<number> {
  const sizes = readSizeLists(options.set);
  const parameters = readAssignments('--param', options.param, 'BANDWIDTH="2 TB/s"');
  const objective = choose('--objective', options.objective ?? 'latency', Object.keys(objectives) as Objective[]);
  const pareto: Result<readonly Weighed[]> =
    options.pareto === undefined
      ? success([])
      : chooseSeveral('--pareto', options.pareto, Object.keys(weighed) as Weighed[]);
  const chosen = chooseSeveral('--choose', options.choose, choosable);
  const effort = readCount('--effort', options.effort);
  const gap = readShare('--gap', options.gap);
  const densities = readDensities(options.density);
  const wrong = mistakes([sizes, parameters, objective, pareto, chosen, effort, gap, densities]);
  if (
    !sizes.ok ||
    !parameters.ok ||
    !objective.ok ||
    !pareto.ok ||
    !chosen.ok ||
    !effort.ok ||
    !gap.ok ||
    !densities.ok
  )
    return refuse(terminal, wrong, exitCodes.usageWrong);
  const measured = pareto.value.length > 0 ? pareto.value : [objective.value];
  const clash = clashOf(options, measured);
  if (clash !== undefined) return refuse(terminal, [clash], exitCodes.usageWrong);
  const algorithms = await bindAlgorithms(options.cascade, options.workload, sizes.value, densities.value);
  const source = await resolveSource('hardware', options.hardware);
  const machine = source.ok
    ? await loadMachine(source.value, { resolve: resolveMachine, parameters: parameters.value })
    : source;
  const spec = source.ok ? await loadSpec(source.value, { resolve: resolveMachine }) : source;
  const constraints = await readConstraints(options.constraints);
  if (!algorithms.ok || !machine.ok || !spec.ok || !constraints.ok)
    return refuse(terminal, mistakes([algorithms, machine, constraints]));
  printDiagnostics(terminal, [...algorithms.warnings, ...machine.warnings]);
  const { accounting } = options;
  const unknown = unknownAccounting(machine.value, accounting);
  if (unknown !== undefined) return refuse(terminal, [unknown]);
  const room = options.level === undefined ? success(undefined) : findLevel(machine.value, options.level);
  if (!room.ok) return refuse(terminal, room.diagnostics);
  const asked = { accounting, room: room.value };
  const workloads = algorithms.value.map((a) => a.workload);
  const spaces = await spacesOf(workloads, machine.value, {
    mappings: options.mapping,
    choose: new Set(chosen.value),
    constraints: constraints.value,
  });
  if (!spaces.ok) return refuse(terminal, spaces.diagnostics);
  printDiagnostics(terminal, spaces.warnings);

  const weighing =
    pareto.value.length > 0 ? { axes: pareto.value.map((p) => weighed[p]) } : weighingOf(objective.value);
  const watch = terminal.progress && progressTo(terminal.progress, algorithms.value);
  const best = bestMappings(spaces.value, {
    ...asked,
    ...weighing,
    effort: effort.value,
    gap: gap.value,
    watch,
    record: options.certificate !== undefined,
  });
  terminal.progress?.('');
  if (best.found.length === 0) {
    const names = algorithms.value.map((a) => a.name).join('", "');
    return refuse(terminal, [nothingFound(names, machine.value.name, best.searched)]);
  }
  const hardware = { text: printSpec(spec.value), parameters: parameters.value };
  const searched = { algorithms: algorithms.value, machine: machine.value, hardware, best, asked };
  return pareto.value.length > 0
    ? printFront(searched, pareto.value, options, terminal)
    : printBest(searched, objective.value, options, terminal);
}

function clashOf(
  { objective, pareto, level, svg, explain, simulate, certificate }: MapOptions,
  measured: readonly (Weighed | Objective)[],
): Diagnostic | undefined {
  const clash = (message: string): Diagnostic => diagnostic('bad-choice', message, undefined);
  if (objective !== undefined && pareto !== undefined) return clash('--objective and --pareto exclude each other');
  if (pareto !== undefined && (measured.length < 2 || new Set(measured).size < measured.length))
    return clash(`--pareto "${pareto}" does not weigh two objectives or more against each other, each once`);
  if (explain === true && pareto !== undefined)
    return clash('--explain is about one mapping, and --pareto finds several');
  if (measured.includes('buffer') && level === undefined)
    return diagnostic('missing-argument', '"buffer" is the room that a level needs: name it with --level', undefined, {
      help: 'such as --level GlobalBuffer',
    });
  if (certificate !== undefined && (pareto !== undefined || measured.includes('buffer')))
    return clash('--certificate is about latency, energy, edp or dram-bytes, not about "buffer" or --pareto');
  if (
    simulate === true &&
    (pareto !== undefined || !(objective === undefined || objective === 'latency' || objective === 'edp'))
  )
    return clash('--simulate is about time: it ranks mappings by --objective latency or edp');
  if (svg !== undefined && pareto === undefined) return clash('--svg draws the front of --pareto, which is not given');
  return undefined;
}

async function readConstraints(file: string | undefined): Promise<Result<Constraints>> {
  if (file === undefined) return success([]);
  const source = await readTextFile(file);
  return source.ok ? parseConstraints(source.value) : source;
}

function findLevel({ name, levels }: Machine, wanted: string): Result<number> {
  const level = levels.findIndex((l) => l.name === wanted && l.memory !== undefined);
  if (level >= 0) return success(level);
  const known = levels.flatMap((l) => (l.memory === undefined ? [] : [l.name]));
  const message = `machine "${name}" has no level "${wanted}" with a memory`;
  return failure([diagnostic('unknown-level', message, undefined, { help: didYouMean(wanted, known) })]);
}

/** At most ten lines a second: whoever watches reads no more. */
function progressTo(line: (text: string) => void, algorithms: readonly Algorithm[]): (progress: Progress) => void {
  let last = 0;
  return ({ space, tried, best }) => {
    const now = Date.now();
    if (now - last < 100) return;
    last = now;
    const found = best === undefined ? 'nothing found' : `${countText(best.latency_cycles, 'cycles')} found`;
    line(`${nameOf(algorithms, space)}: ${tried} lists of loops tried, ${found}`);
  };
}

type SearchedAll = {
  readonly algorithms: readonly Algorithm[];
  readonly machine: Machine;
  /** Its text, with all that it extends, and the parameters that have other values. */
  readonly hardware: { readonly text: string; readonly parameters: ReadonlyMap<string, string> };
  readonly best: BestMappings;
  readonly asked: Asked;
};

async function printBest(
  { algorithms, machine, hardware, best, asked }: SearchedAll,
  objective: Objective,
  options: MapOptions,
  terminal: Terminal,
): Promise<number> {
  const outcome = outcomeOf(best, objective)!;
  const value = objectives[objective];
  const textOf = ({ mapping }: FoundMapping): string =>
    printMapping({ ...mapping, name: `${mapping.name}-${objective}` });
  const finalists =
    options.simulate === true
      ? simulateFinalists(best, { ...asked, ...usualFinalists, value, vary: options.constraints === undefined })
      : undefined;
  // The quickest in the simulator; all that is proven is about the best in closed form.
  const chosen = finalists?.[0] ?? outcome.best;
  const text = textOf(chosen);
  const executed =
    options.simulate === undefined && objective === 'latency' ? simulateFound(chosen, asked, littleWork) : undefined;
  const why = options.explain === true ? explainBest(best, chosen, value, asked) : undefined;
  const told = { ...outcome, best: chosen };
  if (options.json === true) {
    const data = {
      ...mapData(told, algorithms, text),
      ...(finalists && finalistsData(finalists, outcome, algorithms)),
      ...(executed && { simulated_cycles: executed.kind === 'simulated' ? executed.latency_cycles : null }),
      ...(why && { explanation: explanationData(why) }),
    };
    terminal.out(`${JSON.stringify(data, undefined, 2)}\n`);
  } else {
    const simulated = executed && executedText(executed, chosen);
    const texts = [
      summarizeMap(told, algorithms, machine, { level: options.level, layout: terminal, simulated }),
      ...(finalists === undefined ? [] : [finalistsText(finalists, outcome, algorithms, terminal)]),
      ...(why === undefined ? [] : [explanationText(why, chosen, objective, terminal)]),
    ];
    printResult(terminal, text, [options.out, options.certificate]);
    sayUnless(options.json, terminal)(`\n${texts.join('\n')}`);
  }
  const files: [string, string][] = options.out === undefined ? [] : [[options.out, text]];
  if (options.certificate !== undefined) {
    const certificate = certificateOf({
      outcome,
      ...hardware,
      accounting: options.accounting,
      mapping: textOf(outcome.best),
    });
    await checkCertificate(certificate);
    files.push([options.certificate, `${JSON.stringify(certificate)}\n`]);
  }
  return write(files, terminal);
}

async function printFront(
  { algorithms, machine, best }: SearchedAll,
  pareto: readonly Weighed[],
  options: MapOptions,
  terminal: Terminal,
): Promise<number> {
  const axes = pareto.map((p) => weighed[p]);
  const points = best.found
    .toSorted((a, b) => a.cost[axes[0]!] - b.cost[axes[0]!])
    .map((f, i): FrontPoint => ({ ...f, text: printMapping({ ...f.mapping, name: `${f.mapping.name}-${i + 1}` }) }));
  if (options.json === true)
    terminal.out(`${JSON.stringify(frontData(points, best, pareto, algorithms), undefined, 2)}\n`);
  else
    printResult(terminal, summarizeFront(points, best, axes, algorithms, machine, terminal), [
      options.out,
      options.svg,
    ]);
  const files: [string, string][] = [];
  const { out, svg } = options;
  if (out !== undefined) files.push(...points.map(({ text }, i): [string, string] => [numbered(out, i + 1), text]));
  if (svg !== undefined) {
    const { renderSvg } = await import('../../figures/svg.ts');
    const { chartFigure } = await import('../../figures/chart-figure.ts');
    const chart = frontChart(points, axes, `Mappings on ${machine.name}`, algorithms);
    files.push([svg, await renderSvg(chartFigure(chart))]);
  }
  return write(files, terminal);
}

/** `found.map` of the second point is `found-2.map`. */
const numbered = (path: string, point: number): string => path.replace(/(\.[^./]*)?$/, `-${point}$1`);

async function write(files: readonly (readonly [string, string])[], terminal: Terminal): Promise<number> {
  const failed: Diagnostic[] = [];
  for (const [path, text] of files) failed.push(...[await writeTextFile(path, text)].flatMap((d) => d ?? []));
  return failed.length === 0 ? exitCodes.done : refuse(terminal, failed);
}
