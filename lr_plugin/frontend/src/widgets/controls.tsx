// Switches and fields that more than one view has.

import { useState } from "preact/hooks";

import type { Range, ScaleKind } from "../base/scale.ts";
import { X_AXES, type XAxis } from "../data/axis.ts";

export function Select<T extends string>(props: {
  label: string;
  options: Partial<Record<T, string>>;
  value: T;
  onChange: (value: T) => void;
}) {
  return (
    <select
      class="lr-select"
      aria-label={props.label}
      value={props.value}
      onChange={(event) => props.onChange(event.currentTarget.value as T)}
    >
      {Object.entries(props.options).map(([value, text]) => (
        <option key={value} value={value}>
          {text as string}
        </option>
      ))}
    </select>
  );
}

export function ScaleSwitch(props: {
  label: string;
  value: ScaleKind;
  onChange: (kind: ScaleKind) => void;
}) {
  return (
    <div
      class="lr-control"
      role="group"
      aria-label={`Scale of ${props.label.toLowerCase()}`}
    >
      <span>{props.label}</span>
      <span class="lr-segments">
        {(["linear", "log"] as const).map((kind) => (
          <button
            key={kind}
            class="lr-segment"
            aria-pressed={props.value === kind}
            onClick={() => props.onChange(kind)}
          >
            {kind}
          </button>
        ))}
      </span>
    </div>
  );
}

// In digits: a number that is cut is another number.
const ROOM_FOR_ARROWS = 4;

/** Shows a number to edit; one that was deleted is NaN. */
export function NumberField(props: {
  label: string;
  /** What it is called where the label alone does not tell. */
  name?: string;
  value: number | string;
  onChange: (value: number) => void;
}) {
  // What is typed stays there when news of a run render all again.
  const [typed, setTyped] = useState<string | null>(null);
  return (
    <label class="lr-control">
      <span>{props.label}</span>
      <input
        class="lr-input lr-number-input"
        type="number"
        step="any"
        aria-label={props.name}
        value={typed ?? props.value}
        style={{ minWidth: `${String(props.value).length + ROOM_FOR_ARROWS}ch` }}
        onInput={(event) => setTyped(event.currentTarget.value)}
        onChange={(event) => {
          setTyped(null);
          props.onChange(event.currentTarget.valueAsNumber);
        }}
        onBlur={() => setTyped(null)}
      />
    </label>
  );
}

/** Shows the ends of the window as numbers to edit. */
export function WindowFields(props: {
  axis: XAxis;
  shown: Range;
  onChange: (range: Range) => void;
}) {
  if (props.axis === "relative" || props.axis === "wall") return null;
  const digits = props.axis === "step" ? 0 : 3;
  const [low, high] = props.shown.map((value) => Number(value.toFixed(digits)));
  const field = (label: string, value: number, change: (value: number) => Range) => (
    <NumberField
      label={label}
      value={value}
      onChange={(number) => {
        const range = change(number);
        if (range[0] < range[1]) props.onChange(range);
      }}
    />
  );
  return (
    <>
      {field(X_AXES[props.axis], low, (value) => [value, high])}
      {field("to", high, (value) => [low, value])}
    </>
  );
}

export function ShowAllButton(props: { isAll: boolean; onClick: () => void }) {
  return (
    <button class="lr-quiet-button" disabled={props.isAll} onClick={props.onClick}>
      Show all
    </button>
  );
}

export function SmoothingSlider(props: {
  value: number;
  onChange: (smoothing: number) => void;
}) {
  const text = props.value === 0 ? "off" : `± ${props.value / 10} %`;
  return (
    <label class="lr-control">
      <span>Smooth loss</span>
      <input
        type="range"
        min="0"
        max="100"
        value={props.value}
        aria-valuetext={
          props.value === 0 ? "off" : `within ${props.value / 10} % of what is shown`
        }
        onInput={(event) => props.onChange(Number(event.currentTarget.value))}
      />
      <output class="lr-muted lr-smoothing">{text}</output>
    </label>
  );
}
