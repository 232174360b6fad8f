import { requiredBytes } from '../mapper/capacity.ts';
import type { Mapping } from '../mapper/mapping.ts';
import type { PlacedMapping } from '../mapper/placed.ts';
import { capacityText, percentText } from '../report/quantity-text.ts';
import { type Figure, type FigureOptions, tell, widthOf } from './figure.ts';
import { textWidth } from './label-placement.ts';
import { drawLegend, type LegendItem, legendRowHeight, legendRows } from './legend.ts';
import { loopTree, type Piece, roomText, type TreeLine } from './loop-tree.ts';
import { colourOf, fontSize, ink } from './style.ts';
import type { Svg } from './svg.ts';
import {
  drawLines,
  drawText,
  drawTitle,
  margin,
  noteHeight,
  noteLines,
  shortenText,
  titleHeight,
  titleLines,
  wrapText,
} from './text.ts';

const lineHeight = 21;
const tagHeight = 17;
const indent = 14;
const pieceGap = 6;
const tagPadding = 5;
/** Above and below what a loop has in it. */
const boxPadding = 4;
const barHeight = 26;
/** Bold letters are wider. */
const bold = 1.08;
/** Figures as wide as this have a column for bytes. */
const wide = 560;
const bytesWidth = 84;

/** Levels and units have colours of their own, in the order of the tree. */
type Colours = { readonly levels: readonly string[]; readonly units: readonly string[] };

const flatten = (lines: readonly TreeLine[]): readonly TreeLine[] => lines.flatMap((l) => [l, ...flatten(l.inside)]);

function coloursOf(lines: readonly TreeLine[]): Colours {
  const pieces = flatten(lines).flatMap((line) => line.pieces);
  const named = (kind: Piece['kind']): readonly string[] => [
    ...new Set(pieces.filter((piece) => piece.kind === kind).map((piece) => levelName(piece.text))),
  ];
  return { levels: named('level'), units: named('unit') };
}

const levelName = (text: string): string => text.replace(/^across /, '');

const isTag = ({ kind }: Piece): boolean => kind !== 'word' && kind !== 'name';

const colourOfPiece = ({ levels, units }: Colours, { kind, text }: Piece): string =>
  kind === 'level'
    ? colourOf(levels.indexOf(levelName(text)))
    : kind === 'unit'
      ? colourOf(levels.length + units.indexOf(text))
      : ink.axis;

/** With its tag around it. */
export const pieceWidth = (piece: Piece): number =>
  textWidth(piece.text, isTag(piece) ? fontSize.note : fontSize.label * (piece.kind === 'name' ? bold : 1)) +
  (isTag(piece) ? 2 * tagPadding : 0);

type PlacedPiece = { readonly piece: Piece; readonly x: number; readonly line: number };

/** A line with where its pieces are; what has no room beside what is before it goes on below. */
export type TreeRow = {
  readonly line: TreeLine;
  readonly depth: number;
  readonly pieces: readonly PlacedPiece[];
  readonly top: number;
  /** Of the row itself, and of the box of a loop with all inside. */
  readonly height: number;
  readonly bottom: number;
};

/** Pieces that are wider than the room are cut into lines. */
function placePieces(pieces: readonly Piece[], left: number, right: number): readonly PlacedPiece[] {
  const placed: PlacedPiece[] = [];
  let x = left;
  let line = 0;
  const room = right - left - indent;
  const parts = pieces.flatMap((piece): readonly Piece[] => {
    if (pieceWidth(piece) <= room) return [piece];
    if (isTag(piece)) return [{ ...piece, text: shortenText(piece.text, room - 2 * tagPadding, fontSize.note) }];
    return wrapText(piece.text, room, fontSize.label * bold).map((text) => ({ ...piece, text }));
  });
  for (const piece of parts) {
    const width = pieceWidth(piece);
    if (x > left && x + width > right) {
      line++;
      x = left + indent;
    }
    placed.push({ piece, x, line });
    x += width + pieceGap;
  }
  return placed;
}

