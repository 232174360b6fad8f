import { packageFile } from '../files.ts';
import { invariant } from '../invariant.ts';

/** The script of pages of runs (`browser`) or of sweeps, which `npm run build` makes. */
export async function pageScript(name: 'browser' | 'sweep'): Promise<string> {
  const script = await packageFile(`dist/page/${name}.js`);
  invariant(script !== undefined, 'the scripts of pages have been built');
  return script.text;
}
