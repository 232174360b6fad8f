import { join } from 'node:path';
import { type Diagnostic, failure, type Result, success } from '../../diagnostic.ts';
import { resolveSource } from '../../files.ts';
import type { Report } from '../../report/report.ts';
import { compareReports } from '../../report/summary.ts';
import { writeReports, writeRoofline } from '../report-outputs.ts';
import { simulateReport } from '../simulate-report.ts';
import { exitCodes, refuse, sayUnless, type Terminal } from '../terminal.ts';
import { readPresets } from '../workload-inputs.ts';

export type DemoOptions = { readonly out: string };

type DemoRun = {
  readonly file: string;
  readonly title: string;
  readonly cascade: string;
  readonly machine: string;
  readonly mapping: string;
  readonly workload: string;
  readonly sizes: Readonly<Record<string, number>>;
};

/** The two runs that the README shows: BERT at 64K on FuseMax, FlashAttention-3 at 16K on H100. */
const demoRuns: readonly DemoRun[] = [
  {
    file: 'fusemax-bert-64k.json',
    title: 'FuseMax, BERT at 64K',
    cascade: 'attention-1-pass',
    machine: 'fusemax',
    mapping: 'fusemax-binding',
    workload: 'bert-base',
    sizes: { P: 65536, M: 65536 },
  },
  {
    file: 'h100-flash-attention-3-16k.json',
    title: 'FlashAttention-3 at 16K, H100',
    cascade: 'attention-1-pass',
    machine: 'h100-sxm',
    mapping: 'flash-attention-3',
    workload: 'flash-h100',
    sizes: { B: 1, H: 16, E: 128, F: 128, P: 16384, M: 16384, M0: 128 },
  },
];

async function simulateDemo(run: DemoRun): Promise<Result<Report>> {
  const cascade = await resolveSource('cascade', run.cascade);
  const machine = await resolveSource('hardware', run.machine);
  const mapping = await resolveSource('mapping', run.mapping);
  const presets = await readPresets(run.workload);
  if (!cascade.ok || !machine.ok || !mapping.ok || !presets.ok)
    return failure([cascade, machine, mapping, presets].flatMap((r) => (r.ok ? [] : r.diagnostics)));
  const inputs = { cascade: cascade.value, machine: machine.value, mapping: mapping.value, presets: presets.value };
  const sizes = new Map(Object.entries(run.sizes));
  const simulated = await simulateReport({ ...inputs, sizes, parameters: new Map() }, 'cycle');
  return simulated.ok ? success(simulated.value.report, simulated.warnings) : simulated;
}

/** `attnsim demo`: both runs, their reports and one plot, in a folder. */
export async function demo(options: DemoOptions, terminal: Terminal): Promise<number> {
  const shown: { readonly file: string; readonly title: string; readonly report: Report }[] = [];
  for (const run of demoRuns) {
    const result = await simulateDemo(run);
    if (!result.ok) return refuse(terminal, result.diagnostics);
    shown.push({ file: run.file, title: run.title, report: result.value });
  }
  const say = sayUnless(false, terminal);
  say(compareReports(shown, terminal));
  const plot = join(options.out, 'roofline.svg');
  const files = shown.map(({ file, report }) => ({ path: join(options.out, file), report }));
  const runs = shown.map(({ title, report }) => ({ label: title, report }));
  const failed: readonly Diagnostic[] = [...(await writeReports(files)), ...(await writeRoofline(plot, runs))];
  if (failed.length > 0) return refuse(terminal, failed);
  say(`\nwritten: ${[...files.map((f) => f.path), plot].join(', ')}\n`);
  return exitCodes.done;
}
