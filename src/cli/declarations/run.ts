import {
  accountingOption,
  addExample,
  cascadeArgument,
  collect,
  type Declare,
  densityOption,
  groups,
  hardwareArgument,
  jsonOption,
  mappingOption,
  parameterOption,
  setOption,
  workloadOption,
} from './declare.ts';

export const declareRun: Declare = (program, act) => {
  const command = program
    .command('run')
    .description('time, energy and traffic of a cascade on a machine')
    .argument(...cascadeArgument)
    .argument(...hardwareArgument)
    .optionsGroup(groups.sizes)
    .option(...workloadOption)
    .option(...setOption)
    .option(
      '--format <TENSOR,...=FORMAT>',
      'keep tensors in another format than they are declared (repeatable)',
      collect,
      [],
    )
    .option(...densityOption)
    .option('--seed <N>', 'measure densities on random inputs')
    .option('--inputs <DIR>', 'measure densities on inputs from DIR/<TENSOR>.json')
    .optionsGroup(groups.machine)
    .option(...mappingOption)
    .option(...parameterOption)
    .optionsGroup(groups.how)
    .option('--model <analytic|cycle|both>', 'closed form, or discrete-event simulation', 'cycle')
    .option(...accountingOption)
    .option('--stalls', 'print what every unit and port waits for')
    .option('--detail', 'find the critical path, and the bytes in use over time (cycle model)')
    .optionsGroup(groups.output)
    .option('--out <FILE>', 'write the report (JSON)')
    .option('--svg <FILE>', 'write a roofline plot (SVG)')
    .option('--html <FILE>', 'write a page to look at: figures, tables, and sliders that say what if (HTML)')
    .option('--timeline <FILE>', 'draw what units and ports do in the steady state (SVG; cycle model)')
    .option('--trace <FILE>', 'write what every unit and port does, for ui.perfetto.dev (cycle model)')
    .option(
      '--trace-window <FROM:TO>',
      'only this part of the run (of a trace or timeline), in cycles or as "1.2 ms:1.3 ms", folds unfolded',
    )
    .option('--trace-events <N>', 'most events of a trace', '200000')
    .option(...jsonOption)
    .action((cascade: string, hardware: string, options) =>
      act(async (terminal) => {
        const { run } = await import('../commands/run.ts');
        return await run({ ...options, cascade, hardware }, terminal);
      }),
    );
  addExample(
    command,
    'run attention-1-pass fusemax --workload bert-base --mapping fusemax-binding --stalls',
    'docs/report.md',
  );
};
