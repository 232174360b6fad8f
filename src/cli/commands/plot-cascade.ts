import { type Result, success } from '../../diagnostic.ts';
import { analyzePasses, type RankPasses } from '../../einsum/passes.ts';
import { cascadeFigure } from '../../figures/cascade-figure.ts';
import { readSizes } from '../assignments.ts';
import { choose } from '../choices.ts';
import { readFigureWidth } from '../figure-width.ts';
import { exitCodes, printDiagnostics, refuse, type Terminal } from '../terminal.ts';
import { bindCascade } from '../workload-inputs.ts';
import { writeFigure } from '../write-figure.ts';

export type PlotCascadeOptions = {
  readonly cascade: string;
  readonly workload?: string;
  readonly set: readonly string[];
  readonly rank?: string;
  readonly width?: string;
  readonly out: string;
};

/** Of ranks that get no size: the figure has no numbers, and what it shows is the same for other sizes. */
const usualSize = 64;

function passesOf(rank: string | undefined, all: readonly RankPasses[]): Result<RankPasses | undefined> {
  if (rank === undefined) return success(undefined);
  const chosen = choose(
    '--rank',
    rank,
    all.map((p) => p.rank),
  );
  return chosen.ok ? success(all.find((p) => p.rank === chosen.value)) : chosen;
}

/** `attnsim plot cascade CASCADE --out FILE.svg`: its Einsums as a graph, with the passes over a rank. */
export async function plotCascade(options: PlotCascadeOptions, terminal: Terminal): Promise<number> {
  const [sizes, width] = [readSizes(options.set), readFigureWidth(options.width)];
  if (!sizes.ok || !width.ok)
    return refuse(
      terminal,
      [sizes, width].flatMap((r) => (r.ok ? [] : r.diagnostics)),
      exitCodes.usageWrong,
    );
  const { workload } = options;
  const bound = await bindCascade(options.cascade, { workload, sizes: sizes.value, usualSize });
  if (!bound.ok) return refuse(terminal, bound.diagnostics);
  printDiagnostics(terminal, bound.warnings);
  const rank = passesOf(options.rank, analyzePasses(bound.value));
  if (!rank.ok) return refuse(terminal, rank.diagnostics);
  const chosen = rank.value === undefined ? {} : { rank: rank.value };
  const written = await writeFigure(options.out, cascadeFigure(bound.value, { ...width.value, ...chosen }));
  return written.ok ? exitCodes.done : refuse(terminal, written.diagnostics);
}
