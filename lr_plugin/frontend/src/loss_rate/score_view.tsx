// Loss against rate with the scores of a search's trials in place of losses.

import { useMemo } from "preact/hooks";

import { formatNumber, plural } from "../base/format.ts";
import { visible } from "../base/names.ts";
import type { RunSummary } from "../data/records.ts";
import { objectiveOf, rateOf, scoreOf } from "../data/trial_scores.ts";
import { sortRuns } from "../state/runs.ts";
import { ScaleSwitch } from "../widgets/controls.tsx";
import { ViewFrame } from "../widgets/view_frame.tsx";
import type { ViewProps } from "../widgets/view_props.ts";
import { RateChart } from "./rate_chart.tsx";
import { RateControls } from "./rate_controls.tsx";
import { buildScores, countDiverged } from "./score_scene.ts";
import { TestResults } from "./test_results.tsx";
import { useRangeTests } from "./use_range_tests.ts";

const NO_SCORES =
  "None of the chosen runs has a score. The trials of a search have one when they have " +
  "ended.";

export function ScoreView(props: ViewProps) {
  const { state, chosen, colorOf, theme } = props;
  const tests = useRangeTests(props);
  const isBestShown = state.showBest ?? true;
  const trials = useMemo(() => chosen.filter((run) => scoreOf(run) !== null), [chosen]);
  const scene = useMemo(() => {
    const { rateWindow, rateAxisScale, metricScale } = state;
    const runs = trials.map((summary) => ({ summary, color: colorOf(summary.run) }));
    const axes = { rateWindow, rateAxisScale, metricScale };
    const options = { ...axes, showBest: isBestShown, theme };
    return buildScores(runs, tests, options);
  }, [
    trials,
    tests,
    colorOf,
    isBestShown,
    theme,
    state.rateWindow,
    state.rateAxisScale,
    state.metricScale,
  ]);
  const summary = trials.length > 0 ? describeScores(trials) : "";
  const controls = (
    <RateControls {...props} isBestShown={isBestShown}>
      <ScaleSwitch
        label="Score"
        value={state.metricScale}
        onChange={(metricScale) => props.update({ metricScale })}
      />
    </RateControls>
  );
  return (
    <ViewFrame
      {...props}
      controls={controls}
      isEmpty={trials.length === 0}
      whyEmpty={NO_SCORES}
      caption={[summary]}
      details={<TestResults tests={tests} />}
      summary={summary}
    >
      <RateChart
        {...props}
        scene={scene}
        runs={[]}
        values={{ learning_rate: "rate", score: scene.yLabel }}
      />
    </ViewFrame>
  );
}

function describeScores(trials: readonly RunSummary[]): string {
  const [best] = sortRuns(trials, "metric", objectiveOf(trials) ?? "score");
  const objective = objectiveOf(trials) ?? "score";
  const diverged = countDiverged(trials);
  return (
    `${plural(trials.length, "trial")}, each at the rate that was set for it. The best ` +
    `${objective}, ${formatNumber(scoreOf(best))}, was reached by ${visible(best.run)} at ` +
    `${formatNumber(rateOf(best), 3)}.` +
    (diverged ? ` ${plural(diverged, "trial")} diverged and cannot be drawn.` : "")
  );
}
