import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { loopTree, type TreeLine } from '../../src/figures/loop-tree.ts';
import { layoutTree, loopTreeFigure, pieceWidth } from '../../src/figures/loop-tree-figure.ts';
import { renderSvg } from '../../src/figures/svg.ts';
import { parseMapping } from '../../src/mapper/parse.ts';
import { anyMapping } from '../arbitraries/mapping.ts';
import { anyTriple } from '../arbitraries/triple/triple.ts';
import { must, place, shipped, shippedMachine, shippedNames, workloadOf } from '../mapper/inputs.ts';
import { endOnFailure, runs } from '../runs.ts';

const all = (lines: readonly TreeLine[]): readonly TreeLine[] => lines.flatMap((l) => [l, ...all(l.inside)]);

const text = ({ pieces }: TreeLine): string => pieces.map((p) => p.text).join(' ');

/** What is wrong with where rows are. */
function mistakesOf(lines: readonly TreeLine[], right: number, isWide: boolean): readonly string[] {
  const rows = layoutTree(lines, right, isWide);
  return rows.flatMap((row, i) => {
    const name = text(row.line);
    const next = rows[i + 1];
    return [
      ...(next !== undefined && next.top < row.top + row.height ? [`${name}: the next row lies over it`] : []),
      ...(row.bottom < row.top + row.height ? [`${name}: it is higher than its box`] : []),
      ...row.pieces.flatMap(({ piece, x }, k) => {
        const before = row.pieces[k - 1];
        const overlaps = before?.line === row.pieces[k]!.line && before.x + pieceWidth(before.piece) > x;
        return overlaps || x + pieceWidth(piece) > right ? [`${name}: "${piece.text}" has no room`] : [];
      }),
    ];
  });
}

describe.each(shippedNames('mappings', '.map'))('%s', (name) => {
  const mapping = must(parseMapping(shipped('mappings', `${name}.map`)));

  test.each([860, 380])('is drawn at %i pixels', (width) => {
    expect(mistakesOf(loopTree(mapping), width - 32, false)).toEqual([]);
    expect(loopTreeFigure(mapping, { width }).size.width).toBe(width);
  });
});

test('any mapping has room for its texts, however deep it is', () => {
  fc.assert(
    fc.property(anyMapping, fc.constantFrom(860, 380), (mapping, width) => {
      expect(mistakesOf(loopTree(mapping), width - 32, false)).toEqual([]);
    }),
    { numRuns: runs(60) },
  );
});

test('what is placed has all its loops, tiles and Einsums, with their numbers', () => {
  fc.assert(
    fc.property(anyTriple(), ({ mapping, placed, workload }) => {
      const lines = all(loopTree(mapping, placed));
      const of = (kind: TreeLine['kind']): readonly TreeLine[] => lines.filter((line) => line.kind === kind);
      const named = (kind: TreeLine['kind']): readonly string[] =>
        of(kind).flatMap((line) => line.pieces.filter((p) => p.kind === 'name').flatMap((p) => p.text.split(', ')));
      expect(named('compute')).toEqual(placed.computes.map((c) => c.einsum.name));
      expect(named('loop')).toEqual(placed.loops.map((l) => workload.variables[l.variable]!.name));
      expect(of('keep').every((line) => line.bytes !== undefined)).toBe(true);
      expect(mistakesOf(loopTree(mapping, placed), 828, true)).toEqual([]);
    }),
    { numRuns: runs(40), endOnFailure },
  );
});

describe('FlashAttention-3', async () => {
  const source = shipped('mappings', 'flash-attention-3.map');
  const mapping = must(parseMapping(source));
  const workload = workloadOf('attention-1-pass', { B: 1, H: 16, P: 4096, M: 4096, E: 128, F: 128, M0: 128 });
  const placed = must(place(source.text, workload, await shippedMachine('h100-sxm')));

  test('as written', () => {
    const lines = all(loopTree(mapping)).map(text);
    expect(lines).toContain('for p by WARPGROUP pipeline 2');
    expect(lines).toContain('keep K, V SharedMemory stages 2');
    expect(lines).toContain('compute SLN FP32 lanes m0 exp SFU lanes m0');
  });

  test('as placed', () => {
    const lines = all(loopTree(mapping, placed));
    expect(lines.map(text)).toContain('for p by WARPGROUP = 64 pipeline 2 2 steps');
    expect(lines.map(text)).toContain('for p by ROWS = 128 across SM 32 steps');
    // Two stages of 128 keys and values of 128 numbers of two bytes.
    expect(lines.find((line) => text(line).startsWith('keep K, V'))?.bytes).toBe(2 * 2 * 128 * 128 * 2);
  });

  test('the figure of the documents is the one that is drawn', async () => {
    const svg = await renderSvg(loopTreeFigure(mapping, { placed }));
    await expect(svg).toMatchFileSnapshot('../../docs/loop-tree.svg');
  });

  test('names are texts', async () => {
    const named = { ...mapping, name: '<b>&' };
    const svg = await renderSvg(loopTreeFigure(named, { width: 380 }));
    expect(svg).toContain('>&lt;b&gt;&amp;</text>');
  });
});
