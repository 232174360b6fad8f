import { openSweep } from './open-sweep.ts';
import { evaluateWith } from './thread.ts';

// Loaded by pool.ts, in each thread.
export const evaluate = evaluateWith(openSweep);
