import { withoutRanges } from './component-tree.ts';
import { at, itemsOf, type Ledger, type Place } from './ledger.ts';
import type { Quantity } from './machine-draft.ts';

/** Energies of components by action, in pJ, as Accelergy's energy reference table (ERT) has them. */
export type Energies = ReadonlyMap<string, ReadonlyMap<string, Place>>;

/** Tables by the last part of their names: "system.chip.buffer[0..3]" is about "buffer". */
export function readEnergies(root: Place): Energies {
  const tables = itemsOf(at(at(root, 'ERT'), 'tables'));
  return new Map(
    tables.flatMap((table) => {
      const name = at(table, 'name')?.node;
      if (name?.kind !== 'scalar') return [];
      return [[withoutRanges(name.text).split('.').at(-1)!, actionsOf(table)] as const];
    }),
  );
}

/** The first of each action: others differ in arguments that nothing here knows. */
function actionsOf(table: Place): ReadonlyMap<string, Place> {
  const actions = new Map<string, Place>();
  for (const action of itemsOf(at(table, 'actions'))) {
    const name = at(action, 'name')?.node;
    if (name?.kind === 'scalar' && !actions.has(name.text)) actions.set(name.text, action);
  }
  return actions;
}

/** The energy of an action of a block of so many bits, or of an operation (0 bits). */
export function energyOf(
  energies: Energies,
  component: string,
  actions: readonly string[],
  bits: number,
  ledger: Ledger,
): Quantity | undefined {
  const table = energies.get(component);
  const action = actions.map((name) => table?.get(name)).find((found) => found !== undefined);
  const energy = at(action, 'energy');
  const value = energy?.node.kind === 'scalar' ? energy.node.value : undefined;
  if (energy === undefined || typeof value !== 'number' || !(value >= 0 && value < Number.POSITIVE_INFINITY))
    return undefined;
  ledger.take(at(action, 'name'));
  ledger.take(energy);
  return { value: bits === 0 ? `${value} pJ` : `${value} pJ / ${bits} b`, path: energy.path };
}
