import type { Selector } from '../../arch/machine.ts';
import type { Run } from './run.ts';
import { eliminateZeros, type ZeroEliminator, zeroEliminator } from './zero-eliminator.ts';

/** A ring of elements, in the order of their arrival. */
type Fifo = { readonly elements: Float64Array; head: number; count: number; highest: number };

const fifo = (capacity: number): Fifo => ({ elements: new Float64Array(capacity), head: 0, count: 0, highest: 0 });

function push(into: Fifo, from: Float64Array, count: number): void {
  const { elements } = into;
  let at = (into.head + into.count) % elements.length;
  for (let i = 0; i < count; i++) {
    elements[at] = from[i]!;
    if (++at === elements.length) at = 0;
  }
  into.count += count;
  if (into.count > into.highest) into.highest = into.count;
}

function pop(from: Fifo, into: Float64Array, count: number): void {
  const { elements } = from;
  for (let i = 0; i < count; i++) {
    into[i] = elements[from.head]!;
    if (++from.head === elements.length) from.head = 0;
  }
  from.count -= count;
}

function clear(it: Fifo): void {
  it.head = 0;
  it.count = 0;
}

/**
 * The k-th largest of a row (1 <= k <= its length) by quick-select, as SpAtten's engine finds it (HPCA 2021 and the
 * released QuickSelect.scala): in a pass, what is left leaves its FIFO by as many elements a cycle as there are
 * comparators, each is compared with a pivot from both sides, and zero eliminators hand what is less to FIFO A and what is
 * greater to FIFO B. Then a three-way test on the counts says which FIFO goes on, or that the pivot was it. The pivot is
 * any element of what is left, equally likely, by a number drawn from [0, 1).
 */
export function runQuickSelect(row: Float64Array, k: number, selector: Selector, draw: () => number): Run {
  const { comparators, pass_cycles } = selector;
  const below = fifo(row.length);
  const above = fifo(row.length);
  const toBelow = zeroEliminator(comparators);
  const toAbove = zeroEliminator(comparators);
  const popped = new Float64Array(comparators);
  push(below, row, row.length);
  let source = below;
  let larger = 0;
  let passes = 0;
  let scanned_elements = 0;
  let cycles = 0;
  for (;;) {
    const left = source.count;
    const pivot = source.elements[(source.head + Math.floor(draw() * left)) % source.elements.length]!;
    if (source === below) clear(above);
    else clear(below);
    const [less, greater] = partition(source, left, pivot);
    passes++;
    scanned_elements += left;
    cycles += Math.ceil(left / comparators) + pass_cycles;
    if (k <= larger + greater) source = above;
    else if (k <= larger + left - less) {
      const highest_elements = Math.max(below.highest, above.highest);
      const cost = { passes, scanned_elements, comparisons: scanned_elements, cycles };
      return { ...cost, kth: pivot, larger: larger + greater, highest_elements };
    } else {
      larger += left - less;
      source = below;
    }
  }

  /** One pass over all that is left; how many are less and greater than the pivot. */
  function partition(from: Fifo, left: number, pivot: number): readonly [number, number] {
    let less = 0;
    let greater = 0;
    for (let rest = left; rest > 0; rest -= comparators) {
      const used = Math.min(rest, comparators);
      pop(from, popped, used);
      for (let i = 0; i < used; i++) {
        const element = popped[i]!;
        toBelow.lanes[i] = element;
        toBelow.kept[i] = element < pivot ? 1 : 0;
        toAbove.lanes[i] = element;
        toAbove.kept[i] = element > pivot ? 1 : 0;
      }
      less += handOn(toBelow, used, below);
      greater += handOn(toAbove, used, above);
    }
    return [less, greater];
  }
}

function handOn(eliminator: ZeroEliminator, used: number, to: Fifo): number {
  const count = eliminateZeros(eliminator, used);
  push(to, eliminator.lanes, count);
  return count;
}
