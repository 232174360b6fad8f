import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { checkCascade } from '../../src/einsum/check.ts';
import { parseCascade } from '../../src/einsum/parse.ts';
import { bindSizes } from '../../src/einsum/shape.ts';
import { parseWorkloadFile } from '../../src/einsum/workload-file.ts';
import { bind, bindShipped, diagnosticsOf, shippedText } from './bind.ts';

const sizes = { B: 1, H: 4, P: 10, M: 12, E: 2, F: 3 };

describe('binding of sizes', () => {
  test('computes ranks from others, in whatever order they are written', () => {
    const text = `cascade c
      rank M2 = M1 * 2
      rank M1 = ceil(M / M0) default M0 = G + 3
      rank M
      param G = 2
      input A[M2]
      output Z[]
      Z[] = A[m2]`;
    expect(Object.fromEntries(bind(text, { M: 11 }).sizes)).toEqual({ M2: 6, M1: 3, M0: 5, M: 11, G: 2 });
    expect(bind(text, { M: 11, G: 8 }).sizes.get('M1')).toBe(1);
    expect(bind(text, { M: 11, M0: 2 }).sizes.get('M2')).toBe(12);
  });

  test('gives tensors their shapes: declared, from the producer, and with one version more if carried', () => {
    const w = bindShipped('attention-1-pass', { ...sizes, M0: 5, G: 2 });
    const shape = (name: string): unknown =>
      w.tensors.find((t) => t.name === name)!.dimensions.map((d) => (d.carried ? `${d.size} versions` : d.size));
    expect(shape('K')).toEqual([1, 2, 12, 2]);
    expect(shape('QK')).toEqual([1, 4, 3, 5, 10]);
    expect(shape('RM')).toEqual([1, 4, '4 versions', 10]);
    expect(shape('AV')).toEqual([1, 4, 10, 3]);
  });

  test('knows iterative variables, carried Einsums, reductions and roles', () => {
    const w = bindShipped('attention-1-pass', { ...sizes, M0: 5 });
    const name = (v: number): string => w.variables[v]!.name;
    expect(w.variables.filter((v) => v.iterative).map((v) => v.name)).toEqual(['m1']);
    expect(w.einsums.filter((e) => e.carried !== undefined).map((e) => [e.name, name(e.carried!)])).toEqual([
      ['RM', 'm1'],
      ['RD', 'm1'],
      ['RNV', 'm1'],
    ]);
    const sln = w.einsums.find((e) => e.name === 'SLNV')!;
    expect(sln.variables.map(name)).toEqual(['b', 'h', 'm1', 'p', 'f', 'm0']);
    expect(sln.reduced.map(name)).toEqual(['m0']);
    expect(
      w.tensors
        .map((t) => [t.name, t.role, t.initial])
        .filter(([, role, initial]) => role !== 'intermediate' || initial !== undefined),
    ).toEqual([
      ['Q', 'input', undefined],
      ['K', 'input', undefined],
      ['V', 'input', undefined],
      ['RM', 'intermediate', -Infinity],
      ['RD', 'intermediate', 0],
      ['RNV', 'intermediate', 0],
      ['AV', 'output', undefined],
    ]);
  });

  test('a tensor has its own format, else that of the first input', () => {
    const text = `cascade c
      rank M
      input A[M] : bf16
      tensor T : fp32
      output Z[M]
      T[m] = exp(A[m])
      Z[m] = T[m] * A[m]`;
    expect(bind(text, { M: 2 }).tensors.map((t) => [t.name, t.format, t.bitsPerElement])).toEqual([
      ['A', 'bf16', 16],
      ['T', 'fp32', 32],
      ['Z', 'bf16', 16],
    ]);
  });

  test('the same access twice is one operand', () => {
    const w = bind('cascade c\n rank M\n input A[M]\n output Z[]\n Z[] = A[m] * A[m]', { M: 3 });
    expect(w.einsums[0]!.operands).toHaveLength(1);
    expect(w.einsums[0]!.operations).toEqual([{ operator: 'mac', perPoint: 1 }]);
  });
});

describe('domains of Einsums', () => {
  const domainOf = (cascade: string, einsum: string, bound: Record<string, number>): readonly string[] => {
    const w = bindShipped(cascade, bound);
    return w.einsums
      .find((e) => e.name === einsum)!
      .domain.flatMap((conjunction) =>
        conjunction.map((c) => {
          const terms = c.terms.map((t) => `${t.coefficient}${w.variables[t.variable]!.name}`);
          return `${[...terms, c.offset].join(' + ')} >= 0`;
        }),
      );
  };

  test('are the whole space where tiles divide the rank', () => {
    expect(domainOf('attention-1-pass', 'SLN', { ...sizes, M0: 4 })).toEqual([]);
  });

  test('cut a ragged last tile', () => {
    expect(domainOf('attention-1-pass', 'SLN', { ...sizes, M0: 5 })).toEqual(['-5m1 + -1m0 + 11 >= 0']);
  });

  test('follow a mask through the cascade: tiles that are masked as a whole are skipped', () => {
    const causal = { ...sizes, M0: 4, CAUSAL: 1 };
    expect(domainOf('attention-1-pass', 'SLNV', causal)).toEqual(['1p + -4m1 + -1m0 + 2 >= 0']);
    for (const einsum of ['RM', 'PRM', 'RD', 'SPNV', 'RNV'])
      expect(domainOf('attention-1-pass', einsum, causal), einsum).toEqual(['1p + -4m1 + 2 >= 0']);
    expect(domainOf('attention-1-pass', 'AV', causal)).toEqual([]);
    expect(domainOf('attention-1-pass', 'AV', { ...causal, P: 20 })).toEqual(['1p + -8 >= 0']);
  });

  test('are disjoint pieces for a window with sinks', () => {
    const text = `cascade sinks
      rank P, M
      input A[P, M]
      output Z[P]
      Z[p] = A[p, m] where m <= p and (m < 2 or p - m < 3)`;
    const w = bind(text, { P: 10, M: 10 });
    expect(w.einsums[0]!.domain.length).toBe(2);
  });
});

