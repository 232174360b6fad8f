import { addExample, cascadeArgument, type Declare, groups, setOption, workloadOption } from './declare.ts';

const outOption = ['--out <FILE.svg>', 'the figure'] as const;
const widthOption = ['--width <PIXELS>', 'how wide it is; its letters are as large as ever'] as const;

/** `plot cascade`, below `plot`. */
export const declarePlotCascade: Declare = (plot, act) => {
  const command = plot
    .command('cascade')
    .description('the Einsums of a cascade as a graph, and their passes')
    .argument(...cascadeArgument)
    .optionsGroup(groups.sizes)
    .option(...workloadOption)
    .option(...setOption)
    .optionsGroup(groups.output)
    .requiredOption(...outOption)
    .option('--rank <RANK>', 'the rank whose passes are shown; that with the most if not given')
    .option(...widthOption)
    .action((cascade: string, options) =>
      act(async (terminal) => {
        const { plotCascade } = await import('../commands/plot-cascade.ts');
        return await plotCascade({ ...options, cascade }, terminal);
      }),
    );
  addExample(command, 'plot cascade attention-2-pass --out passes.svg', 'docs/language.md');
};
