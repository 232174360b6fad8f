import type { Span } from '../source.ts';

/**
 * A hardware spec as written, after its form has been checked: one file, or several merged by `extends`.
 * Numbers are still text; `evaluate.ts` and `hierarchy.ts` make the machine.
 */
export type Spec = {
  readonly name: SpecName;
  readonly description: string;
  readonly extends: SpecName | undefined;
  /** Citations by key. */
  readonly sources: ReadonlyMap<string, string>;
  /** In order of declaration: a value may use those before it. */
  readonly parameters: ReadonlyMap<string, SpecValue>;
  readonly clock: SpecValue | undefined;
  readonly overlap: SpecValue | undefined;
  readonly power: SpecValues | undefined;
  /** By name of a mapping: parameters that have other values when it runs. */
  readonly kernels: ReadonlyMap<string, SpecValues>;
  /** By name. */
  readonly accountings: ReadonlyMap<string, SpecAccounting>;
  readonly levels: readonly SpecLevel[];
};

export type SpecName = { readonly text: string; readonly span: Span };

/** A way of charging for actions; what is undefined is as the spec below has it, or as it happens. */
export type SpecAccounting = {
  readonly span: Span;
  readonly one_lane: boolean | undefined;
  readonly free_drains: boolean | undefined;
  readonly free_operators: readonly SpecName[] | undefined;
  /** Keys of `sources`; never empty. */
  readonly sources: readonly string[];
  readonly note: string | undefined;
};

/** A number as written, with where it comes from. */
export type SpecValue = {
  readonly text: string;
  readonly span: Span;
  /** Keys of `sources`; never empty. */
  readonly sources: readonly string[];
  readonly note: string | undefined;
};

/** Values by field name; the fields are those of `fields.ts`. */
export type SpecValues = ReadonlyMap<string, SpecValue>;

export type SpecLevel = {
  readonly name: SpecName;
  readonly parent: SpecName | undefined;
  readonly values: SpecValues;
  readonly multicast: boolean | undefined;
  readonly memory: SpecValues | undefined;
  /** Of the memory. */
  readonly per_lane: boolean | undefined;
  /** Of the memory. */
  readonly private: boolean | undefined;
  /** Of the memory. */
  readonly adds: boolean | undefined;
  readonly units: readonly SpecUnit[];
};

export type SpecUnit = {
  readonly name: SpecName;
  readonly dimensions: SpecValues;
  readonly operators: ReadonlyMap<string, SpecValues>;
  readonly values: SpecValues;
  readonly selector: SpecSelector | undefined;
};

export type SpecSelector = { readonly algorithm: SpecName | undefined; readonly values: SpecValues };
