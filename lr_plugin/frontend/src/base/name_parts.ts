// What tells names apart: their words that differ, without those that all have.

import { CUT } from "./cut.ts";

// A word, with what stands before it.
const WORD = /[/\\, _;:|=-]*[^/\\, _;:|=-]+|[/\\, _;:|=-]+$/g;
// A longer word of which only a part differs is cut, too.
const LONG_WORD = 12;

/**
 * Leaves of each name the words that not all names have at that place. Names with
 * different numbers of words have no places in common.
 */
export function differingParts(names: readonly string[]): Map<string, string> {
  const words = new Map(names.map((name) => [name, name.match(WORD) ?? [name]]));
  const byLength = new Map<number, string[]>();
  for (const [name, { length }] of words) {
    byLength.set(length, [...(byLength.get(length) ?? []), name]);
  }
  const parts = new Map<string, string>();
  for (const alike of byLength.values()) {
    const columns = words
      .get(alike[0])!
      .map((_, i) => shorten(alike.map((name) => words.get(name)![i])));
    alike.forEach((name, row) => parts.set(name, join(columns.map((c) => c[row]))));
  }
  return parts;
}

/** Shortens the words at one place; a word that all have is nothing. */
function shorten(words: readonly string[]): string[] {
  if (words.every((word) => word === words[0])) {
    return words.map(() => (words.length > 1 ? "" : words[0]));
  }
  const all = words.map((word) => [...word]);
  const shortest = Math.min(...all.map(({ length }) => length));
  if (shortest <= LONG_WORD) return [...words];
  const start = countShared(shortest, (i) => all.every((w) => w[i] === all[0][i]));
  const end = countShared(shortest - start, (i) =>
    all.every((w) => w[w.length - 1 - i] === all[0][all[0].length - 1 - i]),
  );
  return all.map((word) =>
    [start ? CUT : "", ...word.slice(start, word.length - end), end ? CUT : ""].join(""),
  );
}

function countShared(most: number, isShared: (i: number) => boolean): number {
  let count = 0;
  while (count < most && isShared(count)) count++;
  return count;
}

/** Joins words, with one mark where some are left out. */
function join(words: readonly string[]): string {
  const joined = words.map((word) => word || CUT).join("");
  return joined.replace(/…+[/\\, _;:|=-]*/g, CUT);
}
