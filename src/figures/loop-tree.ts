import { printArithmetic } from '../einsum/arithmetic.ts';
import type { Arithmetic } from '../einsum/ast.ts';
import { roomBytes } from '../mapper/capacity.ts';
import type { ComputeNode, KeepNode, LoopNode, Mapping, MappingNode } from '../mapper/mapping.ts';
import type { Compute, Keep, Loop, PlacedMapping } from '../mapper/placed.ts';
import { mostSteps } from '../mapper/tile.ts';
import { capacityText, countText } from '../report/quantity-text.ts';

/** A line of a loop tree as it is drawn: what stands on it, and what is inside of it. */
export type TreeLine = {
  readonly kind: MappingNode['kind'];
  readonly pieces: readonly Piece[];
  /** Of a keep, that it takes of its level, in one instance; only of a placed mapping. */
  readonly bytes?: number;
  /** Over whose instances a loop goes; undefined: in time. */
  readonly across?: string;
  readonly inside: readonly TreeLine[];
};

/** A part of a line: plain words, what it is about, a mark, a level or a unit in its colour. */
export type Piece = { readonly kind: 'word' | 'name' | 'mark' | 'level' | 'unit'; readonly text: string };

const word = (text: string): Piece => ({ kind: 'word', text });
const mark = (text: string): Piece => ({ kind: 'mark', text });
const when = (holds: boolean, piece: () => Piece): readonly Piece[] => (holds ? [piece()] : []);

const isNumber = (a: Arithmetic, value: number): boolean => a.kind === 'number' && a.value === value;

const unlessZero = (name: string, written: Arithmetic, value: number | undefined): readonly Piece[] =>
  when(value !== 0 && !isNumber(written, 0), () => mark(`${name} ${value ?? printArithmetic(written)}`));

/** As written, and as the number that it is. */
const valueText = (written: Arithmetic, value: number | undefined): string =>
  value === undefined || written.kind === 'number'
    ? printArithmetic(written)
    : `${printArithmetic(written)} = ${value}`;

/** What is placed of a mapping, in the order of its text. */
type Found = { readonly p: PlacedMapping | undefined; nextLoop: number; nextCompute: number };

function keepLine(node: KeepNode, { p }: Found): TreeLine | undefined {
  const names = node.tensors.map((t) => t.name);
  const isHere = (k: Keep): boolean =>
    k.span.start === node.span.start && names.includes(p!.workload.tensors[k.tensor]!.name);
  const placed = p?.keeps.filter(isHere);
  // Its condition does not hold.
  if (placed?.length === 0) return undefined;
  const [first] = placed ?? [];
  const stages = first?.stages ?? printArithmetic(node.stages);
  const { over, spill } = node;
  const pieces: readonly Piece[] = [
    word(node.cache ? 'cache' : 'keep'),
    { kind: 'name', text: names.join(', ') },
    { kind: 'level', text: node.level.name },
    ...when(over === undefined && String(stages) !== '1', () => mark(`stages ${stages}`)),
    ...when(node.demand, () => mark('on demand')),
    ...when(over !== undefined, () => mark(`over ${over!.name}`)),
    ...when(spill !== undefined && first?.spill?.share !== 0, () =>
      mark(`spill ${first?.spill?.share ?? printArithmetic(spill!.share)} to ${spill!.level.name}`),
    ),
    ...when(first === undefined && !isNumber(node.condition, 1), () => mark(`if ${printArithmetic(node.condition)}`)),
    ...when(first?.holds === false, () => mark('too small: passes through')),
  ];
  const bytes = placed?.reduce((sum, k) => sum + roomBytes(p!, k, k.level), 0);
  return { kind: 'keep', pieces, ...(bytes === undefined ? {} : { bytes }), inside: [] };
}

