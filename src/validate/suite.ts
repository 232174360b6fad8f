import type { Machine } from '../arch/machine.ts';
import type { Diagnostic, Result } from '../diagnostic.ts';
import type { Metrics } from '../models/metrics.ts';
import type { Source, Span } from '../source.ts';

/** One run of the pipeline, by the names of what ships; a name with folders is a path in the package, without its ending. */
export type Run = {
  readonly cascade: string;
  readonly hardware: string;
  readonly mapping: string;
  /** Name by which the spec may have values of its own for the run; absent: that of the mapping. */
  readonly kernel?: string;
  /** Undefined: all sizes are given. */
  readonly workload: string | undefined;
  /** Go before those of the workload. */
  readonly sizes: Readonly<Record<string, number>>;
  /** Formats of tensors, in place of those that the cascade declares. */
  readonly formats?: Readonly<Record<string, string>>;
  /** Of selections by value: the share that exists on average. */
  readonly densities?: Readonly<Record<string, number>>;
  /** Of the mapping or the machine, as on a command line. */
  readonly parameters: Readonly<Record<string, string>>;
  /** How energy is charged, where not as in all runs. */
  readonly accounting?: string;
};

/** With which model, and how energy is charged: `physical`, or an accounting that the machines of the runs declare. */
export type Evaluation = { readonly model: Metrics['model']; readonly accounting: string };

/** What figures are read from. */
export type Outcome = { readonly metrics: Metrics; readonly machine: Machine };

/** Something that is published and predicted. */
export type Figure = {
  /** With its unit: `latency_cycles`. */
  readonly name: string;
  readonly title: string;
  readonly unit: string;
  /** An error is predicted / published - 1, or of shares, which are compared as they are, predicted - published. */
  readonly error: 'relative' | 'absolute';
  /** A part of another figure: judged like all, and shown to people only where it is among the worst. */
  readonly detail?: true;
  /** Largest error by model; absent where a figure is shown and not judged. */
  readonly tolerance?: { readonly analytic: number; readonly cycle: number };
  /** From the runs of a subject, in their order; undefined where they have no such figure. */
  readonly read: (outcomes: readonly Outcome[], subject: Subject) => number | undefined;
};

/** What runs for a point; those with the same runs are the same. */
export type Subject = {
  /** For people: "attention, binding, BERT 64K". */
  readonly name: string;
  readonly runs: readonly Run[];
  /** Of the runs it is about one tensor at one level; undefined: about all. */
  readonly access?: { readonly level: string; readonly tensor: string };
};

/** A published row. */
export type Point = Subject & {
  /** Its name in the file, such as "results[3]". */
  readonly row: string;
  /** Errors are averaged over the points of a series. */
  readonly series: string;
  /** What it is among those of its series: "BERT 64K". */
  readonly label: string;
  readonly at: Span;
  /** By figure. */
  readonly published: ReadonlyMap<string, number>;
  /** By figure: the suite's rule by which the published number is known to be another. */
  readonly explained?: ReadonlyMap<string, string>;
  /** What it is, by the names that means are taken over: { device: "H100", pass: "fwd" }. */
  readonly groups?: Readonly<Record<string, string>>;
  /** Why it is in no mean. It is shown, and predicted if it has runs. */
  readonly aside?: string;
  /** Why there is nothing to run for it. */
  readonly refused?: Diagnostic;
  /** What its source says besides. */
  readonly note?: string;
};

/** A published mean over pairs: of one figure of the first, over that of the second. */
export type Claim = {
  readonly claim: string;
  readonly figure: string;
  /** As printed; undefined if it is only recomputed from the published rows. */
  readonly printed: number | undefined;
  /** The mean over all pairs of published rows. */
  readonly recomputed: number;
  readonly pairs: readonly (readonly [Subject, Subject])[];
};

/** The text of a file that ships, by its path in the package: "experiments/fusemax/points.json". */
export type ReadShipped = (path: string) => Promise<Source | undefined>;

/** Published or measured points, and what to run for each. The only place that knows what ships by name. */
export type Suite = {
  readonly name: string;
  readonly description: string;
  /** The points that ship, by their path in the package. */
  readonly points: string;
  /** Of fitted parameters by name: their ranges (`FactorRange`), by their path in the package. */
  readonly factors?: string;
  /** File with what came of fitting them. */
  readonly calibration?: string;
  /** In which published energies are charged. */
  readonly accounting: string;
  readonly figures: readonly Figure[];
  /** Ways in which the published model is known to count otherwise, by name, for people. */
  readonly rules?: Readonly<Record<string, string>>;
  /** JSON Schema 2020-12 of a file of points; published as `docs/points-NAME-schema.json`. */
  readonly pointsSchema: (readShipped: ReadShipped) => Promise<object>;
  /** Reads points, shipped or a user's. */
  readonly readPoints: (source: Source, readShipped: ReadShipped) => Promise<Result<readonly Point[]>>;
  readonly claims: (readShipped: ReadShipped) => Promise<readonly Claim[]>;
  /** Names of groups: errors are averaged over the rows that have the same ones, too. Of no names: over all. */
  readonly meansBy?: readonly (readonly string[])[];
  /** Name of the groups that are told apart in a plot of its first figure; absent: the series. */
  readonly plotBy?: string;
  /** How many of the worst errors are told. */
  readonly worst?: number;
};
