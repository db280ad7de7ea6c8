// What the person has chosen, in one object: all that a link to the same picture needs.

import type { Range, XAxis } from "./axis.ts";
import type { ScaleKind } from "./scale.ts";

export type View = "timeline" | "loss-rate" | "adam" | "runs";
export type RunSort = "newest" | "name" | "loss" | "score";
export type RunGroup = "none" | "schedule" | "optimizer";

/** "default" is a few runs, and follows new ones; see `defaultChoice`. */
export type Choice = "default" | "all" | readonly string[];

export interface State {
  view: View;
  choice: Choice;
  filter: string;
  sort: RunSort;
  group: RunGroup;
  x: XAxis;
  rateScale: ScaleKind;
  lossScale: ScaleKind;
  /** Part of the x axis that is shown, in its unit; null is all of it. */
  window: Range | null;
  /** Part of the rate axis that Loss against rate shows. */
  rateWindow: Range | null;
  /** Half life of the loss's smoothing, as a share of what is shown, in 1/1000. */
  smoothing: number;
  /** The run that stands out, and that the table below the charts lists. */
  focus: string | null;
  /** Column and direction by which the table of runs is sorted. */
  tableSort: string;
}

export const DEFAULT_STATE: State = {
  view: "timeline",
  choice: "default",
  filter: "",
  sort: "newest",
  group: "none",
  x: "step",
  rateScale: "linear",
  lossScale: "log",
  window: null,
  rateWindow: null,
  smoothing: 0,
  focus: null,
  tableSort: "",
};

export const VIEWS: Record<View, string> = {
  timeline: "Timeline",
  "loss-rate": "Loss against rate",
  adam: "Adam",
  runs: "Runs",
};
