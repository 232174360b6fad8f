import { loadMachine } from '../arch/load.ts';
import type { Result } from '../diagnostic.ts';
import { checkCascade } from '../einsum/check.ts';
import { parseCascade } from '../einsum/parse.ts';
import { parseWorkloadFile } from '../einsum/workload-file.ts';
import type { ImportedText } from './imported.ts';

const extensions = { workload: '.yaml', cascade: '.einsum', hardware: '.yaml' } as const;

/** What is wrong with a text that has been written: numbers of a file may say nonsense that only its meaning shows. */
export async function checkText({ kind, name, text }: ImportedText): Promise<Result<unknown>> {
  const source = { name: `${name}.imported${extensions[kind]}`, text };
  switch (kind) {
    case 'workload':
      return parseWorkloadFile(source);
    case 'cascade': {
      const parsed = parseCascade(source);
      return parsed.ok ? checkCascade(parsed.value) : parsed;
    }
    case 'hardware':
      return await loadMachine(source, { resolve: async () => undefined, known: [] });
  }
}
