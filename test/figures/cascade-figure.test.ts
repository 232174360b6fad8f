import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseCascade } from '../../src/einsum/parse.ts';
import { analyzePasses } from '../../src/einsum/passes.ts';
import type { Workload } from '../../src/einsum/workload.ts';
import { boxPadding } from '../../src/figures/cascade-boxes.ts';
import { cascadeFigure } from '../../src/figures/cascade-figure.ts';
import { cascadeGraph } from '../../src/figures/cascade-graph.ts';
import { type CascadeLayout, layoutCascade } from '../../src/figures/cascade-layout.ts';
import { type Rect, textWidth } from '../../src/figures/label-placement.ts';
import { fontSize } from '../../src/figures/style.ts';
import { renderSvg } from '../../src/figures/svg.ts';
import { computation } from '../arbitraries/computation.ts';
import { bind, shippedText, tryBind } from '../einsum/bind.ts';
import { must } from '../mapper/inputs.ts';
import { normalised } from '../report/fixtures.ts';
import { runs } from '../runs.ts';

const shipped = readdirSync(join(import.meta.dirname, '../../cascades')).map((file) => file.replace('.einsum', ''));

/** Every rank that needs a size has the same. */
function workloadOf(text: string, size = 64): Workload {
  const { ranks } = must(parseCascade({ name: 'cascade', text }));
  return bind(text, Object.fromEntries(ranks.flatMap((r) => (r.size === undefined ? [[r.name, size]] : []))));
}

const overlap = (a: Rect, b: Rect): boolean =>
  a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;

/** What is wrong with a layout. */
function mistakesOf(w: Workload, { boxes, routes, bands, width, height }: CascadeLayout): readonly string[] {
  const mistakes: string[] = [];
  const check = (holds: boolean, mistake: string): void => {
    if (!holds) mistakes.push(mistake);
  };
  for (const e of w.einsums) check(boxes.filter(({ node }) => node.name === e.name).length === 1, `${e.name}: no box`);
  for (const [i, box] of boxes.entries()) {
    const { name, pass } = box.node;
    check(box.x >= -1e-6 && box.x + box.width <= width + 1e-6 && box.y + box.height <= height, `${name} is outside`);
    for (const line of [...box.heading, ...box.operation])
      check(textWidth(line, fontSize.label) <= box.width - 2 * boxPadding.x, `"${line}" is wider than its box`);
    for (const other of boxes.slice(i + 1)) check(!overlap(box, other), `${name} lies over ${other.node.name}`);
    for (const band of pass === undefined ? [] : bands)
      check((band.top < box.y && box.y + box.height < band.bottom) === (band.pass === pass), `${name}: wrong band`);
  }
  for (const { edge, points } of routes) {
    const [from, to] = [boxes[edge.from]!, boxes[edge.to]!];
    const name = `${from.node.name} to ${to.node.name}`;
    check(edge.kind === 'carries' || from.y + from.height < to.y, `${name} goes up`);
    for (const [i, p] of points.slice(1, -2).entries()) {
      const q = points[i + 2]!;
      const [top, bottom] = [Math.min(p.y, q.y), Math.max(p.y, q.y)];
      for (const box of p.x === q.x ? boxes : [])
        check(
          p.x < box.x || p.x > box.x + box.width || bottom <= box.y || top >= box.y + box.height,
          `${name} goes through ${box.node.name}`,
        );
    }
  }
  return mistakes;
}

describe.each(shipped)('%s', (name) => {
  test.each([860, 380])('is tidy at %i pixels', (width) => {
    const w = workloadOf(shippedText(name));
    expect(mistakesOf(w, layoutCascade(cascadeGraph(w), width))).toEqual([]);
    expect(cascadeFigure(w, { width }).size.width).toBe(width);
  });
});

test('any cascade is tidy, over any of its ranks', () => {
  const cascade = fc.oneof(computation(8), computation(8, true));
  fc.assert(
    fc.property(cascade, fc.constantFrom(860, 380), fc.nat(), (c, width, choice) => {
      const w = tryBind(c.text, c.sizes);
      fc.pre(w.ok);
      const ranks = analyzePasses(w.value);
      const graph = cascadeGraph(w.value, ranks[choice % ranks.length]);
      expect(mistakesOf(w.value, layoutCascade(graph, width))).toEqual([]);
    }),
    { numRuns: runs(25) },
  );
});

test('single values have no passes, and names are texts', async () => {
  const w = workloadOf('cascade a\n  input A[] : fp16\n  output Z[]\n\n  Z[] = max(A[], 3)\n');
  const figure = cascadeFigure({ ...w, cascade: { ...w.cascade, name: '<b>&' } });
  expect(figure.title).toBe('<b>&');
  expect(await renderSvg(figure)).toContain('>&lt;b&gt;&amp;</text>');
});

test.each(['attention-3-pass', 'attention-1-pass', 'spatten'])('drawing %s', async (name) => {
  const svg = await renderSvg(cascadeFigure(workloadOf(shippedText(name))));
  await expect(normalised(svg)).toMatchFileSnapshot(`cascade-${name}.svg`);
});

test('the figure of the documents is the one that is drawn', async () => {
  const svg = await renderSvg(cascadeFigure(workloadOf(shippedText('attention-2-pass'))));
  await expect(svg).toMatchFileSnapshot('../../docs/passes.svg');
});

test('what forces the passes stands out, and what is for the next iteration says so', () => {
  const graph = cascadeGraph(workloadOf(shippedText('attention-3-pass')));
  const name = (i: number): string => graph.nodes[i]!.name;
  expect(graph.edges.filter((e) => e.forces).map((e) => `${name(e.from)} ${name(e.to)}`)).toEqual([
    'QK GM',
    'GM SN',
    'SN SD',
    'SD A',
  ]);
  const onePass = cascadeGraph(workloadOf(shippedText('attention-1-pass')));
  expect(onePass.nodes.find((n) => n.name === 'PRM')?.operation).toBe('exp(RM[m1] - RM[m1+1])');
  expect(onePass.nodes.find((n) => n.name === 'RM')?.text).toContain('RM[b, h, 0, p] = -inf');
  expect(onePass.edges.filter((e) => e.kind === 'carries').map((e) => [onePass.nodes[e.to]!.name, e.along])).toEqual([
    ['RM', 'm1'],
    ['SPD', 'm1'],
    ['SPNV', 'm1'],
  ]);
  const spatten = cascadeGraph(workloadOf(shippedText('spatten')));
  expect(spatten.edges.filter((e) => e.kind === 'decides').map((e) => spatten.nodes[e.from]!.name)).toEqual(
    expect.arrayContaining(['TK', 'HK', 'G']),
  );
});

test('sixty Einsums fit a page', () => {
  const einsums = Array.from({ length: 60 }, (_, i) => `  T${i + 1}[m] = exp(T${i}[m]) * T${Math.floor(i / 2)}[m]\n`);
  const w = workloadOf(`cascade long\n  rank M\n  input T0[M] : fp16\n  output T60[M]\n\n${einsums.join('')}`);
  const layout = layoutCascade(cascadeGraph(w), 860);
  expect(mistakesOf(w, layout)).toEqual([]);
  expect(layout.width).toBeLessThanOrEqual(860);
});
