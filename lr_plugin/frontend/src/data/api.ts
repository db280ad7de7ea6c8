// Asks the plugin's routes (lr_plugin/http_api.md). The only module that fetches.

import type { ScaleKind } from "../base/scale.ts";
import type {
  Columns,
  Exactness,
  Landscape,
  LayerSamples,
  RangeTest,
  RunsAnswer,
  ScalarTag,
  Series,
  TrainingEvent,
} from "./records.ts";
import { countStretches } from "./stretches.ts";
import { formatTagChoices, type TagChoices } from "./tag_choices.ts";

// Goes with every request, for what it says is true of all answers alike.
let tagChoices = "";

/** Says which tags all requests from now on are about. */
export function requestTags(choices: TagChoices): void {
  tagChoices = formatTagChoices(choices);
}

export interface SeriesRequest {
  run: string;
  columns: readonly string[];
  start: number | null;
  stop: number | null;
  maxPoints: number;
  /** Along what the points are spread evenly: steps, or decades of steps. */
  spacing: ScaleKind;
}

/**
 * Makes a function that asks for the runs. An answer that says nothing new is the same
 * object as the one before.
 *
 * @param maxSecs After how long the server is to describe the remaining runs briefly.
 */
export function createRunsFetcher(
  maxSecs: number,
): (signal?: AbortSignal) => Promise<RunsAnswer> {
  let text = "";
  let list: RunsAnswer | null = null;
  return async (signal) => {
    // Half a megabyte where there are hundreds of runs, every few seconds.
    const answer = await (await get("runs", { max_secs: maxSecs }, signal)).text();
    if (list === null || answer !== text) {
      list = parseJson(answer) as RunsAnswer;
      text = answer;
    }
    return list;
  };
}

/** Asks for rows of a run. */
export async function fetchSeries(
  request: SeriesRequest,
  signal?: AbortSignal,
): Promise<Series> {
  const response = await get("series", seriesParameters(request), signal);
  const { columns } = decodeSeries(await response.arrayBuffer(), request.columns);
  const head = {
    rows_in_window: Number(response.headers.get("X-Rows-In-Window")),
    exact: (response.headers.get("X-Exact") as Exactness | null) ?? "rows",
  };
  return makeSeries(request, columns, head);
}

/**
 * Asks for rows of several runs at once.
 *
 * @param requests Different in nothing but their run; at most 100.
 * @returns Of each run its rows, or why it has none.
 */
export async function fetchSeriesOfRuns(
  requests: readonly SeriesRequest[],
  signal?: AbortSignal,
): Promise<(Series | Error)[]> {
  if (requests.length === 1) return [await fetchSeries(requests[0], signal)];
  const run = requests.map((request) => request.run);
  const parameters = { ...seriesParameters(requests[0]), run };
  const response = await get("series_of_runs", parameters, signal);
  const bytes = await response.arrayBuffer();
  const heads = JSON.parse(response.headers.get("X-Runs") ?? "[]") as SeriesHead[];
  let offset = 0;
  return requests.map((request, i) => {
    const head = heads[i];
    if ("error" in head) return new Error(head.error);
    const end = offset + 8 * request.columns.length * head.num_rows;
    const { columns } = decodeSeries(bytes.slice(offset, end), request.columns);
    offset = end;
    return makeSeries(request, columns, head);
  });
}

interface RowsHead {
  rows_in_window: number;
  exact: Exactness;
}

/** What `series_of_runs` says of each run. */
type SeriesHead = (RowsHead & { num_rows: number }) | { error: string };

function seriesParameters(request: SeriesRequest): Parameters {
  return {
    run: request.run,
    columns: request.columns.join(","),
    start: request.start,
    stop: request.stop,
    max_points: request.maxPoints,
    spacing: request.spacing,
  };
}

function makeSeries(request: SeriesRequest, columns: Columns, head: RowsHead): Series {
  const { rows_in_window: rowsInWindow, exact } = head;
  // Along decades, stretches are not of equal length.
  const isEven = exact === "sampled" && request.spacing === "linear";
  const numStretches = isEven ? countStretches(columns, request.maxPoints) : undefined;
  const numRows = columns[request.columns[0]].length;
  return { columns, numRows, rowsInWindow, exact, numStretches };
}

