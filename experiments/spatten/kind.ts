import { type Job, type Outcome, runs } from '../job.ts';
import type { Kind } from '../kind.ts';
import type { Part } from '../part.ts';
import { type Drawn, type Draws, drawRows, quantile } from './draws.ts';

/** A run of the pipeline, or rows through a selector. */
export type SpattenJob = Job | Draws;
export type SpattenOutcome = Outcome | Drawn;

const isRun = (job: SpattenJob): job is Job => 'run' in job;

/** Units that never are busy are left out: stages that take no time of their own. */
function withoutIdle(record: object): object {
  const { utilization } = record as { readonly utilization: Readonly<Record<string, number>> };
  return { ...record, utilization: Object.fromEntries(Object.entries(utilization).filter(([, share]) => share > 0)) };
}

export const runsAndDraws: Kind<SpattenJob, SpattenOutcome> = {
  name: 'runs and draws',
  execute: async (job) => (isRun(job) ? runs.execute(job) : drawRows(job)),
  keyOf: (job) => (isRun(job) ? runs.keyOf(job) : JSON.stringify(job)),
  isLong: (job) => (isRun(job) ? runs.isLong(job) : true),
  record: (job, outcome) => {
    if (isRun(job)) return withoutIdle(runs.record(job, outcome as Outcome));
    const { cycles } = outcome as Drawn;
    const [p50, p95, p99] = [0.5, 0.95, 0.99].map((share) => quantile(cycles, share));
    return { ...job, cycles_p50: p50, cycles_p95: p95, cycles_p99: p99 };
  },
};

/** A part of runs only. What comes of a run is an outcome of one. */
export const ofRuns = ({ jobs, show }: Part): Part<SpattenJob, SpattenOutcome> => ({
  jobs,
  show: (of) => show((job) => of(job) as Outcome),
});

/** A part of draws only. */
export const ofDraws = ({ jobs, show }: Part<Draws, Drawn>): Part<SpattenJob, SpattenOutcome> => ({
  jobs,
  show: (of) => show((job) => of(job) as Drawn),
});
