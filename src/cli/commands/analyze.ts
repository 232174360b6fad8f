import { compulsoryTraffic } from '../../einsum/compulsory.ts';
import { missingDensities } from '../../einsum/missing-densities.ts';
import { countOperations, flops, totalOperations } from '../../einsum/operations.ts';
import { analyzePasses, type RankPasses } from '../../einsum/passes.ts';
import type { Tensor, Workload } from '../../einsum/workload.ts';
import { bytesText, capacityText, countText, intensityText } from '../../report/quantity-text.ts';
import { sortedTable } from '../../report/report.ts';
import { renderPairs, renderTable } from '../../report/table.ts';
import { readSizes } from '../assignments.ts';
import { readDensities } from '../densities.ts';
import { exitCodes, printDiagnostics, refuse, type Terminal } from '../terminal.ts';
import { bindCascade } from '../workload-inputs.ts';

export type AnalyzeOptions = {
  readonly cascade: string;
  readonly workload?: string;
  readonly set: readonly string[];
  readonly density: readonly string[];
  readonly json?: boolean;
};

/** Bytes that a tensor takes; versions of a carried rank replace each other. */
const tensorBytes = (t: Tensor): number =>
  (t.dimensions.filter((d) => !d.carried).reduce((n, d) => n * d.size, 1) * t.bitsPerElement) / 8;

const operationsText = (counts: ReadonlyMap<string, number>): string =>
  [...counts].map(([operator, count]) => `${operator} ${countText(count, '').trim()}`).join(', ');

function operationTable(w: Workload, terminal: Terminal): string {
  const operands = (i: number): string =>
    [...new Set(w.einsums[i]!.operands.map((o) => w.tensors[o.tensor]!.name))].join(', ');
  const rows = [...countOperations(w)].map(([name, counts], i) => [name, operands(i), operationsText(counts)]);
  const columns = [{ title: 'Einsum' }, { title: 'of', wrap: true }, { title: 'operations', wrap: true }];
  return renderTable(columns, [...rows, ['all', '', operationsText(totalOperations(w))]], terminal);
}

function tensorTable(w: Workload, terminal: Terminal): string {
  const rows = w.tensors.map((t) => [
    t.name,
    t.role,
    t.dimensions.map((d) => (d.carried ? `${d.rank} (carried)` : `${d.rank} ${d.size}`)).join(', '),
    t.format,
    bytesText(tensorBytes(t)),
  ]);
  const columns = [
    { title: 'tensor' },
    { title: 'role' },
    { title: 'shape' },
    { title: 'format' },
    { title: 'size', align: 'right' },
  ] as const;
  return renderTable(columns, rows, terminal);
}

function passTable(passes: readonly RankPasses[], terminal: Terminal): string {
  const rows = passes.map((p) => [
    p.rank,
    String(p.size),
    String(p.passes),
    p.chain.length === 0 ? '-' : p.chain.join(' -> '),
    p.passes === 1 || p.repeatedAlong.length === 0 ? '' : `again for each ${p.repeatedAlong.join(', ')}`,
  ]);
  const columns = [
    { title: 'rank' },
    { title: 'size', align: 'right' },
    { title: 'passes', align: 'right' },
    { title: 'forced by', wrap: true },
    { title: '' },
  ] as const;
  return renderTable(columns, rows, terminal);
}

const elementsText = (n: number): string => countText(n, n === 1 ? 'element' : 'elements');

const perPoint = (outer: readonly string[]): string => (outer.length === 0 ? '' : ` for each ${outer.join(', ')}`);

/**
 * What must be kept between passes, and the state of a rank that is traversed so or carried along. The
 * accumulator of a plain reduction is not worth a line.
 */
