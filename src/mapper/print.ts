import { printArithmetic } from '../einsum/arithmetic.ts';
import type { ComputeNode, KeepNode, LaidRank, LoopNode, Mapping, MappingNode, Schedule, Spread } from './mapping.ts';

/** Canonical text of a mapping: its loop tree, one node a line. Reading it gives the same mapping, up to places. */
export function printMapping(mapping: Mapping): string {
  const lines = [`mapping ${mapping.name}`];
  if (mapping.cascades.length > 0) lines.push(`  cascade ${mapping.cascades.map((c) => c.name).join(', ')}`);
  for (const p of mapping.parameters) lines.push(`  param ${p.name} = ${printArithmetic(p.value)}`);
  if (mapping.ordered.length > 0) lines.push(`  ordered ${mapping.ordered.map((u) => u.name).join(', ')}`);
  if (mapping.schedule.kind === 'pipeline') lines.push(`  ${printSchedule(mapping.schedule)}`);
  printNodes(mapping.nodes, '  ', lines);
  return `${lines.join('\n')}\n`;
}

function printSchedule(schedule: Schedule): string {
  return schedule.kind === 'sequence' ? 'sequence' : `pipeline ${printArithmetic(schedule.inFlight)}`;
}

function printNodes(nodes: readonly MappingNode[], indent: string, lines: string[]): void {
  for (const node of nodes) {
    lines.push(indent + printNode(node));
    if (node.kind === 'loop') printNodes(node.body, `${indent}  `, lines);
  }
}

function printNode(node: MappingNode): string {
  switch (node.kind) {
    case 'keep':
      return printKeep(node);
    case 'loop':
      return printLoop(node);
    case 'compute':
      return printCompute(node);
  }
}

const isNumber = (a: KeepNode['stages'], value: number): boolean => a.kind === 'number' && a.value === value;

function printKeep(node: KeepNode): string {
  const { cache, tensors, level, stages, demand, over, spill, condition } = node;
  const room = isNumber(stages, 1) ? '' : ` stages ${printArithmetic(stages)}`;
  const when = demand ? ' on demand' : '';
  return [
    `${cache ? 'cache' : 'keep'} ${tensors.map((t) => t.name).join(', ')} in ${level.name}`,
    over === undefined ? room + when : ` over ${over.name}`,
    spill === undefined ? '' : ` spill ${printArithmetic(spill.share)} to ${spill.level.name}`,
    isNumber(condition, 1) ? '' : ` if ${printArithmetic(condition)}`,
  ].join('');
}

function printLoop(node: LoopNode): string {
  const tile = isNumber(node.tile, 1) ? '' : ` by ${printArithmetic(node.tile)}`;
  const across = node.across === undefined ? '' : ` ${printSpread(node.across)}`;
  const schedule = node.schedule.kind === 'sequence' ? '' : ` ${printSchedule(node.schedule)}`;
  const priority = node.priority === undefined ? '' : ` priority ${printArithmetic(node.priority)}`;
  const lag = isNumber(node.lag, 0) ? '' : ` lag ${printArithmetic(node.lag)}`;
  return `for ${node.variable.name}${tile}${across}${schedule}${priority}${lag}${node.trailing ? ' trailing' : ''}`;
}

function printSpread({ level, dispatch, persistent, adding }: Spread): string {
  return [
    `across ${level.name}${dispatch === undefined ? '' : ` ${dispatch}`}${persistent ? ' persistent' : ''}`,
    adding.length === 0 ? '' : ` adding ${adding.map((t) => t.name).join(', ')}`,
  ].join('');
}

function printLaidRank({ dimension, variable, lanes }: LaidRank): string {
  return `${dimension.name} ${variable.name}${lanes === undefined ? '' : ` by ${printArithmetic(lanes)}`}`;
}

function printCompute(node: ComputeNode): string {
  const bindings = node.bindings.map((b) => {
    const dimensions = b.dimensions.map(printLaidRank).join(', ');
    const operator = b.operator === undefined ? '' : `${b.operator.name} `;
    return `${operator}on ${b.unit.name}${dimensions === '' ? '' : ` (${dimensions})`}`;
  });
  const ramp = isNumber(node.ramp, 0) ? '' : ` ramp ${printArithmetic(node.ramp)}`;
  const lag = isNumber(node.lag, 0) ? '' : ` lag ${printArithmetic(node.lag)}`;
  return `compute ${node.einsum.name} ${bindings.join(', ')}${ramp}${lag}${node.trailing ? ' trailing' : ''}`;
}
