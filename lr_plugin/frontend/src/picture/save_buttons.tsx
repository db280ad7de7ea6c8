// The buttons that save a picture or copy it.

import type { FigureSettings } from "./figure_settings.ts";
import { copyPng, savePng, saveSvg, type Picture } from "./save_picture.ts";

interface SaveButtonsProps {
  /** Makes the picture when somebody asks for it. */
  picture: () => Picture;
  settings: () => FigureSettings;
  disabled?: boolean;
  /** Says what came of it, where one does not see that. */
  onSaid: (sentence: string) => void;
}

export function SaveButtons({ picture, settings, disabled, onSaid }: SaveButtonsProps) {
  const png = () =>
    savePng(picture(), settings()).catch(({ message }) => onSaid(message));
  const copy = () => copyPng(picture(), settings()).then(onSaid);
  return (
    <>
      <button class="lr-quiet-button" disabled={disabled} onClick={() => void png()}>
        PNG
      </button>
      <button
        class="lr-quiet-button"
        disabled={disabled}
        onClick={() => saveSvg(picture(), settings())}
      >
        SVG
      </button>
      <button class="lr-quiet-button" disabled={disabled} onClick={() => void copy()}>
        Copy
      </button>
    </>
  );
}
