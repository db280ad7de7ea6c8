// What range tests found, in words.

import { formatNumber } from "../base/format.ts";
import { visible } from "../base/names.ts";
import type { RangeTest } from "../data/records.ts";
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
            Range test of {visible(run)}
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
          <ByRule suggestions={test.suggestions} />
          {test.loss_name && test.loss_name !== "batch loss" && (
            <p class="lr-muted">Drawn is the {test.loss_name}.</p>
          )}
          {test.stop_reason && (
            <p class="lr-muted">It ended because {test.stop_reason}.</p>
          )}
        </section>
      ))}
    </>
  );
}

function ByRule({ suggestions }: Pick<RangeTest, "suggestions">) {
  const found = Object.entries(suggestions).flatMap(([rule, rate]) =>
    rate === null ? [] : [`${rule} ${formatNumber(rate, 3)}`],
  );
  return found.length > 0 ? (
    <p class="lr-muted">By rule: {found.join(", ")}.</p>
  ) : null;
}
