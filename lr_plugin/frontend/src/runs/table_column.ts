// What a column of the table of runs is, and how the plain ones are made.

import { formatCount, formatNumber } from "../base/format.ts";
import type { RunSummary } from "../data/records.ts";

export type Cell = number | string | null;

export interface TableColumn {
  key: string;
  title: string;
  /** What the column holds, where its title alone might mislead. */
  hint: string;
  isNumber: boolean;
  /** Whether the first click on the title sorts the smallest to the top. */
  isLessBetter?: boolean;
  value: (run: RunSummary) => Cell;
  text: (run: RunSummary) => string;
}

/** Makes a column of words. */
export function words(
  key: string,
  title: string,
  value: (run: RunSummary) => string | null,
): TableColumn {
  const text = (run: RunSummary) => value(run) ?? "";
  return { key, title, hint: "", isNumber: false, value, text };
}

/** Makes a column of numbers. */
export function numbers(
  key: string,
  title: string,
  hint: string,
  value: (run: RunSummary) => number | null,
): TableColumn {
  const text = (run: RunSummary) => formatNumber(value(run));
  return { key, title, hint, isNumber: true, value, text };
}

/** Makes a column of whole numbers. */
export function counts(
  key: string,
  title: string,
  hint: string,
  value: (run: RunSummary) => number | null,
): TableColumn {
  const text = (run: RunSummary) => {
    const found = value(run);
    return found === null ? "" : formatCount(found);
  };
  return { ...numbers(key, title, hint, value), text };
}

/** Takes a value that is known; NaN is none. */
export function finiteOrNull(value: number | null | undefined): number | null {
  return value === undefined || Number.isNaN(value) ? null : value;
}
