import type { Machine } from '../arch/machine.ts';
import { builtInFunctions } from '../einsum/arithmetic.ts';
import type { Arithmetic, Name } from '../einsum/ast.ts';
import { type Call, compileArithmetic, type Formula } from '../einsum/compile-arithmetic.ts';
import type { Workload } from '../einsum/workload.ts';
import { mappingFunctions } from './functions.ts';
import type { Mapping, MappingNode } from './mapping.ts';
import { mapNumbers } from './numbers.ts';

/** The numbers of a mapping, worked out without placing it, for sizes, parameters and machines that change. */
export type MappingNumbers = {
  /** Sizes of another workload of the same cascade and formats. */
  readonly setSizes: (sizes: Workload['sizes']) => void;
  /** A machine that has the same levels and units. */
  readonly setMachine: (machine: Machine) => void;
  /** Works out all numbers; false where one is none, or none that a mapping may have. */
  readonly update: () => boolean;
  /** By loop, in program order; none is longer than what the loops around leave. */
  readonly tiles: Float64Array;
  readonly inFlight: Float64Array;
  /** By keep that is there, in program order; those that lie over another one have its stages. */
  readonly stages: Float64Array;
  /**
   * All else that decides what is placed: conditions, shares that spill, priorities, lags, ramps, lanes, and which loops
   * have more than one step.
   */
  readonly structure: Float64Array;
  /** The mapping with its numbers as they are now. */
  readonly closed: () => Mapping;
  /** Of a parameter, as it is now. */
  readonly valueOf: (parameter: Name) => number;
};

/** Values of parameters in place of those that the mapping says; undefined: as it says. */
export type Given = ReadonlyMap<Name, () => number | undefined>;

type KeepNumbers = { readonly condition: Formula; readonly stages: Formula; readonly over: number | undefined };

/** `most` is what stages and iterations in flight may be. */
const most = 65536;

