import { hasPower, type Machine } from '../arch/machine.ts';
import { openMachine } from '../arch/parametric-machine.ts';
import { type Result, success } from '../diagnostic.ts';
import type { Mapping, MappingNode } from '../mapper/mapping.ts';
import { type MappingNumbers, mappingNumbers } from '../mapper/mapping-numbers.ts';
import { splitParameters } from '../simulate.ts';
import type { RunFigures } from './figures.ts';
import { openSizes, type Sized, type WorkloadFamily } from './sized.ts';
import { bindPoint, type Refusal, type Subject } from './subject.ts';
import { compileTemplate, evaluateTemplate, openFigures, type Template } from './template.ts';

/**
 * Evaluates points by compiled mappings: one for all points that are alike but for tiles, stages, iterations in flight and
 * numbers of the machine. Undefined where the pipeline has to say it: mistakes in texts and numbers, and mappings that
 * cannot be compiled. The figures hold until the next call.
 */
export type CompiledSubject = (values: Float64Array) => RunFigures | Refusal | undefined;

/** Compiled mappings that are kept: each takes about half a megabyte. */
const mostTemplates = 256;

/** Undefined where no point of the subject can be compiled. Errors: those of the machine as it is. */
export async function compileSubject(
  subject: Subject,
  accounting: string,
): Promise<Result<CompiledSubject | undefined>> {
  const { names, draft, mapping } = subject;
  const first = names.sizes.length + names.densities.length;
  const given = new Map(names.parameters.map(({ name }) => [name, '1']));
  const split = splitParameters(given, mapping, draft.spec.parameters);
  if (!split.ok) return success(undefined);
  const positionOf = (name: string): number => first + names.parameters.findIndex((p) => p.name === name);
  const ofMachine = [...split.value.machine.keys()];
  const machinePositions = ofMachine.map(positionOf);
  const family = await openMachine(draft, mapping.name, ofMachine);
  if (!family.ok) return family;
  if (family.value === undefined) return success(undefined);
  const { at } = family.value;

  const own = new Float64Array(ofMachine.length).fill(Number.NaN);
  let machine: Machine | undefined;
  const machineAt = (values: Float64Array): Machine | undefined => {
    let isOther = machine === undefined;
    for (let i = 0; i < own.length; i++) {
      const value = values[machinePositions[i]!]!;
      if (value !== own[i]) isOther = true;
      own[i] = value;
    }
    if (isOther) machine = at(own);
    return machine;
  };

  let point: Float64Array = new Float64Array(first + names.parameters.length);
  const mappingGiven = new Map(
    [...split.value.mapping.keys()].map((name) => {
      const position = positionOf(name);
      return [name, () => point[position]!] as const;
    }),
  );
  let numbers: MappingNumbers | undefined;
  /** The machine and the sizes that the numbers are of. */
  let asked: Machine | undefined;
  let measured: Sized | undefined;
  let last: { family: WorkloadFamily; structure: Float64Array; template: Template | undefined } | undefined;
  const sizes = openSizes(subject);
  const templates = new Map<WorkloadFamily, Map<string, Template | undefined>>();
  let count = 0;
  const structure = openStructure(mapping);

  const templateOf = (
    values: Float64Array,
    sized: Sized,
    found: Machine,
    numbered: MappingNumbers,
  ): Template | undefined => {
    const { family } = sized;
    const key = structure(sized, numbered, found, own);
    if (last !== undefined && last.family === family && isSame(last.structure, key)) return last.template;
    const name = key.join();
    const those = templates.get(family) ?? new Map<string, Template | undefined>();
    if (!those.has(name)) {
      if (++count > mostTemplates) {
        // Workloads go, too: only what is met again is bound again.
        sizes.forget();
        templates.clear();
        those.clear();
        count = 1;
      }
      // Which loops move follows from the sizes of the point itself. One with a mistake says nothing of the others.
      const workload = bindPoint(subject, values);
      if (!workload.ok) return undefined;
      const openness = family.form === undefined ? 'known' : 'open';
      those.set(name, compileTemplate(numbered.closed(), workload.value, found, accounting, openness));
      templates.set(family, those);
    }
    const template = those.get(name);
    last = { family, structure: key.slice(), template };
    return template;
  };

  const figures = openFigures();
  return success((values) => {
    const sized = sizes.at(values);
    const found = sized === undefined ? undefined : machineAt(values);
    if (sized === undefined || found === undefined) return undefined;
    if (!found.accountings.has(accounting) || (hasPower(found) && accounting !== 'physical')) return undefined;
    point = values;
    numbers ??= mappingNumbers(mapping, sized.family.workload, found, mappingGiven);
    if (measured !== sized) numbers.setSizes(sized.named);
    measured = sized;
    if (asked !== found) numbers.setMachine(found);
    asked = found;
    if (!numbers.update()) return undefined;
    const template = templateOf(values, sized, found, numbers);
    return template && evaluateTemplate(template, sized.sizes, found, numbers, figures);
  });
}

const sharesLanes = (nodes: readonly MappingNode[]): boolean =>
  nodes.some(
    (n) =>
      (n.kind === 'loop' && sharesLanes(n.body)) ||
      (n.kind === 'compute' && n.bindings.some((b) => b.dimensions.some((d) => d.lanes !== undefined))),
  );

/**
 * All that decides what a template of a family is: the form of its sizes, what decides about the mapping, instances, the lanes of
 * arrays whose dimensions are shared, and, where numbers are not open, all parameters of the machine.
 */
function openStructure(
  mapping: Mapping,
): (sized: Sized, numbers: MappingNumbers, machine: Machine, own: Float64Array) => Float64Array {
  const isShared = sharesLanes(mapping.nodes);
  const parts: number[] = [];
  let key = new Float64Array(0);
  return ({ family, form }, { structure }, { levels, units }, own) => {
    parts.length = 0;
    for (const { totalInstances } of levels) parts.push(totalInstances);
    if (isShared) for (const { dimensions } of units) for (const { size } of dimensions) parts.push(size);
    if (family.form === undefined) parts.push(...own);
    const length = form.length + structure.length + parts.length;
    if (key.length !== length) key = new Float64Array(length);
    key.set(form);
    key.set(structure, form.length);
    key.set(parts, form.length + structure.length);
    return key;
  };
}

function isSame(a: Float64Array, b: Float64Array): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}
