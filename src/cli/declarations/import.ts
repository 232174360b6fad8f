import { addExample, type Declare, groups, jsonOption } from './declare.ts';

export const declareImport: Declare = (program, act) => {
  const command = program
    .command('import')
    .description('model sizes of other tools as a workload, as far as they translate, and what did not')
    .argument('<file>', 'config.json of Hugging Face, or an example that ships: llama-8b.json')
    .optionsGroup(groups.how)
    .option('--from <KIND>', 'huggingface; recognised by content if not given')
    .optionsGroup(groups.output)
    .option('--out <FILE>', 'write what is imported; of several texts each gets its own extension')
    .option(...jsonOption)
    .action((file: string, options) =>
      act(async (terminal) => {
        const { importFile } = await import('../commands/import.ts');
        return await importFile({ ...options, file }, terminal);
      }),
    );
  addExample(command, 'import llama-8b.json --out llama-8b.yaml', 'docs/importing.md');
};
