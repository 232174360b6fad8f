import { packageText } from '../job.ts';
import type { Experiment, Part } from '../part.ts';
import { type SearchJob, type SearchOutcome, searches } from './search-job.ts';
import { differencesTable, mappingsTable, objectivesTable, summaryOf } from './tables.ts';

/** Problems of one cascade: on each of the machines, at each of the sizes. */
type Problems = Pick<SearchJob, 'cascade' | 'workload'> & {
  readonly hardware: readonly string[];
  readonly sizes: readonly SearchJob['sizes'][];
};

type SearchPart = Part<SearchJob, SearchOutcome>;

/** A tenth of what `attnsim map` tries unless it is told otherwise: enough here, and all of it runs in minutes. */
const effort = 300;
/** The closed form tells no better than this which of two mappings is quicker: what is no better stays as it was written. */
const gap = 0.001;

/** What is found for what ships, beside what was written by hand for it. */
export const mapper: Experiment<SearchJob, SearchOutcome> = {
  name: 'mapper',
  kind: searches,
  parts: async () => {
    const { text } = await packageText('experiments/mapper/problems.json');
    const problems = Object.entries(JSON.parse(text) as Readonly<Record<string, readonly Problems[]>>);
    const parts = problems.map(([name, those]) => [name, latencyPart(name, those.flatMap(jobsOf))] as const);
    const weighed = parts.flatMap(([, { jobs }]) => jobs.filter(isWeighed));
    return new Map<string, SearchPart>([...parts, ['objectives', objectivesPart(weighed)]]);
  },
};

const jobsOf = ({ cascade, hardware, workload, sizes }: Problems): readonly SearchJob[] =>
  hardware.flatMap((machine) =>
    sizes.map((s) => ({ cascade, hardware: machine, workload, sizes: s, objective: 'latency', effort, gap })),
  );

const latencyPart = (name: string, jobs: readonly SearchJob[]): SearchPart => ({
  jobs,
  show: (of) => ({
    blocks: {
      [`${name}-summary`]: summaryOf(jobs, of),
      [name]: mappingsTable(jobs, of),
      [`${name}-differences`]: differencesTable(jobs, of),
    },
    charts: {},
  }),
});

/** The problems that are solved by other objectives, too. */
const isWeighed = ({ cascade, hardware, sizes: { P, CAUSAL } }: SearchJob): boolean =>
  ['fusemax', 'h100-sxm'].includes(hardware) &&
  (cascade === 'gemm' || (cascade === 'attention-1-pass' && P === 16384 && CAUSAL === undefined));

function objectivesPart(problems: readonly SearchJob[]): SearchPart {
  const jobs = (['energy', 'edp'] as const).flatMap((objective) => problems.map((job) => ({ ...job, objective })));
  return { jobs, show: (of) => ({ blocks: { objectives: objectivesTable(jobs, of) }, charts: {} }) };
}
