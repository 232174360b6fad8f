import type { Rule } from '../rule.ts';
import { mistakenCalls } from './function-calls.ts';

export const functionArity: Rule = (facts) => mistakenCalls(facts, 'function-arity');
