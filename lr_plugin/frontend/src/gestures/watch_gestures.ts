// What the mouse does over a picture besides pointing: with Shift it drags the picture,
// and with Ctrl the wheel enlarges it. (Dragging without a key chooses a part of it, which
// uPlot does.)

export interface Gestures {
  /** The picture was dragged by so many pixels since the button was pressed. */
  onDrag: (across: number, down: number) => void;
  /**
   * The wheel was turned.
   *
   * @param factor Below 1 to enlarge, above to shrink.
   * @param side The axis: y while Shift is held, too.
   */
  onWheel: (factor: number, side: "x" | "y", event: WheelEvent) => void;
  /** The gesture is over. */
  onEnd: () => void;
}

const PER_PIXEL = 0.002;
const PIXELS_OF_LINE = 16;
const MOST_PIXELS = 200;
// A wheel has no button to release.
const REST_MILLISECS = 180;

/** Tells whether a press of the button drags the picture. */
export function isDrag(event: MouseEvent): boolean {
  return event.shiftKey && event.button === 0;
}

/** Listens to an element until the returned function is called. */
export function watchGestures(element: HTMLElement, gestures: Gestures): () => void {
  const stopDragging = watchDrag(element, gestures);
  const stopTurning = watchWheel(element, gestures);
  return () => {
    stopDragging();
    stopTurning();
  };
}

function watchDrag(element: HTMLElement, { onDrag, onEnd }: Gestures): () => void {
  let from: MouseEvent | null = null;
  const press = (event: MouseEvent) => {
    if (!isDrag(event)) return;
    // Else the browser would select the texts that it passes.
    event.preventDefault();
    from = event;
    element.classList.add("lr-dragged");
  };
  const move = (event: MouseEvent) => {
    if (from) onDrag(event.clientX - from.clientX, event.clientY - from.clientY);
  };
  const release = () => {
    if (!from) return;
    from = null;
    element.classList.remove("lr-dragged");
    onEnd();
  };
  element.addEventListener("mousedown", press);
  document.addEventListener("mousemove", move);
  document.addEventListener("mouseup", release);
  return () => {
    element.removeEventListener("mousedown", press);
    document.removeEventListener("mousemove", move);
    document.removeEventListener("mouseup", release);
  };
}

function watchWheel(element: HTMLElement, { onWheel, onEnd }: Gestures): () => void {
  let rest = 0;
  const turn = (event: WheelEvent) => {
    // Without a key the page scrolls.
    if (!event.ctrlKey && !event.metaKey) return;
    event.preventDefault();
    // With Shift, some browsers say that the wheel was turned to the side.
    const turned = event.deltaY || event.deltaX;
    const pixels = event.deltaMode === 0 ? turned : turned * PIXELS_OF_LINE;
    const bounded = Math.max(-MOST_PIXELS, Math.min(MOST_PIXELS, pixels));
    onWheel(Math.exp(bounded * PER_PIXEL), event.shiftKey ? "y" : "x", event);
    clearTimeout(rest);
    rest = window.setTimeout(onEnd, REST_MILLISECS);
  };
  element.addEventListener("wheel", turn, { passive: false });
  return () => {
    clearTimeout(rest);
    element.removeEventListener("wheel", turn);
  };
}