describe('diagnostics of binding', () => {
  const codes = (text: string, bound: Record<string, number>): readonly string[] =>
    diagnosticsOf(text, bound).map((d) => d.code);

  test('all missing sizes come in one message that can be pasted', () => {
    const [missing, ...more] = diagnosticsOf(shippedText('gemm'), { M: 4 });
    expect(more).toEqual([]);
    expect(missing?.code).toBe('missing-size');
    expect(missing?.help).toBe('set them with --set N=... --set K=...');
  });

  test('several mistakes come at once', () => {
    expect(codes(shippedText('attention-1-pass'), { B: 0, H: 1.5, Pp: 3, M1: 2, M: 4, E: 1, F: 1 })).toEqual([
      'unknown-size',
      'derived-size',
      'bad-size',
      'bad-size',
      'missing-size',
    ]);
  });

  test('a size that names a part of a JavaScript object is unknown, not special', () => {
    expect(codes(shippedText('gemm'), { M: 1, N: 1, K: 1, toString: 3 })).toEqual(['unknown-size']);
  });

  test('sizes of a workload file that the cascade lacks or computes are passed over, and --set comes first', () => {
    const parsed = parseCascade({ name: 'c', text: shippedText('attention-1-pass') });
    const checked = parsed.ok ? checkCascade(parsed.value) : parsed;
    if (!checked.ok) throw new Error('does not check');
    const presets = new Map(Object.entries({ ...sizes, D: 768, M1: 5 }));
    const bound = bindSizes(checked.value, new Map([['P', 3]]), presets);
    expect(bound.ok && [bound.value.sizes.get('P'), bound.value.sizes.get('M1')]).toEqual([3, 1]);
    expect(bindSizes(checked.value, new Map(), new Map([...presets, ['H', -1]])).ok).toBe(false);
  });

  test('a partial index is no mistake, an index that is always outside is', () => {
    const text = (index: string): string => `cascade c\n rank M, P\n input A[M]\n output Z[P]\n Z[p] = A[${index}]`;
    expect(codes(text('p + 3'), { M: 4, P: 4 })).toEqual([]);
    expect(codes(text('p + 4'), { M: 4, P: 4 })).toEqual(['index-out-of-range']);
    expect(codes(text('p div 2 + 0'), { M: 4, P: 4 })).toEqual(['not-affine']);
  });

  test('a condition beyond 2^53 is refused', () => {
    const text = `cascade c
      rank M, P
      input A[M], B[P]
      output Z[]
      Z[] = A[m] * B[p] where 9007199254740991*m <= 9007199254740991*p`;
    expect(codes(text, { M: 4, P: 4 })).toEqual(['number-range']);
  });

  test('a filter of thousands of alternatives is refused quickly', () => {
    const many = Array.from({ length: 150 }, (_, i) => `m == ${2 * i}`).join(' or ');
    const text = `cascade c\n rank M\n input A[M]\n output Z[]\n Z[] = A[m] where ${many}`;
    expect(codes(text, { M: 1000 })).toEqual(['not-countable']);
  });
});

describe('shipped workloads', () => {
  const folder = new URL('../../workloads/', import.meta.url);
  const files = readdirSync(folder);

  test.each(files)('%s reads, and binds attention in all forms', (file) => {
    const read = parseWorkloadFile({ name: file, text: readFileSync(new URL(file, folder), 'utf8') });
    if (!read.ok) throw new Error(JSON.stringify(read.diagnostics.map((d) => d.message)));
    expect(read.value.name).toBe(file.replace('.yaml', ''));
    const { D: _width, FF: _hidden, ...attention } = Object.fromEntries(read.value.sizes);
    const w = bindShipped('attention-1-pass', attention);
    expect(w.sizes.get('P')).toBe(w.sizes.get('M'));
  });

  test('the ones of FuseMax have its sizes', () => {
    const read = parseWorkloadFile({ name: 'x', text: readFileSync(new URL('xlm.yaml', folder), 'utf8') });
    expect(read.ok && Object.fromEntries(read.value.sizes)).toEqual({
      ...{ B: 64, H: 16, E: 128, F: 128, P: 4096, M: 4096 },
      ...{ D: 2048, FF: 8192 },
    });
  });
});
