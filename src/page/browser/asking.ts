import type { Changes, WhatIfInputs } from '../what-if.ts';
import type { Answer, Question } from './answering.ts';

/**
 * Asks a worker with the script of the page. While one question is answered only the latest of those that come in is
 * kept: a slider that moves on makes the ones before it pointless.
 */
export function askWorker(inputs: WhatIfInputs, onAnswer: (answer: Answer, changes: Changes) => void) {
  const script = document.getElementById('script')!.textContent!;
  const url = URL.createObjectURL(new Blob([script], { type: 'text/javascript' }));
  const worker = new Worker(url);
  let asked: Changes | undefined;
  let next: Changes | undefined;
  const send = (changes: Changes): void => {
    asked = changes;
    next = undefined;
    const question: Question = { inputs, changes };
    worker.postMessage(question);
  };
  worker.addEventListener('message', ({ data }: MessageEvent<Answer>) => {
    const changes = asked!;
    asked = undefined;
    if (next === undefined) onAnswer(data, changes);
    else send(next);
  });
  worker.addEventListener('error', ({ message }) => {
    asked = undefined;
    onAnswer({ ok: false, reasons: [`This is a bug in attnsim: ${message}`] }, { sizes: [], parameters: [] });
  });
  return (changes: Changes): void => {
    if (asked === undefined) send(changes);
    else next = changes;
  };
}
