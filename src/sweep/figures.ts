import { type Diagnostic, diagnostic } from '../diagnostic.ts';
import { didYouMean } from '../did-you-mean.ts';
import type { Written } from './experiment.ts';

/** What the models say of one point, by position in the machine's levels and resources. */
export type RunFigures = {
  latency_cycles: number;
  latency_s: number;
  lower_bound_cycles: number;
  energy_j: number;
  area_mm2: number;
  average_w: number;
  flops: number;
  /** Of all instances of each level of the machine. */
  readBytes: ArrayLike<number>;
  writeBytes: ArrayLike<number>;
  /** Of one instance of each level. */
  requiredBytes: ArrayLike<number>;
  capacityBytes: ArrayLike<number>;
  /** Cycles of all instances of each resource, and how many there are. */
  busyCycles: ArrayLike<number>;
  instances: ArrayLike<number>;
  /** Resource that limits the run, and as what it does. */
  bound: number;
  boundKind: string;
};

/** Names of a machine's levels, outermost first, undefined for those without a memory, and of its resources. */
export type FigureNames = {
  readonly levels: readonly (string | undefined)[];
  readonly resources: readonly string[];
};

/** A column's value at a point; NaN where it is no number. */
export type Figure =
  | { readonly type: 'number'; readonly read: (f: RunFigures) => number }
  | { readonly type: 'text'; readonly read: (f: RunFigures) => string };

/** How a column reads the runs of a machine with these names; undefined: the machine has nothing of that name. */
export type FigurePath = {
  readonly name: string;
  readonly type: Figure['type'];
  readonly bind: (names: FigureNames) => Figure | undefined;
};

const number = (read: (f: RunFigures) => number): Figure => ({ type: 'number', read });

const whole: ReadonlyMap<string, (f: RunFigures) => number> = new Map<string, (f: RunFigures) => number>([
  ['latency_s', (f) => f.latency_s],
  ['latency_cycles', (f) => f.latency_cycles],
  ['lower_bounds.latency_cycles', (f) => f.lower_bound_cycles],
  ['energy_j', (f) => f.energy_j],
  ['power.average_w', (f) => f.average_w],
  ['area_mm2', (f) => f.area_mm2],
  ['flops', (f) => f.flops],
  ['roofline.achieved_ops_per_s', (f) => f.flops / f.latency_s],
]);

const ofLevel: ReadonlyMap<string, (f: RunFigures, level: number) => number> = new Map<
  string,
  (f: RunFigures, level: number) => number
>([
  ['traffic_bytes.LEVEL', (f, l) => f.readBytes[l]! + f.writeBytes[l]!],
  ['traffic_bytes.LEVEL.read', (f, l) => f.readBytes[l]!],
  ['traffic_bytes.LEVEL.write', (f, l) => f.writeBytes[l]!],
  ['buffer_bytes.LEVEL.required', (f, l) => f.requiredBytes[l]!],
  ['buffer_bytes.LEVEL.capacity', (f, l) => f.capacityBytes[l]!],
]);

const ofResource: ReadonlyMap<string, (f: RunFigures, resource: number) => number> = new Map<
  string,
  (f: RunFigures, resource: number) => number
>([
  ['utilization.UNIT', busyShare],
  ['resources.RESOURCE.busy_share', busyShare],
  ['resources.RESOURCE.busy_cycles', (f, r) => f.busyCycles[r]!],
]);

function busyShare({ busyCycles, instances, latency_cycles }: RunFigures, r: number): number {
  const all = latency_cycles * instances[r]!;
  return all === 0 ? 0 : busyCycles[r]! / all;
}

/** All paths that there are, with LEVEL, UNIT and RESOURCE for names. */
export const figurePaths: readonly string[] = [
  ...whole.keys(),
  ...ofLevel.keys(),
  ...ofResource.keys(),
  'bound.resource',
  'bound.kind',
];

/** The column that a path means. Error: `unknown-metric`. */
export function figurePath({ text, span }: Written): FigurePath | Diagnostic {
  const simple = whole.get(text);
  if (simple !== undefined) return { name: text, type: 'number', bind: () => number(simple) };
  if (text === 'bound.resource')
    return {
      name: text,
      type: 'text',
      bind: ({ resources }) => ({ type: 'text', read: (f) => resources[f.bound]! }),
    };
  if (text === 'bound.kind')
    return { name: text, type: 'text', bind: () => ({ type: 'text', read: (f) => f.boundKind }) };
  for (const [pattern, read] of ofLevel) {
    const name = nameIn(pattern, text);
    if (name === undefined) continue;
    return named(text, ({ levels }) => ({ at: levelAt(levels, name), of: levels.length, read }));
  }
  for (const [pattern, read] of ofResource) {
    const name = nameIn(pattern, text);
    if (name === undefined) continue;
    return named(text, ({ resources }) => ({ at: resources.indexOf(name), of: resources.length, read }));
  }
  const help = didYouMean(text, figurePaths) ?? `metrics are ${figurePaths.join(', ')}`;
  return diagnostic('unknown-metric', `"${text}" is no metric`, span, { help });
}

/** Of a memory: by name, or counted from the outermost, which is 0. */
function levelAt(levels: FigureNames['levels'], name: string): number {
  if (!/^\d+$/.test(name)) return levels.indexOf(name);
  const memories = [...levels.keys()].filter((l) => levels[l] !== undefined);
  return memories[Number(name)] ?? -1;
}

type Found = {
  readonly at: number;
  readonly of: number;
  readonly read: (f: RunFigures, position: number) => number;
};

const named = (name: string, find: (names: FigureNames) => Found): FigurePath => ({
  name,
  type: 'number',
  bind: (names) => {
    const { at, of, read } = find(names);
    return at < 0 || at >= of ? undefined : number((f) => read(f, at));
  },
});

/** The name that stands in a text where a pattern has a word in capitals: "DRAM" in "traffic_bytes.DRAM.read". */
function nameIn(pattern: string, text: string): string | undefined {
  const [before, after = ''] = pattern.split(/LEVEL|UNIT|RESOURCE/) as [string, string];
  const name = text.slice(before.length, text.length - after.length);
  // Ports are resources with a dot in their names; words of other patterns are no names.
  const isName =
    name !== '' && !/\.(read|write|required|capacity)$/.test(after === '' && before !== 'utilization.' ? name : '');
  return text.startsWith(before) && text.endsWith(after) && isName ? name : undefined;
}
