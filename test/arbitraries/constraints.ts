import fc from 'fast-check';
import type { Constraint } from '../../src/search/constraints/constraints.ts';
import { choosable } from '../../src/search/dataflow/dataflow.ts';
import { span } from '../../src/source.ts';
import { anyArithmetic } from './cascade.ts';

const nowhere = fc.constant(span({ name: 'nowhere', text: '' }, 0, 0));
const words = new Set(['on', 'in', 'with', 'by', 'from', 'to', 'none']);

const anyName = fc.stringMatching(/^[A-Za-z_][A-Za-z0-9_]{0,4}$/).filter((name) => !words.has(name));
const kebabName = fc.array(anyName, { minLength: 1, maxLength: 3 }).map((parts) => parts.join('-'));
const named = fc.record({ name: anyName, span: nowhere });
const some = <T>(element: fc.Arbitrary<T>) => fc.array(element, { minLength: 1, maxLength: 3 });
const any = <T>(element: fc.Arbitrary<T>) => fc.array(element, { maxLength: 3 });
const is = <T extends string>(word: T) => fc.constant(word);
const maybe = <T>(element: fc.Arbitrary<T>) => fc.option(element, { nil: undefined });

const unit = fc.record({
  operator: maybe(named),
  unit: named,
  dimensions: any(fc.record({ dimension: named, variable: maybe(named) })),
});

const onLoops = { variables: some(named), scope: any(named), span: nowhere };

export const anyConstraint: fc.Arbitrary<Constraint> = fc.oneof(
  fc.record({ kind: is('fuse'), never: fc.boolean(), einsums: some(named), span: nowhere }),
  fc.record({ kind: is('loops'), ...onLoops }),
  fc.record({ kind: is('order'), ...onLoops }),
  fc.record({ kind: is('across'), ...onLoops, variables: any(named) }),
  fc.record({ kind: is('cut'), never: is('').map(() => true), counts: fc.constant([]), ...onLoops }),
  fc.record({ kind: is('cut'), never: is('').map(() => false), counts: any(anyArithmetic), ...onLoops }),
  fc
    .record({
      kind: is('tile'),
      by: any(anyArithmetic),
      divisors: fc.boolean(),
      multiples: maybe(anyArithmetic),
      from: maybe(anyArithmetic),
      to: maybe(anyArithmetic),
      ...onLoops,
    })
    .map((t) =>
      t.multiples === undefined && t.from === undefined && t.to === undefined ? { ...t, divisors: true } : t,
    ),
  fc.record({
    kind: is('keep'),
    never: fc.boolean(),
    tensors: some(named),
    level: named,
    stages: any(anyArithmetic),
    span: nowhere,
  }),
  fc.record({ kind: is('compute'), never: fc.boolean(), einsums: some(named), bindings: some(unit), span: nowhere }),
  fc.record({
    kind: is('schedule'),
    inFlight: some(fc.oneof(is('sequence'), anyArithmetic)),
    scope: any(named),
    span: nowhere,
  }),
  fc.record({
    kind: is('dataflow'),
    mapping: fc.record({ name: kebabName, span: nowhere }),
    choose: any(fc.constantFrom(...choosable)),
    span: nowhere,
  }),
);
