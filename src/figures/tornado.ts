import type { Domain } from './axes.ts';
import { axisDomain, type ChartAxis } from './chart.ts';

/** What moving each of some parameters to both sides does to some figures: a panel for each of these. */
export type Tornado = {
  readonly title: string;
  /** What holds for all of it, in lines. */
  readonly subtitle: readonly string[];
  /** Where the numbers come from. */
  readonly source: string;
  readonly panels: readonly TornadoPanel[];
};

export type TornadoPanel = {
  readonly title: string;
  /** Title of the x axis: what changes, in percent. */
  readonly x: string;
  readonly rows: readonly TornadoRow[];
  /** A line below it, as of what is left out. */
  readonly note?: string;
};

export type TornadoRow = { readonly label: string; readonly lower: TornadoSide; readonly higher: TornadoSide };

/** The parameter's value there, and the change in percent; undefined: it could not be moved there. */
export type TornadoSide = { readonly label: string; readonly change: number | undefined };

/** Which way a bar points from 0, and so on which side its label stands. */
export type Direction = -1 | 1;

type TornadoBar = {
  readonly side: 'lower' | 'higher';
  readonly label: string;
  /** From 0; in percent. */
  readonly to: number;
  readonly direction: Direction;
  /** Bars that point the same way share the height of the row. */
  readonly band: 'whole' | 'upper' | 'under';
};

export type TornadoLayout = {
  readonly x: Domain;
  /** From the longest on. */
  readonly rows: readonly { readonly label: string; readonly bars: readonly [TornadoBar, TornadoBar] }[];
};

const axis: ChartAxis = { title: '', scale: 'linear' };

/** How far the bars of a row reach together. */
const spanOf = ({ lower, higher }: TornadoRow): number => {
  const [a, b] = [lower.change ?? 0, higher.change ?? 0];
  return Math.max(0, a, b) - Math.min(0, a, b);
};

/** Bars without length stand where the other one does not. */
function directions(lower: number, higher: number): readonly [Direction, Direction] {
  const opposite = (change: number): Direction => (change > 0 ? -1 : 1);
  if (lower === 0) return [higher === 0 ? -1 : opposite(higher), higher < 0 ? -1 : 1];
  return [lower < 0 ? -1 : 1, higher === 0 ? opposite(lower) : higher < 0 ? -1 : 1];
}

export function layoutTornado({ rows }: TornadoPanel): TornadoLayout {
  const changes = rows.flatMap(({ lower, higher }) => [lower.change ?? 0, higher.change ?? 0]);
  return {
    x: axisDomain(axis, changes),
    rows: rows
      .toSorted((a, b) => spanOf(b) - spanOf(a))
      .map(({ label, lower, higher }) => {
        const ends = [lower.change ?? 0, higher.change ?? 0] as const;
        const [first, second] = directions(...ends);
        const shared = first === second;
        return {
          label,
          bars: [
            { side: 'lower', label: lower.label, to: ends[0], direction: first, band: shared ? 'upper' : 'whole' },
            { side: 'higher', label: higher.label, to: ends[1], direction: second, band: shared ? 'under' : 'whole' },
          ],
        };
      }),
  };
}
