import { namedChoices } from './choices.ts';
import { addExample, type Declare, groups, jsonOption } from './declare.ts';

/** Suites of published points; what they are is in src/validate/suites.ts, which takes long to load. */
export const suiteNames = ['fusemax', 'peers', 'gpus', 'edge', 'accelerators', 'spatten'] as const;

const pointsOption = ['--points <FILE>', 'points of your own, in the format of the shipped ones (JSON)'] as const;

export const declareValidate: Declare = (program, act) => {
  const command = program
    .command('validate')
    .description('predictions beside published numbers: every error, their means, the worst')
    .addArgument(namedChoices('[suite]', 'one of those that ship; all if left out', suiteNames))
    .optionsGroup(groups.sizes)
    .option(...pointsOption)
    .optionsGroup(groups.how)
    .option('--model <analytic|cycle|both>', 'closed form, or discrete-event simulation', 'analytic')
    .option('--accounting <NAME>', 'how energy is charged, if not as in the published numbers, such as physical')
    .optionsGroup(groups.output)
    .option('--svg <FILE>', 'plot predicted against published values')
    .option(...jsonOption)
    .action((suite: string | undefined, options) =>
      act(async (terminal) => {
        const { validate } = await import('../commands/validate.ts');
        return await validate({ ...options, suite }, terminal);
      }),
    );
  addExample(command, 'validate fusemax', 'docs/validation.md');
};

export const declareCalibrate: Declare = (program, act) => {
  const command = program
    .command('calibrate')
    .description('fit the factors of machines to measured points, and judge the fit on points that it did not see')
    .addArgument(namedChoices('<suite>', 'one that has factors', ['gpus']))
    .optionsGroup(groups.sizes)
    .option(...pointsOption)
    .option('--only <TEXT>', 'series of points with this in their name, as in "H100, FlashAttention"')
    .optionsGroup(groups.how)
    .option('--rounds <N>', 'most rounds of the fit', '8')
    .option('--cross-validate', 'fit without a half, a kernel, a device, and judge on that')
    .optionsGroup(groups.output)
    .option('--out <DIR>', 'write the specs with their new factors there, and what came of the fit')
    .action((suite: string, options) =>
      act(async (terminal) => {
        const { calibrate } = await import('../commands/calibrate.ts');
        return await calibrate({ ...options, suite }, terminal);
      }),
    );
  addExample(command, 'calibrate gpus --only MI300X --rounds 1', 'docs/validation.md');
};
