// A chart and the table beside its cursor: both show the same rows.

import type { ComponentChildren } from "preact";
import { useCallback, useMemo } from "preact/hooks";

import type { Range } from "../base/scale.ts";
import type { Hover } from "../chart/hover.ts";
import { readRows, type ReadableRun } from "../chart/reading.ts";
import type { Scene } from "../chart/scene.ts";
import type { XAxis } from "../data/axis.ts";
import { zoomScale } from "../gestures/zoom.ts";
import { FullScreenButton } from "../layout/full_screen_button.tsx";
import { HeightSplitter } from "../layout/height_splitter.tsx";
import { ChartView, type ChartViewProps } from "../picture/chart_view.tsx";
import type { AxisEnds } from "../state/state.ts";
import { setZoom, zoomKey } from "../state/zooms.ts";
import { AxisCuts, AxisPart } from "./axis_cuts.tsx";
import { Readout, type ReadoutProps } from "./readout.tsx";
import { useExactRow } from "./use_exact_row.ts";
import type { ViewProps } from "./view_props.ts";

type Given = "children" | "read" | "onZoomY" | "buttons";
type ChartWithReadoutProps = Omit<ChartViewProps, Given> &
  Omit<ReadoutProps, "chart" | "read"> &
  Pick<ViewProps, "state" | "update"> & {
    runs: readonly ReadableRun[];
    axis: XAxis;
    /** What stands below the chart. */
    legend?: ComponentChildren;
    /** Chooses what the y axis shows; missing where it is never cut. */
    onEnds?: (ends: AxisEnds) => void;
  };

export function ChartWithReadout(props: ChartWithReadoutProps) {
  const { name, hover, runs, values, axis, focus, state, update } = props;
  const key = zoomKey(state.view, props.scene.yLabel);
  const part = state.zooms[key] ?? null;
  const scene = useMemo(() => zoomed(props.scene, part), [props.scene, part]);
  const zoomY = (range: Range | null) =>
    update({ zooms: setZoom(state.zooms, key, range) });
  useExactRow(hover, name, scene, runs);
  const columns = Object.keys(values).join();
  const read = useCallback(
    (place: Hover) =>
      readRows(runs, scene, place, { axis, focus, columns: columns.split(",") }),
    [runs, scene, axis, focus, columns],
  );
  return (
    <ChartView
      {...props}
      scene={scene}
      read={read}
      onZoomY={zoomY}
      buttons={<FullScreenButton title={scene.title} />}
    >
      <HeightSplitter title={scene.title} state={state} update={update} />
      {props.legend}
      {scene.y === props.scene.y ? (
        props.onEnds && <AxisCuts scene={scene} onEnds={props.onEnds} />
      ) : (
        <AxisPart scene={scene} onFit={() => zoomY(null)} />
      )}
      <Readout {...props} scene={scene} chart={name} read={read} />
    </ChartView>
  );
}

/** Shows a part of the y axis; where that part was chosen, nothing was cut. */
function zoomed(scene: Scene, part: Range | null): Scene {
  const y = zoomScale(scene.y, part);
  return y === scene.y ? scene : { ...scene, y, cuts: [] };
}
