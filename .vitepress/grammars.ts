import type { MarkdownOptions } from 'vitepress';

type Grammars = NonNullable<MarkdownOptions['languages']>;

const words = (scope: string, ...list: string[]) => ({ name: scope, match: `\\b(${list.join('|')})\\b` });

const common = [
  { name: 'comment.line', match: '#.*$' },
  { name: 'constant.numeric', match: '\\b[0-9][0-9.]*\\b|\\binf\\b' },
];

/** The languages of the project, for the highlighter (TextMate grammars). */
export const grammars: Grammars = [
  {
    name: 'einsum',
    scopeName: 'source.einsum',
    repository: {},
    patterns: [
      ...common,
      words('keyword.control', 'cascade', 'rank', 'param', 'input', 'output', 'tensor', 'default', 'where'),
      words('keyword.operator', 'and', 'or', 'not', 'div', 'mod', 'top', 'bottom', 'above', 'below'),
      words('support.type', '(?:fp|tf|bf|int|uint)[0-9]+\\w*', 'bool', 'q[0-9]_\\w+'),
      { name: 'entity.name.function', match: '\\b[a-z][a-z0-9_]*(?=\\()' },
      { name: 'entity.name.type', match: '\\b[A-Z][A-Za-z0-9_]*(?=\\[)' },
    ],
  },
  {
    name: 'mapping',
    aliases: ['constraints'],
    scopeName: 'source.mapping',
    repository: {},
    patterns: [
      ...common,
      words('keyword.control', 'mapping', 'cascade', 'param', 'ordered', 'keep', 'cache', 'for', 'compute', 'never'),
      words('keyword.control', 'order', 'tile', 'loops', 'cut', 'fuse', 'schedule', 'dataflow', 'anything', 'goes'),
      words(
        'keyword.operator',
        'in',
        'on',
        'by',
        'across',
        'stages',
        'pipeline',
        'sequence',
        'lag',
        'ramp',
        'priority',
      ),
      words('keyword.operator', 'demand', 'over', 'spill', 'to', 'if', 'persistent', 'adding', 'trailing', 'dynamic'),
      words(
        'keyword.operator',
        'static',
        'longest',
        'contiguous',
        'div',
        'mod',
        'multiples',
        'divisors',
        'from',
        'with',
      ),
      { name: 'entity.name.function', match: '\\b[a-z][a-z0-9_]*(?=\\()' },
      { name: 'entity.name.type', match: '\\b[A-Z][A-Za-z0-9_]*\\b' },
    ],
  },
  {
    name: 'ebnf',
    scopeName: 'source.ebnf',
    repository: {},
    patterns: [
      { name: 'comment.block', match: '\\(\\*.*\\*\\)' },
      { name: 'string.quoted', match: '"[^"]*"' },
      { name: 'entity.name.function', match: '^[a-z, ]+(?==)' },
    ],
  },
  // The bytes that follow from an example of a mapping.
  { name: 'bytes', scopeName: 'source.bytes', repository: {}, patterns: [words('keyword.control', 'read', 'write')] },
];
