import type { Validation, ValidationRow } from '../report/validation.ts';
import { axisDomain, type ChartAxis } from './chart.ts';
import type { LineChart } from './line-layout.ts';

/** Errors of this size are between two guides. */
const band = 0.1;
const [below, above] = [1 - band, 1 + band];

/**
 * Predicted against published values of the first figure, both on logarithmic axes that are alike, with the line on which
 * they are equal. Rows that are in no mean are left out. Undefined: there is nothing to plot.
 */
export function validationChart(validation: Validation): LineChart | undefined {
  const { figures, rows, plot_by, suite, model, points: file } = validation;
  const [figure] = figures;
  if (figure === undefined) return undefined;
  const plotted = rows.filter((row) => row.aside === null && row.figures[figure.name] !== undefined);
  if (plotted.length === 0) return undefined;
  const nameOf = (row: ValidationRow): string => (plot_by === null ? row.series : (row.groups[plot_by] ?? row.series));
  const placeOf = (row: ValidationRow) => {
    const { published, predicted } = row.figures[figure.name]!;
    return { x: published, y: predicted };
  };
  const title = (of: string): string =>
    `${of} ${figure.title}${['', figure.title].includes(figure.unit) ? '' : ` (${figure.unit})`}`;
  const axis = (of: string): ChartAxis => ({ title: title(of), scale: 'log' });
  const domain = axisDomain(
    axis(''),
    plotted.map(placeOf).flatMap(({ x, y }) => [x, y]),
  );
  const [least, most] = domain;
  const names = [...new Set(plotted.map(nameOf))];
  return {
    kind: 'lines',
    title: `${suite}, ${model} model: predicted and published ${figure.title}`,
    source: `${plotted.length} points of ${file}`,
    x: { ...axis('published'), domain },
    y: { ...axis('predicted'), domain },
    series: names.map((name) => ({
      name,
      joined: false,
      points: plotted.filter((row) => nameOf(row) === name).map(placeOf),
    })),
    guides: [
      { name: 'equal', points: [diagonal(least, 1), diagonal(most, 1)] },
      { name: `${band * 100}% off`, dashed: true, points: [diagonal(least, above), diagonal(most / above, above)] },
      { dashed: true, points: [diagonal(least / below, below), diagonal(most, below)] },
    ],
  };
}

const diagonal = (x: number, factor: number) => ({ x, y: x * factor });