/** Rows from the top, in the order of the text. */
export function layoutTree(lines: readonly TreeLine[], right: number, isWide: boolean): readonly TreeRow[] {
  const rows: TreeRow[] = [];
  const visit = (line: TreeLine, depth: number, top: number): number => {
    const room = roomText(line);
    const pieces = isWide || room === undefined ? line.pieces : [...line.pieces, { kind: 'word', text: room } as const];
    const left = depth * indent + boxPadding + 4;
    const placed = placePieces(pieces, left, right - (isWide ? bytesWidth : 0) - depth * boxPadding);
    const height = (placed.at(-1)!.line + 1) * lineHeight;
    const at = rows.push({ line, depth, pieces: placed, top, height, bottom: top + height }) - 1;
    let bottom = top + height;
    for (const inner of line.inside) bottom = visit(inner, depth + 1, bottom);
    if (line.kind === 'loop') bottom += boxPadding;
    rows[at] = { ...rows[at]!, bottom };
    return line.kind === 'loop' ? bottom + boxPadding : bottom;
  };
  let top = 0;
  for (const line of lines) top = visit(line, 0, top);
  return rows;
}

function drawPiece(svg: Svg, { piece, x, line }: PlacedPiece, top: number, colours: Colours): void {
  const middle = top + (line + 0.5) * lineHeight;
  if (isTag(piece)) {
    const colour = colourOfPiece(colours, piece);
    svg
      .append('rect')
      .attr('x', x)
      .attr('y', middle - tagHeight / 2)
      .attr('width', pieceWidth(piece))
      .attr('height', tagHeight)
      .attr('rx', piece.kind === 'level' ? 2 : tagHeight / 2)
      .attr('fill', piece.kind === 'mark' ? ink.paper : colour)
      .attr('stroke', colour);
  }
  drawText(svg, piece.text, x + (isTag(piece) ? tagPadding : 0), middle, {
    size: isTag(piece) ? fontSize.note : fontSize.label,
    colour: piece.kind === 'level' || piece.kind === 'unit' ? ink.paper : ink.text,
    ...(piece.kind === 'name' ? { weight: 'bold' } : {}),
  }).attr('dy', '0.35em');
}

function drawRow(svg: Svg, row: TreeRow, colours: Colours, width: number, isWide: boolean): void {
  const { line, depth, top, height, bottom } = row;
  if (line.kind === 'loop') {
    const right = width - depth * boxPadding - (isWide ? bytesWidth : 0);
    const left = depth * indent;
    const colour =
      line.across === undefined ? ink.leader : colourOfPiece(colours, { kind: 'level', text: line.across });
    svg
      .append('rect')
      .attr('x', left)
      .attr('y', top)
      .attr('width', right - left)
      .attr('height', bottom - top)
      .attr('rx', 3)
      .attr('fill', line.across === undefined ? ink.axis : colour)
      .attr('fill-opacity', 0.05)
      .attr('stroke', ink.grid);
    svg
      .append('rect')
      .attr('x', left)
      .attr('y', top)
      .attr('width', 3)
      .attr('height', bottom - top)
      .attr('fill', colour);
  }
  for (const piece of row.pieces) drawPiece(svg, piece, top, colours);
  const room = roomText(line);
  if (isWide && room !== undefined)
    drawText(svg, room, width, top + height / 2, { anchor: 'end', colour: ink.text }).attr('dy', '0.35em');
}

/** A level with how much of it is needed at once. */
type Kept = { readonly level: string; readonly bytes: number; readonly capacity: number };

/** Levels that have tiles, but for those without an end. */
const keptOf = (p: PlacedMapping): readonly Kept[] =>
  requiredBytes(p).flatMap((bytes, l): readonly Kept[] => {
    const { name, memory } = p.machine.levels[l]!;
    const capacity = memory?.capacity_bytes ?? Number.POSITIVE_INFINITY;
    return bytes === 0 || !Number.isFinite(capacity) ? [] : [{ level: name, bytes, capacity }];
  });

const keptText = ({ level, bytes, capacity }: Kept): string =>
  `${level}: ${capacityText(bytes)} of ${capacityText(capacity)}, ${percentText(bytes / capacity)}`;

