import { closedNames } from '../einsum/closed-names.ts';
import { bindNames } from '../einsum/sizes.ts';
import type { Workload } from '../einsum/workload.ts';
import { type SizeForm, sizeForm } from '../models/compiled/size-form.ts';
import { bindPoint, type Subject } from './subject.ts';

/** Workloads that are alike but for how far their variables go. */
export type WorkloadFamily = {
  /** The first one that was met. */
  readonly workload: Workload;
  /** Undefined: all sizes are alike. */
  readonly form: SizeForm | undefined;
};

/** Sizes of a point. */
export type Sized = {
  readonly family: WorkloadFamily;
  readonly named: Workload['sizes'];
  /** Of variables, by position. */
  readonly sizes: Float64Array;
  /** What the sizes decide about compiled mappings, besides numbers. */
  readonly form: Float64Array;
};

export type Sizes = {
  /** By the sizes and densities of a point; undefined where the pipeline has a mistake to tell. */
  readonly at: (values: Float64Array) => Sized | undefined;
  readonly forget: () => void;
};

/** Points whose sizes are kept. */
const mostSized = 4096;

export function openSizes(subject: Subject): Sizes {
  const { names, cascade, presets } = subject;
  const count = names.sizes.length + names.densities.length;
  const families = new Map<string, WorkloadFamily>();
  const known = new Map<string, Sized | undefined>();
  const closedBy = new Map<string, readonly string[]>();
  const last = new Float64Array(count);
  let found: Sized | undefined;
  let isFirst = true;

  const familyOf = (values: Float64Array, key: string, mayBeOpen: boolean): WorkloadFamily | undefined => {
    const met = families.get(key);
    if (met !== undefined) return met;
    // A point with a mistake says nothing of those that are met later.
    const workload = bindPoint(subject, values);
    if (!workload.ok) return undefined;
    const family = { workload: workload.value, form: mayBeOpen ? sizeForm(workload.value) : undefined };
    families.set(key, family);
    return family;
  };
  /** Which names these are follows from the parameters, which seldom vary. */
  const closedAt = (named: Workload['sizes']): readonly string[] => {
    const parameters = cascade.parameters.map(({ name }) => named.get(name)!).join();
    const closed = closedBy.get(parameters) ?? [...closedNames(cascade, named)];
    closedBy.set(parameters, closed);
    return closed;
  };
  const sizedAt = (values: Float64Array): Sized | undefined => {
    const given = new Map(names.sizes.map((name, i) => [name, values[i]!]));
    const bound = bindNames(cascade, given, presets);
    if (!bound.ok) return undefined;
    const named = bound.value;
    const closed = closedAt(named).map((name) => named.get(name)!);
    const densities = values.subarray(names.sizes.length, count).join();
    const alike = familyOf(values, `${closed.join()} ${densities}`, true);
    if (alike === undefined) return undefined;
    const all = `${[...named.values()].join()} ${densities} all`;
    const family = alike.form === undefined ? familyOf(values, all, false) : alike;
    if (family === undefined) return undefined;
    const sizes = Float64Array.from(family.workload.variables, ({ rank }) => named.get(rank)!);
    const form = new Float64Array(family.form?.length ?? 0);
    return family.form?.write(sizes, named, form) === false ? undefined : { family, named, sizes, form };
  };
  return {
    at: (values) => {
      let isOther = isFirst;
      for (let i = 0; i < count; i++) if (values[i] !== last[i]) isOther = true;
      if (!isOther) return found;
      isFirst = false;
      last.set(values.subarray(0, count));
      const key = last.join();
      if (!known.has(key)) {
        if (known.size >= mostSized) known.clear();
        known.set(key, sizedAt(values));
      }
      found = known.get(key);
      return found;
    },
    forget: () => {
      families.clear();
      known.clear();
      isFirst = true;
    },
  };
}
