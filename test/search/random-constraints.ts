import { innerVariables } from '../../src/search/dense.ts';
import type { Problem } from '../../src/search/plan.ts';
import type { Choices } from '../arbitraries/choices.ts';

/** One to three lines that name what a workload and a machine have, each of any form. They may leave nothing. */
export function chooseConstraints(c: Choices, { workload, machine }: Problem): string {
  const inner = innerVariables(workload);
  const variables = workload.variables.flatMap((v, i) => (inner.has(i) ? [] : [v.name]));
  const einsums = workload.einsums.map((e) => e.name);
  const some = (names: readonly string[]): string => {
    const picked = c.some(names, 50);
    return (picked.length > 0 ? picked : [names[0]!]).join(', ');
  };
  const scope = (): string => (c.chance(30) ? ` with ${some(einsums)}` : '');
  const never = (): string => (c.chance(50) ? 'never ' : '');
  const level = (): string => c.pick(machine.levels).name;
  const unit = (einsum: string): string => {
    const { name, dimensions } = c.pick(machine.units);
    const own = workload.einsums.find((e) => e.name === einsum)!.variables.map((v) => workload.variables[v]!.name);
    const along =
      dimensions.length > 0 && c.chance(50)
        ? ` (${dimensions[0]!.name} ${c.pick([...own, 'none'])}${c.chance(20) ? `, ${dimensions[0]!.name} ${c.pick(own)}` : ''})`
        : '';
    return `on ${name}${along}`;
  };
  const compute = (): string => {
    const einsum = c.pick(workload.einsums);
    const operator = c.chance(30) && einsum.operations.length > 0 ? `${c.pick(einsum.operations).operator} ` : '';
    return `${never()}compute ${einsum.name} ${operator}${unit(einsum.name)}`;
  };
  const lines = [
    () => `${never()}keep ${some(workload.tensors.map((t) => t.name))} in ${level()}`,
    () => `${never()}keep ${c.pick(workload.tensors).name} in ${level()} stages ${c.integer(1, 2)}`,
    compute,
    () => `${never()}fuse ${some(einsums)}`,
    () => `loops ${some(variables.toReversed())}${scope()}`,
    () => `across ${c.chance(50) ? some(variables.toReversed()) : 'none'}${scope()}`,
    () => `order ${some(variables.toReversed())}${scope()}`,
    () => `${c.pick(['never cut', 'cut'])} ${some(variables)}${scope()}`,
    () => `cut ${c.pick(variables)} ${c.pick(['1', '0', '0, 1'])}${scope()}`,
    () =>
      `tile ${c.pick(variables)} ${c.pick(['by 2', 'by 1, 2', 'divisors', 'multiples 2', 'from 2', 'to 1'])}${scope()}`,
    () => `schedule ${c.pick(['sequence', 'pipeline 2', 'sequence, pipeline 2'])}${scope()}`,
  ];
  return Array.from({ length: c.integer(1, 3) }, () => c.pick(lines)()).join('\n');
}
