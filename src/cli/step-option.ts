import { diagnostic, failure, type Result, success } from '../diagnostic.ts';
import { type Step, usualShare } from '../sweep/step.ts';

/** How far parameters are moved, as `--step` says it. Error: `bad-choice`. */
export function readStep(text: string): Result<Step> {
  if (text === 'axis') return success({ kind: 'axis', otherwise: usualShare });
  const percent = /^(\d{1,3}(?:\.\d{1,9})?)%$/.exec(text)?.[1];
  const share = Number(percent) / 100;
  if (share > 0 && share < 1) return success({ kind: 'share', share });
  const message = `--step "${text}" is neither a share above 0% and below 100%, such as 5%, nor "axis"`;
  return failure([diagnostic('bad-choice', message, undefined)]);
}
