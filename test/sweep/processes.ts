import { spawn } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { exportTable } from '../../src/sweep/export.ts';
import { must } from '../mapper/inputs.ts';

const main = join(import.meta.dirname, '../../dist/cli/main.js');

export type Ended = { readonly code: number | null; readonly out: string; readonly error: string };

/** A command that runs as a process of its own, in a folder. */
export type Running = {
  readonly ended: Promise<Ended>;
  readonly send: (signal: NodeJS.Signals) => void;
  /** Ends when it has printed something like this. */
  readonly says: (what: RegExp) => Promise<void>;
};

export function start(folder: string, ...args: readonly string[]): Running {
  const child = spawn(process.execPath, [main, ...args], { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] });
  let out = '';
  let error = '';
  const heard = new Set<() => void>();
  const tell = (): void => {
    for (const hear of heard) hear();
  };
  child.stdout.on('data', (text) => {
    out += text;
    tell();
  });
  child.stderr.on('data', (text) => {
    error += text;
    tell();
  });
  return {
    ended: new Promise((resolve) => child.on('close', (code) => resolve({ code, out, error }))),
    send: (signal) => child.kill(signal),
    says: (what) =>
      new Promise((resolve) => {
        const hear = (): void => {
          if (what.test(out + error)) resolve();
        };
        heard.add(hear);
        hear();
      }),
  };
}

export const run = (folder: string, ...args: readonly string[]): Promise<Ended> => start(folder, ...args).ended;

/** The table of a store as CSV, by point: the same bytes for the same rows. */
export async function csvOf(path: string): Promise<string> {
  const out = `${path}.csv`;
  must(await exportTable(path, { path: out, format: '.csv' }));
  const text = readFileSync(out, 'utf8');
  rmSync(out);
  return text;
}

/**
 * Writes an experiment of points that take some milliseconds each, among them some that fail, are excluded, or are not in the
 * space.
 */
export function writeExperiment(folder: string): void {
  const experiment = {
    schema: 'attnsim-sweep/1',
    name: 'small',
    description: 'Short products on a machine with more or less bandwidth.',
    axes: [
      { name: 'ROWS', values: [16, 24, 32] },
      { name: 'MAPPING', values: ['fusemax-binding', 'fusemax-cascade'] },
      { name: 'BW', from: '100 GB/s', to: '800 GB/s', count: 5, scale: 'log' },
      { name: 'PES', values: [16, 64, 96] },
    ],
    where: ['ROWS > 16 or BW > 200 GB/s'],
    cascade: 'attention-1-pass',
    hardware: 'fusemax',
    mapping: { axis: 'MAPPING' },
    model: 'cycle',
    set: { B: '1', H: '1', P: 'ROWS', M: 'ROWS', E: '16', F: '16' },
    param: { BANDWIDTH: 'BW', PE_DIM: 'PES' },
    metrics: ['latency_s', 'energy_j', 'bound.resource'],
    constraints: ['energy_j < 2e-6'],
    objectives: [{ minimize: 'latency_s' }, { minimize: 'energy_j' }],
  };
  writeFileSync(join(folder, 'sweep.json'), JSON.stringify(experiment));
}
