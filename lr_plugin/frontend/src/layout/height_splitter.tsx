// The bar below a chart that makes it higher, and the other charts with it.

import { useRef } from "preact/hooks";

import { DEFAULT_STATE, type State } from "../state/state.ts";
import { Splitter } from "./splitter.tsx";

const LOWEST = 120;
const HIGHEST = 2000;

interface HeightSplitterProps {
  /** What the chart above it is called. */
  title: string;
  state: State;
  update: (changes: Partial<State>) => void;
}

export function HeightSplitter({ title, state, update }: HeightSplitterProps) {
  const element = useRef<HTMLDivElement>(null);
  const height = () => {
    const card = element.current?.closest(".lr-card");
    return card?.querySelector<HTMLElement>(".lr-chart")?.offsetHeight ?? LOWEST;
  };
  const change = (wanted: number | null) => {
    // The usual height depends on the window, and on the chart.
    const usual = height() / state.chartHeight;
    const chartHeight = wanted === null ? DEFAULT_STATE.chartHeight : wanted / usual;
    update({ chartHeight: Number(chartHeight.toFixed(3)) });
  };
  return (
    <div ref={element}>
      <Splitter
        label={`Height of the charts, below ${title}`}
        orientation="horizontal"
        size={height}
        now={Math.round(100 * state.chartHeight)}
        nowText={`${Math.round(100 * state.chartHeight)} % of the usual height`}
        min={LOWEST}
        max={HIGHEST}
        onChange={change}
      />
    </div>
  );
}
