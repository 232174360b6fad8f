import { addExample, type Declare, groups, jsonOption } from './declare.ts';

export const declareImport: Declare = (program, act) => {
  const command = program
    .command('import')
    .description('model sizes, architectures and Einsums of other tools, as far as they translate, and what did not')
    .argument(
      '<file>',
      'config.json of Hugging Face, or a file of AccelForge, Timeloop or TeAAL; or an example that ships',
    )
    .optionsGroup(groups.how)
    .option('--from <huggingface|accelforge|timeloop|teaal>', 'where it is from; recognised by content if not given')
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
