import { type Diagnostic, diagnostic, failure, inOrder, type Result, success } from '../diagnostic.ts';
import { type DocumentEntry, type DocumentNode, readDocument } from '../document.ts';
import { checkForm, isReadable } from '../form.ts';
import type { Objective } from '../search/objective.ts';
import type { Source } from '../source.ts';
import { combinations } from './axis-tree.ts';
import { checkNames } from './check-names.ts';
import { checkSizes } from './check-sizes.ts';
import { checkTexts } from './check-texts.ts';
import type { Choice, Experiment, Expression, Sampling, Written } from './experiment.ts';
import { experimentSchema } from './experiment-schema.ts';
import { mostAxes, mostPoints, mostValues } from './limits.ts';
import { readAxes } from './parse-axes.ts';
import { textOf } from './read-quantity.ts';

type Entries = ReadonlyMap<string, DocumentEntry>;

/**
 * Reads an experiment: its form, its axes with all their values, and what its names stand for. Expressions are left as
 * they are written. Nothing of the text is run, and no file is opened. Errors: those of `readDocument` and
 * `checkForm`, of quantities, and `bad-range`, `unlike-lengths`, `too-many-points`, `duplicate-name`, `bad-name`,
 * `unknown-axis`, `outside-folder`, `unknown-name`, `bad-size`.
 */
export function parseExperiment(source: Source): Result<Experiment> {
  const document = readDocument(source);
  if (!document.ok) return document;
  const root = document.value;
  const form = checkForm(root, experimentSchema, { whole: 'the experiment' });
  const diagnostics = form.map((m) => m.diagnostic);
  if (root.kind !== 'map' || !isReadable(form)) return failure(diagnostics);
  const unread = new Set<string>();
  const experiment = readExperiment(root.entries, diagnostics, unread);
  checkTexts(root, diagnostics);
  checkNames(experiment, unread, diagnostics);
  checkSizes(experiment, diagnostics);
  return diagnostics.length > 0 ? failure(inOrder(diagnostics)) : success(experiment);
}

function readExperiment(entries: Entries, diagnostics: Diagnostic[], unread: Set<string>): Experiment {
  const text = (field: string): string | undefined => {
    const node = entries.get(field)?.node;
    return node === undefined ? undefined : textOf(node);
  };
  const sampling = readSampling(entries.get('sampling')?.node, diagnostics);
  return {
    name: written(entries.get('name')!.node),
    description: text('description') ?? '',
    axes: readSpaceAxes(entries.get('axes')!.node, sampling, diagnostics, unread),
    derived: readExpressions(entries.get('derived')?.node),
    where: readTexts(entries.get('where')?.node),
    sampling,
    cascade: readChoice(entries.get('cascade')!.node),
    hardware: readChoice(entries.get('hardware')!.node),
    mapping: readChoice(entries.get('mapping')!.node),
    workload: entries.has('workload') ? readChoice(entries.get('workload')!.node) : undefined,
    set: readExpressions(entries.get('set')?.node),
    param: readExpressions(entries.get('param')?.node),
    density: readExpressions(entries.get('density')?.node),
    format: new Map(blockOf(entries.get('format')?.node).map(([name, { node }]) => [name, readChoice(node)])),
    model: text('model') === 'cycle' ? 'cycle' : 'analytic',
    accounting: text('accounting'),
    objective: text('objective') as Objective | undefined,
    metrics: readTexts(entries.get('metrics')?.node),
    constraints: readTexts(entries.get('constraints')?.node),
    objectives: itemsOf(entries.get('objectives')?.node).flatMap((item) =>
      blockOf(item).map(([goal, { node }]) => ({
        metric: written(node),
        goal: goal === 'maximize' ? ('maximize' as const) : ('minimize' as const),
      })),
    ),
  };
}

function readSpaceAxes(
  node: DocumentNode,
  sampling: Sampling,
  diagnostics: Diagnostic[],
  unread: Set<string>,
): Experiment['axes'] {
  const broken = diagnostics.flatMap(({ span }) => span ?? []);
  const axes = readAxes(node, {
    sampled: sampling.method !== 'grid',
    isBroken: (at) => broken.some(({ start, end }) => start >= at.start && end <= at.end),
    diagnostics,
    room: { axes: mostAxes, values: mostValues },
    unread,
  });
  const points = combinations(axes);
  if (sampling.method === 'grid' && points > mostPoints) {
    const counts = axes.kind === 'product' ? axes.parts.map(combinations).join(' x ') : points;
    const message = `the axes have ${counts} combinations; the limit is ${mostPoints} points`;
    const help = 'make steps larger, or draw points: "sampling": { "method": "sobol", "points": 100000 }';
    diagnostics.push(diagnostic('too-many-points', message, node.span, { help }));
  }
  return axes;
}

function readSampling(node: DocumentNode | undefined, diagnostics: Diagnostic[]): Sampling {
  const entries = new Map(blockOf(node));
  const number = (field: string): number | undefined => {
    const found = entries.get(field)?.node;
    return found?.kind === 'scalar' ? Number(found.value) : undefined;
  };
  const method = entries.get('method');
  if (node === undefined || method === undefined || textOf(method.node) === 'grid') {
    const other = entries.get('points') ?? entries.get('seed');
    if (other !== undefined)
      diagnostics.push(diagnostic('conflicting-fields', 'a grid has all points; none are drawn', other.key));
    return { method: 'grid' };
  }
  if (!entries.has('points'))
    diagnostics.push(diagnostic('missing-field', '"sampling" does not say how many "points" to draw', node.span));
  return {
    method: textOf(method.node) as Exclude<Sampling['method'], 'grid'>,
    points: number('points') ?? 1,
    seed: number('seed') ?? 0,
  };
}

const blockOf = (node: DocumentNode | undefined): readonly (readonly [string, DocumentEntry])[] =>
  node?.kind === 'map' ? [...node.entries] : [];

const itemsOf = (node: DocumentNode | undefined): readonly DocumentNode[] => (node?.kind === 'list' ? node.items : []);

const written = (node: DocumentNode): Written => ({ text: textOf(node), span: node.span });

const readTexts = (node: DocumentNode | undefined): readonly Written[] => itemsOf(node).map(written);

const readExpressions = (node: DocumentNode | undefined): ReadonlyMap<string, Expression> =>
  new Map(blockOf(node).map(([name, { key, node: value }]) => [name, { ...written(value), key }]));

function readChoice(node: DocumentNode): Choice {
  const axis = node.kind === 'map' ? node.entries.get('axis')?.node : undefined;
  return axis === undefined ? { kind: 'fixed', value: written(node) } : { kind: 'axis', axis: written(axis) };
}
