// The public API. What is not named here may change without notice.
// Nothing in it needs Node, except `renderSvg`, which draws without a browser.

// The pipeline: texts to metrics.
export { type PlacementInputs, type SimulationInputs, type SimulationOutcome, simulate } from './simulate.ts';

// Texts, places in them, and what is wrong there.
export { type Diagnostic, type DiagnosticCode, type Result, renderDiagnostic } from './diagnostic.ts';
export { type Position, position, type Source, type Span } from './source.ts';

// Cascades: what is computed.
export type { Cascade, Einsum } from './einsum/ast.ts';
export { type CheckedCascade, checkCascade } from './einsum/check.ts';
export { arithmeticIntensity, type Compulsory, compulsoryTraffic } from './einsum/compulsory.ts';
export { evaluateCascade, executionLimits, type TensorValue } from './einsum/evaluate.ts';
export { type Exponential, exponentials } from './einsum/exponential.ts';
export { type NumberFormat, numberFormats } from './einsum/number-format.ts';
export { type NumericError, numericError } from './einsum/numeric-error.ts';
export { emulate, type Numerics, type NumericsChoice } from './einsum/numerics.ts';
export { countOperations, flops, totalOperations } from './einsum/operations.ts';
export { parseCascade } from './einsum/parse.ts';
export { analyzePasses, type RankPasses } from './einsum/passes.ts';
export { printCascade } from './einsum/print.ts';
export { randomInputs } from './einsum/random-inputs.ts';
export { bindSizes } from './einsum/shape.ts';
export type { Density, Workload } from './einsum/workload.ts';
export { parseWorkloadFile, type WorkloadFile } from './einsum/workload-file.ts';

// Files of other tools as texts of ours.
export { importText } from './import/import-text.ts';
export { type Imported, type ImportedText, type ImportKind, importKinds } from './import/imported.ts';
export type { Untranslated } from './import/ledger.ts';

// Machines: with what.
export type { SpecFinder } from './arch/chain.ts';
export { type LoadOptions, loadMachine, type RunOptions } from './arch/load.ts';
export type { Accounting, Level, Machine, Memory, Selector, Unit } from './arch/machine.ts';
export { type Peak, peaks, type Ridge, ridges, totalArea } from './arch/peaks.ts';

// Mappings: how.
export type { Mapping } from './mapper/mapping.ts';
export { parseMapping } from './mapper/parse.ts';
export { placeMapping } from './mapper/place.ts';
export type { PlacedMapping } from './mapper/placed.ts';
export { printMapping } from './mapper/print.ts';

// Models: how much.
export {
  expectedRun,
  latencyCycles,
  rowProblem,
  type SelectorParts,
  selectorParts,
  serviceCycles,
} from './models/select/expected-selection.ts';
export type { RunCost } from './models/select/run.ts';
export { type Selection, selectRow } from './models/select/selection.ts';
export { uniformDraws } from './models/select/uniform.ts';
export { executeMapping } from './models/cycle/functional.ts';
export { type EvaluationOptions, evaluateMapping } from './models/evaluate.ts';
export type {
  Actions,
  BoundKind,
  Difference,
  LevelTraffic,
  Metrics,
  PathShare,
  RunDetail,
  StallCause,
} from './models/metrics.ts';
export type { BoardPower } from './models/power.ts';
export { type Roofline, rooflines } from './models/roofline.ts';
export { withinWorkLimit } from './models/within-limits.ts';

// Search: the best mapping, and what proves it.
export {
  type BestMappings,
  bestMappings,
  type FoundMapping,
  type Searched,
  type Space,
} from './search/best-mappings.ts';
export { type Choosable, openNumbers } from './search/dataflow/dataflow.ts';
export { defaultLimits } from './search/default-limits.ts';
export { isDense } from './search/dense.ts';
export { type Finalist, type FinalistOptions, simulateFinalists, usualFinalists } from './search/finalists.ts';
export type { Limits } from './search/mapspace.ts';
export { type Cost, type Objective, objectives } from './search/objective.ts';
export type { Plan } from './search/plan.ts';
export { weighingOf, type Found, type SearchOptions, searchMappings } from './search/search.ts';
export { writePlan } from './search/write-plan.ts';

// Validation: predictions beside published points.
export { type Library, openLibrary } from './validate/library.ts';
export type {
  Claim,
  Figure as SuiteFigure,
  Outcome,
  Point,
  ReadShipped,
  Run,
  Subject,
  Suite,
} from './validate/suite.ts';
export { suites } from './validate/suites.ts';
export { type FusemaxConfigurations, fusemaxRuns, readFusemaxConfigurations } from './validate/suites/fusemax-runs.ts';
export type { FusemaxRow } from './validate/suites/fusemax-rows.ts';
export { type ValidationOptions, validatePoints } from './validate/validate.ts';

// Reports: numbers for people and programs.
export type { Certificate } from './report/certificate.ts';
export { certificateSchema } from './report/certificate-schema.ts';
export type { BarChart, BarGroup } from './figures/bar-layout.ts';
export { energyBreakdown, stallBreakdown, timeBreakdown, trafficBreakdown } from './figures/breakdown.ts';
export { cascadeFigure } from './figures/cascade-figure.ts';
export { type CascadeGraph, cascadeGraph } from './figures/cascade-graph.ts';
export type { ChartAxis, ChartFacts } from './figures/chart.ts';
export { type Chart, chartFigure } from './figures/chart-figure.ts';
export { drawFigure, type Figure, type FigureOptions } from './figures/figure.ts';
export { type LabelledReport, labelReports } from './figures/labelled-report.ts';
export type { LineChart, LinePoint, LineSeries } from './figures/line-layout.ts';
export { compareModels } from './report/comparison.ts';
export { parseReport } from './report/parse-report.ts';
export { buildReport, printReport, type Report, type ReportInput } from './report/report.ts';
export { rooflineData } from './figures/roofline-data.ts';
export type { PlotMachine, PlotPoint, RooflinePlot } from './figures/roofline-layout.ts';
export { rooflineFigure } from './figures/roofline-figure.ts';
export { reportSchema } from './report/schema.ts';
export { causeText, stallTable } from './report/stall-text.ts';
export { compareReports, summarizeReport } from './report/summary.ts';
export { type ScalingQuantity, scalingChart } from './figures/scaling.ts';
export { speedupChart } from './figures/speedup.ts';
export { utilizationChart } from './figures/utilization.ts';
export { loopTreeFigure } from './figures/loop-tree-figure.ts';
export { type RecordedRun, type TimelineData, timelineData } from './figures/timeline-data.ts';
export { timelineFigure } from './figures/timeline-figure.ts';
export { renderSvg, type SvgSize } from './figures/svg.ts';
export type { Validation } from './report/validation.ts';
export { validationSchema } from './report/validation-schema.ts';
export { validationText } from './report/validation-text.ts';
