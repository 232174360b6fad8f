/** A value of a parameter above 0, and of a figure there. */
export type Sample = { readonly parameter: number; readonly figure: number };

/** What becomes of a figure when a parameter goes to one side. */
export type SideEffect = {
  /** Of the figure, as a share of what it was; undefined where it was 0 or none. */
  readonly change: number | undefined;
  /** ln(figure) over ln(parameter), from the base to that side. */
  readonly elasticity: number | undefined;
};

/** What a parameter does to a figure at a point. */
export type Effect = {
  readonly lower: SideEffect | undefined;
  readonly higher: SideEffect | undefined;
  /**
   * d ln(figure) / d ln(parameter), by the difference between both sides, of one side where there is no other. Undefined
   * where the figure has no logarithm.
   */
  readonly elasticity: number | undefined;
  /** The sides differ by more than a smooth response would: a ceiling or a step lies between them. */
  readonly isKink: boolean;
};

/** What does not change has elasticity 0 though it has no logarithm. */
function slope(from: Sample, to: Sample): number | undefined {
  if (from.figure === to.figure) return 0;
  const ratio = Math.log(to.figure / from.figure) / Math.log(to.parameter / from.parameter);
  return from.figure > 0 && to.figure > 0 && Number.isFinite(ratio) ? ratio : undefined;
}

function sideEffect(base: Sample, side: Sample): SideEffect {
  const change = side.figure === base.figure ? 0 : side.figure / base.figure - 1;
  return { change: Number.isFinite(change) ? change : undefined, elasticity: slope(base, side) };
}

export function effectOf(base: Sample, lower: Sample | undefined, higher: Sample | undefined): Effect {
  const [below, above] = [lower, higher].map((side) => side && sideEffect(base, side));
  const both = lower !== undefined && higher !== undefined;
  return {
    lower: below,
    higher: above,
    elasticity: both ? slope(lower, higher) : (below ?? above)?.elasticity,
    isKink: both && isKink(below?.elasticity, above?.elasticity, Math.log(higher.parameter / lower.parameter) / 2),
  };
}

/** What sides may differ by though nothing is behind it. */
const noise = 0.05;

/**
 * A sum of powers of a parameter, whose exponents are at most 2 apart (from -1 to 1: part falls with it, part rises), is
 * smooth: in logarithms its slope changes by at most 1 for each 1 of the parameter's, so that the sides of a step of h
 * differ by at most h. Sides that point both ways are told, however far the step.
 */
function isKink(lower: number | undefined, higher: number | undefined, step: number): boolean {
  if (lower === undefined || higher === undefined) return false;
  const opposite = lower * higher < 0 && Math.min(Math.abs(lower), Math.abs(higher)) > noise;
  return opposite || Math.abs(higher - lower) > noise + step;
}
