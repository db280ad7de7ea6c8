// One value of every layer over training, as colours: where networks have more layers
// than lines can be told apart.

import { useLayoutEffect, useMemo, useRef } from "preact/hooks";

import { formatCount, formatNumber } from "../base/format.ts";
import { ShortNames } from "../base/names.ts";
import { extent, type Range } from "../base/scale.ts";
import type { Theme } from "../base/theme.ts";
import type { LayerSamples } from "../data/records.ts";
import { PictureCard } from "../picture/picture_card.tsx";
import { heatColor, heatPicture } from "./heat_figure.ts";

const ROW_HEIGHT = 16;
// As many as stand beside the map.
const LAYER_LETTERS = 28;

export function HeatMap(props: {
  samples: LayerSamples;
  column: string;
  title: string;
  theme: Theme;
}) {
  const { samples, column, title, theme } = props;
  const canvas = useRef<HTMLCanvasElement>(null);
  const reading = useRef<HTMLParagraphElement>(null);
  const names = useMemo(() => new ShortNames(samples.layers), [samples]);
  const values = samples.values[column];
  const range = extent("log", values);
  useLayoutEffect(() => {
    if (canvas.current && range) paintHeat(canvas.current, values, range);
  }, [samples, column, theme]);
  if (!range) return null;
  const cardTitle = `${title}, all layers`;
  const [low, high] = range.map((value) => formatNumber(value, 2));
  const rest = `From ${low} (dark) to ${high} (light).`;
  const read = (event: MouseEvent) => {
    const bounds = canvas.current!.getBoundingClientRect();
    const at = (share: number, count: number) =>
      Math.min(count - 1, Math.max(0, Math.floor(share * count)));
    const sample = at(
      (event.clientX - bounds.left) / bounds.width,
      samples.steps.length,
    );
    const layer = at(
      (event.clientY - bounds.top) / bounds.height,
      samples.layers.length,
    );
    reading.current!.textContent =
      `${samples.layers[layer]}, step ${formatCount(samples.steps[sample])}: ` +
      formatNumber(values[sample][layer]);
  };
  return (
    <PictureCard
      title={cardTitle}
      beside={
        <>
          <span class="lr-spring" />
          <p class="lr-muted" ref={reading}>
            {rest}
          </p>
        </>
      }
      picture={() => heatPicture(cardTitle, samples, values, range, theme)}
      theme={theme}
    >
      <div class="lr-heat">
        <ol class="lr-heat-layers">
          {samples.layers.map((layer) => (
            <li key={layer} title={layer}>
              {names.short(layer, LAYER_LETTERS)}
            </li>
          ))}
        </ol>
        <canvas
          ref={canvas}
          class="lr-heat-canvas"
          width={samples.steps.length}
          height={samples.layers.length}
          style={{ height: `${ROW_HEIGHT * samples.layers.length}px` }}
          role="img"
          aria-label={`${title} of each layer over the samples. ${rest} The table of layers has the last values.`}
          onMouseMove={read}
          onMouseLeave={() => (reading.current!.textContent = rest)}
        />
      </div>
    </PictureCard>
  );
}

/** Paints one pixel for each value; the style sheet enlarges them without blurring. */
function paintHeat(
  canvas: HTMLCanvasElement,
  values: readonly (readonly number[])[],
  range: Range,
): void {
  const context = canvas.getContext("2d")!;
  context.clearRect(0, 0, canvas.width, canvas.height);
  values.forEach((sample, column) =>
    sample.forEach((value, row) => {
      const color = heatColor(value, range);
      if (!color) return;
      context.fillStyle = color;
      context.fillRect(column, row, 1, 1);
    }),
  );
}
