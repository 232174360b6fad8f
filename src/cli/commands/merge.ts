import { mergeStores } from '../../sweep/merge-stores.ts';
import { pointsIn, without } from '../../sweep/shard.ts';
import { rangesText } from '../store-text.ts';
import { exitCodes, refuse, sayUnless, type Terminal } from '../terminal.ts';

export type MergeOptions = { readonly out: string; readonly files: readonly string[]; readonly json?: boolean };

/** `attnsim merge OUT FILE...`: joins stores of one sweep, such as those of its shards, and says what is missing. */
export async function merge({ out, files, json }: MergeOptions, terminal: Terminal): Promise<number> {
  const merged = await mergeStores(out, files);
  if (!merged.ok) return refuse(terminal, merged.diagnostics);
  const { identity, done } = merged.value;
  const missing = without([{ first: 0, count: identity.points }], done);
  const say = sayUnless(json, terminal);
  const points_done = pointsIn(done);
  if (json === true)
    terminal.out(
      `${JSON.stringify({ sweep: identity.name, points: identity.points, points_done, missing }, undefined, 2)}\n`,
    );
  else {
    say(`${out}: ${points_done} of ${identity.points} points are done\n`);
    if (missing.length > 0) say(`missing: ${rangesText(missing)}\n`);
  }
  return exitCodes.done;
}
