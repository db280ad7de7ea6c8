// Which rate?: what every run came to against its rate, and what that says.

import { useMemo } from "preact/hooks";

import { formatCount, plural } from "../base/format.ts";
import { visible } from "../base/names.ts";
import { own } from "../base/own.ts";
import type { ScaleKind } from "../base/scale.ts";
import { differingSettings, settingOf } from "../data/hyperparameters.ts";
import { isHigherBetter as isHigher } from "../data/metrics.ts";
import type { RunSummary } from "../data/records.ts";
import { TestResults } from "../range_tests/test_results.tsx";
import { useRangeTests } from "../range_tests/use_range_tests.ts";
import { ChartWithReadout } from "../widgets/chart_with_readout.tsx";
import { ViewFrame } from "../widgets/view_frame.tsx";
import type { ViewProps } from "../widgets/view_props.ts";
import { colorBySetting, type ColorScale } from "./color_scale.ts";
import { RATES, findOutcomes, titleOfX } from "./outcomes.ts";
import { makeAxes } from "./parallel_axes.ts";
import { ParallelCard } from "./parallel_card.tsx";
import { suggestBest } from "./recipes.ts";
import { groupBySeed, whyNoSeed } from "./seeds.ts";
import { kindsOf, splitOutcomes, type Part } from "./split.ts";
import { Suggestions } from "./suggestions.tsx";
import { describeMissing, describeVerdict } from "./verdict.ts";
import { WhichRateControls } from "./which_rate_controls.tsx";
import {
  OUTCOME,
  X,
  buildWhichRate,
  fitOutcomes,
  valueKind,
  type WhichRateOptions,
} from "./which_rate_scene.ts";

const FINAL_LOSS = "final loss";
const LOG_DECADES = 1;
const LEAST_LINES = 2;
const NOTHING =
  "None of the chosen runs has such a value. Choose another metric, or other runs.";

export function WhichRateView(props: ViewProps) {
  const { state, update, listed, judged, theme } = props;
  // A dot takes little room: unless some are chosen, all are in the picture.
  const viewed = state.choice === "default" ? listed : props.chosen;
  const tests = useRangeTests({ ...props, chosen: viewed });
  const runs = useMemo(() => viewed.filter(isTraining), [viewed]);
  const candidates = useMemo(() => listed.filter(isTraining), [listed]);
  const settings = useMemo(() => differingSettings(candidates), [candidates]);
  const groups = useMemo(
    () => groupBySeed(runs, state.seedPart),
    [runs, state.seedPart],
  );
  const isRate = own(RATES, state.against) !== undefined;
  const xKind = isRate ? state.rateAxisScale : scaleOf(runs, state.against);
  const outcomes = useMemo(
    () => findOutcomes(groups, state.against, judged, xKind === "log"),
    [groups, state.against, judged, xKind],
  );
  const colors = useColors(props, candidates);
  const kinds = useMemo(() => kindsOf(runs), [runs]);
  const isSplit = kinds.length > 1 && (state.isSplit ?? true);
  const isHigherBetter = judged !== null && isHigher(judged, listed);
  const what = judged === null ? FINAL_LOSS : visible(judged);
  const xTitle = titleOfX(state.against);
  const shownTests = isRate ? tests : NO_TESTS;
  const title = `${what} against ${lowerFirst(xTitle)}`;
  const parts = useMemo<Part[]>(() => {
    if (!isSplit) return [{ title, outcomes, tests: shownTests }];
    const optimizerOf = (name: string) =>
      viewed.find(({ run }) => run === name)?.optimizer.class_name;
    return splitOutcomes(outcomes, shownTests, optimizerOf);
  }, [isSplit, title, outcomes, shownTests, viewed]);
  const charts = useMemo(() => {
    const options: WhichRateOptions = {
      title,
      xLabel: xTitle,
      yLabel: what,
      judged,
      isHigherBetter,
      xWindow: isRate ? state.rateWindow : null,
      xKind,
      yKind: state.metricScale,
      ends: state.lossEnds,
      colorOf: colors.colorOf,
      theme,
    };
    const axes = fitOutcomes(outcomes, shownTests, options);
    return parts.map((part) =>
      buildWhichRate(part.outcomes, part.tests, axes, { ...options, title: part.title }),
    );
  }, [
    parts,
    outcomes,
    shownTests,
    what,
    title,
    xTitle,
    judged,
    isHigherBetter,
    isRate,
    xKind,
    colors,
    theme,
    state.rateWindow,
    state.metricScale,
    state.lossEnds,
  ]);
  const axes = useMemo(
    () => makeAxes(candidates, settings, what, judged, isHigherBetter),
    [candidates, settings, what, judged, isHigherBetter],
  );
  // What is not known of one run may change what all of them say.
  const isWhole = !runs.some(({ is_brief: isBrief }) => isBrief);
  const verdicts = parts.flatMap((part) => {
    if (outcomes.xNames || !isWhole) return [];
    const options = { what, isHigherBetter, x: lowerFirst(xTitle) };
    const sentence = describeVerdict(part.outcomes.all, groups, options);
    const subject = isSplit ? `${part.title}: ` : "";
    return sentence ? [subject + sentence] : [];
  });
  const numDrawn = outcomes.all.reduce((sum, one) => sum + one.runs.length, 0);
  const values = outcomes.all.flatMap(({ low, high, hasDiverged }) =>
    hasDiverged ? [] : [low, high],
  );
  const best =
    isWhole && state.against === "peak" ? suggestBest(outcomes.all, isHigherBetter) : null;
  const seedError = whyNoSeed(state.seedPart);
  const chart = {
    ...props,
    runs: [],
    axis: state.x,
    focus: state.focus,
    values: { [X]: outcomes.xNames ? "place" : lowerFirst(xTitle), [OUTCOME]: what },
    onZoom: (range: typeof state.rateWindow) => isRate && update({ rateWindow: range }),
    onFocus: (focus: string | null) => update({ focus }),
    onEnds: (lossEnds: typeof state.lossEnds) => update({ lossEnds }),
  };
  return (
    <ViewFrame
      {...props}
      controls={
        <WhichRateControls
          {...props}
          settings={settings}
          yKind={valueKind(state.metricScale, values, isHigherBetter)}
          isSplit={isSplit}
          canBeSplit={kinds.length > 1}
        />
      }
      warnings={seedError ? [seedError] : []}
      isEmpty={numDrawn === 0 && shownTests.length === 0}
      whyEmpty={runs.length > 0 ? NOTHING : undefined}
      caption={[
        describeDots(numDrawn, outcomes.all.length),
        describeMissing(
          outcomes.numWithoutX,
          outcomes.numWithoutValue,
          lowerFirst(xTitle),
          what,
        ),
        props.chosen.length < viewed.length
          ? "All listed runs are in this picture until some are chosen."
          : "",
      ]}
      details={
        <>
          {candidates.length >= LEAST_LINES && (
            <ParallelCard
              {...props}
              runs={candidates}
              axes={axes}
              colorOfRun={colors.colorOf}
              always={tests.map(({ run }) => run)}
            />
          )}
          <Suggestions best={best} tests={shownTests} state={state} announce={props.announce} />
          <TestResults tests={shownTests} />
        </>
      }
      summary={verdicts.join(" ") || describeDots(numDrawn, outcomes.all.length)}
    >
      {verdicts.map((sentence) => (
        <p class="lr-verdict" key={sentence}>
          {sentence}
        </p>
      ))}
      <Legend colors={colors} title={titleOfX(state.colorBy)} />
      {isSplit && <h2 class="lr-section-title">{title}</h2>}
      <div class={isSplit ? "lr-multiples" : ""}>
        {charts.map((scene, i) => (
          <ChartWithReadout
            {...chart}
            key={scene.title}
            name={isSplit ? `which-rate-${i}` : "which-rate"}
            scene={scene}
          />
        ))}
      </div>
    </ViewFrame>
  );
}

