// The last sample of every layer in numbers.

import { formatCount, formatNumber } from "../base/format.ts";
import { own } from "../base/own.ts";
import type { LayerSamples } from "../data/records.ts";
import { layerColumn } from "./layer_runs.ts";

const TITLES: Record<string, string> = {
  "effective_rate:p05": "Effective rate, 5 %",
  "effective_rate:p50": "median",
  "effective_rate:p95": "95 %",
  update_ratio: "‖update‖ / ‖weights‖",
  weight_norm: "‖weights‖",
  update_norm: "‖update‖",
};

export function LayerTable({ samples }: { samples: LayerSamples }) {
  const last = samples.steps.length - 1;
  if (last < 0) return null;
  return (
    <details class="lr-details">
      <summary>Table of layers</summary>
      <div class="lr-table-scroll" tabIndex={0} role="group" aria-label="Layers">
        <table class="lr-table">
          <caption class="lr-muted">
            At step {formatCount(samples.steps[last])}.
          </caption>
          <thead>
            <tr>
              <th scope="col">Layer</th>
              {samples.columns.map((column) => (
                <th key={column} scope="col" class="lr-number">
                  {own(TITLES, column) ?? column}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {samples.layers.map((layer, i) => (
              <tr key={layer}>
                <th scope="row">{layer}</th>
                {samples.columns.map((column) => (
                  <td key={column} class="lr-number">
                    {formatNumber(layerColumn(samples, column, i)[last])}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </details>
  );
}
