// The landscape: how far each update could have gone, over the runs.

import { useEffect, useMemo } from "preact/hooks";

import { plural } from "../base/format.ts";
import type { Range } from "../base/scale.ts";
import { fitWindow } from "../chart/fit_axes.ts";
import { HEADROOM } from "../data/words.ts";
import { ColorBarLegend } from "../picture/color_bar_legend.tsx";
import { fileName } from "../picture/save_picture.ts";
import { TestResults } from "../range_tests/test_results.tsx";
import { useRangeTests } from "../range_tests/use_range_tests.ts";
import { saveFile } from "../state/host.ts";
import { describeFailures } from "../state/use_series.ts";
import { clearZooms, hasZooms } from "../state/zooms.ts";
import { ChartWithReadout } from "../widgets/chart_with_readout.tsx";
import { ScaleSwitch, ShowAllButton } from "../widgets/controls.tsx";
import { ViewFrame } from "../widgets/view_frame.tsx";
import type { ViewProps } from "../widgets/view_props.ts";
import { buildHeadrooms } from "./headroom_scene.ts";
import { formatLandscape } from "./landscape_csv.ts";
import { LandscapeLegend } from "./landscape_legend.tsx";
import {
  landscapeRun,
  stepsOf,
  summarizeHeadroom,
  type LandscapeRun,
} from "./landscape_run.ts";
import { VALUES, buildLandscape, changeBar } from "./landscape_scene.ts";
import {
  COLORS,
  HOW_TO_READ,
  NO_LANDSCAPE,
  NO_SAMPLES,
  describeHeadroom,
  describeLeftOut,
  describeShare,
  describeSuggestion,
} from "./landscape_text.ts";

// More small pictures nobody compares, and each takes time to paint.
const MOST_PICTURES = 12;
const HEIGHT = 360;
const HEADROOM_HEIGHT = 220;
const SMALL_HEIGHT = 170;
const HEADROOM_VALUES = {
  used_rate: "rate",
  critical_rate: "critical rate",
  headroom: "headroom",
};

