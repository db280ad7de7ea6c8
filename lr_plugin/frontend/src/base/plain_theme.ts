// A light theme of round colours, for tests.

import type { Theme } from "./theme.ts";

export const PLAIN_THEME: Theme = {
  text: "#000",
  muted: "#666",
  grid: "#eee",
  axis: "#999",
  background: "#fff",
  error: "#f00",
  warning: "#fa0",
  isDark: false,
};
