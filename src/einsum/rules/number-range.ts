import type { Rule } from '../rule.ts';
import { constantMistakes } from './constant-sizes.ts';

export const numberRange: Rule = (facts) => constantMistakes(facts, 'number-range');
