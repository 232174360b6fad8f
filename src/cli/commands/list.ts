import { diagnostic } from '../../diagnostic.ts';
import { didYouMean } from '../../did-you-mean.ts';
import { type FileKind, fileKinds, shippedNames, shippedSource } from '../../files.ts';
import { renderTable } from '../../report/table.ts';
import { describeText } from '../describe-text.ts';
import { exitCodes, refuse, type Terminal } from '../terminal.ts';

export type ListOptions = { readonly kind: string | undefined; readonly json?: boolean };

const kinds = Object.keys(fileKinds) as FileKind[];

/** "cascades", "cascade", "machines", "machine", "hardware", ... */
export const kindNamed = (text: string): FileKind | undefined =>
  kinds.find((k) => text === k || text === fileKinds[k].plural || `${text}s` === fileKinds[k].plural);

type Shipped = { readonly kind: FileKind; readonly name: string; readonly description: string };

async function shippedOf(kind: FileKind): Promise<Shipped[]> {
  const names = await shippedNames(kind);
  return await Promise.all(
    names.map(async (name) => ({
      kind,
      name,
      description: describeText((await shippedSource(kind, name))?.text ?? ''),
    })),
  );
}

/** `attnsim list [KIND]`: names and first sentences of what ships. */
export async function list(options: ListOptions, terminal: Terminal): Promise<number> {
  const kind = options.kind === undefined ? undefined : kindNamed(options.kind);
  if (options.kind !== undefined && kind === undefined) {
    const help = didYouMean(
      options.kind,
      kinds.map((k) => fileKinds[k].plural),
    );
    const wrong = diagnostic('unknown-kind', `there is no kind "${options.kind}"`, undefined, { help });
    return refuse(terminal, [wrong], exitCodes.usageWrong);
  }
  const chosen = kind === undefined ? kinds : [kind];
  const all = await Promise.all(chosen.map(shippedOf));
  if (options.json === true) {
    terminal.out(`${JSON.stringify(all.flat(), undefined, 2)}\n`);
    return exitCodes.done;
  }
  all.forEach((shipped, i) => {
    const title = fileKinds[chosen[i]!].plural;
    const rows = shipped.map((s) => [s.name, s.description]);
    const table = renderTable([{ title }, { title: '', wrap: true }], rows, terminal);
    terminal.out(i === 0 ? table : `\n${table}`);
  });
  return exitCodes.done;
}
