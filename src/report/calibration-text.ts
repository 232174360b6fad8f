import type { Layout } from '../layout.ts';
import type { Calibration } from './calibration.ts';
import { renderTable } from './table.ts';

const percent = (share: number): string => `${(100 * share).toFixed(1)}%`;

const number = (title: string) => ({ title, align: 'right' }) as const;

/** Factors, what they leave of each series, and how well points are predicted that were not fitted. */
export function calibrationText(calibration: Calibration, layout: Layout = {}): string {
  const factors = calibration.factors.map(({ spec, kernel, name, value }) => [spec, kernel ?? '', name, value]);
  const series = calibration.series.map((s) => [
    s.name,
    String(s.points),
    percent(s.mean_absolute_error),
    percent(s.worst_error),
  ]);
  const all = ['all', String(calibration.points), percent(calibration.mean_absolute_error), ''];
  const left = calibration.cross_validation.map(({ left_out, which, points, mean_absolute_error }) => [
    which === null ? `without ${left_out}` : `  ${which}`,
    String(points),
    percent(mean_absolute_error),
  ]);
  return [
    renderTable([{ title: 'spec' }, { title: 'kernel' }, { title: 'factor' }, number('fitted')], factors, layout),
    renderTable([{ title: 'fitted' }, number('points'), number('mean'), number('worst')], [...series, all], layout),
    ...(left.length === 0 ? [] : [renderTable([{ title: 'judged' }, number('points'), number('mean')], left, layout)]),
  ].join('\n');
}
