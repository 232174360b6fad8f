// Speed of the simulator as it ships, without a test runner between: `npm run build && node test/bench/built.js`.
import { readFileSync } from 'node:fs';
import { loadMachine } from '../../dist/arch/load.js';
import { checkCascade } from '../../dist/einsum/check.js';
import { parseCascade } from '../../dist/einsum/parse.js';
import { bindSizes } from '../../dist/einsum/shape.js';
import { parseMapping } from '../../dist/mapper/parse.js';
import { placeMapping } from '../../dist/mapper/place.js';
import { simulateCycles } from '../../dist/models/cycle/simulate.js';
import { countTraffic } from '../../dist/models/traffic.js';

const source = (name) => ({ name, text: readFileSync(new URL(`../../${name}`, import.meta.url), 'utf8') });

function must(result) {
  if (!result.ok) throw new Error(result.diagnostics.map((d) => d.message).join('\n'));
  return result.value;
}

async function measure(name, mapping, machine, sizes, options) {
  const cascade = must(checkCascade(must(parseCascade(source('cascades/attention-1-pass.einsum')))));
  const workload = must(bindSizes(cascade, new Map(Object.entries(sizes))));
  const spec = must(await loadMachine(source(`hardware-specs/${machine}.yaml`)));
  const placed = must(placeMapping(must(parseMapping(source(`mappings/${mapping}.map`))), workload, spec, new Map()));
  const traffic = countTraffic(placed);
  const seconds = [];
  let events = 0;
  for (let i = 0; i < 5; i++) {
    const began = performance.now();
    events = simulateCycles(placed, traffic, options).events;
    seconds.push((performance.now() - began) / 1000);
  }
  const best = Math.min(...seconds);
  const rate = (events / best / 1e6).toFixed(2);
  const times = `first ${seconds[0].toFixed(2)} s, best of 5 ${best.toFixed(2)} s`;
  process.stdout.write(`${name}: ${times}, ${events} events, ${rate} million a second\n`);
}

const bert = { E: 64, F: 64 };
const million = { ...bert, B: 64, H: 12, P: 2 ** 20, M: 2 ** 20 };
const head = { ...bert, B: 1, H: 1, P: 2 ** 16, M: 2 ** 16 };
const flash = { B: 1, H: 32, E: 128, F: 128, P: 2 ** 17, M: 2 ** 17, M0: 128, CAUSAL: 1 };
await measure('fusemax-binding, BERT at 1M, folded', 'fusemax-binding', 'fusemax', million, {});
await measure('flash-attention-3, causal, 32 heads at 131072', 'flash-attention-3', 'h100-sxm', flash, {});
await measure('fusemax-binding, one head at 64K, not folded', 'fusemax-binding', 'fusemax', head, { folding: false });
