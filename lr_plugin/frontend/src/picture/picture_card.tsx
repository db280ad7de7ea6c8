// A card with a picture, its title, and the buttons that save it.

import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";

import { FigureDialog } from "./figure_dialog.tsx";
import { loadSettings } from "./figure_settings.ts";
import { SaveButtons } from "./save_buttons.tsx";
import type { Picture } from "./save_picture.ts";

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
  return (
    <section class="lr-card" aria-label={title}>
      <header class="lr-card-header">
        <h2 class="lr-card-title">{title}</h2>
        {beside}
        <span class="lr-muted" role="status">
          {said}
        </span>
        <SaveButtons
          picture={picture}
          settings={() => loadSettings()}
          onSaid={setSaid}
        />
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
