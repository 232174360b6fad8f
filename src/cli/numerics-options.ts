import { type Diagnostic, diagnostic, failure, type Result, success } from '../diagnostic.ts';
import { didYouMean } from '../did-you-mean.ts';
import { exponentials } from '../einsum/exponential.ts';
import { numberFormats } from '../einsum/number-format.ts';
import type { NumericsChoice } from '../einsum/numerics.ts';
import type { Workload } from '../einsum/workload.ts';
import { choose } from './choices.ts';

export type NumericsOptions = {
  /** `FORMAT` for every tensor, or `TENSOR,TENSOR=FORMAT`; a FORMAT may be `declared`. */
  readonly format: readonly string[];
  readonly arithmetic?: string;
  readonly exp?: string;
};

/** A choice of numbers with the names that make it, for people. */
export type NamedNumerics = NumericsChoice & { readonly exp: string };

/** Formats that sums can be accumulated in: those of IEEE 754's kind. */
const arithmetics = ['fp64', 'fp32', 'tf32', 'bf16', 'fp16'] as const;

/** The numbers to emulate for a workload; undefined if none of the options is given. */
export function readNumerics(options: NumericsOptions, w: Workload): Result<NamedNumerics | undefined> {
  if (options.format.length === 0 && options.arithmetic === undefined && options.exp === undefined)
    return success(undefined);
  const formats = readFormats(options.format, w);
  // Emulated formats come with the accumulators that most machines have; alone, the exponential is all that changes.
  const usual = options.format.length > 0 ? 'fp32' : 'fp64';
  const arithmetic = choose('--arithmetic', options.arithmetic ?? usual, arithmetics);
  const exp = choose('--exp', options.exp ?? 'exact', [...exponentials.keys()]);
  const unused = exp.ok && options.exp !== undefined ? withoutExponential(options.exp, w) : [];
  const wrong = [formats, arithmetic, exp].flatMap((r) => (r.ok ? [] : r.diagnostics));
  if (!formats.ok || !arithmetic.ok || !exp.ok || unused.length > 0) return failure([...wrong, ...unused]);
  return success({
    formats: formats.value,
    arithmetic: arithmetic.value,
    exp: exp.value,
    exponential: exponentials.get(exp.value)!,
  });
}

function withoutExponential(exp: string, w: Workload): readonly Diagnostic[] {
  if (w.einsums.some((e) => e.operations.some((o) => o.operator === 'exp'))) return [];
  const message = `--exp "${exp}": cascade "${w.cascade.name}" computes no "exp"`;
  return [diagnostic('bad-choice', message, undefined)];
}

/** What is said of a tensor by name goes before what is said of all. */
function readFormats(texts: readonly string[], w: Workload): Result<ReadonlyMap<string, string>> {
  const diagnostics: Diagnostic[] = [];
  const wrong = (code: 'bad-choice' | 'unknown-tensor' | 'assigned-twice', message: string, help?: string): void => {
    diagnostics.push(diagnostic(code, message, undefined, { help }));
  };
  const known = w.tensors.map((t) => t.name);
  const named = new Map<string, string>();
  let general: string | undefined;
  for (const text of texts) {
    const equals = text.indexOf('=');
    const format = text.slice(equals + 1).trim();
    if (format !== 'declared' && !numberFormats.has(format)) {
      const words = ['declared', ...numberFormats.keys()];
      wrong('bad-choice', `--format "${text}": "${format}" is no number format`, suggestion(format, words));
    }
    if (equals < 0) {
      if (general !== undefined)
        wrong('assigned-twice', `--format gives all tensors two formats: ${general} and ${format}`);
      general = format;
      continue;
    }
    for (const name of text
      .slice(0, equals)
      .split(',')
      .map((n) => n.trim())) {
      if (format !== 'declared' && w.tensors.some((t) => t.name === name && t.plane !== undefined)) {
        const message = `--format "${text}": "${name}" is a plane of an operand, which has the bits that the cascade declares`;
        wrong('bad-choice', message, 'declare the planes otherwise in a cascade of your own');
      }
      if (!known.includes(name)) {
        const message = `--format "${text}": cascade "${w.cascade.name}" has no tensor "${name}"`;
        wrong('unknown-tensor', message, suggestion(name, known));
      }
      const before = named.get(name);
      if (before !== undefined)
        wrong('assigned-twice', `--format gives "${name}" two formats: ${before} and ${format}`);
      named.set(name, format);
    }
  }
  if (diagnostics.length > 0) return failure(diagnostics);
  return success(
    new Map(
      w.tensors.flatMap((t) => {
        const format = named.get(t.name) ?? general;
        return format === undefined ? [] : [[t.name, format === 'declared' ? t.format : format]];
      }),
    ),
  );
}

const suggestion = (word: string, known: readonly string[]): string =>
  didYouMean(word, known) ?? `known: ${known.join(', ')}`;

/** "fp16 for Q, K, V; float64 for the others; arithmetic in fp32; exp by taylor5". */
export function numericsText({ formats, arithmetic, exp }: NamedNumerics, w: Workload): string {
  const groups = new Map<string, string[]>();
  for (const [tensor, format] of formats) groups.set(format, [...(groups.get(format) ?? []), tensor]);
  const all = groups.size === 1 && formats.size === w.tensors.length;
  const parts = [...groups].map(([format, tensors]) => `${format} for ${all ? 'all tensors' : tensors.join(', ')}`);
  if (formats.size < w.tensors.length) parts.push(formats.size === 0 ? 'float64 tensors' : 'float64 for the others');
  return [...parts, `arithmetic in ${arithmetic}`, ...(exp === 'exact' ? [] : [`exp by ${exp}`])].join('; ');
}
