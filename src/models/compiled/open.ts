import type { PlacedMapping } from '../../mapper/placed.ts';
import { createGraph, type Graph, type Value } from './graph.ts';

/** A mapping whose numbers are open, and the graph of what follows from them. */
export type OpenMapping = {
  readonly p: PlacedMapping;
  readonly graph: Graph;
  /** Coordinates a step, by loop id. */
  readonly tiles: readonly Value[];
  /** By keep id. */
  readonly stages: readonly Value[];
  /** Iterations in flight, by loop id. */
  readonly inFlight: readonly Value[];
};

/** The open numbers by position: tiles, then stages, then iterations in flight. */
export function openNumbers(p: PlacedMapping): OpenMapping {
  const graph = createGraph();
  const loops = p.loops.length;
  const keeps = p.keeps.length;
  return {
    p,
    graph,
    tiles: p.loops.map((_, l) => graph.input(l)),
    stages: p.keeps.map((_, k) => graph.input(loops + k)),
    inFlight: p.loops.map((_, l) => graph.input(loops + keeps + l)),
  };
}
