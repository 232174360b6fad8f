import { evaluateWith } from '../../dist/sweep/thread.js';
import { openSweep } from './made-sweep.js';

export const evaluate = evaluateWith(openSweep);
