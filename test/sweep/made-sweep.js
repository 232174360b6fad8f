// A sweep that is made up: `text` is JSON, see made-sweep.d.ts. JavaScript, so that a thread can load it.
import { setTimeout } from 'node:timers/promises';
import { statuses } from '../../dist/sweep/table.js';

const columns = [
  { name: 'X', type: 'number', role: 'parameter' },
  { name: 'T', type: 'text', role: 'parameter' },
  { name: 'Y', type: 'number', role: 'metric' },
  { name: 'status', type: 'text', role: 'outcome' },
  { name: 'diagnostic', type: 'text', role: 'outcome' },
];

export async function openSweep(texts) {
  const { points, everySkipped = 0, crashAt = -1, endAt = -1, milliseconds = 0 } = JSON.parse(texts.experiment.text);
  const evaluate = async ({ first, count }) => {
    if (milliseconds > 0) await setTimeout(milliseconds * count);
    const hits = (point) => point >= first && point < first + count;
    if (hits(crashAt)) throw new RangeError(`point ${crashAt} is bad`);
    if (hits(endAt)) process.exit(3);
    const numbers = Array.from({ length: count }, (_, i) => first + i);
    const kept = everySkipped === 0 ? numbers : numbers.filter((point) => point % everySkipped !== 0);
    const own = [...new Set(kept.map((point) => `t${point % 7}`))];
    return {
      range: { first, count },
      points: Float64Array.from(kept),
      columns: [
        Float64Array.from(kept, (point) => point / 2),
        { texts: own, codes: Int32Array.from(kept, (point) => own.indexOf(`t${point % 7}`)) },
        Float64Array.from(kept, (point) => (point % 5 === 0 ? Number.NaN : Math.sqrt(point))),
        { texts: statuses, codes: Int32Array.from(kept, (point) => (point % 5 === 0 ? 2 : 0)) },
        { texts: ['bad'], codes: Int32Array.from(kept, (point) => (point % 5 === 0 ? 0 : -1)) },
      ],
    };
  };
  return { ok: true, value: { columns, points, evaluate }, warnings: [] };
}
