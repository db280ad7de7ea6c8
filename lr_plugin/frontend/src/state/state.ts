// What the person has chosen, in one object: all that a link to the same picture needs.

import type { Range, ScaleKind } from "../base/scale.ts";
import type { XAxis } from "../data/axis.ts";
import type { TagChoices } from "../data/tag_choices.ts";

export type View =
  | "timeline"
  | "which-rate"
  | "loss-rate"
  | "landscape"
  | "layers"
  | "runs";
export type RunSort = "newest" | "name" | "loss" | "metric";
export type RunGroup = "none" | "schedule" | "optimizer";

/** What an axis shows: most of the runs in full, or all of them. */
export type AxisEnds = "most" | "all";

/**
 * Which runs are drawn: their names, all, or by default a few of them
 * (`defaultChoice`).
 */
export type Choice = "default" | "all" | readonly string[];

/** The part of each y axis that is shown, by `zoomKey` of `zooms.ts`. */
export type Zooms = Readonly<Record<string, Range>>;

export interface State {
  view: View;
  choice: Choice;
  filter: string;
  sort: RunSort;
  group: RunGroup;
  x: XAxis;
  /** The scale of the x axis; wall time is always linear. */
  xScale: ScaleKind;
  /** The scale of the rate; "auto" leaves it to the rates that are drawn. */
  rateScale: ScaleKind | "auto";
  /** The scale of the loss; "auto" leaves it to the losses that are drawn. */
  lossScale: ScaleKind | "auto";
  /** Whether these axes end where most of the runs do, or show all values. */
  rateEnds: AxisEnds;
  lossEnds: AxisEnds;
  metricEnds: AxisEnds;
  columnEnds: AxisEnds;
  /** Part of the x axis that is shown, in its unit; null is all of it. */
  window: Range | null;
  /** Part of the rate axis that Loss against rate shows. */
  rateWindow: Range | null;
  /** Parts of y axes that are shown; the others fit what they draw. */
  zooms: Zooms;
  /** The scale of the rate where it is the x axis. */
  rateAxisScale: ScaleKind;
  /** The scale of the metric; "auto" leaves it to the values that are drawn. */
  metricScale: ScaleKind | "auto";
  /** The scale of what arrives at each layer. */
  layerScale: ScaleKind;
  /** Whether the best of all runs is drawn; null leaves it to the number of runs. */
  showBest: boolean | null;
  /** What Which rate? has on its x axis: "peak", "first", "last", or a hyperparameter. */
  against: string;
  /** What its colours say: "" is the run, else a hyperparameter. */
  colorBy: string;
  /** Whether each optimizer and schedule has a chart; null leaves it to the runs. */
  isSplit: boolean | null;
  /** The part of a run's name that is its seed, as a regular expression. */
  seedPart: string;
  /** The metric of epochs that is drawn, and by which runs are judged; see `metrics.ts`. */
  metric: string;
  /** Columns of rows that the timeline draws besides the rate and the loss. */
  drawnColumns: readonly string[];
  /** The scale of these; "auto" leaves it to the values of each. */
  columnScale: ScaleKind | "auto";
  /** The kind of events that are listed, and gone to; "" is all. */
  eventKind: string;
  /** How far losses are smoothed on either side, in thousandths of what is shown. */
  smoothing: number;
  /**
   * Whether the drawn runs have colours as different as can be; else each has its own
   * colour, whichever others are drawn.
   */
  isRecolored: boolean;
  /** The width of the list of runs, in pixels. */
  listWidth: number;
  /** Whether it is shown; null leaves it to the width of the window. */
  isListShown: boolean | null;
  /** How high the charts are, as a multiple of their usual height. */
  chartHeight: number;
  /** The run that stands out, and that the table below the charts lists. */
  focus: string | null;
  /** The layer that is drawn alone; null is all of them. */
  layer: string | null;
  /** Column and direction by which the table of runs is sorted. */
  tableSort: string;
  /** The columns of that table by their keys; null leaves it to the runs. */
  tableColumns: readonly string[] | null;
  /** The tags of runs of other programs that the user has chosen. */
  tagChoices: TagChoices;
}

export const DEFAULT_STATE: State = {
  view: "timeline",
  choice: "default",
  filter: "",
  sort: "newest",
  group: "none",
  x: "step",
  xScale: "linear",
  rateScale: "auto",
  lossScale: "auto",
  rateEnds: "most",
  lossEnds: "most",
  metricEnds: "most",
  columnEnds: "most",
  window: null,
  rateWindow: null,
  zooms: {},
  rateAxisScale: "log",
  metricScale: "auto",
  layerScale: "log",
  showBest: null,
  against: "peak",
  colorBy: "",
  isSplit: null,
  seedPart: "",
  metric: "",
  drawnColumns: [],
  columnScale: "auto",
  eventKind: "",
  smoothing: 0,
  isRecolored: false,
  listWidth: 300,
  isListShown: null,
  chartHeight: 1,
  focus: null,
  layer: null,
  tableSort: "",
  tableColumns: null,
  tagChoices: {},
};

export const VIEWS: Record<View, string> = {
  timeline: "Timeline",
  "which-rate": "Which rate?",
  "loss-rate": "Loss against rate",
  landscape: "Landscape",
  layers: "Layers",
  runs: "Runs",
};
