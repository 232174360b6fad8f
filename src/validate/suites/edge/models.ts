import { invariant } from '../../../invariant.ts';
import type { ReadShipped } from '../../suite.ts';

/** Sizes of a language model of the form of Llama; `network` is the width of the feed-forward network, or of an expert. */
export type LanguageModel = {
  /** As rows name it, lower-case: what their names begin with. */
  readonly names: readonly string[];
  readonly layers: number;
  readonly hidden: number;
  readonly heads: number;
  readonly key_heads: number;
  readonly head_size: number;
  readonly network: number;
  readonly vocabulary: number;
  readonly experts?: number;
  readonly experts_per_token?: number;
  /** The quantization that Ollama takes where none is named. */
  readonly ollama: string;
};

/** Formats of weights: those of the layers, of some tensors in about half of the layers, and of the output layer. */
export type Quantization = {
  readonly names: readonly string[];
  readonly weights: string;
  readonly output: string;
  readonly more?: Readonly<Record<string, string>>;
};

export type Models = {
  readonly models: Readonly<Record<string, LanguageModel>>;
  readonly quantizations: Readonly<Record<string, Quantization>>;
};

export async function readModels(readShipped: ReadShipped): Promise<Models> {
  const source = await readShipped('experiments/edge/models.json');
  invariant(source !== undefined, 'experiments/edge/models.json ships');
  return JSON.parse(source.text) as Models;
}

/** Undefined: its sizes are not known. */
export function modelOf({ models }: Models, name: string): (LanguageModel & { readonly title: string }) | undefined {
  const lower = name.toLowerCase();
  const found = Object.entries(models).find(([, model]) => model.names.some((known) => lower.startsWith(known)));
  return found === undefined ? undefined : { ...found[1], title: found[0] };
}

/** Undefined: how its weights are stored is not known. */
export function quantizationOf(
  { quantizations }: Models,
  model: LanguageModel,
  name: string,
): (Quantization & { readonly title: string }) | undefined {
  const lower = name.toLowerCase();
  const isNamed = ({ names }: Quantization): boolean =>
    names.some((known) => lower === known || lower.startsWith(`${known}(`) || lower.startsWith(`${known} (`));
  // "Q4 (ollama default)" says four bits and no more.
  const title = /^q4 ?\(ollama default\)$/.test(lower)
    ? model.ollama
    : Object.entries(quantizations).find(([, quantization]) => isNamed(quantization))?.[0];
  return title === undefined ? undefined : { ...quantizations[title]!, title };
}
