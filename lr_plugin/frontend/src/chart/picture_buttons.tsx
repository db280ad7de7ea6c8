// The downloads of a chart.

import type { Theme } from "../base/theme.ts";
import { savePng, saveSvg, type Picture } from "./save_picture.ts";

export function PictureButtons(props: { picture: () => Picture; theme: Theme }) {
  const { picture, theme } = props;
  return (
    <>
      <button class="lr-quiet-button" onClick={() => savePng(picture(), theme)}>
        PNG
      </button>
      <button class="lr-quiet-button" onClick={() => saveSvg(picture(), theme)}>
        SVG
      </button>
    </>
  );
}
