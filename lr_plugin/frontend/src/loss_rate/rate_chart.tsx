// The chart of Loss against rate, whatever it has on its y axis.

import type { Range } from "../base/scale.ts";
import { ChartView } from "../chart/chart_view.tsx";
import type { ReadableRun } from "../chart/reading.ts";
import type { Scene } from "../chart/scene.ts";
import { Readout } from "../widgets/readout.tsx";
import type { ViewProps } from "../widgets/view_props.ts";

interface RateChartProps extends ViewProps {
  scene: Scene;
  runs: readonly ReadableRun[];
  /** Columns to read under the cursor, by the words to show for them. */
  values: Record<string, string>;
}

export function RateChart(props: RateChartProps) {
  const { state, update, scene, theme, hover } = props;
  return (
    <ChartView
      name="loss-rate"
      scene={scene}
      theme={theme}
      hover={hover}
      focus={state.focus}
      onZoom={(rateWindow: Range | null) => update({ rateWindow })}
      onFocus={(focus) => update({ focus })}
    >
      <Readout
        chart="loss-rate"
        hover={hover}
        axis="step"
        runs={props.runs}
        values={props.values}
        scene={scene}
        onlyPicked
        announce={props.announce}
      />
    </ChartView>
  );
}
