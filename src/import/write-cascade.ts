/** An index of an access: a sum of variables times whole numbers or parameters, in our names. */
export type IndexTerm = { readonly variable: string; readonly factor?: string };

export type CascadeRank = {
  readonly name: string;
  /** A size that `--set` changes. */
  readonly size?: number;
  /** A size that follows from others. */
  readonly formula?: string;
};

export type CascadeTensor = {
  readonly name: string;
  readonly role: 'input' | 'tensor' | 'output';
  readonly ranks: readonly string[];
  readonly format?: string;
};

export type CascadeDraft = {
  readonly name: string;
  readonly ranks: readonly CascadeRank[];
  readonly parameters: readonly { readonly name: string; readonly value: number }[];
  readonly tensors: readonly CascadeTensor[];
  /** Einsums as text. */
  readonly einsums: readonly string[];
};

const widest = 110;

/** Lines of at most `widest` characters; a statement goes on after a comma. */
function wrapped(head: string, parts: readonly string[], tail = ''): string {
  const lines = [head];
  parts.forEach((part, i) => {
    const text = `${part}${i < parts.length - 1 ? ',' : tail}`;
    const line = lines.at(-1)!;
    if (line.length + 1 + text.length <= widest) lines[lines.length - 1] = `${line} ${text}`;
    else lines.push(`    ${text}`);
  });
  return lines.join('\n');
}

function rankLines(ranks: readonly CascadeRank[]): readonly string[] {
  const free = ranks.filter((r) => r.size === undefined && r.formula === undefined).map(({ name }) => name);
  const sized = ranks.flatMap(({ name, size }) => (size === undefined ? [] : [`${name} = ${size}`]));
  const derived = ranks.flatMap(({ name, formula }) => (formula === undefined ? [] : [`${name} = ${formula}`]));
  return [
    ...(free.length > 0 ? [wrapped('  rank', free)] : []),
    ...(sized.length > 0 ? [wrapped('  rank default', sized)] : []),
    ...derived.map((rank) => `  rank ${rank}`),
  ];
}

function tensorLines(tensors: readonly CascadeTensor[]): readonly string[] {
  return (['input', 'tensor', 'output'] as const).flatMap((role) => {
    const of = tensors.filter((t) => t.role === role);
    const formats = [...new Set(of.map(({ format }) => format))];
    return formats.map((format) => {
      const named = of.filter((t) => t.format === format).map(({ name, ranks }) => `${name}[${ranks.join(', ')}]`);
      return wrapped(`  ${role}`, named, format === undefined ? '' : ` : ${format}`);
    });
  });
}

/** The text of a cascade. */
export function writeCascade({ name, ranks, parameters, tensors, einsums }: CascadeDraft): string {
  return [
    `cascade ${name}`,
    ...rankLines(ranks),
    ...(parameters.length > 0
      ? [
          wrapped(
            '  param',
            parameters.map((p) => `${p.name} = ${p.value}`),
          ),
        ]
      : []),
    ...tensorLines(tensors),
    '',
    ...einsums.map((einsum) => `  ${einsum}`),
    '',
  ].join('\n');
}

/** `2*p + r`. */
const indexText = (terms: readonly IndexTerm[]): string =>
  terms
    .map(({ variable, factor }) => (factor === undefined || factor === '1' ? variable : `${factor}*${variable}`))
    .join(' + ');

export const accessText = (tensor: string, indices: readonly (readonly IndexTerm[])[]): string =>
  `${tensor}[${indices.map(indexText).join(', ')}]`;

/**
 * How large a rank is that such an index reaches: `2*(P - 1) + R`. Factors are positive.
 */
export function reachOf(terms: readonly IndexTerm[], rankOf: (variable: string) => string): string {
  const parts = terms.map(({ variable, factor }) => {
    const last = `(${rankOf(variable)} - 1)`;
    return factor === undefined || factor === '1' ? last : `${factor} * ${last}`;
  });
  return `${parts.join(' + ')} + 1`;
}

/** The format of an integer of so many bits, since only the width is known; undefined if there is none so wide. */
export function formatOfWidth(bits: number): string | undefined {
  if (bits === 1) return 'bool';
  if (Number.isInteger(bits) && bits >= 2 && bits <= 16) return `int${bits}`;
  return bits === 32 ? 'int32' : bits === 64 ? 'fp64' : undefined;
}
