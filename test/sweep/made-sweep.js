// A sweep that is made up: its text is JSON, see made-sweep.d.ts. JavaScript, so that a thread can load it.
import { setTimeout } from 'node:timers/promises';
import { outcomeColumns, statuses } from '../../dist/sweep/table.js';

const columns = [
  { name: 'X', type: 'number', role: 'parameter' },
  { name: 'T', type: 'text', role: 'parameter' },
  { name: 'Y', type: 'number', role: 'metric' },
  ...outcomeColumns,
];
const names = Array.from({ length: 7 }, (_, i) => `t${i}`);

function spin(microseconds) {
  const end = performance.now() + microseconds / 1000;
  while (performance.now() < end);
}

export async function openSweep(texts) {
  const made = { everySkipped: 0, crashAt: -1, endAt: -1, milliseconds: 0, microseconds: 0 };
  const { points, ...is } = { ...made, ...JSON.parse(texts.experiment.text) };
  const evaluate = async ({ first, count }) => {
    if (is.milliseconds > 0) await setTimeout(is.milliseconds * count);
    if (is.microseconds > 0) spin(is.microseconds * count);
    if (is.crashAt >= first && is.crashAt < first + count) throw new RangeError(`point ${is.crashAt} is bad`);
    if (is.endAt >= first && is.endAt < first + count) process.exit(3);
    const numbers = new Float64Array(count);
    let rows = 0;
    for (let p = first; p < first + count; p++)
      if (is.everySkipped === 0 || p % is.everySkipped > 0) numbers[rows++] = p;
    const kept = numbers.slice(0, rows);
    const cells = {
      X: kept.map((p) => p / 2),
      T: { texts: names, codes: Int32Array.from(kept, (p) => p % 7) },
      Y: kept.map((p) => (p % 5 === 0 ? Number.NaN : Math.sqrt(p))),
      status: { texts: statuses, codes: Int32Array.from(kept, (p) => (p % 5 === 0 ? 2 : 0)) },
      diagnostic: { texts: ['bad'], codes: Int32Array.from(kept, (p) => (p % 5 === 0 ? 0 : -1)) },
    };
    return { range: { first, count }, points: kept, columns: columns.map(({ name }) => cells[name]) };
  };
  return { ok: true, value: { columns, points, evaluate }, warnings: [] };
}
