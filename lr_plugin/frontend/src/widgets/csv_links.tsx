// Links to download what is drawn.

import { formatCount } from "../base/format.ts";
import { visible } from "../base/names.ts";
import type { Range } from "../base/scale.ts";
import type { DrawnRun } from "../chart/drawn_run.ts";
import { exportUrl } from "../data/api.ts";
import { stepsInWindow, type XAxis } from "../data/axis.ts";

/** Offers every row of the drawn runs, and those of the window that is shown. */
export function CsvLinks(props: {
  runs: readonly DrawnRun[];
  axis: XAxis;
  window: Range | null;
}) {
  if (props.runs.length === 0) return null;
  const steps = stepsShown(props.runs[0], props.axis, props.window);
  return (
    <details class="lr-details">
      <summary>CSV of every row</summary>
      <ul class="lr-links">
        {props.runs.map(({ summary }) => (
          <li key={summary.run}>
            <a href={exportUrl(summary.run)} download>
              {visible(summary.run)}
            </a>
            {steps && (
              <>
                {" · "}
                <a href={exportUrl(summary.run, ...steps)} download>
                  steps {formatCount(steps[0])} to {formatCount(steps[1] - 1)}
                </a>
              </>
            )}
          </li>
        ))}
      </ul>
    </details>
  );
}

/** Finds the steps [start, stop) of a window by the rows of one run. */
function stepsShown(
  { summary, series }: DrawnRun,
  axis: XAxis,
  window: Range | null,
): Range | null {
  if (!window) return null;
  const { start, stop } = stepsInWindow(axis, summary, window, series.columns);
  const first = Math.max(0, start ?? summary.first_step);
  return [first, stop ?? summary.last_step + 1];
}
