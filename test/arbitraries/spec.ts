import fc from 'fast-check';
import type {
  Spec,
  SpecAccounting,
  SpecLevel,
  SpecName,
  SpecSelector,
  SpecUnit,
  SpecValue,
  SpecValues,
} from '../../src/arch/spec.ts';
import { span } from '../../src/source.ts';

const nowhere = span({ name: 'random', text: '' }, 0, 0);
const named = (text: string): SpecName => ({ text, span: nowhere });

const citations = new Map([
  ['a', 'A. Author, "Title": 2024 # not a comment'],
  ['b-2.1', "it's {odd}, [really] - & *quoted*"],
]);

const note = fc.option(fc.string({ minLength: 1, maxLength: 20 }), { nil: undefined });

/** A value whose text is one of those that a field accepts. */
const value = (...texts: string[]): fc.Arbitrary<SpecValue> =>
  fc
    .tuple(fc.constantFrom(...texts), fc.subarray([...citations.keys()], { minLength: 1 }), note)
    .map(([text, sources, n]) => ({ text, span: nowhere, sources, note: n }));

/** Any subset of the fields, in any order. */
const values = (fields: Record<string, fc.Arbitrary<SpecValue>>): fc.Arbitrary<SpecValues> =>
  fc
    .tuple(fc.record(fields), fc.shuffledSubarray(Object.keys(fields)))
    .map(([all, chosen]) => new Map(chosen.map((name) => [name, all[name]!])));

const count = value('1', '3', 'N', 'N + 1', '2 * N', '16');
const energy = value('1 pJ', '0 pJ', '2 * 0.5 nJ', '(1 + N) pJ');
const watts = value('700 W', '1.2 kW', '105 J / 1 s');
const area = value('1 mm^2', '1545 um^2', 'N * 0.5 cm^2');
const duration = value('5 cycles', '100 ns', 'N cycles', '0 s');
const bandwidth = value('SPEED', '128 B/cycle', '3.35 TB/s', '400 GiB/s', 'SPEED / 2');
const energyPerData = value('3.9 pJ/b', '24.4 pJ/B', '249.6 pJ / 8 B');

const memory: fc.Arbitrary<SpecValues> = fc
  .tuple(
    values({
      capacity: value('64 KiB', 'N * 2 KiB', '80 GB'),
      access: value('1 B', '64 B', '256 bit'),
      read_energy: energyPerData,
      write_energy: energyPerData,
      latency: duration,
    }),
    fc.oneof(values({ bandwidth }), values({ read_bandwidth: bandwidth, write_bandwidth: bandwidth })),
  )
  .map(([rest, ports]) => new Map([...rest, ...ports]));

const accounting: fc.Arbitrary<SpecAccounting> = fc
  .tuple(
    fc.option(fc.boolean(), { nil: undefined }),
    fc.option(fc.boolean(), { nil: undefined }),
    fc.option(fc.subarray(['mac', 'exp', 'max']), { nil: undefined }),
    fc.subarray([...citations.keys()], { minLength: 1 }),
    note,
  )
  .map(([one_lane, free_drains, operators, sources, n]) => ({
    span: nowhere,
    one_lane,
    free_drains,
    free_operators: operators?.map(named),
    sources,
    note: n,
  }));

function withKnownOperators(a: SpecAccounting, levels: readonly SpecLevel[]): SpecAccounting {
  const known = new Set(levels.flatMap((l) => l.units.flatMap((u) => [...u.operators.keys()])));
  return { ...a, free_operators: a.free_operators?.filter((o) => known.has(o.text)) };
}

const selector: fc.Arbitrary<SpecSelector> = fc
  .tuple(
    fc.constantFrom('quick-select', 'bitonic', 'heap'),
    value('16', 'N'),
    values({
      pass: duration,
      fill: value('8', '0.5', 'N / 2'),
      overlap: value('0', '1'),
      capacity: value('2048'),
      engines: count,
    }),
  )
  .map(([algorithm, comparators, rest]) => ({
    algorithm: named(algorithm),
    values: new Map([...rest, ['comparators', comparators]]),
  }));

const unit = (name: string): fc.Arbitrary<SpecUnit> =>
  fc
    .tuple(
      fc.record({ rows: count, columns: count }),
      values({
        ramp_up: duration,
        ramp_down: duration,
        area,
        operand_bits: value('16'),
        least_operand_bits: value('8'),
      }),
      fc.dictionary(
        fc.constantFrom('mac', 'exp', 'max', 'value', 'source'),
        values({ cycles: value('1', '6', '0', 'N', '2 cycles'), energy }),
        { minKeys: 1 },
      ),
      fc.option(fc.tuple(selector, values({ energy })), { nil: undefined }),
    )
    .map(([dimensions, rest, operators, selecting]) => ({
      name: named(name),
      dimensions: new Map(Object.entries(dimensions)),
      operators: new Map([
        ...Object.entries(operators),
        ...(selecting === undefined ? [] : ([['top', selecting[1]]] as const)),
      ]),
      values: rest,
      selector: selecting?.[0],
    }));

const level = (i: number): fc.Arbitrary<SpecLevel> =>
  fc
    .tuple(
      fc.nat(Math.max(0, i - 1)),
      values({ instances: count, area, launch: duration, step: duration }),
      fc.option(fc.boolean(), { nil: undefined }),
      fc.option(memory, { nil: undefined }),
      fc.option(unit(`Unit${i}`), { nil: undefined }),
      fc.constantFrom(undefined, 'per_lane', 'private'),
    )
    .map(([parent, rest, multicast, mem, u, lanes]) => ({
      name: named(`Level${i}`),
      parent: i === 0 ? undefined : named(`Level${parent}`),
      values: rest,
      multicast,
      memory: mem,
      per_lane: mem === undefined || u === undefined || lanes !== 'per_lane' ? undefined : true,
      private: mem === undefined || u === undefined || lanes !== 'private' ? undefined : true,
      adds: mem === undefined ? undefined : multicast,
      units: u === undefined ? [] : [u],
    }));

/** Well-formed specs of one to five levels, with awkward texts in names, notes and citations. */
export const arbitrarySpec: fc.Arbitrary<Spec> = fc
  .tuple(
    fc.string({ minLength: 1, maxLength: 12 }),
    fc.string({ maxLength: 30 }),
    fc.record({ N: value('4', '16'), SPEED: value('1 TB/s', '64 B/cycle') }),
    value('1 GHz', '940 MHz'),
    fc.integer({ min: 1, max: 5 }).chain((n) => fc.tuple(...Array.from({ length: n }, (_, i) => level(i)))),
    fc.dictionary(fc.constantFrom('artifact', 'one'), accounting),
    fc.option(value('1', '0.5', '0'), { nil: undefined }),
    fc.option(values({ idle: watts, limit: watts, window: value('20 ms'), uncertainty: value('0.1') }), {
      nil: undefined,
    }),
    fc.dictionary(fc.constantFrom('flash', 'flash-2-backward'), values({ N: value('8'), SPEED: value('2 TB/s') })),
  )
  .map(([name, description, parameters, clock, levels, accountings, overlap, power, kernels]) => ({
    name: named(name),
    description,
    extends: undefined,
    sources: citations,
    parameters: new Map(Object.entries(parameters)),
    clock,
    overlap,
    power,
    kernels: new Map(Object.entries(kernels)),
    accountings: new Map(Object.entries(accountings).map(([key, a]) => [key, withKnownOperators(a, levels)])),
    levels,
  }));