const NO_TESTS: readonly never[] = [];

function isTraining({ has, num_iterations: num }: RunSummary): boolean {
  return !has.range_test && num > 0;
}

function useColors(props: ViewProps, runs: readonly RunSummary[]) {
  const { state, colorOf, theme } = props;
  return useMemo<ColorScale>(
    () =>
      state.colorBy
        ? colorBySetting(runs, state.colorBy, theme.isDark, theme.muted)
        : { colorOf: ({ run }) => colorOf(run), legend: [] },
    [runs, state.colorBy, colorOf, theme],
  );
}

function Legend({ colors, title }: { colors: ColorScale; title: string }) {
  if (colors.legend.length === 0) return null;
  return (
    <p class="lr-color-legend">
      <span class="lr-muted">{title}</span>
      {colors.legend.map(({ label, color }) => (
        <span key={label}>
          <span class="lr-dot" style={{ background: color }} />
          {label}
        </span>
      ))}
    </p>
  );
}

/** Says what a dot is. */
function describeDots(numRuns: number, numDots: number): string {
  if (numRuns === 0) return "";
  return numRuns === numDots
    ? `Each dot is one of ${plural(numRuns, "run")}.`
    : `${formatCount(numRuns)} runs are ${plural(numDots, "dot")}: runs that differ in ` +
        "nothing but their seed are one, at their mean, with a band from the lowest to " +
        "the highest.";
}

/** Chooses the scale of a setting: logarithmic where its values span decades. */
function scaleOf(runs: readonly RunSummary[], name: string): ScaleKind {
  const values = runs.map((run) => settingOf(run, name));
  const numbers = values.filter((value) => typeof value === "number");
  const [low, high] = [Math.min(...numbers), Math.max(...numbers)];
  return low > 0 && Math.log10(high / low) > LOG_DECADES ? "log" : "linear";
}

function lowerFirst(title: string): string {
  return title.charAt(0).toLowerCase() + title.slice(1);
}
