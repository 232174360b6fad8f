import { at, itemsOf, type Ledger, type Place } from './ledger.ts';
import { countOf, type Fanout } from './machine-draft.ts';

/** A component of a tree of levels: its name, its place, and all fanout above it with its own. */
export type TreeComponent = {
  readonly name: string;
  readonly place: Place;
  readonly fanout: readonly Fanout[];
};

/** What says in a name how many there are: "PE[0..255]". */
const range = /\[(\d+)\.\.(\d+)\]$/;

/** "chip.PE[0..15].mac" without what says how many there are. */
export const withoutRanges = (name: string): string => name.replace(/\[[^\]]*\]/g, '');

/** A level as Timeloop (to version 0.3) and TeAAL have it: what is local to it, and what is below. */
export function readTree(tree: Place, above: readonly Fanout[], ledger: Ledger): readonly TreeComponent[] {
  const written = ledger.text(at(tree, 'name')) ?? 'level';
  const locals = itemsOf(at(tree, 'local'));
  const fanout = [...above, ...dimensionsOf(written, locals, countOf(above) === 1, ledger)];
  return [
    ...locals.map((place) => {
      const name = ledger.text(at(place, 'name')) ?? 'component';
      return {
        name: withoutRanges(name),
        place,
        fanout: [...fanout, ...dimensionsOf(name, [place], countOf(fanout) === 1, ledger)],
      };
    }),
    ...itemsOf(at(tree, 'subtree')).flatMap((inner) => readTree(inner, fanout, ledger)),
  ];
}

/** As many as the range of a name has, in rows of `meshX` where that is said of the whole machine. */
function dimensionsOf(written: string, locals: readonly Place[], isWhole: boolean, ledger: Ledger): readonly Fanout[] {
  const [, first, last] = range.exec(written) ?? [];
  const count = first === undefined ? 1 : Number(last) - Number(first) + 1;
  if (!(count > 1)) return [];
  const name = withoutRanges(written);
  const meshes = locals.flatMap((local) => at(at(local, 'attributes'), 'meshX') ?? []);
  const mesh = meshes[0]?.node;
  const columns = mesh?.kind === 'scalar' ? Number(mesh.value) : Number.NaN;
  if (!isWhole || !(columns > 1) || !(columns < count) || count % columns !== 0) return [{ name, size: count }];
  for (const place of meshes) ledger.take(place);
  return [
    { name: `${name}_X`, size: columns },
    { name: `${name}_Y`, size: count / columns },
  ];
}
