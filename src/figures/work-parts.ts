import { entryOf } from '../report/named-table.ts';
import type { Report } from '../report/report.ts';
import type { Parts } from './parts.ts';

/** Cycles of one instance on average, by Einsum; what moves through a port has no Einsum. */
export function workOf(report: Report, resource: string): Parts {
  const { busy_cycles, instances } = report.resources[resource]!;
  const byEinsum = Object.entries(entryOf(report.busy_cycles_by_einsum, resource) ?? {});
  const rest = busy_cycles - byEinsum.reduce((total, [, cycles]) => total + cycles, 0);
  const parts = byEinsum.map(([einsum, cycles]) => [einsum, cycles / instances] as const);
  // Sums of rounded parts may be a little off.
  return Object.fromEntries(rest > busy_cycles * 1e-9 ? [...parts, ['transfers', rest / instances]] : parts);
}
