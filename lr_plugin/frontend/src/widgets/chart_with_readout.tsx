// A chart and the table beside its cursor.

import { ChartView, type ChartViewProps } from "../chart/chart_view.tsx";
import { Readout, type ReadoutProps } from "./readout.tsx";

type ChartWithReadoutProps = Omit<ChartViewProps, "children"> &
  Omit<ReadoutProps, "chart">;

export function ChartWithReadout(props: ChartWithReadoutProps) {
  return (
    <ChartView {...props}>
      <Readout {...props} chart={props.name} />
    </ChartView>
  );
}
