import { spawnSync } from 'node:child_process';
import { chmodSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Compiles `src` and `experiments` to `dist`, with the script of the pages, before the tests, some of which run them as a process. A mistake in types does
 * not stop them here: `npm run check` finds it on its own.
 */
export function setup(): void {
  const root = join(import.meta.dirname, '..');
  const compiler = join(root, 'node_modules/typescript/bin/tsc');
  for (const project of ['tsconfig.build.json', 'tsconfig.experiments.json'])
    spawnSync(process.execPath, [compiler, '-p', join(root, project)]);
  const bundler = join(root, 'node_modules/rolldown/bin/cli.mjs');
  spawnSync(process.execPath, [bundler, '-c', join(root, 'rolldown.config.ts')], { cwd: root });
  // As `npm run build` leaves it, so that the command can still be run in a clone after the tests.
  chmodSync(join(root, 'dist/cli/main.js'), 0o755);
}
