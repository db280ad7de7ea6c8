// The samples of a landscape as CSV: a line for each rate that was tried.

import type { Landscape } from "../data/records.ts";

const HEADER = "step,used_rate,critical_rate,loss,rate,loss_change";

/** Writes a landscape as CSV; what is not finite is `inf` or `nan`, as in other files. */
export function formatLandscape(landscape: Landscape): string {
  const { steps, used_rates, critical_rates, losses, rates, loss_changes } = landscape;
  const lines = steps.flatMap((step, i) =>
    rates[i].flatMap((rate, k) => {
      if (Number.isNaN(rate)) return [];
      const values = [used_rates[i], critical_rates[i], losses[i], rate, loss_changes[i][k]];
      return [[step, ...values.map(numberText)].join(",")];
    }),
  );
  return [HEADER, ...lines, ""].join("\n");
}

function numberText(value: number): string {
  if (Number.isFinite(value)) return String(value);
  return Number.isNaN(value) ? "nan" : value > 0 ? "inf" : "-inf";
}
