import fc from 'fast-check';
import type { Arithmetic } from '../../src/einsum/ast.ts';
import {
  type Binding,
  type ComputeNode,
  dispatches,
  type KeepNode,
  type LoopNode,
  type Mapping,
  type MappingNode,
  type Schedule,
  type Spread,
} from '../../src/mapper/mapping.ts';
import { isWord } from '../../src/mapper/parse-reader.ts';
import { span } from '../../src/source.ts';
import { anyArithmetic } from './cascade.ts';

const nowhere = span({ name: 'nowhere', text: '' }, 0, 0);

const anyName = fc.stringMatching(/^[A-Za-z_][A-Za-z0-9_]{0,4}$/).filter((name) => !isWord(name));
const kebabName = fc.array(anyName, { minLength: 1, maxLength: 3 }).map((parts) => parts.join('-'));
const named = anyName.map((name) => ({ name, span: nowhere }));
const some = <T>(element: fc.Arbitrary<T>) => fc.array(element, { minLength: 1, maxLength: 3 });

/** Often the number that need not be written. */
const usually = (value: number): fc.Arbitrary<Arithmetic> =>
  fc.oneof(fc.constant<Arithmetic>({ kind: 'number', value, span: nowhere }), anyArithmetic);

const schedule: fc.Arbitrary<Schedule> = fc.oneof(
  fc.constant<Schedule>({ kind: 'sequence' }),
  usually(2).map((inFlight): Schedule => ({ kind: 'pipeline', inFlight })),
);

const one: Arithmetic = { kind: 'number', value: 1, span: nowhere };

const spill = fc.record({ share: anyArithmetic, level: named });

/** A cache has no stages, room of another or share that spills; what lies over another tensor has its stages. */
const keep: fc.Arbitrary<KeepNode> = fc.constantFrom('cache', 'keep', 'over').chain((form) =>
  fc.record({
    kind: fc.constant('keep' as const),
    cache: fc.constant(form === 'cache'),
    tensors: some(named),
    level: named,
    stages: form === 'keep' ? usually(1) : fc.constant(one),
    demand: form === 'keep' ? fc.boolean() : fc.constant(false),
    over: form === 'over' ? named : fc.constant(undefined),
    spill: form === 'cache' ? fc.constant(undefined) : fc.option(spill, { nil: undefined }),
    condition: usually(1),
    span: fc.constant(nowhere),
  }),
);

const dimensions = fc.array(
  fc.record({ dimension: named, variable: named, lanes: fc.option(anyArithmetic, { nil: undefined }) }),
  { maxLength: 3 },
);
const binding = (operator: fc.Arbitrary<Binding['operator']>): fc.Arbitrary<Binding> =>
  fc.record({ operator, unit: named, dimensions });

const compute: fc.Arbitrary<ComputeNode> = fc.record({
  kind: fc.constant('compute' as const),
  einsum: named,
  bindings: fc
    .tuple(binding(fc.constant(undefined)), fc.array(binding(named), { maxLength: 2 }))
    .map(([first, rest]) => [first, ...rest]),
  ramp: usually(0),
  lag: usually(0),
  trailing: fc.boolean(),
  span: fc.constant(nowhere),
});

const spread: fc.Arbitrary<Spread> = fc.record({
  level: named,
  dispatch: fc.option(fc.constantFrom(...dispatches), { nil: undefined }),
  persistent: fc.boolean(),
  adding: fc.array(named, { maxLength: 2 }),
});

/** As a body must have them. */
const keepsFirst = (body: readonly MappingNode[]): MappingNode[] =>
  body.toSorted((a, b) => Number(b.kind === 'keep') - Number(a.kind === 'keep'));

const node: fc.Memo<MappingNode> = fc.memo((depth) => {
  if (depth <= 1) return fc.oneof(keep, compute);
  const loop: fc.Arbitrary<LoopNode> = fc.record({
    kind: fc.constant('loop' as const),
    variable: named,
    tile: usually(1),
    across: fc.option(spread, { nil: undefined }),
    schedule,
    priority: fc.option(anyArithmetic, { nil: undefined }),
    lag: usually(0),
    trailing: fc.boolean(),
    body: fc.array(node(depth - 1), { maxLength: 3 }).map(keepsFirst),
    span: fc.constant(nowhere),
  });
  return fc.oneof(keep, compute, loop);
});

/** Any loop tree that can be written, legal or not. */
export const anyMapping: fc.Arbitrary<Mapping> = fc.record({
  name: kebabName,
  nameSpan: fc.constant(nowhere),
  cascades: fc.array(
    kebabName.map((name) => ({ name, span: nowhere })),
    { maxLength: 2 },
  ),
  ordered: fc.array(named, { maxLength: 2 }),
  parameters: fc.array(fc.record({ name: anyName, value: anyArithmetic, span: fc.constant(nowhere) }), {
    maxLength: 3,
  }),
  schedule,
  nodes: some(node(4)).map(keepsFirst),
});
