// What all views with charts have in common: what is said above and below the charts and
// to screen readers, and the drawn rows in numbers.

import type { ComponentChildren } from "preact";

import type { Range } from "../base/scale.ts";
import type { ReadableRun } from "../chart/reading.ts";
import type { XAxis } from "../data/axis.ts";
import type { RunSummary } from "../data/records.ts";
import type { SeriesResult } from "../state/use_series.ts";
import { CsvLinks } from "./csv_links.tsx";
import { DataTable } from "./data_table.tsx";
import { Placeholder, Sentences } from "./sentences.tsx";
import { useAnnouncement } from "./use_announcement.ts";
import type { ViewProps } from "./view_props.ts";

interface ViewFrameProps extends ViewProps {
  /** What is chosen above the charts. */
  controls: ComponentChildren;
  warnings?: readonly string[];
  /** How loading the rows went; a view that draws no rows has none. */
  found?: Pick<SeriesResult, "errors" | "isLoading">;
  /** Whether there is nothing to draw, so that a sentence takes the charts' place. */
  isEmpty: boolean;
  /** That sentence, where the view knows the reason better than the frame. */
  whyEmpty?: string;
  /** The charts. */
  children: ComponentChildren;
  /** Sentences about what is drawn; empty ones are left out. */
  caption: readonly string[];
  /** What stands between the caption and the table. */
  details?: ComponentChildren;
  /** The drawn rows in numbers, and where to download them. */
  rows?: DrawnRows;
  /** The charts in a few words, for screen readers. */
  summary: string;
}

interface DrawnRows {
  runs: readonly ReadableRun[];
  /** The part of their x that the table lists. */
  shown: Range;
  /** The part of the runs that the view shows; null is all. */
  window: Range | null;
  axis: XAxis;
}

export function ViewFrame(props: ViewFrameProps) {
  const { state, update, found, isEmpty, rows } = props;
  const isLoading = found?.isLoading ?? false;
  useAnnouncement(isLoading || isEmpty ? "" : props.summary, props.announce);
  return (
    <>
      {props.controls}
      <Sentences kind="warning" sentences={props.warnings ?? []} />
      <Sentences kind="error" sentences={found?.errors ?? []} />
      {isEmpty ? (
        <Placeholder sentence={props.whyEmpty ?? whyNothing(isLoading, props.chosen)} />
      ) : (
        <>
          {props.children}
          <p class="lr-caption" data-caption="exactness">
            <span class={isLoading ? "lr-busy lr-busy-on" : "lr-busy"} />
            {props.caption.filter(Boolean).join(" ")}
          </p>
          {props.details}
          {rows && (
            <>
              <DataTable
                runs={rows.runs}
                focus={state.focus}
                onFocus={(focus) => update({ focus })}
                x={rows.shown}
              />
              <CsvLinks {...rows} />
            </>
          )}
        </>
      )}
    </>
  );
}

function whyNothing(isLoading: boolean, chosen: readonly RunSummary[]): string {
  if (isLoading) return "Loading…";
  return chosen.length > 0
    ? "The chosen runs have nothing to draw here."
    : "No run is chosen. Choose one in the list of runs.";
}
