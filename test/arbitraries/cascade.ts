import fc from 'fast-check';
import type {
  Arithmetic,
  Cascade,
  Einsum,
  Expression,
  Filter,
  Selection,
  TensorDeclaration,
} from '../../src/einsum/ast.ts';
import { numberFormats } from '../../src/einsum/number-format.ts';
import { operators } from '../../src/einsum/operators.ts';
import { reservedWords } from '../../src/einsum/words.ts';
import { span } from '../../src/source.ts';

const nowhere = span({ name: 'nowhere', text: '' }, 0, 0);

const free = (name: string): boolean => !reservedWords.has(name);
const upperName = fc.stringMatching(/^[A-Z][A-Za-z0-9_]{0,3}$/).filter(free);
const lowerName = fc.stringMatching(/^[a-z_][A-Za-z0-9_]{0,3}$/).filter(free);
const anyName = fc.oneof(upperName, lowerName);
const kebabName = fc
  .array(fc.stringMatching(/^[A-Za-z][A-Za-z0-9]{0,4}$/).filter(free), { minLength: 1, maxLength: 3 })
  .chain((parts) => fc.nat(99).map((n) => [...parts, String(n)].join('-')));

const arithmetic: fc.Memo<Arithmetic> = fc.memo((depth) => {
  const number = fc
    .oneof(fc.integer({ min: -1000, max: 2 ** 31 }), fc.double({ min: -1e6, max: 1e6, noNaN: true }))
    .map((value): Arithmetic => ({ kind: 'number', value, span: nowhere }));
  const name = anyName.map((n): Arithmetic => ({ kind: 'name', name: n, span: nowhere }));
  const leaf = fc.oneof(number, name);
  if (depth <= 1) return leaf;
  const call = (operator: string, operands: Arithmetic[]): Arithmetic => ({
    kind: 'call',
    operator,
    operands,
    span: nowhere,
  });
  const inner = arithmetic(depth - 1);
  return fc.oneof(
    leaf,
    fc.tuple(fc.constantFrom('+', '-', '*', '/', 'div', 'mod'), inner, inner).map(([o, a, b]) => call(o, [a, b])),
    inner.map((a) => call('-', [a])),
    fc.tuple(anyName, fc.array(inner, { minLength: 1, maxLength: 3 })).map(([o, operands]) => call(o, operands)),
  );
});
export const anyArithmetic = arithmetic(4);

const access = fc
  .tuple(anyName, fc.array(arithmetic(3), { maxLength: 3 }))
  .map(([tensor, indices]) => ({ kind: 'access' as const, tensor, indices, nameSpan: nowhere, span: nowhere }));

const expression: fc.Memo<Expression> = fc.memo((depth) => {
  const constant = fc
    .oneof(fc.double({ noNaN: true }), fc.constantFrom(0, -0, Infinity, -Infinity))
    .map((value): Expression => ({ kind: 'constant', value, span: nowhere }));
  if (depth <= 1) return fc.oneof(access, constant);
  const map = (operator: string, operands: Expression[]): Expression => ({
    kind: 'map',
    operator,
    operands,
    span: nowhere,
  });
  const inner = expression(depth - 1);
  const operator = fc.oneof(fc.constantFrom(...operators.keys()), lowerName);
  return fc.oneof(
    access,
    constant,
    fc.tuple(fc.constantFrom('add', 'sub', 'mul', 'div'), inner, inner).map(([o, a, b]) => map(o, [a, b])),
    inner.map((a) => map('neg', [a])),
    fc.tuple(operator, fc.array(inner, { minLength: 1, maxLength: 3 })).map(([o, operands]) => map(o, operands)),
  );
});

