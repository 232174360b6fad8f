import { addExample, type Declare, experimentArgument, groups, jsonOption } from './declare.ts';

const patienceOption = ['--patience <SECONDS>', 'how long to wait for a queue that has gone away', '60'] as const;
const jobsOption = ['--jobs <N>', 'threads; as many as there are cores if not given'] as const;

export const declareSweep: Declare = (program, act) => {
  const command = program
    .command('sweep')
    .description('evaluate every point of a design space, and keep a table of them')
    .argument(...experimentArgument)
    .optionsGroup(groups.how)
    .option(...jobsOption)
    .option('--resume', 'go on with a table that is there')
    .option('--shard <I/N>', 'only the points of one of N machines, such as 3/16')
    .option('--queue <URL>', 'give the points out to workers, such as redis://127.0.0.1:6379')
    .option(...patienceOption)
    .optionsGroup(groups.output)
    .option('--out <FILE>', 'the table; NAME.duckdb if not given')
    .option('--html <FILE>', 'write a page to look at its points')
    .option(...jsonOption)
    .action((experiment: string, options) =>
      act(async (terminal) => {
        const { sweep } = await import('../commands/sweep.ts');
        return await sweep({ ...options, experiment }, terminal);
      }),
    );
  addExample(command, 'sweep first-sweep --out first.duckdb', 'docs/sweeps.md');
};

export const declareWorker: Declare = (program, act) => {
  const command = program
    .command('worker')
    .description('evaluate points that sweeps give out, on any number of machines')
    .optionsGroup(groups.how)
    .requiredOption('--queue <URL>', 'where sweeps give them out, such as redis://127.0.0.1:6379')
    .option(...jobsOption)
    .option('--idle <SECONDS>', 'end when there has been nothing to do for so long')
    .option('--lock <SECONDS>', 'after so long without a word from a worker, others take up what it had', '10')
    .option(...patienceOption)
    .action((options) =>
      act(async (terminal) => {
        const { worker } = await import('../commands/worker.ts');
        return await worker(options, terminal);
      }),
    );
  addExample(command, 'worker --queue redis://127.0.0.1:6379 --idle 1', 'docs/sweeps.md');
};

export const declareSensitivity: Declare = (program, act) => {
  const command = program
    .command('sensitivity')
    .description('what to change first: how much each parameter of a design space moves each objective')
    .argument(...experimentArgument)
    .optionsGroup('Where:')
    .option('--point <N>', 'at this point of the space, in place of what is best in its table')
    .option('--store <FILE>', 'the table of the sweep; NAME.duckdb if not given')
    .option('--best', 'at the best point of the table (if there is one; else in the middle of the space)')
    .option('--pareto', 'at all points of the front of the table')
    .optionsGroup(groups.how)
    .option('--metric <NAME,...>', 'figures in place of the objectives; NAME:max where more is better')
    .option('--step <SHARE|axis>', 'how far parameters are moved: a share, or to the next values of their axes', '5%')
    .option('--all', 'move all parameters of the machine and the mapping, too')
    .optionsGroup(groups.output)
    .option('--out <FILE>', 'write what is found (JSON)')
    .option('--svg <FILE>', 'draw what each parameter does, as a tornado chart (SVG)')
    .option(...jsonOption)
    .action((experiment: string, options) =>
      act(async (terminal) => {
        const { sensitivity } = await import('../commands/sensitivity.ts');
        return await sensitivity({ ...options, experiment }, terminal);
      }),
    );
  addExample(command, 'sensitivity first-sweep --point 3', 'docs/sweeps.md');
};
