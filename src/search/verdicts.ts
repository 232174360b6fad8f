import type { Tally } from './tally.ts';

/** What becomes of a mapping of a space. */
export type Fate = Exclude<keyof Tally, 'space'>;

/** What became of mappings one after the other, as runs: `1e31b4o` is one evaluated, 31 bounded and 4 overfull. */
export type Verdicts = {
  readonly add: (fate: Fate, mappings: bigint) => void;
  readonly text: () => string;
};

export function createVerdicts(): Verdicts {
  const runs: string[] = [];
  let last: Fate | undefined;
  let length = 0n;
  const close = (): void => {
    if (last !== undefined && length > 0n) runs.push(`${length}${last[0]}`);
    length = 0n;
  };
  return {
    add: (fate, mappings) => {
      if (fate !== last) close();
      last = fate;
      length += mappings;
    },
    text: () => {
      close();
      return runs.join('');
    },
  };
}
