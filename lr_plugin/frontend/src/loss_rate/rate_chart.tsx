// The chart of Loss against rate, whatever it has on its y axis.

import type { ReadableRun } from "../chart/reading.ts";
import type { Scene } from "../chart/scene.ts";
import { ChartWithReadout } from "../widgets/chart_with_readout.tsx";
import type { ViewProps } from "../widgets/view_props.ts";

interface RateChartProps extends ViewProps {
  scene: Scene;
  runs: readonly ReadableRun[];
  /** The columns to read under the cursor, each with the word to show for it. */
  values: Record<string, string>;
}

export function RateChart(props: RateChartProps) {
  const { state, update } = props;
  return (
    <ChartWithReadout
      {...props}
      name="loss-rate"
      focus={state.focus}
      onZoom={(rateWindow) => update({ rateWindow })}
      onFocus={(focus) => update({ focus })}
      onEnds={(lossEnds) => update({ lossEnds })}
      axis="step"
    />
  );
}
