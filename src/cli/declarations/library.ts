import { fileKinds } from '../../files.ts';
import { namedChoices } from './choices.ts';
import { addExample, type Declare, groups, jsonOption } from './declare.ts';

export const declareList: Declare = (program, act) => {
  const plurals = Object.values(fileKinds).map(({ plural }) => plural);
  const command = program
    .command('list')
    .description('what ships: cascades, machines, mappings, workloads')
    .addArgument(namedChoices('[kind]', 'all if left out', plurals))
    .optionsGroup(groups.output)
    .option(...jsonOption)
    .action((kind: string | undefined, options) =>
      act(async (terminal) => {
        const { list } = await import('../commands/list.ts');
        return await list({ ...options, kind }, terminal);
      }),
    );
  addExample(command, 'list mappings', 'README.md');
};

export const declareShow: Declare = (program, act) => {
  const command = program
    .command('show')
    .description('one of them, with the sources of its numbers')
    .argument('<name>', 'shipped name or file')
    .optionsGroup(groups.how)
    .option('--kind <cascade|machine|mapping|workload>', 'if several kinds have that name')
    .action((name: string, options) =>
      act(async (terminal) => {
        const { show } = await import('../commands/show.ts');
        return await show({ ...options, name }, terminal);
      }),
    );
  addExample(command, 'show h100-sxm', 'docs/hardware.md');
};

export const declareDemo: Declare = (program, act) => {
  const command = program
    .command('demo')
    .description('FuseMax with BERT at 64K and FlashAttention-3 on H100 at 16K; what "npm start" runs')
    .optionsGroup(groups.output)
    .option('--out <DIR>', 'folder of the reports and the plot', 'out')
    .action((options) =>
      act(async (terminal) => {
        const { demo } = await import('../commands/demo.ts');
        return await demo(options, terminal);
      }),
    );
  addExample(command, 'demo --out out', 'README.md');
};
