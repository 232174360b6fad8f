import { join } from 'node:path';
import { type Diagnostic, diagnostic, failure, type Result, success } from '../diagnostic.ts';
import type { TensorValue } from '../einsum/evaluate.ts';
import { inputsFrom, operandsOf } from '../einsum/planes.ts';
import type { Tensor, Workload } from '../einsum/workload.ts';
import { readTextFile, writeTextFile } from '../files.ts';

/** Text of tensors is long: about two million numbers. */
const maxTensorBytes = 2 ** 25;

const shapeOf = (t: Tensor): readonly number[] => t.dimensions.map((d) => d.size);

const elementsOf = (t: Tensor): number => shapeOf(t).reduce((a, b) => a * b, 1);

function parseTensor(file: string, text: string, name: string, tensor: Tensor): Result<Float64Array> {
  const form = `{"shape": ${JSON.stringify(shapeOf(tensor))}, "values": [${elementsOf(tensor)} numbers, the last rank fastest]}`;
  const help = `"${name}" is ${form}`;
  const bad = (message: string): Result<never> =>
    failure([diagnostic('bad-tensor', `${file}: ${message}`, undefined, { help })]);
  let data: unknown;
  try {
    data = JSON.parse(text);
  } catch (error) {
    return bad(`it is no JSON: ${error instanceof Error ? error.message : 'cannot be read'}`);
  }
  if (typeof data !== 'object' || data === null || !Object.hasOwn(data, 'shape') || !Object.hasOwn(data, 'values'))
    return bad('there is no "shape" or no "values"');
  const { shape, values } = data as { shape: unknown; values: unknown };
  const wanted = shapeOf(tensor);
  if (JSON.stringify(shape) !== JSON.stringify(wanted))
    return bad(`the shape is ${JSON.stringify(shape)}, but "${name}" has ${JSON.stringify(wanted)}`);
  if (!Array.isArray(values)) return bad('"values" is no array');
  const wrong = values.findIndex((v) => typeof v !== 'number' || !Number.isFinite(v));
  if (wrong >= 0) return bad(`value ${wrong} is ${JSON.stringify(values[wrong])}, which is no number`);
  if (values.length !== elementsOf(tensor))
    return bad(`there are ${values.length} values, but the shape has ${elementsOf(tensor)}`);
  return success(Float64Array.from(values as number[]));
}

/** Reads DIR/TENSOR.json for each operand of the workload, whole where it is made of planes. Errors: `bad-tensor` and those of `readTextFile`. */
export async function readInputTensors(
  w: Workload,
  folder: string,
): Promise<Result<ReadonlyMap<string, Float64Array>>> {
  const diagnostics: Diagnostic[] = [];
  const inputs = new Map<string, Float64Array>();
  for (const { name, tensor } of operandsOf(w)) {
    const file = join(folder, `${name}.json`);
    const source = await readTextFile(file, maxTensorBytes);
    const read = source.ok ? parseTensor(file, source.value.text, name, tensor) : source;
    if (read.ok) inputs.set(name, read.value);
    else diagnostics.push(...read.diagnostics);
  }
  return diagnostics.length > 0 ? failure(diagnostics) : success(inputsFrom(w, inputs));
}

/** Elements that do not exist are written as null. */
export async function writeTensor(folder: string, tensor: Tensor, value: TensorValue): Promise<Diagnostic | undefined> {
  const values = Array.from(value.values, (v, i) => (value.exists[i] === 1 ? v : null));
  const text = `${JSON.stringify({ shape: shapeOf(tensor), values })}\n`;
  return await writeTextFile(join(folder, `${tensor.name}.json`), text);
}
