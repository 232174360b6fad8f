import { type Diagnostic, diagnostic, failure, type Result, success } from '../../diagnostic.ts';
import { loopTreeFigure } from '../../figures/loop-tree-figure.ts';
import { resolveSource } from '../../files.ts';
import type { Mapping } from '../../mapper/mapping.ts';
import { parseMapping } from '../../mapper/parse.ts';
import type { PlacedMapping } from '../../mapper/placed.ts';
import { placeTexts } from '../../simulate.ts';
import { readAssignments, readSizes } from '../assignments.ts';
import { readDensities } from '../densities.ts';
import { readFigureWidth } from '../figure-width.ts';
import { resolveMachine } from '../fitting-mappings.ts';
import { explainMisfit, readRunTexts } from '../run-texts.ts';
import { exitCodes, printDiagnostics, refuse, type Terminal } from '../terminal.ts';
import { writeFigure } from '../write-figure.ts';

export type PlotMappingOptions = {
  readonly mapping: string;
  readonly cascade?: string;
  readonly hardware?: string;
  readonly workload?: string;
  readonly set: readonly string[];
  readonly density: readonly string[];
  readonly param: readonly string[];
  readonly width?: string;
  readonly out: string;
};

type Drawn = { readonly mapping: Mapping; readonly placed: PlacedMapping | undefined };

/** The mapping as written; a mistake if there are numbers for a placement, but nothing to place it on. */
async function written(options: PlotMappingOptions): Promise<Result<Drawn>> {
  const { workload, set, density, param } = options;
  if (options.cascade !== undefined || workload !== undefined || [...set, ...density, ...param].length > 0) {
    const message = 'to be drawn with its numbers, a mapping needs a cascade and a machine';
    const help = `write attnsim plot mapping ${options.mapping} CASCADE HARDWARE, and sizes with --set or --workload`;
    return failure([diagnostic('bad-choice', message, undefined, { help })]);
  }
  const source = await resolveSource('mapping', options.mapping);
  if (!source.ok) return source;
  const mapping = parseMapping(source.value);
  return mapping.ok ? success({ mapping: mapping.value, placed: undefined }, mapping.warnings) : mapping;
}

/** The mapping with the numbers that it has for a cascade on a machine. */
async function placed(options: PlotMappingOptions, cascade: string, hardware: string): Promise<Result<Drawn>> {
  const sizes = readSizes(options.set);
  const densities = readDensities(options.density);
  const parameters = readAssignments('--param', options.param, 'BANDWIDTH="2 TB/s"');
  const wrong: readonly Diagnostic[] = [sizes, densities, parameters].flatMap((r) => (r.ok ? [] : r.diagnostics));
  if (!sizes.ok || !densities.ok || !parameters.ok) return failure(wrong);
  const numbers = { sizes: sizes.value, densities: densities.value, parameters: parameters.value };
  const named = { ...options, cascade, hardware };
  const texts = await readRunTexts(named, { ...numbers, accounting: 'physical', say: () => {} });
  if (!texts.ok) return texts;
  const placement = await placeTexts({ ...texts.value, ...numbers, resolveMachine });
  if (!placement.ok) return failure(await explainMisfit(texts.value, placement.diagnostics));
  return success(placement.value, [...texts.warnings, ...placement.warnings]);
}

/** `attnsim plot mapping MAPPING [CASCADE HARDWARE] --out FILE.svg`: its loop tree, with numbers where it is placed. */
export async function plotMapping(options: PlotMappingOptions, terminal: Terminal): Promise<number> {
  const width = readFigureWidth(options.width);
  if (!width.ok) return refuse(terminal, width.diagnostics, exitCodes.usageWrong);
  const { cascade, hardware } = options;
  const isPlaced = cascade !== undefined && hardware !== undefined;
  const drawn = await (isPlaced ? placed(options, cascade, hardware) : written(options));
  if (!drawn.ok) {
    const isUsage = drawn.diagnostics.every((d) => d.code === 'bad-choice' || d.code === 'bad-assignment');
    return refuse(terminal, drawn.diagnostics, isUsage ? exitCodes.usageWrong : exitCodes.inputWrong);
  }
  printDiagnostics(terminal, drawn.warnings);
  const placement = drawn.value.placed === undefined ? {} : { placed: drawn.value.placed };
  const done = await writeFigure(options.out, loopTreeFigure(drawn.value.mapping, { ...width.value, ...placement }));
  return done.ok ? exitCodes.done : refuse(terminal, done.diagnostics);
}
