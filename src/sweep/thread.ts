import { Piscina } from 'piscina';
import type { Result } from '../diagnostic.ts';
import { invariant } from '../invariant.ts';
import { type Evaluated, type Evaluator, evaluateTimed } from './executor.ts';
import type { SweepTexts } from './sweep-texts.ts';
import type { Range, Rows } from './table.ts';

/** What a thread of a pool does: it opens the sweep once, and evaluates the ranges that it is given. */
export function evaluateWith(
  openSweep: (texts: SweepTexts) => Promise<Result<Evaluator>>,
): (range: Range) => Promise<Evaluated> {
  let opened: Promise<Evaluator> | undefined;
  const open = async (): Promise<Evaluator> => {
    const sweep = await openSweep(Piscina.workerData as SweepTexts);
    invariant(sweep.ok, 'a sweep was given to threads that cannot be opened');
    return sweep.value;
  };
  return async (range) => {
    opened ??= open();
    return moved(await evaluateTimed(await opened, range));
  };
}

/** Hands the arrays on without copying them: their memory is no longer here. */
function moved(evaluated: Evaluated): Evaluated {
  const transferable = {
    [Piscina.transferableSymbol]: [...buffersOf(evaluated.rows)],
    [Piscina.valueSymbol]: evaluated,
  };
  return Piscina.move(transferable as never) as unknown as Evaluated;
}

const buffersOf = ({ points, columns }: Rows): Set<ArrayBufferLike> =>
  new Set([points.buffer, ...columns.map((cells) => ('codes' in cells ? cells.codes : cells).buffer)]);
