import { type Diagnostic, diagnostic } from '../diagnostic.ts';
import { moves } from './loops.ts';
import type { Loop, PlacedMapping } from './placed.ts';

/**
 * Checks loops that lag: the body that they are in is of loops only, in time, so that nothing in it stands where the
 * current iteration does; none lags less than one before it, whose results it may read; and nothing inside goes on
 * from one iteration to the next, which would come too early.
 */
export function checkLags(p: PlacedMapping): readonly Diagnostic[] {
  return p.loops.filter((loop) => loop.lag > 0).flatMap((loop) => checkLag(p, loop));
}

function checkLag(p: PlacedMapping, loop: Loop): readonly Diagnostic[] {
  const refuse = (message: string, related: Diagnostic['related'] = [], help?: string): readonly Diagnostic[] => [
    diagnostic('misplaced-lag', message, loop.span, { related, ...(help === undefined ? {} : { help }) }),
  ];
  const around = loop.above.at(-1);
  if (around === undefined) return refuse('a loop lags behind the loop around it, and there is none');
  if (loop.across !== undefined || around.across !== undefined)
    return refuse('the steps of a grid are no iterations that a loop could lag behind');
  const { keeps, branches } = around.block;
  const other = keeps[0] ?? branches.find((b) => b.kind === 'compute');
  if (other !== undefined)
    return refuse(
      'where a loop lags, all of the body is loops',
      [{ span: other.span, message: 'this one stands where the current iteration does' }],
      'put it above the loop around, or under a loop of its own',
    );
  const before = branches.slice(0, branches.indexOf(loop)).find((b) => b.kind === 'loop' && b.lag > loop.lag);
  if (before !== undefined)
    return refuse('a loop lags at least as much as those before it', [{ span: before.span, message: 'lags more' }]);
  const carrying = p.computes.find((c) => c.above.includes(around) && c.einsum.carried === around.variable);
  if (carrying === undefined || !moves(p.workload, around)) return [];
  const { name } = p.workload.variables[around.variable]!;
  return refuse(`Einsum "${carrying.einsum.name}" goes on from one iteration over "${name}" to the next`, [
    { span: carrying.span, message: `"${carrying.einsum.name}" is computed here` },
  ]);
}
