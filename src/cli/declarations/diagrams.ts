import {
  addExample,
  cascadeArgument,
  type Declare,
  densityOption,
  groups,
  parameterOption,
  setOption,
  workloadOption,
} from './declare.ts';

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

/** `plot mapping`, below `plot`. */
export const declarePlotMapping: Declare = (plot, act) => {
  const command = plot
    .command('mapping')
    .description('the loop tree of a mapping, with its numbers for a cascade on a machine if these are named')
    .argument('<mapping>', 'shipped name or file (.map)')
    .argument('[cascade]', 'shipped name or file (.einsum)')
    .argument('[hardware]', 'shipped name or file (.yaml, .json)')
    .optionsGroup(groups.sizes)
    .option(...workloadOption)
    .option(...setOption)
    .option(...densityOption)
    .optionsGroup(groups.machine)
    .option(...parameterOption)
    .optionsGroup(groups.output)
    .requiredOption(...outOption)
    .option(...widthOption)
    .action((mapping: string, cascade: string | undefined, hardware: string | undefined, options) =>
      act(async (terminal) => {
        const { plotMapping } = await import('../commands/plot-mapping.ts');
        return await plotMapping({ ...options, mapping, cascade, hardware }, terminal);
      }),
    );
  addExample(command, 'plot mapping fusemax-binding --out tree.svg', 'docs/mappings.md');
};
