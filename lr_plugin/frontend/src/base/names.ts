// Names that are too long for their place: without the beginning that all have in
// common, and cut in the middle, so that what tells them apart is seen.

import { CUT } from "./cut.ts";
import { differingParts } from "./name_parts.ts";

// Shorter names are left as they are.
const LONG = 24;
// How much of what is left of a name stands before the cut, as a share.
const HEADS = [0.5, 0.25, 0.75, 0, 1];

// Line breaks and other controls, and the marks that turn the direction of writing.
const UNSEEN = /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;

/**
 * Writes a name so that it does nothing to the text around it: what cannot be seen, but
 * breaks lines or turns them around, is a box.
 */
export function visible(name: string): string {
  return name.replace(UNSEEN, "\u25a1");
}

/** Cuts a text in the middle; `head` is the share of what is left that stands first. */
export function cutMiddle(text: string, length: number, head = 0.5): string {
  const letters = [...text];
  if (letters.length <= length) return text;
  const first = Math.ceil((length - 1) * head);
  const last = length - 1 - first;
  return [
    ...letters.slice(0, first),
    CUT,
    ...letters.slice(letters.length - last),
  ].join("");
}

export class ShortNames {
  readonly #rests: ReadonlyMap<string, string>;
  readonly #known = new Map<number, Map<string, string>>();

  /** @param names All that must be told apart. */
  constructor(names: readonly string[]) {
    const rests = restsOf(groupsOf(names));
    const areDistinct = new Set(rests.values()).size === names.length;
    this.#rests = areDistinct ? rests : restsOf([names]);
  }

  /** Writes a name in at most `length` letters; one that is not known is only cut. */
  short(name: string, length: number): string {
    return this.#cut(length).get(name) ?? cutMiddle(visible(name), length);
  }

  #cut(length: number): Map<string, string> {
    let known = this.#known.get(length);
    if (!known) {
      known = cutApart(this.#rests, length);
      this.#known.set(length, known);
    }
    return known;
  }
}

/** Takes off the common beginning of the long names of each group. */
function restsOf(groups: readonly (readonly string[])[]): Map<string, string> {
  const rests = new Map<string, string>();
  for (const group of groups) {
    const areLong = group.some((name) => name.length > LONG);
    const start = areLong ? commonStart(group) : 0;
    for (const name of group) {
      rests.set(name, visible(start > 1 ? CUT + name.slice(start) : name));
    }
  }
  return rests;
}

/** Groups names by what stands before their first slash. */
function groupsOf(names: readonly string[]): string[][] {
  const groups = new Map<string, string[]>();
  for (const name of names) {
    const folder = name.slice(0, name.indexOf("/") + 1);
    groups.set(folder, [...(groups.get(folder) ?? []), name]);
  }
  return [...groups.values()];
}

/** Counts the letters that all names begin with, up to the end of a word. */
function commonStart(names: readonly string[]): number {
  if (names.length < 2) return 0;
  const [first, ...others] = names;
  let shared = 0;
  while (
    shared < first.length &&
    others.every((name) => name[shared] === first[shared])
  ) {
    shared++;
  }
  // Of one name nothing would be left.
  if (names.some((name) => name.length <= shared)) shared--;
  while (shared > 0 && !/[/, _;:|-]/.test(first[shared - 1])) shared--;
  return shared;
}

/**
 * Cuts all names, those that would read alike in another place, or down to the words in
 * which they differ.
 */
function cutApart(rests: ReadonlyMap<string, string>, length: number) {
  const parts = differingParts([...rests.values()]);
  let best = new Map<string, string>();
  let most = 0;
  for (const isWhole of [true, false]) {
    for (const head of HEADS) {
      const cut = new Map(
        [...rests].map(([name, rest]) => {
          const text = isWhole || rest.length <= length ? rest : parts.get(rest)!;
          return [name, cutMiddle(text, length, head)];
        }),
      );
      const numDistinct = new Set(cut.values()).size;
      if (numDistinct > most) [best, most] = [cut, numDistinct];
      if (most === rests.size) return best;
    }
  }
  return best;
}
