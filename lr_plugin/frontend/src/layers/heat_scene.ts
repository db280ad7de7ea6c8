// One value of every layer over training, as colours: where networks have more layers
// than lines can be told apart.

import { cutOutliers } from "../base/axis_cut.ts";
import { extent } from "../base/scale.ts";
import { cellEdges } from "../chart/cell_edges.ts";
import { cellColor } from "../chart/paint_cells.ts";
import type { ReadableRun } from "../chart/reading.ts";
import type { ColorBar, Curve, Scene } from "../chart/scene.ts";
import type { StepAxes } from "./layers_scene.ts";

interface HeatOptions {
  column: string;
  title: string;
  /** The names of the layers, as short as there is room for. */
  names: readonly string[];
  /** A value to compare with. */
  guide: number | null;
  axes: StepAxes;
}

/** Builds the map of one column; null if it has no value above 0. */
export function buildHeat(
  layers: readonly ReadableRun[],
  { column, title, names, guide, axes }: HeatOptions,
): Scene | null {
  const columns = layers.map(({ series }) => series.columns[column] ?? []);
  const range = extent("log", columns);
  if (!range) return null;
  const { low, high } = cutOutliers("log", columns);
  const [min, max] = [low ?? range[0], high ?? range[1]];
  const bar: ColorBar = {
    label: title,
    // A single value has a colour, too.
    scale: { kind: "log", min, max: min < max ? max : min * 1.01 },
    isCut: { low: low !== null, high: high !== null },
    guide,
  };
  const { x } = axes;
  return {
    title: `${title}, all layers`,
    xLabel: "Step",
    yLabel: "",
    xUnit: "step",
    x,
    y: { kind: "linear", min: 0.5 - layers.length, max: 0.5 },
    yNames: names,
    yRoom: axes.yRoom,
    cells: {
      edges: cellEdges(layers[0].xs, x),
      rows: layers.map(({ summary }, i) => ({
        run: summary.run,
        colors: Array.from(columns[i], (value) => cellColor(value, bar)),
      })),
      bar,
    },
    bands: [],
    areas: [],
    curves: layers.map(({ summary, series, color, xs }, i): Curve => {
      const ys = new Float64Array(xs.length).fill(-i);
      const { run } = summary;
      return { run, label: run, color, xs, ys, weight: "unseen", everyRow: true, series };
    }),
    marks: [],
    spots: [],
  };
}
