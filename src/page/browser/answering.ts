import type { Diagnostic } from '../../diagnostic.ts';
import type { Report } from '../../report/report.ts';
import { type Changes, evaluateChanged, type WhatIfInputs } from '../what-if.ts';

/** What is asked of the worker: what a run would come to. */
export type Question = { readonly inputs: WhatIfInputs; readonly changes: Changes };

export type Answer =
  | { readonly ok: true; readonly report: Report }
  | { readonly ok: false; readonly reasons: readonly string[] };

const reasonOf = ({ message, help }: Diagnostic): string => (help === undefined ? message : `${message} - ${help}`);

/** In a worker: answers one question after the other. */
export function answerQuestions(): void {
  addEventListener('message', async ({ data }: MessageEvent<Question>) => {
    const result = await evaluateChanged(data.inputs, data.changes);
    const answer: Answer = result.ok
      ? { ok: true, report: result.value }
      : { ok: false, reasons: result.diagnostics.map(reasonOf) };
    postMessage(answer);
  });
}
