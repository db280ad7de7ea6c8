// Chooses what a saved picture is like, and shows it.

import { useLayoutEffect, useRef, useState } from "preact/hooks";

import { formatNumber } from "../base/format.ts";
import {
  WIDTHS,
  keepSettings,
  loadSettings,
  millimetresOf,
  problemOf,
  type FigureSettings,
} from "./figure_settings.ts";
import { SaveButtons } from "./save_buttons.tsx";
import { layoutPicture, paintOn, type Picture } from "./save_picture.ts";

export function FigureDialog(props: { picture: Picture; onClose: () => void }) {
  const { picture, onClose } = props;
  const dialog = useRef<HTMLDialogElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const [settings, setSettings] = useState(() => loadSettings());
  const [said, setSaid] = useState("");
  const problem = problemOf(settings);
  const figure = problem === null ? layoutPicture(picture, settings) : null;
  useLayoutEffect(() => dialog.current?.showModal(), []);
  useLayoutEffect(() => {
    if (!canvas.current || !figure) return;
    // As sharp as the screen; the style sheet fits it into the dialog.
    paintOn(canvas.current, figure, devicePixelRatio);
  });
  const change = (changes: Partial<FigureSettings>) => {
    const next = { ...settings, ...changes };
    setSettings(next);
    setSaid("");
    if (problemOf(next) === null) keepSettings(next);
  };
  const number = (label: string, key: "widthMm" | "heightMm" | "fontPt") => (
    <label class="lr-control">
      <span>{label}</span>
      <input
        class="lr-input lr-number-input"
        type="number"
        step="any"
        value={settings[key]}
        onInput={(event) => change({ [key]: event.currentTarget.valueAsNumber })}
      />
    </label>
  );
  const width = String(settings.widthMm);
  return (
    <dialog ref={dialog} class="lr-dialog" aria-label="Figure" onClose={onClose}>
      <h2 class="lr-section-title">{picture.title}</h2>
      <div class="lr-controls">
        <label class="lr-control">
          <span>Fits</span>
          <select
            class="lr-select"
            value={Object.hasOwn(WIDTHS, width) ? width : ""}
            onChange={(event) => {
              const { value } = event.currentTarget;
              if (value) change({ widthMm: Number(value) });
            }}
          >
            <option value="">another width</option>
            {Object.entries(WIDTHS).map(([value, text]) => (
              <option key={value} value={value}>
                {text}
              </option>
            ))}
          </select>
        </label>
        {number("Width, mm", "widthMm")}
        {number("Height, mm", "heightMm")}
        {number("Letters, pt", "fontPt")}
        <label class="lr-control">
          <span>Colours</span>
          <select
            class="lr-select"
            value={settings.colors}
            onChange={(event) =>
              change({ colors: event.currentTarget.value as "light" | "dark" })
            }
          >
            <option value="light">light</option>
            <option value="dark">dark</option>
          </select>
        </label>
        <label class="lr-control">
          <input
            type="checkbox"
            checked={settings.hasTitle}
            onChange={(event) => change({ hasTitle: event.currentTarget.checked })}
          />
          Title
        </label>
      </div>
      {problem && (
        <p class="lr-field-error" role="alert">
          {problem}
        </p>
      )}
      {figure && (
        <>
          <canvas ref={canvas} class="lr-figure" role="img" aria-label="Preview" />
          <p class="lr-muted">{describeSize(figure, settings)}</p>
        </>
      )}
      <div class="lr-row">
        <SaveButtons
          picture={() => picture}
          settings={() => settings}
          disabled={!figure}
          onSaid={setSaid}
        />
        <span class="lr-spring lr-muted" role="status">
          {said}
        </span>
        <button class="lr-quiet-button" onClick={() => dialog.current?.close()}>
          Close
        </button>
      </div>
    </dialog>
  );
}

function describeSize(
  size: { width: number; height: number },
  settings: FigureSettings,
): string {
  const { width, height } = millimetresOf(size, settings);
  const [wide, high] = [width, height].map((mm) => formatNumber(mm, 3));
  const isLarger = width > settings.widthMm + 0.1 || height > settings.heightMm + 0.1;
  const why = isLarger ? " It needs more room than you gave it." : "";
  return `${wide} × ${high} mm; the PNG has 300 dots per inch.${why}`;
}
