import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readChain } from '../../src/arch/chain.ts';
import { compileExpression } from '../../src/arch/compile-expression.ts';
import { machineOf } from '../../src/arch/load.ts';
import type { Slot } from '../../src/arch/operand.ts';
import { openMachine } from '../../src/arch/parametric-machine.ts';
import { measureText } from '../../src/sweep/subject.ts';
import type { Measure } from '../../src/units.ts';
import { must, shipped, shippedNames } from '../mapper/inputs.ts';
import { endOnFailure, runs } from '../runs.ts';

const resolve = async (name: string) => shipped('hardware-specs', `${name}.yaml`);

test.each(shippedNames('hardware-specs', '.yaml'))(
  '%s with open parameters is what is read with them',
  {
    timeout: 60_000,
  },
  async (name) => {
    const draft = must(await readChain(shipped('hardware-specs', `${name}.yaml`), { resolve }));
    const usual = must(await machineOf(draft));
    const { parameters } = draft.spec;
    const dimensions = new Map<string, Measure | Slot>();
    for (const [parameter, { text }] of parameters) {
      const compiled = await compileExpression(text, dimensions);
      if (!compiled.ok) throw new Error(text);
      dimensions.set(parameter, { value: usual.parameters.get(parameter)!, dimension: compiled.value.dimension });
    }
    const factors = fc.constantFrom(0, 0.5, 1, 1, 1, 1.5, 2);
    await fc.assert(
      fc.asyncProperty(
        fc.subarray([...parameters.keys()], { minLength: Math.min(1, parameters.size) }),
        fc.array(factors, { minLength: 4, maxLength: 4 }),
        async (open, chosen) => {
          const family = must(await openMachine(draft, undefined, open))!;
          // Twice, as what was set before must not be left over.
          for (const shift of [0, 1]) {
            const values = open.map((p, i) => usual.parameters.get(p)! * chosen[(i + shift) % chosen.length]!);
            const texts = open.map((p, i) => measureText({ ...dimensions.get(p)!, value: values[i]! } as Measure));
            const read = await machineOf(draft, { parameters: new Map(open.map((p, i) => [p, texts[i]!])) });
            const machine = family.at(values);
            if (read.ok) expect({ ...machine, sources: [] }).toEqual({ ...read.value, sources: [] });
            else expect(machine).toBeUndefined();
          }
        },
      ),
      { numRuns: runs(8), endOnFailure },
    );
  },
);
