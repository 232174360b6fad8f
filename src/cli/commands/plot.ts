import type { Source } from '../../source.ts';
import { statementOf, textOf } from '../../sweep/statement.ts';
import { linesChart } from '../lines-chart.ts';
import type { Terminal } from '../terminal.ts';
import { asking, withStore } from '../with-store.ts';
import { writeChart } from '../write-chart.ts';

export type PlotLinesOptions = {
  readonly file: string;
  readonly statement: string;
  readonly out: string;
  readonly title?: string;
};

/** `attnsim plot lines FILE STATEMENT --out FILE.svg`: what a statement gives of a sweep's table, as lines. */
export async function plotLines(
  { file, statement, out, title }: PlotLinesOptions,
  terminal: Terminal,
): Promise<number> {
  return await withStore(file, undefined, terminal, async (store) => {
    const source: Source = { name: 'statement', text: statement };
    const asked = statementOf(source);
    const checked = await store.check(asked);
    if (!checked.ok) return checked;
    return await asking(file, asked, async () => {
      const chart = await linesChart(await store.ask(textOf(asked)), source, title ?? store.identity.name);
      return chart.ok ? await writeChart(out, chart.value) : chart;
    });
  });
}
