import { readChain } from '../arch/chain.ts';
import { machineOf, specOf } from '../arch/load.ts';
import type { Machine } from '../arch/machine.ts';
import type { Spec } from '../arch/spec.ts';
import { diagnostic, failure, type Result, success } from '../diagnostic.ts';
import { type CheckedCascade, checkCascade } from '../einsum/check.ts';
import { parseCascade } from '../einsum/parse.ts';
import { parseWorkloadFile, type WorkloadFile } from '../einsum/workload-file.ts';
import type { Mapping } from '../mapper/mapping.ts';
import { parseMapping } from '../mapper/parse.ts';
import type { Source } from '../source.ts';
import { memoized } from './memoized.ts';
import type { ReadShipped } from './suite.ts';

type ByName<T> = (name: string) => Promise<Result<T>>;

/** What ships, by name; each text is read once. */
export type ShippedTexts = {
  readonly cascade: ByName<CheckedCascade>;
  readonly mapping: ByName<Mapping>;
  readonly workload: ByName<WorkloadFile>;
  readonly spec: ByName<Spec>;
  /** As it is when a mapping of that name runs. */
  readonly machine: (name: string, parameters: ReadonlyMap<string, string>, kernel: string) => Promise<Result<Machine>>;
};

type Read = (path: string) => Promise<Result<Source>>;

const readerOf =
  (readShipped: ReadShipped): Read =>
  async (path) => {
    const source = await readShipped(path);
    if (source !== undefined) return success(source);
    return failure([diagnostic('not-found', `there is no "${path}" among what ships`, undefined)]);
  };

/** Reads, and goes on with what was read. */
const readInto = <T>(read: Read, path: (name: string) => string, into: (source: Source) => Result<T>) =>
  memoized(async (name: string) => {
    const source = await read(path(name));
    return source.ok ? into(source.value) : source;
  });

type MachineKey = {
  readonly name: string;
  readonly parameters: readonly (readonly [string, string])[];
  readonly kernel?: string;
};

/** A fit asks for each machine once, with always other parameters. */
const mostMachines = 256;

/** Specs by name, and machines by name and parameters. */
function machinesOf(read: Read, readShipped: ReadShipped): Pick<ShippedTexts, 'spec' | 'machine'> {
  const resolve = (base: string): Promise<Source | undefined> => readShipped(specPath(base));
  const draft = memoized(async (name: string) => {
    const source = await read(specPath(name));
    return source.ok ? readChain(source.value, { resolve }) : source;
  });
  const spec = memoized(async (name: string) => {
    const found = await draft(name);
    return found.ok ? specOf(found.value) : found;
  });
  const load = memoized(async (key: string): Promise<Result<Machine>> => {
    const { name, parameters, kernel } = JSON.parse(key) as MachineKey;
    const found = await draft(name);
    if (!found.ok) return found;
    return machineOf(found.value, { parameters: new Map(parameters), ...(kernel === undefined ? {} : { kernel }) });
  }, mostMachines);
  const machine: ShippedTexts['machine'] = async (name, parameters, kernel) => {
    const written = await spec(name);
    // Kernels of which the spec says nothing run on one machine.
    const changed = written.ok && written.value.kernels.has(kernel) ? { kernel } : {};
    return load(JSON.stringify({ name, parameters: [...parameters], ...changed } satisfies MachineKey));
  };
  return { spec, machine };
}

/** Path of what ships; a name with folders is one already, without its ending. */
const pathOf = (folder: string, name: string, ending: string): string =>
  name.includes('/') ? `${name}.${ending}` : `${folder}/${name}.${ending}`;

const specPath = (name: string): string => pathOf('hardware-specs', name, 'yaml');

export function openTexts(readShipped: ReadShipped): ShippedTexts {
  const read = readerOf(readShipped);
  const cascade = readInto(
    read,
    (name) => pathOf('cascades', name, 'einsum'),
    (source) => {
      const parsed = parseCascade(source);
      return parsed.ok ? checkCascade(parsed.value) : parsed;
    },
  );
  const mapping = readInto(read, (name) => pathOf('mappings', name, 'map'), parseMapping);
  const workload = readInto(read, (name) => pathOf('workloads', name, 'yaml'), parseWorkloadFile);
  return { cascade, mapping, workload, ...machinesOf(read, readShipped) };
}
