// Parallel coordinates: drag along an axis to choose the runs that pass there.

import { useEffect, useLayoutEffect, useMemo, useReducer, useRef, useState } from "preact/hooks";

import { plural } from "../base/format.ts";
import { fromUnit, toUnit, type Range } from "../base/scale.ts";
import { NOWHERE } from "../chart/hover.ts";
import type { Painter } from "../chart/painter.ts";
import { CanvasPainter } from "../chart/painters.ts";
import type { RunSummary } from "../data/records.ts";
import { PictureCard } from "../picture/picture_card.tsx";
import { NumberField } from "../widgets/controls.tsx";
import type { ViewProps } from "../widgets/view_props.ts";
import { brushedRuns, type Brushes, type ParallelAxis } from "./parallel_axes.ts";
import {
  axisX,
  lineOf,
  paintParallel,
  unitAt,
  type ParallelScene,
  type Size,
} from "./parallel_figure.ts";

const HEIGHT = 320;
const LEAST_WIDTH_OF_AXIS = 104;
// In pixels: how far from an axis a drag may begin, and how far it goes at least.
const REACH = 28;
const SHORTEST_DRAG = 4;
const HOVER_REACH = 8;
const TITLE = "Settings and outcome";
const TITLE_HEIGHT = 28;

interface ParallelCardProps extends ViewProps {
  /** The runs that may be chosen. */
  runs: readonly RunSummary[];
  axes: readonly ParallelAxis[];
  colorOfRun: (run: RunSummary) => string;
  /** Runs that stay chosen whatever is marked, as those of range tests. */
  always: readonly string[];
}

export function ParallelCard(props: ParallelCardProps) {
  const { state, update, runs, axes, colorOfRun, theme, hover } = props;
  const [brushes, setBrushes] = useState<Brushes>({});
  const [hidden, setHidden] = useState<readonly string[]>([]);
  const [, rerender] = useReducer((count: number) => count + 1, 0);
  useEffect(() => hover.listen(() => rerender(0)), [hover]);
  const shown = useMemo(
    () => axes.filter(({ key }) => !hidden.includes(key)),
    [axes, hidden],
  );
  const chosen = useMemo(() => new Set(props.chosen.map(({ run }) => run)), [props.chosen]);
  const scene: ParallelScene = {
    axes: shown,
    runs,
    brushes,
    isChosen: ({ run }) => state.choice === "default" || chosen.has(run),
    colorOf: colorOfRun,
    strong: hover.value.run ?? state.focus,
  };
  const brush = (key: string, range: Range | null) => {
    const { [key]: _, ...others } = brushes;
    const next = range ? { ...others, [key]: range } : others;
    setBrushes(next);
    const names = brushedRuns(runs, axes, next).map(({ run }) => run);
    const isAll = Object.keys(next).length === 0;
    update({ choice: isAll ? "all" : [...names, ...props.always], focus: null });
    if (!isAll) props.announce(`${plural(names.length, "run")} chosen.`);
  };
  return (
    <PictureCard
      title={TITLE}
      beside={
        <span class="lr-spring lr-hints" aria-hidden="true">
          <span class="lr-mouse-hint">
            Drag along an axis to choose the runs that pass there, click it to choose all
          </span>
        </span>
      }
      picture={() => ({
        title: TITLE,
        theme,
        layout: ({ width, height }, hasTitle) => {
          const top = hasTitle ? TITLE_HEIGHT : 0;
          const size = { width: Math.max(width, leastWidth(shown)), height, top };
          const paint = (painter: Painter) => {
            const style = { color: theme.text, size: 14, bold: true };
            if (hasTitle) painter.text(8, 22, TITLE, style);
            paintParallel(painter, scene, size, theme);
          };
          return { ...size, paint };
        },
      })}
    >
      <Lines scene={scene} onBrush={brush} {...props} />
      <details class="lr-details lr-limits">
        <summary>Axes and limits</summary>
        {axes.map((axis) => (
          <AxisFields
            key={axis.key}
            axis={axis}
            isShown={!hidden.includes(axis.key)}
            brush={Object.hasOwn(brushes, axis.key) ? brushes[axis.key] : null}
            onShow={(isShown) =>
              setHidden(
                isShown
                  ? hidden.filter((key) => key !== axis.key)
                  : [...hidden, axis.key],
              )
            }
            onBrush={(range) => brush(axis.key, range)}
          />
        ))}
      </details>
    </PictureCard>
  );
}

