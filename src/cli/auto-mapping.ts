import { loadMachine } from '../arch/load.ts';
import { failure, type Result, success } from '../diagnostic.ts';
import { bindSizes } from '../einsum/shape.ts';
import { printMapping } from '../mapper/print.ts';
import { bestMappings, usualSearch } from '../search/best-mappings.ts';
import { weighingOf } from '../search/search.ts';
import { unknownAccounting } from '../simulate.ts';
import type { Source } from '../source.ts';
import { resolveMachine } from './fitting-mappings.ts';
import { nothingFound, outcomeOf, provenText } from './map-summary.ts';
import { spacesOf } from './mapping-spaces.ts';
import type { Sized, Unmapped } from './run-texts.ts';
import { readCascade } from './workload-inputs.ts';

/** `--mapping auto`: the mapping with the least latency, as `attnsim map` finds it. Says how good it is. */
export async function autoMapping(
  texts: Unmapped,
  { sizes, densities, parameters, accounting, say }: Sized,
): Promise<Result<Source>> {
  const cascade = await readCascade(texts.cascade);
  const workload = cascade.ok ? bindSizes(cascade.value, sizes, texts.presets, undefined, densities) : cascade;
  const machine = await loadMachine(texts.machine, { resolve: resolveMachine, parameters });
  if (!workload.ok || !machine.ok) return failure([workload, machine].flatMap((r) => (r.ok ? [] : r.diagnostics)));
  const unknown = unknownAccounting(machine.value, accounting);
  if (unknown !== undefined) return failure([unknown]);
  const spaces = await spacesOf([workload.value], machine.value, {
    mappings: [],
    choose: new Set(['tiles']),
    constraints: [],
  });
  if (!spaces.ok) return spaces;
  const found = bestMappings(spaces.value, { ...weighingOf('latency'), accounting, ...usualSearch });
  const outcome = outcomeOf(found, 'latency');
  if (outcome === undefined)
    return failure([nothingFound(workload.value.cascade.name, machine.value.name, found.searched)]);
  const { mapping } = outcome.best;
  say(`mapping found: ${mapping.name}, ${provenText(outcome)}\n`);
  return success({ name: 'auto', text: printMapping(mapping) }, spaces.warnings);
}
