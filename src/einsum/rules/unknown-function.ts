import type { Rule } from '../rule.ts';
import { mistakenCalls } from './function-calls.ts';

export const unknownFunction: Rule = (facts) => mistakenCalls(facts, 'unknown-function');
