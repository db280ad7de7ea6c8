// A card with a picture, its title, and the buttons that save it.

import type { ComponentChildren } from "preact";

import type { Theme } from "../base/theme.ts";
import { savePng, saveSvg, type Picture } from "./save_picture.ts";

interface PictureCardProps {
  title: string;
  /** What stands between the title and the buttons. */
  beside: ComponentChildren;
  /** Makes the picture when somebody asks for it. */
  picture: () => Picture;
  theme: Theme;
  children: ComponentChildren;
}

export function PictureCard({
  title,
  beside,
  picture,
  theme,
  children,
}: PictureCardProps) {
  return (
    <section class="lr-card" aria-label={title}>
      <header class="lr-card-header">
        <h2 class="lr-card-title">{title}</h2>
        {beside}
        <button class="lr-quiet-button" onClick={() => savePng(picture(), theme)}>
          PNG
        </button>
        <button class="lr-quiet-button" onClick={() => saveSvg(picture(), theme)}>
          SVG
        </button>
      </header>
      {children}
    </section>
  );
}
