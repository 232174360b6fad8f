import { unpackColumn } from '../sweep-column.ts';
import type { SweepPageData } from '../sweep-data.ts';
import { type Brush, type Selection, selectedRows } from '../sweep-selection.ts';
import type { ViewColumn } from '../sweep-view.ts';

/** The rows of a page, which of them are selected, and which one is pointed at. */
export type SweepModel = {
  readonly data: SweepPageData;
  readonly columns: readonly ViewColumn[];
  /** 1 for rows of the front. */
  readonly inFront: Uint8Array;
  /** All rows in an order that has nothing to do with what they are, so that what is drawn over others is not of one kind. */
  readonly shuffled: Uint32Array;
  readonly selection: Selection;
  /** 1 for rows that are selected, and how many are. */
  readonly selected: Uint8Array;
  readonly selectedCount: number;
  readonly marked: number | undefined;
};

/** The same as it changes. All that look at it look at one, so that they never differ. */
export class SweepState {
  readonly #columns: readonly ViewColumn[];
  readonly #listeners: { readonly select: (() => void)[]; readonly mark: (() => void)[] } = { select: [], mark: [] };
  #model: SweepModel;

  constructor(data: SweepPageData) {
    this.#columns = data.columns.map(({ name, unit, role, ...packed }) => ({
      name,
      unit,
      role,
      ...unpackColumn(packed),
    }));
    const inFront = new Uint8Array(data.rows);
    for (const row of data.front) inFront[row] = 1;
    this.#model = {
      data,
      columns: this.#columns,
      inFront,
      shuffled: shuffledRows(data.rows),
      selection: new Map(),
      selected: new Uint8Array(data.rows).fill(1),
      selectedCount: data.rows,
      marked: undefined,
    };
  }

  get model(): SweepModel {
    return this.#model;
  }

  onSelect(listener: () => void): void {
    this.#listeners.select.push(listener);
  }

  onMark(listener: () => void): void {
    this.#listeners.mark.push(listener);
  }

  /** Sets the brushes of some columns, or takes them away. */
  brush(...brushes: readonly (readonly [column: number, brush: Brush | undefined])[]): void {
    const selection = new Map(this.#model.selection);
    for (const [column, brush] of brushes) {
      if (brush === undefined || (brush.kind === 'range' && brush.from === undefined && brush.to === undefined))
        selection.delete(column);
      else selection.set(column, brush);
    }
    this.#select(selection);
  }

  clear(): void {
    this.#select(new Map());
  }

  mark(row: number | undefined): void {
    if (row === this.#model.marked) return;
    this.#model = { ...this.#model, marked: row };
    for (const listener of this.#listeners.mark) listener();
  }

  #select(selection: Selection): void {
    const selected = selectedRows(this.#columns, selection, this.#model.data.rows);
    const selectedCount = selected.reduce((sum, is) => sum + is, 0);
    this.#model = { ...this.#model, selection, selected, selectedCount };
    for (const listener of this.#listeners.select) listener();
  }
}

/** In steps of a share of all rows that is far from all simple fractions, as are multiples of the golden ratio. */
function shuffledRows(count: number): Uint32Array {
  const share = (row: number): number => (row * 0.618033988749895) % 1;
  return Uint32Array.from({ length: count }, (_, row) => row).sort((a, b) => share(a) - share(b));
}
