import { packageFile } from '../files.ts';
import { invariant } from '../invariant.ts';

/** The script of all pages, which `npm run build` makes. */
export async function pageScript(): Promise<string> {
  const script = await packageFile('dist/page/browser.js');
  invariant(script !== undefined, 'the script of pages has been built');
  return script.text;
}