function footprintLines(w: Workload, passes: readonly RankPasses[], terminal: Terminal): string {
  const pairs: (readonly [string, string])[] = [];
  const isCarried = (name: string): boolean =>
    w.tensors.some((t) => t.name === name && t.dimensions.some((d) => d.carried));
  for (const rank of passes) {
    for (const t of rank.tensors)
      if (t.liveAfter.length > 0)
        pairs.push([
          t.tensor,
          `live after pass ${t.liveAfter.join(', ')} over ${rank.rank}: ${elementsText(t.elements)}, ${capacityText(t.bytes)}${perPoint(t.outer)}`,
        ]);
    if (rank.passes > 1 ? rank.state.tensors.length > 0 : rank.state.tensors.some(isCarried))
      pairs.push([
        rank.state.tensors.join(', '),
        `state along ${rank.rank}: ${elementsText(rank.state.elements)}, ${capacityText(rank.state.bytes)}${perPoint(rank.state.outer)}`,
      ]);
  }
  return pairs.length === 0 ? '' : `\nlive footprints\n${renderPairs(pairs, { ...terminal, indent: '  ' })}`;
}

/** The same as data. Names of fields carry their units, as in a report. */
function analysisData(w: Workload, passes: readonly RankPasses[]): object {
  const { bytes } = compulsoryTraffic(w);
  return {
    cascade: w.cascade.name,
    compulsory_bytes: bytes,
    flops: flops(w),
    intensity_ops_per_byte: bytes > 0 ? flops(w) / bytes : null,
    operations: sortedTable(totalOperations(w), (n) => n),
    operations_by_einsum: sortedTable(countOperations(w), (counts) => sortedTable(counts, (n) => n)),
    passes: passes.map((p) => ({
      chain: p.chain,
      einsums: sortedTable(p.einsums, (pass) => pass),
      passes: p.passes,
      rank: p.rank,
      repeated_along: p.repeatedAlong,
      size: p.size,
      state: { bytes: p.state.bytes, elements: p.state.elements, outer: p.state.outer, tensors: p.state.tensors },
      tensors: p.tensors.map((t) => ({
        bytes: t.bytes,
        elements: t.elements,
        live_after: t.liveAfter,
        outer: t.outer,
        passes: t.passes,
        tensor: t.tensor,
      })),
      traversed_by: p.traversedBy,
    })),
    tensor_bytes: sortedTable(new Map(w.tensors.map((t) => [t.name, tensorBytes(t)])), (n) => n),
    workload: sortedTable(w.sizes, (n) => n),
  };
}

function printAnalysis(w: Workload, passes: readonly RankPasses[], terminal: Terminal): void {
  const sizes = [...w.sizes].map(([name, value]) => `${name}=${value}`).join(' ');
  const { bytes } = compulsoryTraffic(w);
  const head: (readonly [string, string])[] = [
    ['sizes', sizes],
    ['flops', countText(flops(w), 'FLOP')],
    ['compulsory', `${bytesText(bytes)}, what is used of the inputs, and the outputs, once`],
    ['intensity', bytes > 0 ? intensityText(flops(w) / bytes) : '-'],
  ];
  terminal.out(`${w.cascade.name}\n\n${renderPairs(head, { ...terminal, indent: '  ' })}`);
  terminal.out(`\n${operationTable(w, terminal)}\n${tensorTable(w, terminal)}\n${passTable(passes, terminal)}`);
  terminal.out(footprintLines(w, passes, terminal));
}

/** `attnsim analyze CASCADE`: what holds for every machine and mapping. */
export async function analyze(options: AnalyzeOptions, terminal: Terminal): Promise<number> {
  const sizes = readSizes(options.set);
  const densities = readDensities(options.density);
  if (!sizes.ok || !densities.ok)
    return refuse(
      terminal,
      [sizes, densities].flatMap((r) => (r.ok ? [] : r.diagnostics)),
      exitCodes.usageWrong,
    );
  const { workload } = options;
  const bound = await bindCascade(options.cascade, { workload, sizes: sizes.value, densities: densities.value });
  if (!bound.ok) return refuse(terminal, bound.diagnostics);
  const unknown = missingDensities(bound.value);
  if (unknown.length > 0) return refuse(terminal, unknown);
  printDiagnostics(terminal, bound.warnings);
  const passes = analyzePasses(bound.value);
  if (options.json === true) terminal.out(`${JSON.stringify(analysisData(bound.value, passes), undefined, 2)}\n`);
  else printAnalysis(bound.value, passes, terminal);
  return exitCodes.done;
}
