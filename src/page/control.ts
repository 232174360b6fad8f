import { evaluateParameters } from '../arch/evaluate.ts';
import { loadSpec, runningKernel } from '../arch/load.ts';
import type { Spec } from '../arch/spec.ts';
import { failure, type Result, success } from '../diagnostic.ts';
import type { Arithmetic, RankDeclaration } from '../einsum/ast.ts';
import { type Placement, splitParameters } from '../simulate.ts';
import { baseUnit, type Dimension, noDimension } from '../units.ts';
import { choicesFor } from './control-values.ts';
import { findSpec, type WhatIfInputs } from './what-if.ts';

/** What can be moved on a page: a size, or a parameter of the machine or the mapping. */
export type Control = {
  readonly name: string;
  readonly of: 'size' | 'machine' | 'mapping';
  /** Its base unit; none: a plain number. */
  readonly dimension: Dimension;
  /** As it is in the run, in base units. */
  readonly value: number;
  /** Values that its slider stops at, rising; `value` is one. */
  readonly choices: readonly number[];
  /** Worked out from others as long as nobody moves it. */
  readonly follows: boolean;
  readonly note: string | undefined;
};

const isLiteral = (a: Arithmetic | undefined): boolean => a === undefined || a.kind === 'number';

const plain = (name: string, of: 'size' | 'mapping', value: number, follows: boolean): Control => ({
  name,
  of,
  dimension: noDimension,
  value,
  choices: choicesFor(value, of === 'size' ? 'size' : 'count', noDimension),
  follows,
  note: undefined,
});

function sizeControls({ placed }: Placement, given: ReadonlySet<string>): readonly Control[] {
  const { cascade, sizes } = placed.workload;
  const settable = ({ size, overridable }: RankDeclaration): boolean => size === undefined || overridable;
  const control = (name: string, definition: Arithmetic | undefined): Control =>
    plain(name, 'size', sizes.get(name)!, !given.has(name) && !isLiteral(definition));
  return [
    ...cascade.ranks.filter(settable).map((r) => control(r.name, r.size)),
    ...cascade.parameters.map((p) => control(p.name, p.value)),
  ];
}

function mappingControls({ placed, mapping }: Placement, given: ReadonlySet<string>): readonly Control[] {
  return mapping.parameters.map((p) =>
    plain(p.name, 'mapping', placed.parameters.get(p.name)!, !given.has(p.name) && !isLiteral(p.value)),
  );
}

async function machineControls(
  { placed }: Placement,
  spec: Spec,
  given: ReadonlyMap<string, string>,
): Promise<Result<readonly Control[]>> {
  const measures = await evaluateParameters(spec, given);
  if (!measures.ok) return measures;
  const names = [...spec.parameters.keys()];
  const controls = [...measures.value].map(([name, { dimension }]): Control => {
    const written = spec.parameters.get(name)!;
    const value = placed.machine.parameters.get(name)!;
    const mentioned = new Set(written.text.match(/[A-Za-z_][A-Za-z0-9_]*/g));
    return {
      name,
      of: 'machine',
      dimension,
      value,
      choices: choicesFor(
        value,
        Number.isInteger(value) || baseUnit(dimension) === 'B' ? 'count' : 'quantity',
        dimension,
      ),
      follows: !given.has(name) && names.some((other) => mentioned.has(other)),
      note: written.note,
    };
  });
  return success(controls);
}

/** All that can be moved of a run that has been placed, in the order of its texts. */
export async function controlsOf(inputs: WhatIfInputs, placement: Placement): Promise<Result<readonly Control[]>> {
  const spec = await loadSpec(inputs.machine, { resolve: findSpec(inputs) });
  if (!spec.ok) return spec;
  const running = runningKernel(spec.value, placement.mapping.name);
  const split = splitParameters(new Map(inputs.parameters), placement.mapping, running.parameters);
  if (!split.ok) return split;
  const machine = await machineControls(placement, running, split.value.machine);
  if (!machine.ok) return failure(machine.diagnostics);
  const sizes = new Set([...inputs.sizes, ...inputs.presets].map(([name]) => name));
  return success([
    ...sizeControls(placement, sizes),
    ...mappingControls(placement, new Set(split.value.mapping.keys())),
    ...machine.value,
  ]);
}
