// The colours of dots: of their runs, or of a setting.

import { PALETTE, timeColor } from "../base/colors.ts";
import { formatNumber } from "../base/format.ts";
import { compareNames } from "../base/name_order.ts";
import { visible } from "../base/names.ts";
import { settingOf } from "../data/hyperparameters.ts";
import type { RunSummary } from "../data/records.ts";

export interface ColorScale {
  colorOf: (run: RunSummary) => string;
  /** What the colours say; empty where they are those of the runs. */
  legend: readonly { label: string; color: string }[];
}

// More numbers than these are told by a scale from dark to light.
const MOST_NUMBERS = 5;
const MOST_TEXTS = PALETTE.length - 1;
const STOPS = [0, 0.25, 0.5, 0.75, 1];
const SPREAD_DECADES = 1.5;

/** Makes a colour of each value that the runs have of a setting. */
export function colorBySetting(
  runs: readonly RunSummary[],
  name: string,
  isDark: boolean,
  missing: string,
): ColorScale {
  const values = [...new Set(runs.map((run) => settingOf(run, name)))];
  const numbers = values.filter((value) => typeof value === "number");
  const texts = values.filter((value) => value !== null).map(String);
  const isScale = numbers.length === texts.length && numbers.length > MOST_NUMBERS;
  return isScale
    ? colorNumbers(numbers, name, missing)
    : colorTexts(texts.sort(compareNames), name, isDark, missing);
}

function colorNumbers(values: readonly number[], name: string, missing: string): ColorScale {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const isLog = low > 0 && Math.log10(high / low) > SPREAD_DECADES;
  const place = (value: number) =>
    isLog ? Math.log(value / low) / Math.log(high / low) : (value - low) / (high - low);
  const valueAt = (share: number) =>
    isLog ? low * (high / low) ** share : low + share * (high - low);
  return {
    colorOf: (run) => {
      const value = settingOf(run, name);
      return typeof value === "number" ? timeColor(place(value)) : missing;
    },
    legend: STOPS.map((share) => ({
      label: formatNumber(valueAt(share), 3),
      color: timeColor(share),
    })),
  };
}

function colorTexts(
  texts: readonly string[],
  name: string,
  isDark: boolean,
  missing: string,
): ColorScale {
  const side = isDark ? "dark" : "light";
  // The last colour stands for all that have none of their own.
  const colorAt = (i: number) => PALETTE[Math.min(i, MOST_TEXTS)][side];
  const shown = texts.slice(0, MOST_TEXTS);
  const hasMore = texts.length > shown.length;
  return {
    colorOf: (run) => {
      const value = settingOf(run, name);
      return value === null ? missing : colorAt(texts.indexOf(String(value)));
    },
    legend: [
      ...shown.map((text, i) => ({ label: visible(text), color: colorAt(i) })),
      ...(hasMore ? [{ label: "others", color: colorAt(MOST_TEXTS) }] : []),
    ],
  };
}
