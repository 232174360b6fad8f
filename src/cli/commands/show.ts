import { describeMachine, type MachineDescription } from '../../arch/describe.ts';
import { loadMachine } from '../../arch/load.ts';
import { diagnostic } from '../../diagnostic.ts';
import { didYouMean } from '../../did-you-mean.ts';
import { type FileKind, fileKinds, nearNames, resolveSource, shippedNames, shippedSource } from '../../files.ts';
import type { Layout } from '../../layout.ts';
import { capacityText, engineering, intensityText, rateText, significant } from '../../report/quantity-text.ts';
import { renderPairs, renderTable } from '../../report/table.ts';
import type { Source } from '../../source.ts';
import { wrapSentence } from '../../wrap-text.ts';
import { resolveMachine } from '../fitting-mappings.ts';
import { exitCodes, refuse, type Terminal } from '../terminal.ts';
import { kindNamed } from './list.ts';

export type ShowOptions = { readonly name: string; readonly kind?: string };

const kinds = Object.keys(fileKinds) as FileKind[];
const kindWords = ['cascade', 'machine', 'hardware', 'mapping', 'workload'];

function levelTable(machine: MachineDescription, layout: Layout): string {
  const rows = machine.levels.map((level) => {
    const memory = level.memory;
    const rate = (bytesPerCycle: number): string =>
      Number.isFinite(bytesPerCycle)
        ? rateText(bytesPerCycle * level.total_instances * machine.clock_hz, 'B/s')
        : 'unlimited';
    return [
      `${'  '.repeat(level.depth)}${level.name}`,
      String(level.total_instances),
      memory === undefined ? '-' : capacityText(memory.capacity_bytes),
      memory === undefined ? '-' : rate(memory.read_bytes_per_cycle),
      memory === undefined ? '-' : memory.sharedPort ? 'shared' : rate(memory.write_bytes_per_cycle),
      memory === undefined ? '-' : `${significant(Number(memory.read_pj_per_byte.toPrecision(4)))} pJ/B`,
      memory === undefined ? '-' : `${significant(Number(memory.write_pj_per_byte.toPrecision(4)))} pJ/B`,
    ];
  });
  const right = (title: string) => ({ title, align: 'right' }) as const;
  const columns = [
    { title: 'level' },
    right('instances'),
    right('capacity each'),
    right('read, all'),
    right('write, all'),
    right('read energy'),
    right('write energy'),
  ];
  return renderTable(columns, rows, layout);
}

function unitTable(machine: MachineDescription, layout: Layout): string {
  const rows = machine.units.map((unit) => [
    unit.name,
    unit.level,
    unit.dimensions.map((d) => `${d.name} ${d.size}`).join(' x '),
    [
      ...unit.peaks.map((p) => `${p.operator} ${operatorRate(p.operations_per_s)}`),
      ...(unit.selector === undefined ? [] : [`top by ${unit.selector.algorithm}`]),
    ].join(', '),
  ]);
  const columns = [{ title: 'unit' }, { title: 'level' }, { title: 'lanes' }, { title: 'peak, op/s', wrap: true }];
  return renderTable(columns, rows, layout);
}

const operatorRate = (rate: number): string => (Number.isFinite(rate) ? engineering(rate, '').trim() : 'free');

function showMachine(machine: MachineDescription, terminal: Terminal): void {
  const pairs: (readonly [string, string])[] = [
    ['clock', engineering(machine.clock_hz, 'Hz')],
    ['area', machine.area_mm2 > 0 ? `${significant(Number(machine.area_mm2.toPrecision(4)))} mm^2` : 'not given'],
    ...(machine.accountings.length > 1 ? ([['accountings', machine.accountings.join(', ')]] as const) : []),
    ...machine.ridges.map((r): readonly [string, string] => [
      `ridge at ${r.level}`,
      intensityText(r.ridge_ops_per_byte),
    ]),
  ];
  terminal.out(`${wrapSentence(`${machine.name}: ${machine.description}`, terminal)}\n`);
  terminal.out(renderPairs(pairs, terminal));
  terminal.out(`\n${levelTable(machine, terminal)}`);
  terminal.out(`\n${unitTable(machine, terminal)}`);
  showSources(machine, terminal);
}

/** Every number with the number of its source, and the sources below. */
function showSources(machine: MachineDescription, terminal: Terminal): void {
  const citations = [...new Set(machine.sources.map((s) => s.source))];
  const rows = machine.sources.map((s) => [
    s.path.replace(/^levels\./, ''),
    s.value,
    `[${citations.indexOf(s.source) + 1}]`,
  ]);
  const columns = [{ title: 'number' }, { title: 'value', wrap: true }, { title: 'from' }];
  terminal.out(`\n${renderTable(columns, rows, terminal)}\n`);
  const pairs = citations.map((citation, i): readonly [string, string] => [`[${i + 1}]`, citation]);
  terminal.out(renderPairs(pairs, terminal));
}

async function showSource(kind: FileKind, source: Source, terminal: Terminal): Promise<number> {
  if (kind !== 'hardware') {
    terminal.out(source.text.endsWith('\n') ? source.text : `${source.text}\n`);
    return exitCodes.done;
  }
  const machine = await loadMachine(source, { resolve: resolveMachine, known: await shippedNames('hardware') });
  if (!machine.ok) return refuse(terminal, machine.diagnostics);
  showMachine(describeMachine(machine.value), terminal);
  return exitCodes.done;
}

/** Every kind that ships something of this name, or the kind of a file by its extension. */
async function kindsOf(name: string): Promise<readonly FileKind[]> {
  const shipped = await Promise.all(kinds.map(async (kind) => (await shippedSource(kind, name)) !== undefined));
  const found = kinds.filter((_, i) => shipped[i]);
  if (found.length > 0) return found;
  return kinds.filter((kind) => kind !== 'workload' && name.endsWith(fileKinds[kind].extension));
}

/** `attnsim show NAME`: a machine with its derived figures and sources; the text of anything else. */
export async function show(options: ShowOptions, terminal: Terminal): Promise<number> {
  const asked = options.kind === undefined ? undefined : kindNamed(options.kind);
  if (options.kind !== undefined && asked === undefined) {
    const help = didYouMean(options.kind, kindWords);
    const wrong = diagnostic('unknown-kind', `there is no kind "${options.kind}"`, undefined, { help });
    return refuse(terminal, [wrong], exitCodes.usageWrong);
  }
  const found = asked === undefined ? await kindsOf(options.name) : [asked];
  if (found.length === 0) {
    const all = (await Promise.all(kinds.map(shippedNames))).flat();
    const help = nearNames(options.name, all) ?? '"attnsim list" shows what ships';
    const message = `there is no file "${options.name}", and nothing of that name ships`;
    return refuse(terminal, [diagnostic('not-found', message, undefined, { help })]);
  }
  let code: number = exitCodes.done;
  for (const kind of found) {
    const source = await resolveSource(kind, options.name);
    if (found.length > 1)
      terminal.out(`${kind === found[0] ? '' : '\n'}# ${fileKinds[kind].plural}: ${options.name}\n\n`);
    const shown = source.ok ? await showSource(kind, source.value, terminal) : refuse(terminal, source.diagnostics);
    if (shown !== exitCodes.done) code = shown;
  }
  return code;
}
