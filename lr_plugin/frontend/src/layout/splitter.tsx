// A bar between two parts of the page, which is dragged, or moved with the arrow keys.

import { useRef } from "preact/hooks";

import { own } from "../base/own.ts";

interface SplitterProps {
  label: string;
  /** How the bar stands: a vertical one changes a width, a horizontal one a height. */
  orientation: "vertical" | "horizontal";
  /** Measures the size that it changes, in pixels. */
  size: () => number;
  /** That size, for those who do not see it. */
  now: number;
  nowText: string;
  min: number;
  max: number;
  /** A new size; null asks for the usual one. */
  onChange: (size: number | null) => void;
}

const KEY_PIXELS = 20;

export function Splitter(props: SplitterProps) {
  const { label, orientation, size, min, max, onChange } = props;
  const isVertical = orientation === "vertical";
  const drag = useRef<{ place: number; size: number } | null>(null);
  const change = (wanted: number) =>
    onChange(Math.round(Math.min(max, Math.max(min, wanted))));
  const placeOf = (event: PointerEvent) =>
    isVertical ? event.clientX : event.clientY;
  const press = (event: KeyboardEvent) => {
    const keys: Record<string, number> = isVertical
      ? { ArrowLeft: -1, ArrowRight: 1 }
      : { ArrowUp: -1, ArrowDown: 1 };
    const by = own(keys, event.key);
    if (by) change(size() + by * KEY_PIXELS);
    else if (event.key === "Home") change(min);
    else if (event.key === "End") change(max);
    else if (event.key === "Enter") onChange(null);
    else return;
    event.preventDefault();
  };
  return (
    <div
      class={`lr-splitter lr-splitter-${orientation}`}
      role="separator"
      aria-label={label}
      aria-orientation={orientation}
      aria-valuenow={props.now}
      aria-valuetext={props.nowText}
      title={`${label}: drag, or use the arrow keys; double-click for the usual size`}
      tabIndex={0}
      onKeyDown={press}
      onDblClick={() => onChange(null)}
      onPointerDown={(event) => {
        event.currentTarget.setPointerCapture(event.pointerId);
        drag.current = { place: placeOf(event), size: size() };
      }}
      onPointerMove={(event) => {
        const from = drag.current;
        if (from) change(from.size + placeOf(event) - from.place);
      }}
      onPointerUp={() => (drag.current = null)}
      onPointerCancel={() => (drag.current = null)}
    />
  );
}
