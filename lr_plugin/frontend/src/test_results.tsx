// What range tests found, in words.

import { formatNumber } from "./format.ts";
import type { TestedRun } from "./range_test_scene.ts";

export function TestResults({ tests }: { tests: readonly TestedRun[] }) {
  return (
    <>
      {tests.map(({ run, color, test }) => (
        <section
          key={run}
          class="lr-card lr-padded"
          aria-label={`Range test of ${run}`}
        >
          <h2 class="lr-card-title">
            <span class="lr-dot" style={{ background: color }} />
            Range test of {run}
          </h2>
          <p>
            {test.suggestion === null ? (
              <strong>No suggestion. </strong>
            ) : (
              <strong>
                Suggested rate {formatNumber(test.suggestion, 3)}
                {test.interval &&
                  `, between ${formatNumber(test.interval[0], 3)} and ` +
                    `${formatNumber(test.interval[1], 3)} with 90 % confidence`}
                .{" "}
              </strong>
            )}
            {test.reason}
          </p>
          {test.usable_band && (
            <p>
              Usable band: {formatNumber(test.usable_band[0], 3)} to{" "}
              {formatNumber(test.usable_band[1], 3)}.
            </p>
          )}
          {Object.keys(test.suggestions).length > 0 && (
            <p class="lr-muted">
              By rule:{" "}
              {Object.entries(test.suggestions)
                .map(
                  ([rule, rate]) =>
                    `${rule} ${rate === null ? "none" : formatNumber(rate, 3)}`,
                )
                .join(", ")}
              .
            </p>
          )}
          {test.stop_reason && <p class="lr-muted">{test.stop_reason}</p>}
        </section>
      ))}
    </>
  );
}
