import type { DiagnosticCode } from '../diagnostic.ts';
import { baseUnit, type Dimension, isPlain, type Measure, noDimension, sameDimension } from '../units.ts';

/** What is wrong with a value's text, with offsets into that text. The reader of the file adds the place. */
export type Problem = {
  readonly code: DiagnosticCode;
  readonly message: string;
  readonly help?: string | undefined;
  /** The unknown name that it is about. */
  readonly name?: string;
  readonly start: number;
  readonly end: number;
};

export type Reading<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly problems: readonly Problem[] };

const problem = (
  code: DiagnosticCode,
  message: string,
  start: number,
  end: number,
  help?: string,
): { readonly ok: false; readonly problems: readonly Problem[] } => ({
  ok: false,
  problems: [{ code, message, help, start, end }],
});

/** The quantities that a field of a spec can ask for. */
export type QuantityKind = keyof typeof quantityKinds;

type Kind = {
  /** Completes "needs ...". */
  readonly noun: string;
  readonly example: string;
  readonly accepts: readonly Dimension[];
};

const of = (part: Partial<Dimension>): Dimension => ({ ...noDimension, ...part });

export const quantityKinds = {
  count: { noun: 'a plain whole number', example: '132', accepts: [noDimension] },
  operationCycles: { noun: 'a number of cycles', example: '6', accepts: [noDimension, of({ cycles: 1 })] },
  size: { noun: 'an amount of data', example: '64 KiB', accepts: [of({ data: 1 })] },
  bandwidth: {
    noun: 'a bandwidth',
    example: '3.35 TB/s" or "128 B/cycle',
    accepts: [of({ data: 1, cycles: -1 }), of({ data: 1, time: -1 })],
  },
  duration: { noun: 'a time', example: '256 cycles" or "250 ns', accepts: [of({ cycles: 1 }), of({ time: 1 })] },
  frequency: { noun: 'a frequency', example: '1.83 GHz', accepts: [of({ time: -1 })] },
  energy: { noun: 'an energy', example: '17.2 pJ', accepts: [of({ energy: 1 })] },
  energyPerData: { noun: 'an energy per amount of data', example: '3.9 pJ/b', accepts: [of({ energy: 1, data: -1 })] },
  power: { noun: 'a power', example: '700 W', accepts: [of({ energy: 1, time: -1 })] },
  wallTime: { noun: 'a time in seconds', example: '20 ms', accepts: [of({ time: 1 })] },
  share: { noun: 'a plain number', example: '0.8', accepts: [noDimension] },
  ratio: { noun: 'a plain number', example: '1.2', accepts: [noDimension] },
  area: { noun: 'an area', example: '12.08 cm^2', accepts: [of({ length: 2 })] },
} as const satisfies Record<string, Kind>;

/** "a frequency (1/s)": what a dimension is, in words. */
function inWords(d: Dimension): string {
  if (isPlain(d)) return 'a plain number';
  const kind = Object.values(quantityKinds).find((k) => k.accepts.some((a) => !isPlain(a) && sameDimension(a, d)));
  return kind === undefined ? `in ${baseUnit(d)}` : `${kind.noun} (in ${baseUnit(d)})`;
}

/** Checks that a measure is what a field asks for; the problem covers the whole text. */
export function checkDimension(measure: Measure, kind: QuantityKind, field: string, text: string): Reading<Measure> {
  const { noun, example, accepts } = quantityKinds[kind];
  if (accepts.some((a) => sameDimension(a, measure.dimension))) return { ok: true, value: measure };
  if (isPlain(measure.dimension))
    return problem(
      'missing-unit',
      `"${field}" must be ${noun}, but "${text}" has no unit`,
      0,
      text.length,
      `write a unit, as in "${example}"`,
    );
  const message = `"${field}" must be ${noun}, but "${text}" is ${inWords(measure.dimension)}`;
  return problem('wrong-dimension', message, 0, text.length, `write a value such as "${example}"`);
}

export const wrongDimension = (wanted: Dimension, found: Dimension): string =>
  `must be ${inWords(wanted)}, but the new value is ${inWords(found)}`;