function computeLine(node: ComputeNode, found: Found): TreeLine {
  const placed: Compute | undefined = found.p?.computes[found.nextCompute++];
  const pieces: readonly Piece[] = [
    word('compute'),
    { kind: 'name', text: node.einsum.name },
    ...node.bindings.flatMap(({ operator, unit, dimensions }): readonly Piece[] => [
      ...when(operator !== undefined, () => word(operator!.name)),
      { kind: 'unit', text: unit.name },
      ...when(dimensions.length > 0, () =>
        word(
          dimensions
            .map(({ dimension, variable, lanes }) =>
              [dimension.name, variable.name, ...(lanes === undefined ? [] : ['by', printArithmetic(lanes)])].join(' '),
            )
            .join(', '),
        ),
      ),
    ]),
    ...unlessZero('ramp', node.ramp, placed?.ramp),
    ...unlessZero('lag', node.lag, placed?.lag),
    ...when(node.trailing, () => mark('trailing')),
  ];
  return { kind: 'compute', pieces, inside: [] };
}

/** Loops of one line of the text: each has the next one inside, and nothing else. */
function sameLine(node: LoopNode): readonly LoopNode[] {
  const [inner] = node.body;
  const goesOn = node.body.length === 1 && inner?.kind === 'loop' && inner.span.start === node.span.start;
  return goesOn ? [node, ...sameLine(inner)] : [node];
}

const stepsOf = ({ workload }: PlacedMapping, loop: Loop): number =>
  mostSteps(loop, workload.variables[loop.variable]!.size);

function loopLine(node: LoopNode, found: Found): TreeLine {
  const loops = sameLine(node);
  const { p } = found;
  const placed = p === undefined ? [] : p.loops.slice(found.nextLoop, found.nextLoop + loops.length);
  found.nextLoop += loops.length;
  const last = loops.at(-1)!;
  const inner = placed.at(-1);
  const { across, schedule } = last;
  const steps = placed.reduce((product, loop) => product * stepsOf(p!, loop), 1);
  const pieces: readonly Piece[] = [
    word('for'),
    { kind: 'name', text: loops.map((l) => l.variable.name).join(', ') },
    ...when(!isNumber(last.tile, 1), () => word(`by ${valueText(last.tile, inner?.tile)}`)),
    ...when(across !== undefined, () => ({ kind: 'level', text: `across ${across!.level.name}` })),
    ...when(across?.dispatch !== undefined, () => mark(across!.dispatch!)),
    ...when(across?.persistent === true, () => mark('persistent')),
    ...when((across?.adding.length ?? 0) > 0, () => mark(`adding ${across!.adding.map((t) => t.name).join(', ')}`)),
    ...(schedule.kind === 'sequence'
      ? []
      : [mark(`pipeline ${inner?.block.inFlight ?? printArithmetic(schedule.inFlight)}`)]),
    ...(last.priority === undefined ? [] : [mark(`priority ${inner?.priority ?? printArithmetic(last.priority)}`)]),
    ...unlessZero('lag', last.lag, inner?.lag),
    ...when(last.trailing, () => mark('trailing')),
    ...when(inner !== undefined, () => word(countText(steps, steps === 1 ? 'step' : 'steps'))),
  ];
  const level = across === undefined ? {} : { across: across.level.name };
  return { kind: 'loop', pieces, ...level, inside: linesOf(last.body, found) };
}

function lineOf(node: MappingNode, found: Found): TreeLine | undefined {
  switch (node.kind) {
    case 'keep':
      return keepLine(node, found);
    case 'loop':
      return loopLine(node, found);
    case 'compute':
      return computeLine(node, found);
  }
}

const linesOf = (nodes: readonly MappingNode[], found: Found): readonly TreeLine[] =>
  nodes.map((node) => lineOf(node, found)).filter((line) => line !== undefined);

/** The lines of a mapping; with the numbers of its placement, where there is one. */
export const loopTree = (mapping: Mapping, placed?: PlacedMapping): readonly TreeLine[] =>
  linesOf(mapping.nodes, { p: placed, nextLoop: 0, nextCompute: 0 });

/** Bytes that a line says it takes. */
export const roomText = ({ bytes }: TreeLine): string | undefined =>
  bytes === undefined || bytes === 0 ? undefined : capacityText(bytes);