function drawKept(svg: Svg, kept: readonly Kept[], colours: Colours, width: number, top: number): void {
  kept.forEach((one, i) => {
    const y = top + i * barHeight;
    const bar = (across: number, colour: string): Svg =>
      svg
        .append('rect')
        .attr('x', margin)
        .attr('y', y + 16)
        .attr('width', across)
        .attr('height', 6)
        .attr('fill', colour);
    drawText(svg, keptText(one), margin, y + 12, { size: fontSize.note });
    bar(width - 2 * margin, ink.grid);
    const share = Math.min(1, one.bytes / one.capacity);
    tell(bar((width - 2 * margin) * share, colourOfPiece(colours, { kind: 'level', text: one.level })), keptText(one));
  });
}

const legendOf = ({ levels, units }: Colours): readonly LegendItem[] => [
  ...levels.map((label, i): LegendItem => ({ label, mark: { kind: 'fill', colour: colourOf(i), hatched: false } })),
  ...units.map(
    (label, i): LegendItem => ({
      label,
      mark: { kind: 'symbol', shape: (d3) => d3.symbolCircle, colour: colourOf(levels.length + i), filled: true },
    }),
  ),
];

function notesOf(mapping: Mapping, placed: PlacedMapping | undefined): string {
  if (placed === undefined) return `For ${mapping.cascades.map((c) => c.name).join(', ')}.`;
  const { workload, machine, parameters } = placed;
  const sizes = workload.cascade.ranks.map((r) => `${r.name} = ${workload.sizes.get(r.name)}`).join(', ');
  const values = [...parameters].map(([name, value]) => `${name} = ${value}`).join(', ');
  return `${workload.cascade.name} on ${machine.name}: ${sizes}${values === '' ? '' : `; ${values}`}.`;
}

function describe(mapping: Mapping, lines: readonly TreeLine[], kept: readonly Kept[]): string {
  const all = flatten(lines);
  const count = (kind: TreeLine['kind'], one: string, more: string): string => {
    const found = all.filter((line) => line.kind === kind).length;
    return `${found} ${found === 1 ? one : more}`;
  };
  const fullest = kept.toSorted((a, b) => b.bytes / b.capacity - a.bytes / a.capacity)[0];
  const room = fullest === undefined ? '' : ` Fullest is ${keptText(fullest)}.`;
  const loops = count('loop', 'line of loops', 'lines of loops');
  const keeps = count('keep', 'line of tiles that are kept', 'lines of tiles that are kept');
  return `${mapping.name}: ${count('compute', 'Einsum', 'Einsums')} in ${loops}, with ${keeps}.${room}`;
}

/** A mapping as its loop tree; with its numbers, and bytes kept, where it is placed. */
export function loopTreeFigure(
  mapping: Mapping,
  options: FigureOptions & { readonly placed?: PlacedMapping } = {},
): Figure {
  const { placed } = options;
  const width = widthOf(options);
  const isWide = width >= wide && placed !== undefined;
  const lines = loopTree(mapping, placed);
  const colours = coloursOf(lines);
  const schedule = placed?.root.inFlight ?? 1;
  const name = mapping.schedule.kind === 'pipeline' ? `${mapping.name} (pipeline ${schedule})` : mapping.name;
  const title = titleLines(name, width);
  const notes = noteLines(notesOf(mapping, placed), width);
  const legend = legendRows(legendOf(colours), width - 2 * margin);
  const legendTop = titleHeight(title) + noteHeight(notes);
  const top = legendTop + legend.length * legendRowHeight + 10;
  const rows = layoutTree(lines, width - 2 * margin, isWide);
  const bottom = top + Math.max(0, ...rows.map((row) => row.bottom)) + 12;
  const kept = placed === undefined ? [] : keptOf(placed);
  return {
    title: `Loop tree: ${mapping.name}`,
    description: describe(mapping, lines, kept),
    size: { width, height: Math.ceil(bottom + kept.length * barHeight + margin) },
    draw: (svg, d3) => {
      drawTitle(svg, title);
      drawLines(svg, notes, margin, titleHeight(title) + fontSize.note, { size: fontSize.note, colour: ink.axis });
      drawLegend(svg, d3, legend, margin, legendTop);
      const tree = svg.append('g').attr('transform', `translate(${margin},${top})`);
      for (const row of rows) drawRow(tree, row, colours, width - 2 * margin, isWide);
      drawKept(svg, kept, colours, width, bottom);
    },
  };
}
