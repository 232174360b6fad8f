import { diagnostic } from '../../diagnostic.ts';
import { span } from '../../source.ts';
import type { Rule } from '../rule.ts';

/** Case tells a size (`M`) from the index variable that runs over it (`m`). */
export const nameCase: Rule = function* ({ cascade }) {
  const declared = [
    ...cascade.ranks.map((d) => ({ ...d, what: 'rank' })),
    ...cascade.parameters.map((d) => ({ ...d, what: 'parameter' })),
  ];
  for (const { name, span: at, what } of declared) {
    if (/^[A-Z]/.test(name)) continue;
    const upper = name.replace(/^_*/, '').replace(/^./, (c) => c.toUpperCase());
    yield diagnostic(
      'name-case',
      `the name of a ${what} begins with an upper-case letter, "${name}" does not`,
      span(at.source, at.start, at.start + name.length),
      { help: upper === '' ? undefined : `write "${upper}"` },
    );
  }
};
