import type { Measurement, Shape } from './points.ts';

/** What is known to make a measurement unlike its prediction, by what it is of and never by which row it is. */
type Cause = {
  readonly name: string;
  /** For people. */
  readonly text: string;
  readonly holds: (measurement: Measurement, shape: Shape) => boolean;
};

const causes: readonly Cause[] = [
  {
    name: 'outlier',
    text: 'the source has less time for heads of 128, with twice the work, so that something else was measured here',
    holds: ({ device, kernel, pass }, { head_dim_qk, seqlen_q, batch }) =>
      device === 'A100' &&
      kernel === 'Triton' &&
      pass === 'fwd' &&
      head_dim_qk === 64 &&
      seqlen_q === 256 &&
      batch === 12,
  },
  {
    name: 'library',
    text: 'a short call through a library, whose own work is in the measured time',
    holds: ({ kernel, time_ms }) => kernel.includes('as installed by') && time_ms! < 0.5,
  },
];

/** The first that holds; undefined: none is known. */
export const causeOf = (measurement: Measurement, shape: Shape): string | undefined =>
  causes.find(({ holds }) => holds(measurement, shape))?.name;

export const causeTexts: Readonly<Record<string, string>> = Object.fromEntries(
  causes.map(({ name, text }) => [name, text]),
);
