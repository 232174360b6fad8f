/** Words that begin a declaration. */
export const declarationWords: ReadonlySet<string> = new Set(['cascade', 'rank', 'param', 'input', 'output', 'tensor']);

/** Words with a meaning of their own, which nothing may be named after. */
export const reservedWords: ReadonlySet<string> = new Set([
  ...declarationWords,
  'default',
  'where',
  'and',
  'or',
  'not',
  'div',
  'mod',
  'inf',
  'top',
  'bottom',
  'above',
  'below',
]);