export function LandscapeView(props: ViewProps) {
  const { state, update, chosen, colorOf, dashOf, loaders, revision, theme } = props;
  const runs = useMemo(() => chosen.filter(({ has }) => has.landscape), [chosen]);
  const wanted = useMemo(
    () => runs.map(({ run, version }) => ({ query: run, version })),
    [runs],
  );
  useEffect(() => loaders.landscapes.want(wanted), [loaders, wanted]);
  const drawn = useMemo(
    () =>
      runs.flatMap((summary) => {
        const found = loaders.landscapes.get(summary.run);
        if (!found || found.steps.length === 0) return [];
        const made = landscapeRun(summary, found, colorOf(summary.run));
        return [{ ...made, dash: dashOf(summary.run) }];
      }),
    [runs, loaders, revision, colorOf, dashOf],
  );
  const tests = useRangeTests(props);
  const asked = runs.find(({ run }) => run === state.focus) ?? runs[0];
  // Another run in its place until it is there would be taken for it.
  const isAwaited =
    asked && !loaders.landscapes.get(asked.run) && !loaders.landscapes.error(asked.run);
  const shown = isAwaited
    ? undefined
    : (drawn.find(({ summary }) => summary.run === asked?.run) ?? drawn[0]);
  const small = drawn.filter((run) => run !== shown).slice(0, MOST_PICTURES - 1);
  const { xScale } = state;
  const window = state.x === "step" ? state.window : null;
  const scenes = useMemo(
    () =>
      [shown, ...small].flatMap((run) => {
        if (!run) return [];
        const test = tests.find((tested) => tested.run === run.summary.run)?.test;
        const x = fitWindow(xScale, window, [stepsOf(run)]);
        const options = { x, ends: state.rateEnds, test: test ?? null, theme };
        return [buildLandscape(run, options)];
      }),
    [drawn, shown, tests, xScale, window, state.rateEnds, theme],
  );
  const headrooms = useMemo(() => {
    const x = fitWindow(xScale, window, drawn.map(stepsOf));
    return buildHeadrooms(drawn, { x });
  }, [drawn, xScale, window]);

  const found = {
    isLoading: wanted.some((one) => !loaders.landscapes.isSettled(one)),
    errors: describeFailures(
      runs.flatMap(({ run }) => {
        const error = loaders.landscapes.error(run);
        return error ? [[run, error] as const] : [];
      }),
    ),
  };
  const zoom = (range: Range | null) =>
    update({
      x: "step",
      window: range && [Math.max(0, Math.floor(range[0])), Math.ceil(range[1])],
    });
  const { x } = headrooms;
  const inView: Range = [x.min, x.max];
  const headroom = shown
    ? describeHeadroom(shown.summary.run, summarizeHeadroom(shown, inView))
    : "";
  const picture = (run: LandscapeRun, i: number) => (
    <ChartWithReadout
      {...props}
      key={i === 0 ? "shown" : run.summary.run}
      name={i === 0 ? "landscape" : `landscape-${i}`}
      scene={scenes[i]}
      height={i === 0 ? HEIGHT : SMALL_HEIGHT}
      focus={state.focus}
      onZoom={zoom}
      onFocus={(focus) => update({ focus })}
      onEnds={i === 0 ? (rateEnds) => update({ rateEnds }) : undefined}
      axis="step"
      runs={NO_RUNS}
      values={VALUES}
      legend={
        i === 0 && (
          <ColorBarLegend bar={changeBar(theme)} blank="Grey: not tried" />
        )
      }
    />
  );
  return (
    <ViewFrame
      {...props}
      controls={
        shown && (
          <div class="lr-controls" role="group" aria-label="Landscape">
            <label class="lr-control">
              <span>Run</span>
              <select
                class="lr-select"
                value={shown.summary.run}
                onChange={(event) => update({ focus: event.currentTarget.value })}
              >
                {drawn.map(({ summary }) => (
                  <option key={summary.run}>{summary.run}</option>
                ))}
              </select>
            </label>
            <ScaleSwitch
              label="Step"
              value={xScale}
              onChange={(changed) => update({ x: "step", window, xScale: changed })}
            />
            <span class="lr-muted">{plural(shown.landscape.num_samples, "sample")}</span>
            <span class="lr-spring" />
            <button
              class="lr-quiet-button"
              onClick={() => saveCsv(scenes[0].title, shown)}
            >
              CSV of the landscape
            </button>
            <ShowAllButton
              isAll={!window && !hasZooms(state.zooms, state.view)}
              onClick={() =>
                update({ window: null, zooms: clearZooms(state.zooms, state.view) })
              }
            />
          </div>
        )
      }
      found={found}
      isEmpty={!shown}
      whyEmpty={whyEmpty(chosen.length, runs.length, found.isLoading)}
      caption={[
        COLORS,
        shown ? describeShare(shown.landscape) : "",
        describeLeftOut(scenes.length, drawn.length),
      ]}
      details={<TestResults tests={tests.filter(({ run }) => run === shown?.summary.run)} />}
      rows={{ runs: drawn, shown: inView, axis: "step", window }}
      summary={headroom}
    >
      <p class="lr-verdict" title={HEADROOM}>
        {headroom}
      </p>
      {shown && <p class="lr-suggestion">{describeSuggestion(shown.summary)}</p>}
      <p class="lr-caption lr-layer-advice">{HOW_TO_READ}</p>
      {shown && (
        <>
          <LandscapeLegend scene={scenes[0]} />
          {picture(shown, 0)}
        </>
      )}
      <ChartWithReadout
        {...props}
        name="headroom"
        scene={headrooms}
        height={HEADROOM_HEIGHT}
        focus={state.focus}
        onZoom={zoom}
        onFocus={(focus) => update({ focus })}
        axis="step"
        runs={drawn}
        values={HEADROOM_VALUES}
      />
      {small.length > 0 && (
        <div class="lr-multiples">{small.map((run, i) => picture(run, i + 1))}</div>
      )}
    </ViewFrame>
  );
}

const NO_RUNS: readonly never[] = [];

function saveCsv(title: string, { landscape }: LandscapeRun): void {
  const content = new Blob([formatLandscape(landscape)], { type: "text/csv" });
  saveFile(`${fileName(title)}.csv`, content);
}

function whyEmpty(numChosen: number, numRuns: number, isLoading: boolean) {
  if (numChosen === 0 || isLoading) return undefined;
  return numRuns === 0 ? NO_LANDSCAPE : NO_SAMPLES;
}
