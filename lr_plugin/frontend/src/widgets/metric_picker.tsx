// The choice of the metric that is drawn, and by which runs are judged.

import { visible } from "../base/names.ts";
import { NO_METRIC } from "../data/metrics.ts";
import { Select } from "./controls.tsx";
import type { ViewProps } from "./view_props.ts";

interface MetricPickerProps extends Pick<ViewProps, "metric" | "update"> {
  /** What there is to choose. */
  options: readonly string[];
  /** What is said of choosing none. */
  none: string;
}

export function MetricPicker({ metric, update, options, none }: MetricPickerProps) {
  // What a link names may be missing in these runs.
  const names = [...new Set([...options, ...(metric === NO_METRIC ? [] : [metric])])];
  return (
    <label class="lr-control">
      <span>Metric</span>
      <Select
        label="Metric of epochs"
        options={{
          ...Object.fromEntries(names.map((name) => [name, visible(name)])),
          [NO_METRIC]: none,
        }}
        value={metric}
        onChange={(chosen) => update({ metric: chosen })}
      />
    </label>
  );
}