/** Asks for what happened in a run. */
export async function fetchEvents(
  run: string,
  signal?: AbortSignal,
): Promise<TrainingEvent[]> {
  const found = await fetchJson("events", { run }, signal);
  return (found as { events: TrainingEvent[] }).events;
}

/** Asks for the range tests of a run, the latest first. */
export async function fetchRangeTests(
  run: string,
  signal?: AbortSignal,
): Promise<RangeTest[]> {
  const found = await fetchJson("range_tests", { run }, signal);
  return (found as { range_tests: RangeTest[] }).range_tests;
}

/** Asks for the samples of the layers of a run. */
export async function fetchLayers(
  run: string,
  signal?: AbortSignal,
): Promise<LayerSamples> {
  return (await fetchJson("layers", { run }, signal)) as LayerSamples;
}

/** Asks for what other rates would have done in a run. */
export async function fetchLandscape(
  run: string,
  signal?: AbortSignal,
): Promise<Landscape> {
  return (await fetchJson("landscape", { run }, signal)) as Landscape;
}

/** Asks for the scalars of other programs, the likeliest to be drawn first. */
export async function fetchTags(signal?: AbortSignal): Promise<ScalarTag[]> {
  return ((await fetchJson("tags", {}, signal)) as { tags: ScalarTag[] }).tags;
}

/** Makes the address of a file with every row of a run, or of a window of it. */
export function exportUrl(
  run: string,
  start: number | null = null,
  stop: number | null = null,
): string {
  return route("export.csv", { run, start, stop });
}

/** Splits one answer of the series route into its columns. */
export function decodeSeries(
  bytes: ArrayBuffer,
  names: readonly string[],
): { columns: Columns; numRows: number } {
  const bytesPerRow = 8 * names.length;
  if (bytes.byteLength % bytesPerRow !== 0) {
    throw new Error(
      `The answer must hold ${names.length} columns of equal length. ` +
        `Received: ${bytes.byteLength} bytes.`,
    );
  }
  const numRows = bytes.byteLength / bytesPerRow;
  const columns = names.map((name, i): [string, Float64Array] => [
    name,
    littleEndianColumn(bytes, 8 * i * numRows, numRows),
  ]);
  return { columns: Object.fromEntries(columns), numRows };
}

/** Reads JSON in which NaN and infinity are strings, as TensorBoard writes them. */
export function parseJson(text: string): unknown {
  // A function that sees every value makes parsing take ten times as long.
  return /"(NaN|-?Infinity)"/.test(text)
    ? JSON.parse(text, reviveNumber)
    : JSON.parse(text);
}

/** Turns a string that stands for NaN or infinity back into that number. */
function reviveNumber(key: string, value: unknown): unknown {
  if (key === "run") return value;
  if (value === "NaN") return NaN;
  if (value === "Infinity") return Infinity;
  if (value === "-Infinity") return -Infinity;
  return value;
}

type Parameters = Record<string, string | number | null | readonly string[]>;

function route(name: string, parameters: Parameters): string {
  const query = new URLSearchParams();
  for (const [key, value] of Object.entries(parameters)) {
    const values = Array.isArray(value) ? value : [value];
    for (const each of values) if (each !== null) query.append(key, String(each));
  }
  if (tagChoices) query.set("tags", tagChoices);
  // Relative to the page's base, which TensorBoard sets to the plugin's address.
  const text = query.toString();
  return text ? `./${name}?${text}` : `./${name}`;
}

async function get(
  name: string,
  parameters: Parameters,
  signal?: AbortSignal,
): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(route(name, parameters), { signal, cache: "no-store" });
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new Error("TensorBoard does not answer. Is it still running?");
  }
  if (!response.ok) {
    const text = (await response.text()).trim();
    // The server's own sentence, where the answer is one.
    const isSentence = text && text.length < 500 && !text.startsWith("<");
    throw new Error(
      isSentence ? text : `TensorBoard answered with an error (${response.status}).`,
    );
  }
  return response;
}

async function fetchJson(
  name: string,
  parameters: Parameters,
  signal?: AbortSignal,
): Promise<unknown> {
  const response = await get(name, parameters, signal);
  return parseJson(await response.text());
}

function littleEndianColumn(
  bytes: ArrayBuffer,
  offset: number,
  length: number,
): Float64Array {
  const view = new DataView(bytes, offset, 8 * length);
  const column = new Float64Array(length);
  for (let i = 0; i < length; i++) column[i] = view.getFloat64(8 * i, true);
  return column;
}
