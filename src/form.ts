import { Ajv2020, type ErrorObject, type ValidateFunction } from 'ajv/dist/2020.js';
import { type Diagnostic, diagnostic } from './diagnostic.ts';
import { didYouMean } from './did-you-mean.ts';
import type { DocumentNode } from './document.ts';
import type { Span } from './source.ts';

/** The schemas are our own, and `strict` refuses words that it does not know. */
export const formOptions = {
  allErrors: true,
  verbose: true,
  strict: true,
  strictTypes: false,
  strictRequired: false,
  meta: false,
  validateSchema: false,
} as const;

const compiled = new WeakMap<object, ValidateFunction>();

/** Compiling costs more than reading a document, so it is done once for each schema. */
function validator(schema: object): ValidateFunction {
  const known = compiled.get(schema);
  if (known !== undefined) return known;
  const validate = new Ajv2020(formOptions).compile(schema);
  compiled.set(schema, validate);
  return validate;
}

/** A mistake of form. One that is `local` is a field too many inside the document: the rest can still be read. */
export type FormMistake = { readonly diagnostic: Diagnostic; readonly local: boolean };

export const isReadable = (mistakes: readonly FormMistake[]): boolean => mistakes.every(({ local }) => local);

/** How a reader would name the whole document, such as "the spec", and what its keys may look like, by block. */
export type FormWords = { readonly whole: string; readonly keyRules?: ReadonlyMap<string, string> };

/** Checks the form of a document against a JSON Schema (draft 2020-12): fields, types, names. */
export function checkForm(root: DocumentNode, schema: object, words: FormWords): FormMistake[] {
  const validate = validator(schema);
  if (validate(plain(root))) return [];
  const mistakes: FormMistake[] = [];
  const errors = validate.errors ?? [];
  for (const error of errors) {
    const misspelt = isMisspelt(error, errors);
    const found = misspelt ? undefined : toDiagnostic(error, root, words);
    // A misspelt field that must be there is not there, so what needs it cannot be read.
    const local = error.keyword === 'additionalProperties' && error.instancePath !== '';
    if (found !== undefined)
      mistakes.push({ diagnostic: found, local: local && !errors.some((e) => e.keyword === 'required') });
  }
  return mistakes.sort((a, b) => (a.diagnostic.span?.start ?? 0) - (b.diagnostic.span?.start ?? 0));
}

/** A missing field that stands there under nearly its name is reported once, where it stands. */
function isMisspelt(missing: ErrorObject, errors: readonly ErrorObject[]): boolean {
  if (missing.keyword !== 'required') return false;
  const wanted = String(missing.params['missingProperty']);
  return errors.some(
    ({ keyword, instancePath, params }) =>
      keyword === 'additionalProperties' &&
      instancePath === missing.instancePath &&
      didYouMean(String(params['additionalProperty']), [wanted])?.startsWith('did you mean'),
  );
}

/** A document as JavaScript values. Keys that name parts of an object never get here: `document.ts` refuses them. */
export function plain(node: DocumentNode): unknown {
  switch (node.kind) {
    case 'scalar':
      return node.value;
    case 'list':
      return node.items.map(plain);
    case 'map':
      return Object.fromEntries([...node.entries].map(([key, entry]) => [key, plain(entry.node)]));
  }
}

/** The node that ajv's JSON pointer names, and how a reader would name it. */
function locate(
  root: DocumentNode,
  pointer: string,
  whole: string,
): { readonly node: DocumentNode; readonly name: string } {
  let node = root;
  let name = whole;
  for (const part of pointer.split('/').slice(1)) {
    const key = part.replaceAll('~1', '/').replaceAll('~0', '~');
    const next =
      node.kind === 'map' ? node.entries.get(key)?.node : node.kind === 'list' ? node.items[Number(key)] : undefined;
    if (next === undefined) break;
    name = node.kind === 'list' ? `item ${Number(key) + 1} of ${name}` : `"${key}"`;
    node = next;
  }
  return { node, name };
}

const keySpan = (node: DocumentNode, key: string): Span =>
  node.kind === 'map' ? (node.entries.get(key)?.key ?? node.span) : node.span;

function toDiagnostic(error: ErrorObject, root: DocumentNode, words: FormWords): Diagnostic | undefined {
  // The name of a bad key is reported once, by `propertyNames`.
  if (error.propertyName !== undefined) return undefined;
  const { node, name } = locate(root, error.instancePath, words.whole);
  switch (error.keyword) {
    case 'if':
      return undefined;
    case 'additionalProperties': {
      const field = String(error.params['additionalProperty']);
      const known = Object.keys((error.parentSchema?.['properties'] as object | undefined) ?? {}).filter(
        (k) => !k.startsWith('$'),
      );
      return diagnostic('unknown-field', `${name} has no field "${field}"`, keySpan(node, field), {
        help: didYouMean(field, known) ?? `known: ${known.map((k) => `"${k}"`).join(', ')}`,
      });
    }
    case 'required':
      return diagnostic('missing-field', `${name} has no "${String(error.params['missingProperty'])}"`, node.span);
    case 'minItems':
    case 'minProperties':
    case 'minLength':
      return diagnostic('missing-field', `${name} is empty`, node.span);
    case 'maxItems':
    case 'maxProperties':
      return diagnostic('too-large', `${name} has more than ${String(error.params['limit'])} items`, node.span);
    case 'pattern':
      return badName(node.kind === 'scalar' ? node.text : '', nameRule, node.span);
    case 'propertyNames': {
      const key = String(error.params['propertyName']);
      return badName(key, words.keyRules?.get(name) ?? nameRule, keySpan(node, key));
    }
    case 'type':
      return diagnostic(
        'wrong-type',
        `${name} must be ${wanted(error.params['type'])}, but is ${kindOf(node)}`,
        node.span,
      );
    case 'enum': {
      const known = (error.params['allowedValues'] as readonly unknown[]).map(String);
      const text = node.kind === 'scalar' ? node.text : '';
      return diagnostic('unknown-name', `${name} is ${kindOf(node)}, which is none of ${known.join(', ')}`, node.span, {
        help: didYouMean(text, known),
      });
    }
    case 'minimum':
    case 'exclusiveMinimum':
    case 'maximum':
      return diagnostic('out-of-range', `${name} ${error.message}, but is ${kindOf(node)}`, node.span);
    default:
      return diagnostic('wrong-type', `${name} ${error.message ?? 'has the wrong form'}`, node.span);
  }
}

const badName = (name: string, rule: string, at: Span): Diagnostic =>
  diagnostic('bad-name', `"${name}" cannot be a name here: ${rule}`, at);

const nameRule = 'a name has letters, digits and "_", and does not begin with a digit';

function wanted(type: unknown): string {
  const words: Record<string, string> = {
    array: 'a list',
    boolean: 'true or false',
    integer: 'a whole number',
    number: 'a number',
    object: 'a block of fields',
    string: 'a text',
  };
  if (Array.isArray(type)) return 'a value such as 256 or "64 KiB"';
  return words[String(type)] ?? String(type);
}

function kindOf(node: DocumentNode): string {
  if (node.kind === 'map') return 'a block of fields';
  if (node.kind === 'list') return 'a list';
  if (node.value === null)
    return node.text === '' || node.text === 'null' ? 'left empty' : `${node.text}, which is not finite`;
  return `"${node.text}"`;
}
