import type { Table } from './named-table.ts';
export const certificateSchemaName = 'attnsim-certificate/1';

/** Parts of a cost, in the order of the certificate's `axes`. */
type Costs = readonly number[];

/** What proves that no mapping of some spaces is better than one that was found, so that others can check it. */
export type Certificate = {
  readonly schema: typeof certificateSchemaName;
  /** Text of the machine, with all that it extends. */
  readonly hardware: string;
  /** Parameters of the machine that have other values than its text says. */
  readonly parameters: Table<string>;
  readonly energy_accounting: string;
  /** Cascades that do the same, as texts, and sizes of their ranks and parameters. */
  readonly algorithms: readonly { readonly cascade: string; readonly sizes: Table<number> }[];
  readonly objective: 'latency' | 'energy' | 'edp' | 'dram-bytes';
  /** What the objective depends on. */
  readonly axes: readonly ('latency_cycles' | 'energy_pj' | 'home_bytes')[];
  /** Position of the algorithm of the mapping that was found, and the text of that mapping. */
  readonly algorithm: number;
  readonly mapping: string;
  /** What it has of the objective, in cycles, pJ, cycles x pJ or bytes. */
  readonly value: number;
  /** No mapping of the spaces has less. */
  readonly bound: number;
  /** How much more the value may be than the least of the spaces, as a share of that; null: not known. */
  readonly gap: number | null;
  readonly spaces: readonly (CertifiedDataflow | CertifiedNests)[];
};

type CertifiedSpace = {
  /** Position of the algorithm. */
  readonly algorithm: number;
  /** What became of all mappings, as counts: whole numbers of any length. */
  readonly mappings: Table<string>;
  /** What those that were not looked at cost at least; null: all were, or cost too much. */
  readonly remaining: Costs | null;
};

/** A mapping, some parameters of which are chosen. */
export type CertifiedDataflow = CertifiedSpace & {
  readonly kind: 'dataflow';
  readonly mapping: string;
  /** The values of each parameter; null: what the mapping says. */
  readonly knobs: readonly { readonly name: string; readonly values: readonly (number | null)[] }[];
  /**
   * What became of each choice, as runs, the last knob going first from one choice to the next: `1e31b4o` is one evaluated, 31 that
   * cost too much (bounded) and four that need too much room (overfull); `i` is illegal, `l` left, not looked at.
   */
  readonly verdicts: string;
};

/** Sequences of nests. */
export type CertifiedNests = CertifiedSpace & {
  readonly kind: 'nests';
  readonly limits: {
    readonly loops_each: number;
    /** By rank variable. */
    readonly tiles: Table<readonly number[]>;
    readonly in_flight: readonly number[];
    readonly stages: readonly number[];
    /** What nests have to be, as texts. */
    readonly constraints: readonly string[];
  };
  readonly parts: readonly CertifiedPart[];
};

/** Einsums that follow each other, as one nest. */
type CertifiedPart = {
  readonly einsums: readonly string[];
  /** No nest of them costs less. */
  readonly floor: Costs;
  /** Each of their nests costs no less than one of these, or has cost enough with the floors of the parts around it. */
  readonly least: readonly Costs[];
  /** Together they are all its nests. Null: it was not searched, since it could be of no use or the effort was spent. */
  readonly regions: readonly CertifiedRegion[] | null;
};

/** Nests that have some loops. */
export type CertifiedRegion = {
  /** Variables and tiles, outermost first, and the level over whose instances the steps are spread, where they are. */
  readonly loops: readonly (readonly [string, number] | readonly [string, number, string])[];
  /** Those that have more loops inside these, too. */
  readonly inside: boolean;
  /** They cost too much, or all were gone through, or they were not looked at. */
  readonly became: 'bounded' | 'searched' | 'left';
  /** Each of them costs no less than one of these. */
  readonly least: readonly Costs[];
};
