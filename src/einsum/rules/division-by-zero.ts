import type { Rule } from '../rule.ts';
import { constantMistakes } from './constant-sizes.ts';

export const divisionByZero: Rule = (facts) => constantMistakes(facts, 'division-by-zero');