function Lines(
  props: ViewProps & {
    scene: ParallelScene;
    onBrush: (key: string, range: Range | null) => void;
  },
) {
  const { scene, theme, hover, update, onBrush } = props;
  const { axes } = scene;
  const canvas = useRef<HTMLCanvasElement>(null);
  const [room, setRoom] = useState(0);
  const drag = useRef<{ axis: ParallelAxis; from: number } | null>(null);
  const size: Size = {
    width: Math.max(room, leastWidth(axes)),
    height: HEIGHT,
  };
  useLayoutEffect(() => {
    const holder = canvas.current!.parentElement!;
    const fit = () => setRoom(holder.clientWidth);
    const observer = new ResizeObserver(fit);
    observer.observe(holder);
    fit();
    return () => observer.disconnect();
  }, []);
  useLayoutEffect(() => {
    const ratio = devicePixelRatio;
    const element = canvas.current!;
    element.width = Math.round(size.width * ratio);
    element.height = Math.round(size.height * ratio);
    const context = element.getContext("2d")!;
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    paintParallel(new CanvasPainter(context), scene, size, theme);
  });
  const place = (event: PointerEvent) => {
    const bounds = canvas.current!.getBoundingClientRect();
    return { x: event.clientX - bounds.left, y: event.clientY - bounds.top };
  };
  const axisAt = (x: number) =>
    axes.find((_, i) => Math.abs(axisX(i, axes.length, size) - x) < REACH);
  return (
    <div class="lr-parallel" tabIndex={0} role="group" aria-label={`${TITLE}, picture`}>
      <canvas
        ref={canvas}
        data-parallel
        style={{ width: `${size.width}px`, height: `${size.height}px` }}
        onPointerDown={(event) => {
          const { x, y } = place(event);
          const axis = axisAt(x);
          if (!axis) return;
          event.currentTarget.setPointerCapture(event.pointerId);
          drag.current = { axis, from: y };
        }}
        onPointerUp={(event) => {
          const began = drag.current;
          drag.current = null;
          const { x, y } = place(event);
          if (!began) return update({ focus: nearestRun(scene, size, x, y) });
          const ends = [began.from, y].map((one) => unitAt(one, size));
          const isClick = Math.abs(y - began.from) < SHORTEST_DRAG;
          const range: Range = [Math.min(...ends), Math.max(...ends)];
          onBrush(began.axis.key, isClick ? null : range);
        }}
        onPointerMove={(event) => {
          const { x, y } = place(event);
          const run = nearestRun(scene, size, x, y);
          if (run !== hover.value.run) hover.set({ ...NOWHERE, run });
        }}
        onPointerLeave={() => hover.set(NOWHERE)}
      />
    </div>
  );
}

function leastWidth(axes: readonly ParallelAxis[]): number {
  return axes.length * LEAST_WIDTH_OF_AXIS;
}

/** The same with the keyboard: whether an axis is shown, and which part of it counts. */
function AxisFields(props: {
  axis: ParallelAxis;
  isShown: boolean;
  brush: Range | null;
  onShow: (isShown: boolean) => void;
  onBrush: (range: Range | null) => void;
}) {
  const { axis, isShown, brush, onShow, onBrush } = props;
  const [low, high] = brush ?? [-Infinity, Infinity];
  const valueOf = (unit: number) =>
    Number.isFinite(unit) ? String(Number(fromUnit(axis.scale, unit).toPrecision(4))) : "";
  const change = (next: Range) =>
    onBrush(next[0] === -Infinity && next[1] === Infinity ? null : next);
  const field = (label: string, value: string, onValue: (unit: number | null) => void) => (
    <NumberField
      label={label}
      name={`${axis.title} ${label}`}
      value={value}
      onChange={(number) =>
        onValue(Number.isNaN(number) ? null : toUnit(axis.scale, number))
      }
    />
  );
  const { names } = axis;
  return (
    <div class="lr-row lr-wrap" role="group" aria-label={axis.title}>
      <label class="lr-control">
        <input
          type="checkbox"
          checked={isShown}
          onChange={(event) => onShow(event.currentTarget.checked)}
        />
        {axis.title}
      </label>
      {names ? (
        <select
          class="lr-select"
          aria-label={`${axis.title} only`}
          onChange={(event) => {
            const at = Number(event.currentTarget.value);
            const half = 0.5 / names.length;
            const unit = toUnit(axis.scale, at);
            onBrush(at < 0 ? null : [unit - half, unit + half]);
          }}
        >
          <option value={-1}>all</option>
          {names.map((name, i) => (
            <option key={name} value={i}>
              {name}
            </option>
          ))}
        </select>
      ) : (
        <>
          {field("from", valueOf(low), (unit) => change([unit ?? -Infinity, high]))}
          {field("to", valueOf(high), (unit) => change([low, unit ?? Infinity]))}
        </>
      )}
    </div>
  );
}

/** Finds the run whose line passes nearest to a place; null if none is near. */
function nearestRun(
  { runs, axes }: ParallelScene,
  size: Size,
  x: number,
  y: number,
): string | null {
  let nearest = HOVER_REACH;
  let found: string | null = null;
  for (const summary of runs) {
    const points = lineOf(summary, axes, size);
    for (let i = 0; i + 3 < points.length; i += 2) {
      const [x1, y1, x2, y2] = points.slice(i, i + 4);
      if (x < x1 || x > x2) continue;
      const distance = Math.abs(y1 + ((x - x1) / (x2 - x1)) * (y2 - y1) - y);
      if (distance < nearest) [nearest, found] = [distance, summary.run];
    }
  }
  return found;
}
