// Speed of the models as they ship, without a test runner between: `npm run build && node test/bench/built.js`.
import { readFileSync } from 'node:fs';
import { loadMachine } from '../../dist/arch/load.js';
import { checkCascade } from '../../dist/einsum/check.js';
import { parseCascade } from '../../dist/einsum/parse.js';
import { bindSizes } from '../../dist/einsum/shape.js';
import { parseMapping } from '../../dist/mapper/parse.js';
import { placeMapping } from '../../dist/mapper/place.js';
import { compileMapping } from '../../dist/models/compiled/compile.js';
import { simulateCycles } from '../../dist/models/cycle/simulate.js';
import { evaluateMapping } from '../../dist/models/evaluate.js';
import { countTraffic } from '../../dist/models/traffic.js';

const source = (name) => ({ name, text: readFileSync(new URL(`../../${name}`, import.meta.url), 'utf8') });

function must(result) {
  if (!result.ok) throw new Error(result.diagnostics.map((d) => d.message).join('\n'));
  return result.value;
}

async function place(mapping, machine, sizes) {
  const cascade = must(checkCascade(must(parseCascade(source('cascades/attention-1-pass.einsum')))));
  const workload = must(bindSizes(cascade, new Map(Object.entries(sizes))));
  const spec = must(await loadMachine(source(`hardware-specs/${machine}.yaml`)));
  return must(placeMapping(must(parseMapping(source(`mappings/${mapping}.map`))), workload, spec, new Map()));
}

async function measure(name, mapping, machine, sizes, options) {
  const placed = await place(mapping, machine, sizes);
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

/** Shortest time of a call, in microseconds, of as many calls at a time. */
function shortest(calls, call) {
  let best = Number.POSITIVE_INFINITY;
  for (let round = 0; round < 40; round++) {
    const began = performance.now();
    for (let i = 0; i < calls; i++) call(i);
    best = Math.min(best, ((performance.now() - began) / calls) * 1000);
  }
  return best;
}

/** Seconds of a core that this process has used, by its compilers too: whatever else runs beside it. */
const coreSeconds = () => process.cpuUsage().user / 1e6;

const upTo = (count, step) => Array.from({ length: count }, (_, i) => (i + 1) * step);

/**
 * The closed form compiled, as a search has it: plain nested loops over tiles of the queries, in blocks and in lanes,
 * and of the products' slices, no point twice and most of them not dividing, with all results of each read; and the
 * general model beside it.
 */
async function measureCompiled() {
  const placed = await place('fusemax-binding', 'fusemax', { ...bert, B: 64, H: 12, P: 2 ** 16, M: 2 ** 16 });
  const { tiles, count, evaluate, results } = compileMapping(placed);
  const { readBytes, writeBytes, requiredBytes, busyCycles } = results;
  const loopsOver = (name) =>
    placed.loops.filter((l) => placed.workload.variables[l.variable].name === name).map((l) => l.id);
  const [block, ...lanes] = loopsOver('p');
  const [e] = loopsOver('e');
  const slices = loopsOver('f');
  const set = (loops, tile) => {
    for (const loop of loops) tiles[loop] = tile;
  };
  const sweep = (each) => {
    const began = coreSeconds();
    let points = 0;
    let sum = 0;
    for (const rows of upTo(32, 2048)) {
      tiles[block] = rows;
      for (const columns of upTo(16, 16)) {
        set(lanes, columns);
        for (let slice = 1; slice <= bert.E; slice++) {
          tiles[e] = slice;
          for (let products = 1; products <= bert.F; products++) {
            set(slices, products);
            each();
            points++;
            sum += results.latency_cycles + results.lower_bound_cycles + results.energy_pj;
            for (let l = 0; l < readBytes.length; l++) sum += readBytes[l] + writeBytes[l] + requiredBytes[l];
            for (let r = 0; r < busyCycles.length; r++) sum += busyCycles[r];
          }
        }
      }
    }
    if (!Number.isFinite(sum)) throw new Error('a result is no number');
    return points / (coreSeconds() - began) / 1e6;
  };
  const rates = (each) =>
    upTo(3, 1)
      .map(() => sweep(each).toFixed(2))
      .join(', ');
  process.stdout.write(`fusemax-binding, BERT at 64K, compiled, 2^21 points, millions a second of one core: `);
  process.stdout.write(`counts ${rates(count)}; all ${rates(evaluate)}\n`);
  // Of different lengths: code that is the same is not made again.
  const lengths = await Promise.all(
    upTo(20, 2 ** 12).map((P) => place('fusemax-binding', 'fusemax', { ...bert, B: 64, H: 12, P, M: 2 ** 16 })),
  );
  const compile = shortest(lengths.length, (i) => compileMapping(lengths[i]).evaluate()) / 1000;
  const general = shortest(20, () => evaluateMapping(placed, 'analytic'));
  process.stdout.write(`compiled in ${compile.toFixed(2)} ms; not compiled: ${Math.round(1e6 / general)} a second\n`);
}

/** The same of a grid: the rows of a thread block, of which most do not divide the queries, no two alike. */
async function measureCompiledGrid() {
  const sizes = { B: 1, H: 16, E: 128, F: 128, P: 2 ** 14, M: 2 ** 14, M0: 128 };
  const placed = await place('flash-attention-2', 'h100-sxm', sizes);
  const { tiles, evaluate, results } = compileMapping(placed);
  const rows = placed.loops.find((l) => placed.workload.variables[l.variable].name === 'p').id;
  const rates = upTo(3, 1).map(() => {
    const began = coreSeconds();
    let sum = 0;
    for (const tile of upTo(1024, 1)) {
      tiles[rows] = 31 + tile;
      evaluate();
      sum += results.latency_cycles;
    }
    if (!Number.isFinite(sum)) throw new Error('a result is no number');
    return (1024 / (coreSeconds() - began)).toFixed(0);
  });
  const general = shortest(20, () => evaluateMapping(placed, 'analytic'));
  process.stdout.write(`flash-attention-2, 16 heads at 16384, compiled: ${rates.join(', ')} a second of one core; `);
  process.stdout.write(`not compiled, ${placed.loops[rows].tile} rows: ${Math.round(1e6 / general)} a second\n`);
}

const bert = { E: 64, F: 64 };
const million = { ...bert, B: 64, H: 12, P: 2 ** 20, M: 2 ** 20 };
const head = { ...bert, B: 1, H: 1, P: 2 ** 16, M: 2 ** 16 };
const flash = { B: 1, H: 32, E: 128, F: 128, P: 2 ** 17, M: 2 ** 17, M0: 128, CAUSAL: 1 };
await measure('fusemax-binding, BERT at 1M, folded', 'fusemax-binding', 'fusemax', million, {});
await measure('flash-attention-3, causal, 32 heads at 131072', 'flash-attention-3', 'h100-sxm', flash, {});
await measure('fusemax-binding, one head at 64K, not folded', 'fusemax-binding', 'fusemax', head, { folding: false });
await measureCompiled();
await measureCompiledGrid();
