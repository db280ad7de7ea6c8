// What the plugin's routes send, by the names they have there (lr_plugin/http_api.md).

export type Columns = Readonly<Record<string, Float64Array>>;
export type Exactness = "rows" | "sampled" | "envelope";

interface ClassConfig {
  class_name?: string;
  config?: Record<string, unknown>;
}

/** A row as it is spoken of; the epoch is counted from 0. */
export interface Moment {
  step: number;
  epoch: number | null;
  learning_rate: number | null;
  loss: number | null;
}

/** The best value of a metric at the end of an epoch, which is counted from 0. */
export interface BestEpoch {
  value: number;
  /** Null where a run of another program does not say it. */
  epoch: number | null;
  step: number;
  learning_rate: number | null;
  higher_is_better: boolean;
}

interface ColumnSummary {
  /** Null where the row is not at hand. */
  first: number | null;
  last: number | null;
  min: number;
  max: number;
}

interface LossSummary extends ColumnSummary {
  final: number;
  final_is_exact: boolean;
  lowest: Moment | null;
  num_nonfinite: number;
}

export interface RunSummary {
  run: string;
  source: "recorded" | "scalars";
  num_iterations: number;
  first_step: number;
  last_step: number;
  columns: string[];
  start_time: number | null;
  last_time: number | null;
  version: string;
  blocks: { written: number; kept: number; in_files: boolean } | null;
  learning_rate: ColumnSummary | null;
  loss: LossSummary | null;
  diverged_at: Moment | null;
  best_epochs: Record<string, BestEpoch>;
  num_not_applied: number;
  optimizer: ClassConfig;
  schedule: ClassConfig;
  steps_per_epoch: number | null;
  epochs: number | null;
  epoch_marks: [number, number][];
  notes: string[];
  extra: { hparams?: Record<string, unknown>; score?: number } & Record<
    string,
    unknown
  >;
  findings: Finding[];
  /** What other rates would have done: medians over the moments that were measured. */
  landscape: {
    num_samples: number;
    critical_rate: number;
    headroom: number;
    /** The peak of the rates for the next run; null where the run does not tell. */
    suggestion: { rate: number | null; interval: [number, number] | null; reason: string };
  } | null;
  /** Whether no row of it was read yet, so that findings and the like are missing. */
  is_brief: boolean;
  has: { events: boolean; range_test: boolean; layers: boolean; landscape: boolean };
  /** The tag of each column, where another program wrote the run. */
  tags?: Record<string, string>;
  /** The tags that may be drawn in their place. */
  tag_choices?: Record<string, string[]>;
  /** Whether TensorBoard has left out points. */
  is_sampled?: boolean;
  /** How many rates are in no row, for they were logged between two losses. */
  num_rates_left_out?: number;
}

/** A scalar of other programs. */
export interface ScalarTag {
  tag: string;
  kind: "learning_rate" | "loss" | "validation" | "epoch" | "other";
  num_runs: number;
}

export interface RunsAnswer {
  runs: RunSummary[];
  notices: string[];
}

/** Rows in order of step, in columns of equal length. */
export interface Series {
  columns: Columns;
  numRows: number;
  rowsInWindow: number;
  exact: Exactness;
  /** Into how many stretches of equal length a sample was split, if that is known. */
  numStretches?: number;
}

export interface TrainingEvent {
  kind: string;
  step: number;
  wall_time: number;
  text: string;
  details: Record<string, unknown>;
}

export interface Finding {
  kind: string;
  severity: "error" | "warning" | "info";
  text: string;
  step: number | null;
  epoch: number | null;
  learning_rate: number | null;
  loss: number | null;
}

export interface RangeTest {
  learning_rates: number[];
  losses: number[][];
  smoothed: number[];
  suggestion: number | null;
  interval: [number, number] | null;
  reason: string;
  suggestions: Record<string, number | null>;
  usable_band: [number, number] | null;
  stop_reason: string;
  /** Missing where an earlier version wrote the test. */
  loss_name?: string;
}

export interface LayerSamples {
  layers: string[];
  columns: string[];
  steps: number[];
  values: Record<string, number[][]>;
}

/**
 * What other rates would have done at some updates. NaN is what was not tried, and
 * infinity what was not finite, or a critical rate beyond all that were tried.
 */
export interface Landscape {
  /** How many samples there are; of very many, some come. */
  num_samples: number;
  steps: number[];
  used_rates: number[];
  /** Of the batch that came next, without the update. */
  losses: number[];
  /** By sample, rising. */
  rates: number[][];
  /** What the update at each rate adds to the loss. */
  loss_changes: number[][];
  critical_rates: number[];
}
