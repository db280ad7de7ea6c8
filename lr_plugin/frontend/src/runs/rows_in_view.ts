// Which rows of a long table are seen.

// More on either side, so that a quick turn of the wheel shows no gap.
const MORE = 20;

/**
 * Finds the first row that is needed, and the one after the last.
 *
 * @param top How far the table was scrolled, in pixels.
 * @param height How much of it is seen, in pixels.
 */
export function rowsInView(
  count: number,
  top: number,
  height: number,
  rowHeight: number,
): [first: number, stop: number] {
  const first = Math.max(0, Math.floor(top / rowHeight) - MORE);
  const stop = Math.min(count, Math.ceil((top + height) / rowHeight) + MORE);
  // A table that became shorter is still scrolled to its old place for a moment.
  return [Math.min(first, count), stop];
}
