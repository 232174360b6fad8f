import type { Tornado, TornadoPanel, TornadoRow, TornadoSide } from '../figures/tornado.ts';
import { quantityText, significant } from '../report/quantity-text.ts';
import type { Objective } from '../sweep/identity.ts';
import { isIdle, type Ranked, ranked } from '../sweep/ranking.ts';
import type { MovedParameter, Sensitivity } from '../sweep/sensitivity.ts';
import type { Step, Way } from '../sweep/step.ts';
import { stepText } from './sensitivity-text.ts';

/** A tornado chart of each objective, at one point or as the mean over several. */
export const sensitivityChart = (
  sensitivity: Sensitivity,
  objectives: readonly Objective[],
  step: Step,
  texts: Pick<Tornado, 'title' | 'source'> & { readonly point: string },
): Tornado => ({
  title: texts.title,
  subtitle: [texts.point, `Moved one at a time, ${stepText(step)}`],
  source: texts.source,
  panels: objectives.map(({ metric, goal }, m): TornadoPanel => {
    const all = ranked(sensitivity, m);
    const idle = all.filter(isIdle).map((r) => sensitivity.parameters[r.parameter]!.name);
    const isOne = sensitivity.figures.length === 1;
    const base = isOne ? `${metric} = ${significant(sensitivity.figures[0]![m]!)}` : metric;
    return {
      title: `${base} (${goal})`,
      x: isOne ? `change of ${metric} (%)` : `change of ${metric} (%), mean of ${sensitivity.figures.length} points`,
      rows: all.filter((r) => !isIdle(r)).map((r) => rowOf(sensitivity.parameters[r.parameter]!, r, step)),
      ...(idle.length > 0 ? { note: `Less than 0.01%: ${idle.join(', ')}` } : {}),
    };
  }),
});

function rowOf(moved: MovedParameter, { kinks, change }: Ranked, step: Step): TornadoRow {
  const { name, dimension, responses } = moved;
  const [only] = responses;
  const isOne = responses.length === 1 && only !== undefined;
  const kink = kinks === 0 ? '' : isOne ? ' (kink)' : ` (kink at ${kinks})`;
  const side = (way: Way): TornadoSide => ({
    label: sideLabel(moved, way, step),
    change: change[way] === undefined ? undefined : change[way] * 100,
  });
  return {
    label: `${name}${isOne ? ` = ${quantityText(only.base, dimension)}` : ''}${kink}`,
    lower: side('lower'),
    higher: side('higher'),
  };
}

/** The value of the parameter there; over several points, which have several, the step. */
function sideLabel({ dimension, responses }: MovedParameter, way: Way, step: Step): string {
  const sides = responses.flatMap((response) => (response === undefined ? [] : [response[way]]));
  if (sides.every((side) => side.kind === 'missing')) return `no ${way}`;
  const values = new Set(sides.map(({ value }) => value));
  const [value] = values;
  if (values.size === 1 && value !== undefined) return quantityText(value, dimension);
  return step.kind === 'axis' ? way : `${way === 'lower' ? '-' : '+'}${significant(step.share * 100)}%`;
}
