// A chart and the table beside its cursor: both show the same rows.

import type { ComponentChildren } from "preact";
import { useCallback } from "preact/hooks";

import type { Hover } from "../chart/hover.ts";
import { readRows, type ReadableRun } from "../chart/reading.ts";
import type { XAxis } from "../data/axis.ts";
import { ChartView, type ChartViewProps } from "../picture/chart_view.tsx";
import type { AxisEnds } from "../state/state.ts";
import { AxisCuts } from "./axis_cuts.tsx";
import { Readout, type ReadoutProps } from "./readout.tsx";
import { useExactRow } from "./use_exact_row.ts";

type ChartWithReadoutProps = Omit<ChartViewProps, "children" | "read"> &
  Omit<ReadoutProps, "chart" | "read"> & {
    runs: readonly ReadableRun[];
    axis: XAxis;
    /** What stands below the chart. */
    legend?: ComponentChildren;
    /** Chooses what the y axis shows; missing where it is never cut. */
    onEnds?: (ends: AxisEnds) => void;
  };

export function ChartWithReadout(props: ChartWithReadoutProps) {
  const { name, hover, scene, runs, values, axis, focus } = props;
  useExactRow(hover, name, scene, runs);
  const columns = Object.keys(values).join();
  const read = useCallback(
    (place: Hover) =>
      readRows(runs, scene, place, { axis, focus, columns: columns.split(",") }),
    [runs, scene, axis, focus, columns],
  );
  return (
    <ChartView {...props} read={read}>
      {props.legend}
      {props.onEnds && <AxisCuts scene={scene} onEnds={props.onEnds} />}
      <Readout {...props} chart={name} read={read} />
    </ChartView>
  );
}
