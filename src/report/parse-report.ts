import { type Diagnostic, diagnostic, failure, type Result, success } from '../diagnostic.ts';
import { readDocument } from '../document.ts';
import { checkForm, plain } from '../form.ts';
import type { Source } from '../source.ts';
import { type Report, reportSchemaName } from './report.ts';
import { reportSchema } from './schema.ts';

/** Of what is not there a reader cannot know what to write. */
const withHelp = (d: Diagnostic): Diagnostic =>
  d.code === 'missing-field' && d.help === undefined
    ? { ...d, help: 'another version may have written it: "attnsim run ... --out report.json" writes it anew' }
    : d;

/**
 * The report that a text is. Errors: those of documents; `not-a-report`; those of form, where it is one that someone has
 * changed, or that another version wrote.
 */
export function parseReport(source: Source): Result<Report> {
  const read = readDocument(source);
  if (!read.ok) return read;
  const root = read.value;
  const name = root.kind === 'map' ? root.entries.get('schema')?.node : undefined;
  if (name === undefined || plain(name) !== reportSchemaName) {
    const found = name === undefined ? 'it has no field "schema"' : `its "schema" is ${JSON.stringify(plain(name))}`;
    return failure([
      diagnostic('not-a-report', `this is no report of a run: ${found}`, name?.span ?? root.span, {
        help: `"attnsim run ... --out report.json" writes one, with "schema": "${reportSchemaName}"`,
      }),
    ]);
  }
  const mistakes = checkForm(root, reportSchema, { whole: 'the report' });
  return mistakes.length > 0 ? failure(mistakes.map((m) => withHelp(m.diagnostic))) : success(plain(root) as Report);
}
