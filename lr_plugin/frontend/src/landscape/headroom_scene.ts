// How far each update could have gone, over the runs.

import { formatCount } from "../base/format.ts";
import { extent, fitScale, type Scale } from "../base/scale.ts";
import type { Curve, Scene, Spot } from "../chart/scene.ts";
import type { LandscapeRun } from "./landscape_run.ts";
import { BEYOND } from "./landscape_scene.ts";

/** Builds the curves of the headrooms. */
export function buildHeadrooms(
  runs: readonly LandscapeRun[],
  { x }: { x: Scale },
): Scene {
  const curves = runs.map(({ summary, series, color, dash, xs }): Curve => {
    const { run } = summary;
    const ys = series.columns.headroom;
    return {
      ...{ run, label: run, color, dash, xs, ys, series },
      weight: "normal",
      everyRow: true,
    };
  });
  // One is where the next batch would have gained nothing from a longer update.
  const columns = [...curves.map(({ ys }) => ys), [1]];
  return {
    title: "Headroom",
    xLabel: "Step",
    yLabel: "critical rate / used rate",
    xUnit: "step",
    x,
    y: fitScale("log", extent("log", columns)),
    guides: [{ y: 1, label: "1 ×, the cliff" }],
    bands: [],
    areas: [],
    curves,
    marks: [],
    spots: curves.flatMap(endlessSpots),
  };
}

function endlessSpots({ run, xs, ys, color }: Curve): Spot[] {
  return Array.from(xs).flatMap((x, i): Spot[] =>
    ys[i] === Infinity
      ? [{ run, x, y: "top", shape: "tick", color, text: `Step ${formatCount(x)}: ${BEYOND}` }]
      : [],
  );
}
