// The entry point that TensorBoard imports.

import { render as renderInto } from "preact";
import uplotStyle from "uplot/dist/uPlot.min.css";

import { App } from "./app.tsx";
import style from "./style/index.css";

/** Builds the tab in the empty page that TensorBoard has made for it. */
export function render(): void {
  document.documentElement.lang = "en";
  document.title = "Learning Rate";
  const sheet = document.createElement("style");
  sheet.textContent = uplotStyle + style;
  document.head.append(sheet);
  renderInto(<App />, document.body);
}
