// Silent mistakes that the recorded rows of the chosen runs show.

import { formatCount, plural } from "../base/format.ts";
import type { Finding } from "../data/records.ts";
import { showStep } from "../state/show_step.ts";
import { RunName } from "../widgets/run_name.tsx";
import type { ViewProps } from "../widgets/view_props.ts";

const NAME_LETTERS = 40;

const SYMBOLS: Record<Finding["severity"], string> = {
  error: "✕",
  warning: "!",
  info: "i",
};
const SEVERITIES: readonly Finding["severity"][] = ["error", "warning", "info"];

export function Findings(props: ViewProps) {
  const { state, update, chosen, listed, colorOf, names } = props;
  const numBrief = listed.filter(({ is_brief: isBrief }) => isBrief).length;
  if (numBrief > 0) {
    return (
      <p class="lr-findings lr-findings-missing">
        Reading the outcomes of {plural(numBrief, "run")}…
      </p>
    );
  }
  const runs = state.view === "runs" ? listed : chosen;
  const found = runs
    .flatMap(({ run, findings }) => findings.map((finding) => ({ ...finding, run })))
    .sort((a, b) => SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity));
  if (found.length === 0) return null;
  return (
    <details class="lr-findings">
      <summary>
        <span class={`lr-severity lr-severity-${found[0].severity}`} aria-hidden="true">
          {SYMBOLS[found[0].severity]}
        </span>
        {plural(found.length, "finding")}
        <span class="lr-findings-first">
          {names.short(found[0].run, NAME_LETTERS)}: {found[0].text}
        </span>
      </summary>
      <ul class="lr-finding-items">
        {found.map((finding, i) => (
          <li key={i} class="lr-finding">
            <span
              class={`lr-severity lr-severity-${finding.severity}`}
              aria-hidden="true"
            >
              {SYMBOLS[finding.severity]}
            </span>
            <span class="lr-visually-hidden">{finding.severity}: </span>
            <span>
              <span class="lr-dot" style={{ background: colorOf(finding.run) }} />
              <button
                class="lr-link-button"
                onClick={() => update({ focus: finding.run })}
                title="Bring out this run"
              >
                <RunName
                  run={finding.run}
                  short={names.short(finding.run, NAME_LETTERS)}
                />
              </button>{" "}
              {finding.text}{" "}
              {finding.step !== null && (
                <button
                  class="lr-link-button"
                  onClick={() => update(showStep(finding.step!, finding.run, chosen))}
                >
                  Show step {formatCount(finding.step)}
                </button>
              )}
            </span>
          </li>
        ))}
      </ul>
    </details>
  );
}
