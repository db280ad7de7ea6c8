// A card with a picture, its title, and the buttons that save it.

import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";

import { FigureDialog } from "./figure_dialog.tsx";
import { loadSettings } from "./figure_settings.ts";
import { copyPng, savePng, saveSvg, type Picture } from "./save_picture.ts";

interface PictureCardProps {
  title: string;
  /** What stands between the title and the buttons. */
  beside: ComponentChildren;
  /** Makes the picture when somebody asks for it. */
  picture: () => Picture;
  children: ComponentChildren;
}

export function PictureCard({ title, beside, picture, children }: PictureCardProps) {
  const [isOpen, setOpen] = useState(false);
  const [said, setSaid] = useState("");
  const settings = () => loadSettings(localStorage);
  return (
    <section class="lr-card" aria-label={title}>
      <header class="lr-card-header">
        <h2 class="lr-card-title">{title}</h2>
        {beside}
        <span class="lr-muted" role="status">
          {said}
        </span>
        <button
          class="lr-quiet-button"
          onClick={() => void savePng(picture(), settings()).catch(sayIn(setSaid))}
        >
          PNG
        </button>
        <button class="lr-quiet-button" onClick={() => saveSvg(picture(), settings())}>
          SVG
        </button>
        <button
          class="lr-quiet-button"
          onClick={() => void copyPng(picture(), settings()).then(setSaid)}
        >
          Copy
        </button>
        <button
          class="lr-quiet-button"
          title="Size, letters and colours of saved pictures"
          onClick={() => setOpen(true)}
        >
          Figure…
        </button>
      </header>
      {children}
      {isOpen && <FigureDialog picture={picture()} onClose={() => setOpen(false)} />}
    </section>
  );
}

function sayIn(say: (sentence: string) => void): (error: Error) => void {
  return ({ message }) => say(message);
}
