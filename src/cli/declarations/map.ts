import {
  accountingOption,
  addExample,
  collect,
  type Declare,
  densityOption,
  groups,
  hardwareArgument,
  jsonOption,
  workloadOption,
} from './declare.ts';

export const declareMap: Declare = (program, act) => {
  const command = program
    .command('map')
    .description('find the best mapping of a cascade on a machine, with a bound that says how good it is')
    .argument('<cascade>', 'shipped name or file (.einsum), or several with commas, the best of which is found')
    .argument(...hardwareArgument)
    .optionsGroup(groups.sizes)
    .option(...workloadOption)
    .option('--set <NAME=SIZE>', 'bind a rank, or give sizes to choose from: M0=64,128 (repeatable)', collect, [])
    .option(...densityOption)
    .optionsGroup(groups.machine)
    .option('--param <NAME=VALUE>', 'override a parameter of the machine (repeatable)', collect, [])
    .option(
      '--mapping <NAME|FILE>',
      'search only the loop tree of a mapping, and choose its numbers (repeatable)',
      collect,
      [],
    )
    .option('--constraints <FILE>', 'what mappings must be, or must not be')
    .option('--choose <tiles,stages,in-flight>', 'which numbers of a loop tree to choose', 'tiles')
    .optionsGroup(groups.how)
    .option('--objective <latency|energy|edp|dram-bytes|buffer>', 'what is to be least (latency if not given)')
    .option('--pareto <latency,energy,...>', 'find the front of these, two or more, instead of one best')
    .option('--level <NAME>', 'the level whose room counts as "buffer"')
    .option(...accountingOption)
    .option('--effort <N>', 'lists of loops to try at most; the bound says what may be missed', '3000')
    .option(
      '--gap <SHARE>',
      'be content with what is at most this share above the least; 0: nothing is left out',
      '0.001',
    )
    .option('--simulate', 'rank mappings that are about as good by simulation, and take the quickest')
    .option('--no-simulate', 'leave out the simulation of what has the least latency')
    .option('--explain', 'say why it beats the runner-up, and what other numbers would do')
    .optionsGroup(groups.output)
    .option('--out <FILE>', 'write the mapping (.map), of a front each: found-1.map, found-2.map, ...')
    .option('--svg <FILE>', 'draw the front (SVG)')
    .option('--certificate <FILE>', 'write what proves the bound, so that it can be checked (.json)')
    .option(...jsonOption)
    .action((cascade: string, hardware: string, options) =>
      act(async (terminal) => {
        const { map } = await import('../commands/map.ts');
        return await map({ ...options, cascade, hardware }, terminal);
      }),
    );
  addExample(command, 'map gemm fusemax --set M=4096 --set N=4096 --set K=512 --out gemm.map', 'docs/search.md');
};
