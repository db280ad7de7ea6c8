// The state in TensorBoard's own URL: `#learning_rate&p.learning_rate.view=runs&...`.
// TensorBoard keeps keys of this form when it changes the tab, and offers them to
// plugins under the part before the last dot.

import type { Range, ScaleKind } from "../base/scale.ts";
import { X_AXES, type XAxis } from "../data/axis.ts";
import { formatTagChoices, parseTagChoices } from "../data/tag_choices.ts";
import {
  DEFAULT_STATE,
  VIEWS,
  type AxisEnds,
  type Choice,
  type RunGroup,
  type RunSort,
  type State,
  type View,
  type Zooms,
} from "./state.ts";

const PREFIX = "p.learning_rate.";
const SCALES: readonly ScaleKind[] = ["linear", "log"];
const AUTO_SCALES = ["auto", ...SCALES] as const;
const ENDS: readonly AxisEnds[] = ["most", "all"];
const SORTS: readonly RunSort[] = ["newest", "name", "loss", "metric"];
// What the view of the layers was called, in links that people have kept.
const FORMER_LAYERS = "adam";
const GROUPS: readonly RunGroup[] = ["none", "schedule", "optimizer"];

/**
 * Reads the state from a location's hash; what the hash does not name has its default.
 */
export function parseHash(hash: string): State {
  const found = new Map<string, string>();
  for (const part of hash.replace(/^#/, "").split("&")) {
    const at = part.indexOf("=");
    if (at < 0) continue;
    const key = decode(part.slice(0, at));
    if (key.startsWith(PREFIX)) {
      found.set(key.slice(PREFIX.length), decode(part.slice(at + 1)));
    }
  }
  return {
    view: parseView(found.get("view")),
    choice: parseChoice(found.get("runs")),
    filter: found.get("filter") ?? DEFAULT_STATE.filter,
    sort: oneOf(SORTS, found.get("sort"), DEFAULT_STATE.sort),
    group: oneOf(GROUPS, found.get("group"), DEFAULT_STATE.group),
    x: oneOf(Object.keys(X_AXES) as XAxis[], found.get("x"), DEFAULT_STATE.x),
    xScale: oneOf(SCALES, found.get("xscale"), DEFAULT_STATE.xScale),
    rateScale: oneOf(AUTO_SCALES, found.get("rate"), DEFAULT_STATE.rateScale),
    lossScale: oneOf(AUTO_SCALES, found.get("loss"), DEFAULT_STATE.lossScale),
    rateEnds: oneOf(ENDS, found.get("rateaxis"), DEFAULT_STATE.rateEnds),
    lossEnds: oneOf(ENDS, found.get("lossaxis"), DEFAULT_STATE.lossEnds),
    metricEnds: oneOf(ENDS, found.get("metricaxis"), DEFAULT_STATE.metricEnds),
    columnEnds: oneOf(ENDS, found.get("drawnaxis"), DEFAULT_STATE.columnEnds),
    window: parseRange(found.get("window")),
    rateWindow: parseRange(found.get("rates")),
    zooms: parseZooms(found.get("zooms")),
    rateAxisScale: oneOf(SCALES, found.get("ratescale"), DEFAULT_STATE.rateAxisScale),
    metricScale: oneOf(
      AUTO_SCALES,
      found.get("metricscale"),
      DEFAULT_STATE.metricScale,
    ),
    layerScale: oneOf(SCALES, found.get("layers"), DEFAULT_STATE.layerScale),
    showBest: parseSwitch(found.get("best")),
    against: found.get("against") ?? DEFAULT_STATE.against,
    colorBy: found.get("colors") ?? DEFAULT_STATE.colorBy,
    isSplit: parseSwitch(found.get("split")),
    seedPart: found.get("seed") ?? DEFAULT_STATE.seedPart,
    metric: found.get("metric") ?? DEFAULT_STATE.metric,
    drawnColumns: parseNames(found.get("drawn")) ?? DEFAULT_STATE.drawnColumns,
    columnScale: oneOf(AUTO_SCALES, found.get("drawnscale"), DEFAULT_STATE.columnScale),
    eventKind: found.get("events") ?? DEFAULT_STATE.eventKind,
    smoothing: parseNumber(found.get("smoothing"), 0, 1000, DEFAULT_STATE.smoothing),
    isRecolored: found.get("recolor") === "on",
    listWidth: parseNumber(found.get("listwidth"), 150, 2000, DEFAULT_STATE.listWidth),
    isListShown: parseSwitch(found.get("list")),
    chartHeight: parseNumber(found.get("height"), 0.3, 10, DEFAULT_STATE.chartHeight),
    focus: found.get("focus") ?? DEFAULT_STATE.focus,
    layer: found.get("layer") ?? DEFAULT_STATE.layer,
    tableSort: found.get("table") ?? DEFAULT_STATE.tableSort,
    tableColumns: parseNames(found.get("columns")),
    tagChoices: parseTagChoices(found.get("tags")),
  };
}

/** Replaces our part of a hash; leaves out defaults, to keep links short. */
export function updateHash(hash: string, state: State): string {
  const others = hash
    .replace(/^#/, "")
    .split("&")
    .filter((part) => part && !decode(part.split("=")[0]).startsWith(PREFIX));
  const ours = [
    ["view", state.view, DEFAULT_STATE.view],
    ["runs", formatChoice(state.choice), "default"],
    ["filter", state.filter, DEFAULT_STATE.filter],
    ["sort", state.sort, DEFAULT_STATE.sort],
    ["group", state.group, DEFAULT_STATE.group],
    ["x", state.x, DEFAULT_STATE.x],
    ["xscale", state.xScale, DEFAULT_STATE.xScale],
    ["rate", state.rateScale, DEFAULT_STATE.rateScale],
    ["loss", state.lossScale, DEFAULT_STATE.lossScale],
    ["rateaxis", state.rateEnds, DEFAULT_STATE.rateEnds],
    ["lossaxis", state.lossEnds, DEFAULT_STATE.lossEnds],
    ["metricaxis", state.metricEnds, DEFAULT_STATE.metricEnds],
    ["drawnaxis", state.columnEnds, DEFAULT_STATE.columnEnds],
    ["window", formatRange(state.window), ""],
    ["rates", formatRange(state.rateWindow), ""],
    ["zooms", formatZooms(state.zooms), ""],
    ["ratescale", state.rateAxisScale, DEFAULT_STATE.rateAxisScale],
    ["metricscale", state.metricScale, DEFAULT_STATE.metricScale],
    ["layers", state.layerScale, DEFAULT_STATE.layerScale],
    ["best", formatSwitch(state.showBest), ""],
    ["against", state.against, DEFAULT_STATE.against],
    ["colors", state.colorBy, DEFAULT_STATE.colorBy],
    ["split", formatSwitch(state.isSplit), ""],
    ["seed", state.seedPart, DEFAULT_STATE.seedPart],
    ["metric", state.metric, DEFAULT_STATE.metric],
    ["drawn", formatNames(state.drawnColumns), ""],
    ["drawnscale", state.columnScale, DEFAULT_STATE.columnScale],
    ["events", state.eventKind, DEFAULT_STATE.eventKind],
    ["smoothing", String(state.smoothing), String(DEFAULT_STATE.smoothing)],
    ["recolor", formatSwitch(state.isRecolored), "off"],
    ["listwidth", String(state.listWidth), String(DEFAULT_STATE.listWidth)],
    ["list", formatSwitch(state.isListShown), ""],
    ["height", String(state.chartHeight), String(DEFAULT_STATE.chartHeight)],
    ["focus", state.focus ?? "", ""],
    ["layer", state.layer ?? "", ""],
    ["table", state.tableSort, DEFAULT_STATE.tableSort],
    ["columns", formatNames(state.tableColumns ?? []), ""],
    ["tags", formatTagChoices(state.tagChoices), ""],
  ]
    .filter(([, value, byDefault]) => value !== byDefault)
    .map(([key, value]) => `${PREFIX}${key}=${encodeURIComponent(value)}`);
  const parts = [...others, ...ours];
  return parts.length ? `#${parts.join("&")}` : "";
}

function parseView(text: string | undefined): View {
  const view = text === FORMER_LAYERS ? "layers" : text;
  return oneOf(Object.keys(VIEWS) as View[], view, DEFAULT_STATE.view);
}

function parseChoice(text: string | undefined): Choice {
  if (text === undefined) return DEFAULT_STATE.choice;
  if (text === "*") return "all";
  // Each name is encoded by itself first, since it may contain commas.
  return text === "" ? [] : text.split(",").map(decode);
}

function formatChoice(choice: Choice): string {
  if (choice === "default") return "default";
  return choice === "all" ? "*" : formatNames(choice);
}

function parseNames(text: string | undefined): readonly string[] | null {
  return text ? text.split(",").map(decode) : null;
}

function formatNames(names: readonly string[]): string {
  return names.map(encodeURIComponent).join(",");
}

function parseNumber(
  text: string | undefined,
  min: number,
  max: number,
  otherwise: number,
): number {
  const number = Number(text ?? NaN);
  return number >= min && number <= max ? number : otherwise;
}

function parseRange(text: string | undefined): Range | null {
  const [low, high] = (text ?? "")
    .split("~")
    .map((part) => (part ? Number(part) : NaN));
  return low < high ? [low, high] : null;
}

function formatRange(range: Range | null): string {
  return range ? `${range[0]}~${range[1]}` : "";
}

function parseZooms(text: string | undefined): Zooms {
  const parts = (text ?? "").split(",").map((part) => part.split(":").map(decode));
  return Object.fromEntries(
    parts.flatMap(([key, ends]) => {
      const range = parseRange(ends);
      return range ? [[key, range]] : [];
    }),
  );
}

function formatZooms(zooms: Zooms): string {
  return Object.entries(zooms)
    .map(([key, range]) => `${encodeURIComponent(key)}:${formatRange(range)}`)
    .join(",");
}

function parseSwitch(text: string | undefined): boolean | null {
  return text === undefined ? null : text === "on";
}

function formatSwitch(isOn: boolean | null): string {
  return isOn === null ? "" : isOn ? "on" : "off";
}

function oneOf<T extends string>(known: readonly T[], text: unknown, otherwise: T): T {
  return known.find((value) => value === text) ?? otherwise;
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
