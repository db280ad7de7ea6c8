// The entry point that TensorBoard imports.

import { render as renderInto } from "preact";
import uplotStyle from "uplot/dist/uPlot.min.css";

import chartsStyle from "../style/charts.css";
import controlsStyle from "../style/controls.css";
import narrowStyle from "../style/narrow.css";
import pageStyle from "../style/page.css";
import runsStyle from "../style/runs.css";
import tablesStyle from "../style/tables.css";
import { App } from "./app.tsx";

// Where two rules are equally specific, the later style sheet wins.
const STYLES = [
  uplotStyle,
  pageStyle,
  runsStyle,
  controlsStyle,
  chartsStyle,
  tablesStyle,
  narrowStyle,
];

/** Builds the tab in the empty page that TensorBoard has made for it. */
export function render(): void {
  document.documentElement.lang = "en";
  document.title = "Learning Rate";
  const sheet = document.createElement("style");
  sheet.textContent = STYLES.join("\n");
  document.head.append(sheet);
  renderInto(<App />, document.body);
}
