// The switches of the timeline.

import type { Range } from "../base/scale.ts";
import { lossKind, rateKind } from "../chart/fit_axes.ts";
import { X_AXES, type XAxis } from "../data/axis.ts";
import type { RunSummary } from "../data/records.ts";
import { clearZooms, hasZooms } from "../state/zooms.ts";
import {
  ScaleSwitch,
  Select,
  ShowAllButton,
  SmoothingSlider,
  WindowFields,
} from "../widgets/controls.tsx";
import { MetricPicker } from "../widgets/metric_picker.tsx";
import type { ViewProps } from "../widgets/view_props.ts";
import { ColumnPicker } from "./column_picker.tsx";
import type { EventfulRun } from "./event_place.ts";
import { metricNames } from "./metric_curves.ts";
import { ownColumns } from "./own_columns.ts";
import { metricKind, type TimelineScenes } from "./timeline_scene.ts";

interface TimelineControlsProps extends ViewProps {
  /** Those that can be drawn, and those of which there are rows. */
  runs: readonly RunSummary[];
  drawn: readonly EventfulRun[];
  scenes: TimelineScenes;
  onAxis: (axis: XAxis) => void;
  onZoom: (range: Range | null) => void;
}

export function TimelineControls(props: TimelineControlsProps) {
  const { state, update, runs, drawn, scenes } = props;
  const x: Range = [scenes.rate.x.min, scenes.rate.x.max];
  return (
    <div class="lr-controls" role="group" aria-label="Axes">
      <label class="lr-control">
        <span>Axis</span>
        <Select
          label="Horizontal axis"
          options={X_AXES}
          value={state.x}
          onChange={props.onAxis}
        />
      </label>
      {state.x !== "wall" && (
        <ScaleSwitch
          label={X_AXES[state.x]}
          value={state.xScale}
          onChange={(xScale) => update({ xScale })}
        />
      )}
      <ScaleSwitch
        label="Rate"
        value={rateKind(state.rateScale, drawn)}
        onChange={(rateScale) => update({ rateScale })}
      />
      <ScaleSwitch
        label="Loss"
        value={lossKind(state.lossScale, drawn)}
        onChange={(kind) => update({ lossScale: kind })}
      />
      <MetricPicker
        metric={props.metric}
        update={update}
        options={metricNames(drawn, props.chosen)}
        none="none"
      />
      {scenes.metric && (
        <ScaleSwitch
          label={scenes.metric.title}
          value={metricKind(state.metricScale)}
          onChange={(metricScale) => update({ metricScale })}
        />
      )}
      <ColumnPicker
        columns={ownColumns(runs)}
        drawn={state.drawnColumns}
        onChange={(drawnColumns) => update({ drawnColumns })}
      />
      {scenes.columns.length > 0 && (
        <ScaleSwitch
          label="Further columns"
          value={scenes.columns[0][1].y.kind}
          onChange={(columnScale) => update({ columnScale })}
        />
      )}
      <SmoothingSlider
        value={state.smoothing}
        onChange={(smoothing) => update({ smoothing })}
      />
      <span class="lr-spring" />
      <div class="lr-row" role="group" aria-label="Window" hidden={drawn.length === 0}>
        <WindowFields axis={state.x} shown={x} onChange={props.onZoom} />
        <ShowAllButton
          isAll={!state.window && !hasZooms(state.zooms, state.view)}
          onClick={() =>
            update({ window: null, zooms: clearZooms(state.zooms, state.view) })
          }
        />
      </div>
    </div>
  );
}
