import { type Diagnostic, diagnostic } from '../diagnostic.ts';
import { didYouMean } from '../did-you-mean.ts';
import { invariant } from '../invariant.ts';
import { selectionAlgorithms, selectorOperators } from './machine.ts';
import type { Spec, SpecLevel, SpecName, SpecUnit } from './spec.ts';

/** Checks the tree of levels and the names in it; an empty list means that `orderLevels` will succeed. */
export function checkHierarchy(spec: Spec): Diagnostic[] {
  const names = spec.levels.map(({ name }) => name.text);
  const roots = spec.levels.filter(({ parent }) => parent === undefined);
  const diagnostics = [...checkDistinct(spec)];
  for (const { parent } of spec.levels)
    if (parent !== undefined && !names.includes(parent.text))
      diagnostics.push(
        diagnostic('unknown-level', `there is no level "${parent.text}"`, parent.span, {
          help: didYouMean(parent.text, names),
        }),
      );
  for (const extra of roots.slice(1))
    diagnostics.push(
      diagnostic(
        'several-roots',
        `"${extra.name.text}" has no parent, but "${roots[0]!.name.text}" is the root`,
        extra.name.span,
        {
          related: [{ span: roots[0]!.name.span, message: 'the root' }],
          help: 'give it a "parent"',
        },
      ),
    );
  if (diagnostics.length === 0) diagnostics.push(...checkCycles(spec));
  return [...diagnostics, ...checkUnits(spec), ...checkAccountings(spec)];
}

/** Levels and units share one space of names, because reports and mappings name both. */
export function checkDistinct(spec: Spec): Diagnostic[] {
  const first = new Map<string, SpecName>();
  const diagnostics: Diagnostic[] = [];
  const all = [...spec.levels.map((l) => l.name), ...spec.levels.flatMap((l) => l.units.map((u) => u.name))];
  for (const name of all) {
    const earlier = first.get(name.text);
    if (earlier === undefined) first.set(name.text, name);
    else
      diagnostics.push(
        diagnostic('duplicate-name', `there is already a level or unit named "${name.text}"`, name.span, {
          related: [{ span: earlier.span, message: 'first named here' }],
        }),
      );
  }
  return diagnostics;
}

/** A level from which no walk to the root ends lies on a cycle or below one; each cycle is reported once. */
function checkCycles(spec: Spec): Diagnostic[] {
  const byName = new Map(spec.levels.map((level) => [level.name.text, level]));
  const done = new Set<SpecLevel>();
  const diagnostics: Diagnostic[] = [];
  for (const start of spec.levels) {
    const path: SpecLevel[] = [];
    let level: SpecLevel | undefined = start;
    while (level !== undefined && !done.has(level) && !path.includes(level)) {
      path.push(level);
      level = level.parent === undefined ? undefined : byName.get(level.parent.text);
    }
    if (level !== undefined && path.includes(level)) {
      const cycle = [...path.slice(path.indexOf(level)), level].map(({ name }) => name.text).join(' -> ');
      diagnostics.push(
        diagnostic('level-cycle', `each of these levels is above the next: ${cycle}`, level.parent!.span),
      );
    }
    for (const visited of path) done.add(visited);
  }
  return diagnostics;
}

function checkUnits(spec: Spec): Diagnostic[] {
  const diagnostics: Diagnostic[] = [];
  for (const unit of spec.levels.flatMap((level) => level.units)) {
    const { name, dimensions, operators } = unit;
    diagnostics.push(...checkSelector(unit));
    if (operators.size === 0)
      diagnostics.push(
        diagnostic('no-operators', `the unit "${name.text}" has no operators: nothing can run on it`, name.span),
      );
    if (dimensions.size === 0)
      diagnostics.push(
        diagnostic('missing-field', `the unit "${name.text}" has no "dimensions"`, name.span, {
          help: 'write dimensions: { lanes: 1 } for a single lane',
        }),
      );
  }
  const unitless = spec.levels.every((level) => level.units.length === 0);
  for (const { name, memory, per_lane, private: isPrivate, units } of spec.levels) {
    if (isPrivate === true && (per_lane === true || unitless))
      diagnostics.push(
        diagnostic(
          unitless ? 'missing-field' : 'conflicting-fields',
          unitless
            ? `the memory of "${name.text}" is private, but no level has "units"`
            : `the memory of "${name.text}" is either "private" to each lane or "per_lane"`,
          name.span,
        ),
      );
    if (per_lane === true && units.length === 0)
      diagnostics.push(
        diagnostic(
          'missing-field',
          `the memory of "${name.text}" is per lane, but the level has no "units"`,
          name.span,
        ),
      );
    const shared = memory?.get('bandwidth');
    const separate = memory?.get('read_bandwidth') ?? memory?.get('write_bandwidth');
    if (shared !== undefined && separate !== undefined)
      diagnostics.push(
        diagnostic(
          'conflicting-fields',
          'a memory has one shared "bandwidth" or separate ports, not both',
          shared.span,
          {
            related: [{ span: separate.span, message: 'the separate port' }],
          },
        ),
      );
  }
  return diagnostics;
}

/** What a selector must say, and what its unit must. */
function checkSelector({ name, operators, selector }: SpecUnit): Diagnostic[] {
  if (selector === undefined) return [];
  const missing = (what: string, help: string): Diagnostic =>
    diagnostic('missing-field', `the selector of "${name.text}" ${what}`, name.span, { help });
  const diagnostics: Diagnostic[] = [];
  if (selector.algorithm === undefined)
    diagnostics.push(missing('has no "algorithm"', `write one of ${selectionAlgorithms.join(', ')}`));
  if (!selector.values.has('comparators'))
    diagnostics.push(missing('has no "comparators"', 'write how many comparisons it makes in a cycle'));
  if (!selectorOperators.some((operator) => operators.has(operator))) {
    const what = 'runs nothing: the unit has no operator "top" or "bottom"';
    diagnostics.push(missing(what, 'write top: {} under "operators"'));
  }
  return diagnostics;
}

/** An operator that no unit has costs nothing anyway: its name is misspelt. */
function checkAccountings(spec: Spec): Diagnostic[] {
  const known = new Set(spec.levels.flatMap((level) => level.units.flatMap((unit) => [...unit.operators.keys()])));
  return [...spec.accountings].flatMap(([name, { free_operators = [] }]) =>
    free_operators
      .filter((o) => !known.has(o.text))
      .map((o) =>
        diagnostic('unknown-operator', `no unit has the operator "${o.text}" of the accounting "${name}"`, o.span, {
          help: didYouMean(o.text, known),
        }),
      ),
  );
}

/** Parents before children, otherwise in the order of the text. The spec must have passed `checkHierarchy`. */
export function orderLevels(spec: Spec): readonly SpecLevel[] {
  const ordered: SpecLevel[] = [];
  const placed = new Set<string>();
  let waiting = [...spec.levels];
  while (waiting.length > 0) {
    const ready = waiting.findIndex(({ parent }) => parent === undefined || placed.has(parent.text));
    invariant(ready >= 0, 'levels were ordered before their tree was checked');
    const level = waiting[ready]!;
    ordered.push(level);
    placed.add(level.name.text);
    waiting = waiting.filter((l) => l !== level);
  }
  return ordered;
}
