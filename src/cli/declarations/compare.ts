import { addExample, type Declare, groups, jsonOption } from './declare.ts';

export const declareCompare: Declare = (program, act) => {
  const command = program
    .command('compare')
    .description('runs side by side, and how they differ from one of them')
    .argument('<report...>', 'reports of runs (.json), each as FILE or LABEL=FILE; without a label, what differs is it')
    .optionsGroup(groups.how)
    .option('--baseline <LABEL>', 'the run that the others are compared with; the first if not given')
    .optionsGroup(groups.output)
    .option('--html <FILE>', 'write a page to look at: figures and tables of all runs (HTML)')
    .option(...jsonOption)
    .action((reports: readonly string[], options) =>
      act(async (terminal) => {
        const { compare } = await import('../commands/compare.ts');
        return await compare({ ...options, reports }, terminal);
      }),
    );
  addExample(command, 'compare unfused.json fused.json --html comparison.html', 'docs/report.md');
};
