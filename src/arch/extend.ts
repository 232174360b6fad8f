import type { Spec, SpecAccounting, SpecLevel, SpecName, SpecUnit, SpecValues } from './spec.ts';

/**
 * One spec on top of another: values replace values, levels and units of the same name are merged, new ones follow the
 * old. A source key that both declare has the same
 * citation in both (`load.ts` checks it).
 */
export function extendSpec(base: Spec, child: Spec): Spec {
  return {
    name: child.name,
    description: child.description === '' ? base.description : child.description,
    extends: base.extends,
    sources: new Map([...base.sources, ...child.sources]),
    parameters: new Map([...base.parameters, ...child.parameters]),
    clock: child.clock ?? base.clock,
    overlap: child.overlap ?? base.overlap,
    power:
      base.power === undefined && child.power === undefined
        ? undefined
        : new Map([...(base.power ?? []), ...(child.power ?? [])]),
    kernels: mergeValues(base.kernels, child.kernels),
    accountings: mergeAccountings(base.accountings, child.accountings),
    levels: mergeNamed(base.levels, child.levels, mergeLevel),
  };
}

function mergeAccountings(base: Spec['accountings'], child: Spec['accountings']): Spec['accountings'] {
  const merged = new Map(base);
  for (const [name, changed] of child) {
    const old = base.get(name);
    merged.set(name, old === undefined ? changed : mergeAccounting(old, changed));
  }
  return merged;
}

/** What is taken from below keeps its sources beside those of what is new. */
const mergeAccounting = (base: SpecAccounting, child: SpecAccounting): SpecAccounting => ({
  span: child.span,
  one_lane: child.one_lane ?? base.one_lane,
  free_drains: child.free_drains ?? base.free_drains,
  free_operators: child.free_operators ?? base.free_operators,
  sources: [...new Set([...base.sources, ...child.sources])],
  note: child.note ?? base.note,
});

function mergeNamed<T extends { readonly name: SpecName }>(
  base: readonly T[],
  child: readonly T[],
  merge: (base: T, child: T) => T,
): readonly T[] {
  const names = new Set(base.map((b) => b.name.text));
  const changed = base.map((b) => child.filter((c) => c.name.text === b.name.text).reduce(merge, b));
  return [...changed, ...child.filter((c) => !names.has(c.name.text))];
}

function mergeLevel(base: SpecLevel, child: SpecLevel): SpecLevel {
  return {
    name: base.name,
    parent: child.parent ?? base.parent,
    values: new Map([...base.values, ...child.values]),
    multicast: child.multicast ?? base.multicast,
    memory:
      base.memory === undefined && child.memory === undefined
        ? undefined
        : mergeMemory(base.memory ?? new Map(), child.memory ?? new Map()),
    per_lane: child.per_lane ?? base.per_lane,
    private: child.private ?? base.private,
    adds: child.adds ?? base.adds,
    units: mergeNamed(base.units, child.units, mergeUnit),
  };
}

/** A shared port and separate ports exclude each other, so giving one kind takes the other away. */
function mergeMemory(base: SpecValues, child: SpecValues): SpecValues {
  const merged = new Map([...base, ...child]);
  const separate = ['read_bandwidth', 'write_bandwidth'];
  if (separate.some((name) => child.has(name)) && !child.has('bandwidth')) merged.delete('bandwidth');
  if (child.has('bandwidth')) for (const name of separate) if (!child.has(name)) merged.delete(name);
  return merged;
}

/** Blocks of values by name. */
function mergeValues(
  base: ReadonlyMap<string, SpecValues>,
  child: ReadonlyMap<string, SpecValues>,
): ReadonlyMap<string, SpecValues> {
  const merged = new Map(base);
  for (const [name, values] of child) merged.set(name, new Map([...(merged.get(name) ?? []), ...values]));
  return merged;
}

function mergeUnit(base: SpecUnit, child: SpecUnit): SpecUnit {
  return {
    name: base.name,
    dimensions: new Map([...base.dimensions, ...child.dimensions]),
    operators: mergeValues(base.operators, child.operators),
    values: new Map([...base.values, ...child.values]),
    selector:
      base.selector === undefined || child.selector === undefined
        ? (child.selector ?? base.selector)
        : {
            algorithm: child.selector.algorithm ?? base.selector.algorithm,
            values: new Map([...base.selector.values, ...child.selector.values]),
          },
  };
}
