import { packageText } from '../job.ts';
import type { Experiment, Part } from '../part.ts';
import { baselinesPart } from './baselines.ts';
import { bertPart } from './bert.ts';
import { bandwidthOf, machineOf, readReported, readSchedules, selectorOf } from './data.ts';
import { enginesPart } from './engines.ts';
import { gpuPart } from './gpu.ts';
import { ofDraws, ofRuns, runsAndDraws, type SpattenJob, type SpattenOutcome } from './kind.ts';
import { kneePart } from './knee.ts';
import { passesPart } from './passes.ts';
import { reductionPart } from './reduction.ts';
import { rooflinePart } from './roofline.ts';
import { spreadPart } from './spread.ts';
import { modelsOf } from './steps.ts';
import { techniquesPart } from './techniques.ts';

/** SpAtten: what each technique brings, its top-k engine, and what lies beyond the paper. */
export const spatten: Experiment<SpattenJob, SpattenOutcome> = {
  name: 'spatten',
  kind: runsAndDraws,
  parts: async () => {
    const [schedules, reported] = await Promise.all([readSchedules(), readReported()]);
    const models = modelsOf(schedules, reported);
    const [machine, eighth, gpu] = await Promise.all([
      machineOf('spatten'),
      machineOf('spatten-eighth'),
      machineOf('h100-sxm'),
    ]);
    const [layer, deferred, onePass] = await Promise.all([
      packageText('cascades/spatten-layer.einsum'),
      packageText('experiments/spatten/cascades/spatten-layer-deferred.einsum'),
      packageText('cascades/attention-1-pass.einsum'),
    ]);
    const cascades = { 'spatten-layer': layer, 'spatten-layer-deferred': deferred, 'attention-1-pass': onePass };
    const engine = selectorOf(machine);
    const sram_bytes = 2 * machine.parameters.get('SRAM')!;
    const streams = [machine, gpu].map((m) => ({ name: m.name, bytes_per_s: bandwidthOf(m) }));
    const small = schedules['gpt2-small-wikitext2']!.alike;
    // The first step prunes no tokens; the others are alike.
    const token = small.slice(1).map((alike) => ({ ...alike, rows: alike.rows / 31 }));
    return new Map<string, Part<SpattenJob, SpattenOutcome>>([
      ['reduction', ofRuns(reductionPart(models, reported))],
      ['techniques', ofRuns(techniquesPart(models, reported))],
      ['bert', ofRuns(bertPart(reported))],
      ['roofline', ofRuns(rooflinePart(models, [machine, eighth]))],
      ['baselines', ofRuns(baselinesPart(models[0]!, reported))],
      ['knee', ofRuns(kneePart(models))],
      ['engines', ofDraws(enginesPart(engine, streams, { clock_hz: machine.clock_hz, sram_bytes }))],
      ['spread', ofDraws(spreadPart(engine, token, machine.clock_hz))],
      ['gpu', ofRuns(gpuPart(models[0]!, token, gpu))],
      ['passes', ofRuns(passesPart(cascades))],
    ]);
  },
};
