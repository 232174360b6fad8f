/** What came of a fit. */
export type Calibration = {
  readonly points: number;
  readonly mean_absolute_error: number;
  readonly factors: readonly FittedFactor[];
  /** By what points have in common for people: device, kernel and pass. */
  readonly series: readonly FittedSeries[];
  /** Empty if nobody asked. */
  readonly cross_validation: readonly CrossValidated[];
};

type FittedFactor = {
  /** File of the spec. */
  readonly spec: string;
  /** Null: of all kernels that have no value of their own. */
  readonly kernel: string | null;
  readonly name: string;
  /** As it stands in the spec: "3.2 us". */
  readonly value: string;
};

type FittedSeries = {
  readonly name: string;
  readonly points: number;
  readonly mean_absolute_error: number;
  readonly worst_error: number;
};

/** How well points are predicted that were not fitted. */
export type CrossValidated = {
  /** What was left out; where each of several is left out in turn, their mean. */
  readonly left_out: string;
  /** Which of them it is; null: the mean over all points, each judged by the fit without it. */
  readonly which: string | null;
  readonly points: number;
  readonly mean_absolute_error: number;
};
