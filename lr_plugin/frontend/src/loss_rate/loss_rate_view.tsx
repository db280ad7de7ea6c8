// Loss against rate: the picture from which one chooses a rate.

import { useMemo } from "preact/hooks";

import { timeColor } from "../base/colors.ts";
import { formatNumber, plural } from "../base/format.ts";
import { drawRuns } from "../chart/drawn_run.ts";
import { lossKind } from "../chart/fit_axes.ts";
import type { ReadableRun } from "../chart/reading.ts";
import type { Scene } from "../chart/scene.ts";
import { TestResults } from "../range_tests/test_results.tsx";
import { useRangeTests } from "../range_tests/use_range_tests.ts";
import { LOSS_COLUMNS, useSeries } from "../state/use_series.ts";
import {
  countInWindow,
  describeOddLosses,
  describeRows,
  describeSmoothing,
  summarizeRuns,
} from "../widgets/captions.ts";
import { ScaleSwitch, SmoothingSlider } from "../widgets/controls.tsx";
import { RunNotes } from "../widgets/run_notes.tsx";
import { ViewFrame } from "../widgets/view_frame.tsx";
import type { ViewProps } from "../widgets/view_props.ts";
import { buildLossRate } from "./loss_rate_scene.ts";
import { RateChart } from "./rate_chart.tsx";
import { RateControls } from "./rate_controls.tsx";

const VALUES = { learning_rate: "rate", loss: "loss" };
// So many paths hide each other: the best loss at each rate says more.
const MANY_PATHS = 4;

export function LossRateView(props: ViewProps) {
  const { state, update, chosen, colorOf, dashOf, loaders, revision, theme } = props;
  const runs = useMemo(() => chosen.filter((run) => run.num_iterations > 0), [chosen]);
  const { window } = state;
  const found = useSeries(loaders, revision, runs, LOSS_COLUMNS, {
    x: state.x,
    xScale: "linear",
    window,
    rateWindow: state.rateWindow,
  });
  const tests = useRangeTests(props);
  const drawn = useMemo(
    () => drawRuns(runs, found.series, colorOf, dashOf),
    [runs, found, colorOf, dashOf],
  );
  const isBestShown = state.showBest ?? drawn.length >= MANY_PATHS;
  const scene = useMemo(
    () => buildLossRate(drawn, tests, { ...state, showBest: isBestShown, theme }),
    [
      drawn,
      tests,
      isBestShown,
      theme,
      state.rateWindow,
      state.rateAxisScale,
      state.lossScale,
      state.lossEnds,
      state.smoothing,
    ],
  );
  const readable = useMemo<ReadableRun[]>(
    () => drawn.map((run) => ({ ...run, xs: run.series.columns.learning_rate ?? [] })),
    [drawn],
  );
  const inWindow = useMemo(
    () =>
      drawn.map((run) =>
        countInWindow(run, run.series.columns.learning_rate, state.rateWindow),
      ),
    [drawn, state.rateWindow],
  );
  const lossScale = lossKind(state.lossScale, drawn);
  const summary = [
    summarizeRuns(drawn, "loss against rate", VALUES),
    ...scene.marks.map(({ text }) => text),
  ].join(" ");
  const controls = (
    <RateControls {...props} isBestShown={isBestShown}>
      <ScaleSwitch
        label="Loss"
        value={lossScale}
        onChange={(kind) => update({ lossScale: kind })}
      />
      <SmoothingSlider
        value={state.smoothing}
        onChange={(smoothing) => update({ smoothing })}
      />
    </RateControls>
  );
  return (
    <ViewFrame
      {...props}
      controls={controls}
      found={found}
      isEmpty={drawn.length === 0 && tests.length === 0}
      caption={[
        describeRows(inWindow, found.isStale),
        state.rateWindow ? "" : describeLeftOut(scene),
        describeOddLosses(drawn, lossScale === "log"),
        state.smoothing > 0 ? describeSmoothing(state.smoothing) : "",
      ]}
      details={
        <>
          {drawn.length === 1 && tests.length === 0 && <TimeLegend />}
          <TestResults tests={tests} />
          <RunNotes runs={runs} />
        </>
      }
      rows={{
        runs: drawn.map((run) => ({ ...run, xs: run.series.columns.step })),
        shown: [-Infinity, Infinity],
        axis: state.x,
        window,
      }}
      summary={drawn.length > 0 ? summary : ""}
    >
      <RateChart {...props} scene={scene} runs={readable} values={VALUES} />
    </ViewFrame>
  );
}

/** Says how many rows have a rate too low for the picture. */
function describeLeftOut(scene: Scene): string {
  let below = 0;
  for (const { xs, series, isSmoothed } of scene.curves) {
    // The smoothed curve has the same rows once more; those of tests are no rows.
    if (!series || isSmoothed) continue;
    for (let i = 0; i < xs.length; i++) if (xs[i] < scene.x.min) below++;
  }
  if (below === 0) return "";
  return (
    `${plural(below, "drawn row")} with a rate below ${formatNumber(scene.x.min, 2)} ` +
    `${below === 1 ? "lies" : "lie"} to the left of the picture.`
  );
}

function TimeLegend() {
  const stops = [0, 0.25, 0.5, 0.75, 1].map(timeColor).join(", ");
  return (
    <p class="lr-time-legend">
      first drawn iteration
      <span
        class="lr-time-bar"
        style={{ background: `linear-gradient(90deg, ${stops})` }}
      />
      last drawn iteration
    </p>
  );
}
