import {
  type Certificate,
  evaluateMapping,
  type Mapping,
  parseMapping,
  placeMapping,
  type Result,
  renderDiagnostic,
} from 'attnsim';
import type { Cost, Floors } from './floors.ts';
import type { Problem } from './loops.ts';
import { outermost } from './traffic.ts';

/** What came of checking a certificate. */
export type Findings = {
  /** Claims that are wrong, or do not fit together. */
  readonly refused: string[];
  /** Kinds of claims that were not looked into, since that would take too long or ask for more than is known here: how many, of all. */
  readonly trusted: Map<string, { readonly times: number; readonly all: number }>;
  /** No mapping of the spaces has less by what was worked out or evaluated here alone; at most the bound that is claimed. */
  proven: number;
  /** Mappings that were placed and evaluated. */
  evaluated: number;
};

export type Claim = {
  readonly certificate: Certificate;
  readonly problem: Problem;
  readonly budget: number;
  readonly findings: Findings;
};
export type Space<K extends string> = Claim & {
  readonly space: Extract<Certificate['spaces'][number], { kind: K }>;
  readonly name: string;
  readonly floors: Floors;
};

/** Sums of what a computer rounds: what is no less than a claim may come out a little less. */
export const tolerance = 1e-9;

const values: Readonly<Record<Certificate['objective'], (c: Cost) => number>> = {
  latency: (c) => c.latency_cycles,
  energy: (c) => c.energy_pj,
  edp: (c) => c.latency_cycles * c.energy_pj,
  'dram-bytes': (c) => c.home_bytes,
};

/** The value of the objective for costs along the axes of a certificate. */
export const objectiveOf = ({ objective, axes }: Certificate, costs: readonly number[]): number =>
  values[objective]({
    latency_cycles: 0,
    energy_pj: 0,
    home_bytes: 0,
    ...Object.fromEntries(axes.map((axis, i) => [axis, costs[i]!])),
  });

/** Why a mapping is none, or what it has of the objective. */
export type Judged = { readonly value: number } | 'overfull' | 'illegal';

/** Places and evaluates a mapping, with some of its parameters replaced. */
export function judge(c: Claim, mapping: Mapping, overrides?: ReadonlyMap<string, number>): Judged {
  const { workload, machine } = c.problem;
  const placed = placeMapping(mapping, workload, machine, overrides);
  c.findings.evaluated++;
  if (!placed.ok) return placed.diagnostics.every((d) => d.code === 'over-capacity') ? 'overfull' : 'illegal';
  const metrics = evaluateMapping(placed.value, 'analytic', { accounting: c.certificate.energy_accounting });
  const home = metrics.traffic.get(outermost(machine).name);
  const value = values[c.certificate.objective]({
    latency_cycles: metrics.latency_cycles,
    energy_pj: [...metrics.energy_pj.values()].reduce((a, b) => a + b, 0),
    home_bytes: home === undefined ? 0 : home.read_bytes + home.write_bytes,
  });
  return { value };
}

export const readMapping = (text: string): Mapping => contentOf(parseMapping({ name: 'certificate', text }));

/** Takes so many of all claims of a kind on trust. */
export function trust({ findings: { trusted }, name }: Space<string>, what: string, all = 1, times = 1): void {
  const claims = `${name}: ${what}`;
  trusted.set(claims, { times: (trusted.get(claims)?.times ?? 0) + times, all });
}

export function contentOf<T>(result: Result<T>): T {
  if (result.ok) return result.value;
  throw new Error(result.diagnostics.map((d) => renderDiagnostic(d)).join('\n'));
}
