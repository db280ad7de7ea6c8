import assert from "node:assert/strict";
import { test } from "node:test";

import { clearZooms, hasZooms, setZoom, zoomKey } from "./zooms.ts";

const LOSS = zoomKey("timeline", "loss");
const OTHER = zoomKey("loss-rate", "loss");

test("each view has its own part of an axis", () => {
  const zooms = setZoom(setZoom({}, LOSS, [1, 2]), OTHER, [3, 4]);
  assert.deepEqual(zooms, { [LOSS]: [1, 2], [OTHER]: [3, 4] });
  assert.deepEqual(setZoom(zooms, LOSS, null), { [OTHER]: [3, 4] });
});

test("the axes of one view are shown in full, those of others stay", () => {
  const zooms = setZoom(setZoom({}, LOSS, [1, 2]), OTHER, [3, 4]);
  assert.deepEqual(clearZooms(zooms, "timeline"), { [OTHER]: [3, 4] });
  assert.deepEqual(
    [hasZooms(zooms, "timeline"), hasZooms(zooms, "layers")],
    [true, false],
  );
});
