// The chart of Loss against rate, whatever it has on its y axis.

import { ChartView } from "./chart_view.tsx";
import type { ReadableRun } from "./reading.ts";
import { Readout } from "./readout.tsx";
import type { Range } from "./scale.ts";
import type { Scene } from "./scene.ts";
import type { ViewProps } from "./view_props.ts";

export interface RateChartProps extends ViewProps {
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
