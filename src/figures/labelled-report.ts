import type { Report } from '../report/report.ts';

/** A run of a figure, and what it is called there. */
export type LabelledReport = { readonly report: Report; readonly label: string };

/** What tells runs apart, the most telling first: each facet of a report is a text, or undefined where it has none. */
type Facet = (report: Report) => string | undefined;

const named: readonly Facet[] = [
  (r) => r.mapping,
  (r) => r.hardware,
  (r) => r.cascade,
  (r) => `${r.model} model`,
  (r) => `${r.energy_accounting} accounting`,
];

type Numbers = { readonly [name: string]: number };

/** A facet for each name of tables of numbers: "P=4096". */
function numberFacets(reports: readonly Report[], tableOf: (report: Report) => Numbers): readonly Facet[] {
  const names = [...new Set(reports.flatMap((r) => Object.keys(tableOf(r))))];
  return names.map((name) => (report) => {
    const value = tableOf(report)[name];
    return value === undefined ? undefined : `${name}=${value}`;
  });
}

/**
 * Labels of what differs between runs, and no more of it than tells them apart; runs that do not differ are numbered.
 * `apartFromSizes` are labels of lines on which sizes vary: runs that differ only by them have the same.
 */
export function labelReports(
  reports: readonly Report[],
  { apartFromSizes = false }: { readonly apartFromSizes?: boolean } = {},
): readonly LabelledReport[] {
  const facets = [
    ...named,
    ...(apartFromSizes ? [] : numberFacets(reports, (r) => r.workload)),
    ...numberFacets(reports, (r) => r.hardware_parameters),
    ...(apartFromSizes ? [] : numberFacets(reports, (r) => r.mapping_parameters)),
  ];
  let labels = reports.map((): readonly string[] => []);
  const kinds = (all: readonly (readonly string[])[]): number => new Set(all.map((l) => l.join(', '))).size;
  for (const facet of facets) {
    const longer = labels.map((parts, i) => {
      const text = facet(reports[i]!);
      return text === undefined ? parts : [...parts, text];
    });
    if (kinds(longer) > kinds(labels)) labels = longer;
  }
  const texts = labels.map((parts, i) => (parts.length === 0 ? reports[i]!.mapping : parts.join(', ')));
  return reports.map((report, i) => {
    const before = apartFromSizes ? 0 : texts.slice(0, i).filter((t) => t === texts[i]).length;
    return { report, label: before === 0 ? texts[i]! : `${texts[i]} (${before + 1})` };
  });
}
