import { readFusemaxConfigurations, suites } from 'attnsim';
import { packageText, runs } from '../job.ts';
import type { Experiment, Part } from '../part.ts';
import { attentionPart, headlinesPart } from './attention.ts';
import { causalPart } from './causal.ts';
import { decodingPart } from './decoding.ts';
import { disagreementsPart, type PublishedRow } from './disagreements.ts';
import { exponentialPart } from './exponential.ts';
import { layersPart } from './layers.ts';
import { publishedMachine } from './machine.ts';
import { paretoPart } from './pareto.ts';
import { rampsPart } from './ramps.ts';
import { jobsOf } from './rows.ts';
import { simulatorPart } from './simulator.ts';
import { tilesPart } from './tiles.ts';
import { utilizationPart } from './utilization.ts';

/** FuseMax, its ablations and its baselines, and what lies beyond the paper. */
export const fusemax: Experiment = {
  name: 'fusemax',
  kind: runs,
  parts: async () => {
    const rows = jobsOf(await readFusemaxConfigurations(packageText));
    const claims = await suites.find((s) => s.name === 'fusemax')!.claims(packageText);
    const points = JSON.parse((await packageText('experiments/fusemax/points.json')).text) as {
      results: PublishedRow[];
    };
    const machine = await publishedMachine();
    return new Map<string, Part>([
      ['attention', attentionPart(rows)],
      ['headlines', headlinesPart(claims)],
      ['utilization', utilizationPart(rows)],
      ['simulator', simulatorPart(rows)],
      ['layers', layersPart(rows)],
      ['pareto', paretoPart(rows)],
      ['disagreements', disagreementsPart(rows, points.results)],
      ['tiles', tilesPart()],
      ['ramps', rampsPart(machine)],
      ['exponential', exponentialPart(machine)],
      ['causal', causalPart(rows)],
      ['decoding', decodingPart()],
    ]);
  },
};
