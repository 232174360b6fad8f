import type { Suite } from './suite.ts';
import { accelerators } from './suites/accelerators.ts';
import { edge } from './suites/edge/edge.ts';
import { fusemax } from './suites/fusemax.ts';
import { gpus } from './suites/gpus/gpus.ts';
import { peers } from './suites/peers.ts';
import { spatten } from './suites/spatten/spatten.ts';

/** Every suite that `attnsim validate` knows. */
export const suites: readonly Suite[] = [fusemax, peers, gpus, edge, accelerators, spatten];
