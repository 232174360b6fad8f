import { spawnSync } from 'node:child_process';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { type Block, root } from './documents.ts';

const nameOf = ({ document, line }: Block): string => `${document.replaceAll('/', '-')}-${line}`;

/** The file of a program, compiled. */
export const programName = (block: Block): string => `${nameOf(block)}.js`;

/** How users compile: strictly, declarations of packages included, and for Node as for a bundler. */
const options = {
  strict: true,
  skipLibCheck: false,
  target: 'es2023',
  types: ['node'],
  exactOptionalPropertyTypes: true,
};

/**
 * Checks and compiles programs of the documents in a folder of their own, where the package is installed as it is built.
 * What is wrong with their types, or with those of the package as seen from there, fails.
 */
export function compilePrograms(folder: string, blocks: readonly Block[]): void {
  mkdirSync(join(folder, 'node_modules/@types'), { recursive: true });
  symlinkSync(root, join(folder, 'node_modules/attnsim'));
  symlinkSync(join(root, 'node_modules/@types/node'), join(folder, 'node_modules/@types/node'));
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ type: 'module' }));
  for (const block of blocks) writeFileSync(join(folder, `${nameOf(block)}.ts`), block.text);
  for (const [module, moduleResolution] of [
    ['nodenext', 'nodenext'],
    ['esnext', 'bundler'],
  ]) {
    const compilerOptions = { ...options, module, moduleResolution };
    writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, include: ['*.ts'] }));
    const compiled = spawnSync(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-p', folder], {
      encoding: 'utf8',
    });
    expect(compiled.stdout, module).toBe('');
    expect(compiled.status, compiled.stderr).toBe(0);
  }
}
