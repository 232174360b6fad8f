import type { Suite } from './suite.ts';
import { fusemax } from './suites/fusemax.ts';

/** Every suite that `attnsim validate` knows. */
export const suites: readonly Suite[] = [fusemax];
