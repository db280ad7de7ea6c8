// The button that shows a card on all of the screen, and goes back.

import { useEffect, useRef, useState } from "preact/hooks";

export function FullScreenButton({ title }: { title: string }) {
  const button = useRef<HTMLButtonElement>(null);
  const [isFull, setFull] = useState(false);
  const card = () => button.current?.closest<HTMLElement>(".lr-card");
  useEffect(() => {
    // The Escape key goes back, too.
    const follow = () => setFull(document.fullscreenElement === card());
    document.addEventListener("fullscreenchange", follow);
    return () => document.removeEventListener("fullscreenchange", follow);
  }, []);
  // Some browsers have none on small screens.
  if (!document.fullscreenEnabled) return null;
  const toggle = () =>
    isFull ? document.exitFullscreen() : card()?.requestFullscreen();
  return (
    <button
      ref={button}
      class="lr-quiet-button"
      aria-pressed={isFull}
      aria-label={`Full screen: ${title}`}
      title="Full screen"
      onClick={() => void toggle()}
    >
      <svg width="12" height="12" viewBox="0 0 12 12" aria-hidden="true">
        <path d="M1 4V1h3M8 1h3v3M11 8v3H8M4 11H1V8" fill="none" stroke="currentColor" />
      </svg>
    </button>
  );
}
