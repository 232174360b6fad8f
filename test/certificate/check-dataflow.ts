import { type Judged, judge, objectiveOf, readMapping, type Space, tolerance, trust } from './claim.ts';
import { outermost } from './traffic.ts';

const fates = { e: 'evaluated', b: 'bounded', o: 'overfull', i: 'illegal', l: 'left' } as const;
type Letter = keyof typeof fates;

/**
 * That choices of a dataflow are what a certificate says of them: all of them, or some that lie evenly among them. Gives the value that
 * none is below by what is worked out here alone.
 */
export function checkDataflow(c: Space<'dataflow'>): number {
  const { space, certificate, findings, budget, name, problem, floors } = c;
  const { refused } = findings;
  const { knobs } = space;
  const runs = [...space.verdicts.matchAll(/(\d+)([eboil])/g)].map((m) => ({
    length: Number(m[1]),
    fate: m[2] as Letter,
  }));
  const size = knobs.reduce((n, k) => n * k.values.length, 1);
  for (const [letter, fate] of Object.entries(fates)) {
    const told = runs.reduce((n, r) => (r.fate === letter ? n + r.length : n), 0);
    if (String(told) !== space.mappings[fate])
      refused.push(`${name}: ${told} choices are ${fate}, not ${space.mappings[fate]}`);
  }
  if (String(size) !== space.mappings['space'])
    refused.push(`${name} has ${size} choices, not ${space.mappings['space']}`);
  const isLeft = space.mappings['left'] !== '0';
  if (isLeft && space.remaining === null) refused.push(`${name}: what is left does not fit the count of it`);
  if (space.remaining !== null && objectiveOf(certificate, space.remaining) < certificate.bound * (1 - tolerance))
    refused.push(`${name}: what is left may cost less than the bound`);

  const mapping = readMapping(space.mapping);
  const names = new Set(mapping.parameters.map((p) => p.name));
  for (const k of knobs) if (!names.has(k.name)) refused.push(`${name}: the mapping has no parameter ${k.name}`);
  // A step that has no divisor in common with any number of values comes by all of them.
  let step = Math.max(1, Math.ceil(size / budget));
  while (knobs.some((k) => divisor(k.values.length, step) > 1)) step++;
  let end = 0;
  let at = 0;
  let known = 0;
  for (const { length, fate } of runs) {
    end += length;
    for (; at < end; at += step) {
      if (fate !== 'l') known++;
      const choice = choiceAt(knobs, at);
      const wrong = fate === 'l' ? undefined : whyWrong(c, fate, judge(c, mapping, choice));
      if (wrong !== undefined)
        refused.push(`${name}: choice ${at} (${[...choice].map(([n, v]) => `${n} = ${v}`)}) ${wrong}`);
    }
  }
  if (known === size) return Number.POSITIVE_INFINITY;
  trust(c, 'what became of a choice', size, size - known);
  const home = outermost(problem.machine).name;
  const atHome = mapping.nodes.flatMap((node) =>
    node.kind === 'keep' && node.level.name === home ? node.tensors.map((t) => t.name) : [],
  );
  return floors
    .ofAll(atHome)
    .reduce((n, costs) => Math.min(n, objectiveOf(certificate, costs)), Number.POSITIVE_INFINITY);
}

function whyWrong(
  { certificate: { value, bound }, space }: Space<'dataflow'>,
  fate: Letter,
  judged: Judged,
): string | undefined {
  if (fate === 'o' || fate === 'i') return judged === fates[fate] ? undefined : `is not ${fates[fate]}`;
  if (typeof judged === 'string') return `is ${judged}`;
  // What could be better by no more than was asked for was passed over.
  const [most, claim] = space.remaining === null ? [value, 'was found'] : [bound, 'the bound'];
  return judged.value < most * (1 - tolerance) ? `has ${judged.value}, which is less than ${claim}` : undefined;
}

const divisor = (a: number, b: number): number => (b === 0 ? a : divisor(b, a % b));

/** The values of a choice, the last knob going first from one to the next. */
function choiceAt(knobs: Space<'dataflow'>['space']['knobs'], at: number): ReadonlyMap<string, number> {
  const chosen = new Map<string, number>();
  let left = at;
  for (const { name, values } of knobs.toReversed()) {
    const value = values[left % values.length];
    left = Math.floor(left / values.length);
    if (value !== null && value !== undefined) chosen.set(name, value);
  }
  return chosen;
}