export function mappingNumbers(mapping: Mapping, workload: Workload, machine: Machine, given: Given): MappingNumbers {
  const sizeNames = [...workload.sizes.keys()];
  const names = [...sizeNames, ...mapping.parameters.map((p) => p.name)];
  const position = new Map(names.map((name, i) => [name, i]));
  const values = new Float64Array(names.length);
  /** What the mapping asks of the machine, and the answers. */
  const calls: Call[] = [];
  const answers: number[] = [];
  const ask = (call: Call): Formula => {
    const at = calls.push(call) - 1;
    return () => answers[at]!;
  };
  const functions = new Map([...builtInFunctions, ...mappingFunctions(workload, machine)]);
  const compile = (a: Arithmetic): Formula =>
    compileArithmetic(a, values, (name) => position.get(name), functions, ask);

  const parameters = mapping.parameters.map(({ name, value }) => {
    const formula = compile(value);
    const instead = given.get(name);
    return { at: position.get(name)!, formula: instead === undefined ? formula : () => instead() ?? formula() };
  });

  const numbers: Formula[] = [];
  mapNumbers(mapping, (a) => {
    numbers.push(compile(a));
    return a;
  });
  const loops: {
    readonly tile: Formula;
    readonly inFlight: Formula;
    /** Of its variable, by position in the values; undefined: 1. */
    readonly size: number | undefined;
    /** Versions follow each other: one a step is another thing than several. */
    readonly stepwise: boolean;
    readonly around: number;
  }[] = [];
  const keeps: (KeepNumbers & { readonly tensors: number })[] = [];
  const others: Formula[] = [];
  const collect = (nodes: readonly MappingNode[], around: ReadonlyMap<Name, number>): void => {
    const rooms = new Map<Name, number>();
    for (const node of nodes) {
      if (node.kind === 'compute') {
        others.push(compile(node.ramp), compile(node.lag));
        for (const { dimensions } of node.bindings)
          for (const { lanes } of dimensions) if (lanes !== undefined) others.push(compile(lanes));
      }
      if (node.kind === 'keep') {
        const over = node.over && rooms.get(node.over.name);
        for (const t of node.tensors) rooms.set(t.name, over ?? keeps.length);
        keeps.push({
          condition: compile(node.condition),
          stages: compile(node.stages),
          over,
          tensors: node.tensors.length,
        });
        if (node.spill !== undefined) others.push(compile(node.spill.share));
      }
      if (node.kind !== 'loop') continue;
      const { name } = node.variable;
      const variable = workload.variables.find((v) => v.name === name);
      others.push(compile(node.lag), ...(node.priority === undefined ? [] : [compile(node.priority)]));
      loops.push({
        tile: compile(node.tile),
        inFlight: node.schedule.kind === 'sequence' ? () => 1 : compile(node.schedule.inFlight),
        size: variable && position.get(variable.rank),
        stepwise: variable?.iterative === true,
        around: around.get(name) ?? -1,
      });
      collect(node.body, new Map([...around, [name, loops.length - 1]]));
    }
  };
  collect(mapping.nodes, new Map());

  const tiles = new Float64Array(loops.length);
  const inFlight = new Float64Array(loops.length);
  const stages = new Float64Array(keeps.reduce((n, k) => n + k.tensors, 0));
  const stagesOf = new Float64Array(keeps.length);
  const structure = new Float64Array(loops.length + keeps.length + others.length);
  const update = (): boolean => {
    for (let i = 0; i < parameters.length; i++) values[parameters[i]!.at] = parameters[i]!.formula();
    for (let l = 0; l < loops.length; l++) {
      const { tile, inFlight: many, size, stepwise, around } = loops[l]!;
      const step = tile();
      inFlight[l] = many();
      if (!isCount(step, Number.MAX_SAFE_INTEGER) || !isCount(inFlight[l]!, most)) return false;
      // A step that is longer than what there is takes all of it.
      const length = around >= 0 ? tiles[around]! : size === undefined ? 1 : values[size]!;
      tiles[l] = Math.min(step, length);
      structure[l] = step < length ? (stepwise && step === 1 ? 2 : 1) : 0;
    }
    let there = 0;
    for (let k = 0; k < keeps.length; k++) {
      const { condition, stages: many, over, tensors } = keeps[k]!;
      const isThere = condition();
      if (Number.isNaN(isThere)) return false;
      structure[loops.length + k] = isThere === 0 ? 0 : 1;
      if (isThere === 0) continue;
      stagesOf[k] = over === undefined ? many() : stagesOf[over]!;
      if (!isCount(stagesOf[k]!, most)) return false;
      for (let t = 0; t < tensors; t++) stages[there++] = stagesOf[k]!;
    }
    for (let i = 0; i < others.length; i++) {
      const value = others[i]!();
      if (Number.isNaN(value)) return false;
      structure[loops.length + keeps.length + i] = value;
    }
    return true;
  };
  const closed = (): Mapping => {
    let at = 0;
    const tree = mapNumbers(mapping, (a) => ({ kind: 'number', value: numbers[at++]!(), span: a.span }));
    return { ...tree, parameters: [] };
  };
  const setSizes = (sizes: Workload['sizes']): void => {
    sizeNames.forEach((name, i) => {
      values[i] = sizes.get(name)!;
    });
  };
  const setMachine = (other: Machine): void => {
    const asked = mappingFunctions(workload, other);
    calls.forEach(({ operator, names: of }, i) => {
      const called = asked.get(operator);
      const answer = called?.of === 'names' ? called.evaluate(of) : undefined;
      answers[i] = answer?.ok === true ? answer.value : Number.NaN;
    });
  };
  setSizes(workload.sizes);
  setMachine(machine);
  return {
    setSizes,
    setMachine,
    update,
    tiles,
    inFlight,
    stages,
    structure,
    closed,
    valueOf: (name) => values[position.get(name)!]!,
  };
}

const isCount = (n: number, largest: number): boolean => Number.isSafeInteger(n) && n >= 1 && n <= largest;