const filter: fc.Memo<Filter> = fc.memo((depth) => {
  const compare = fc
    .tuple(fc.constantFrom('<', '<=', '>', '>=', '==', '!=' as const), arithmetic(3), arithmetic(3))
    .map(([operator, left, right]): Filter => ({ kind: 'compare', operator, left, right, span: nowhere }));
  const exists = access.map((a): Filter => ({ kind: 'exists', access: a, span: nowhere }));
  if (depth <= 1) return fc.oneof(compare, exists);
  const inner = filter(depth - 1);
  return fc.oneof(
    compare,
    exists,
    fc
      .tuple(fc.constantFrom('and' as const, 'or' as const), fc.array(inner, { minLength: 2, maxLength: 3 }))
      .map(([kind, operands]): Filter => ({ kind, operands, span: nowhere })),
    inner.map((operand): Filter => ({ kind: 'not', operand, span: nowhere })),
  );
});

const named = anyName.map((name) => ({ name, span: nowhere }));

const selection: fc.Arbitrary<Selection> = fc.oneof(
  fc.record({
    kind: fc.constant('rank' as const),
    word: fc.constantFrom('top' as const, 'bottom' as const),
    variable: named,
    count: arithmetic(3),
    span: fc.constant(nowhere),
  }),
  fc.record({
    kind: fc.constant('threshold' as const),
    word: fc.constantFrom('above' as const, 'below' as const),
    value: fc.double({ noNaN: true, noDefaultInfinity: true }),
    span: fc.constant(nowhere),
  }),
);

const reduction = fc.record({
  reduce: fc.option(
    fc.record({
      operator: fc.constantFrom('add', 'mul', 'max', 'min', 'any', 'exp', 'most'),
      variables: fc.array(named, { minLength: 1, maxLength: 3 }),
      span: fc.constant(nowhere),
    }),
    { nil: undefined },
  ),
  selection: fc.constant(undefined),
});

const einsum: fc.Arbitrary<Einsum> = fc
  .tuple(
    fc.oneof(reduction, fc.record({ reduce: fc.constant(undefined), selection })),
    fc.record({
      output: access,
      body: expression(4),
      filter: fc.option(filter(3), { nil: undefined }),
      span: fc.constant(nowhere),
    }),
  )
  .map(([before, rest]) => ({ ...rest, ...before }));

const rank = fc.oneof(
  upperName.map((name) => ({ name, size: undefined, overridable: false, span: nowhere })),
  fc
    .tuple(upperName, arithmetic(3), fc.boolean())
    .map(([name, size, overridable]) => ({ name, size, overridable, span: nowhere })),
);

const format = fc.constantFrom(...numberFormats.keys()).map((name) => ({ name, span: nowhere }));

const planes: fc.Arbitrary<readonly TensorDeclaration[]> = fc
  .record({ operand: named, format, ranks: fc.option(fc.array(named, { maxLength: 3 }), { nil: undefined }) })
  .chain(({ operand, format: whole, ranks }) =>
    fc.array(fc.tuple(anyName, format), { minLength: 1, maxLength: 3 }).map((parts) =>
      parts.map(([name, own], position) => ({
        name,
        role: 'input' as const,
        ranks,
        format: own,
        plane: { operand, format: whole, position },
        span: nowhere,
      })),
    ),
  );

const tensor: fc.Arbitrary<TensorDeclaration> = fc.record({
  name: anyName,
  role: fc.constantFrom('input', 'intermediate', 'output'),
  ranks: fc.option(fc.array(named, { maxLength: 3 }), { nil: undefined }),
  format: fc.option(format, { nil: undefined }),
  plane: fc.constant(undefined),
  span: fc.constant(nowhere),
});

/** Cascades of every form that the grammar has, most of them without sense. */
export const anyCascade: fc.Arbitrary<Cascade> = fc.record({
  name: kebabName,
  nameSpan: fc.constant(nowhere),
  ranks: fc.array(rank, { maxLength: 5 }),
  parameters: fc.array(fc.record({ name: upperName, value: arithmetic(3), span: fc.constant(nowhere) }), {
    maxLength: 3,
  }),
  tensors: fc
    .array(
      fc.oneof(
        tensor.map((t) => [t]),
        planes,
      ),
      { maxLength: 5 },
    )
    .map((all) => all.flat()),
  einsums: fc.array(einsum, { maxLength: 4 }),
});
