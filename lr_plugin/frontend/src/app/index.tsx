// The entry point that TensorBoard imports.

import { render as renderInto } from "preact";
import uplotStyle from "uplot/dist/uPlot.min.css";

import chartsStyle from "../style/charts.css";
import controlsStyle from "../style/controls.css";
import narrowStyle from "../style/narrow.css";
import pageStyle from "../style/page.css";
import runsStyle from "../style/runs.css";
import tablesStyle from "../style/tables.css";
import { askForRuns } from "../state/catalog.ts";
import { readState } from "../state/host.ts";
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
  // First of all: the page can be made while the server looks for the runs.
  const runs = askForRuns(readState().tagChoices);
  document.documentElement.lang = "en";
  document.title = "Learning Rate";
  const sheet = document.createElement("style");
  sheet.textContent = STYLES.join("\n");
  document.head.append(sheet);
  renderInto(<App firstRuns={runs} />, document.body);
}
