// How far each update could have gone, over the runs.

import { extent, fitScale, type Scale } from "../base/scale.ts";
import type { Curve, Scene } from "../chart/scene.ts";
import type { LandscapeRun } from "./landscape_run.ts";
import { known, unknownSpots } from "./landscape_scene.ts";

/** Builds the curves of the headrooms. */
export function buildHeadrooms(
  runs: readonly LandscapeRun[],
  { x }: { x: Scale },
): Scene {
  const curves = runs.map((one): Curve => {
    const { summary, series, color, dash, xs } = one;
    const { run } = summary;
    const ys = known(one, series.columns.headroom);
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
    spots: runs.flatMap((run) => unknownSpots(run, { color: run.color, before: "Step" })),
  };
}
