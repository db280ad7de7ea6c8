// Which scalars of other programs are taken for the rate and the loss, where the user
// says so.

export type TagColumn = "learning_rate" | "loss";

/** The tag of a column, by run and column; an empty one stands for no such column. */
export type TagChoices = Readonly<
  Record<string, Readonly<Partial<Record<TagColumn, string>>>>
>;

/** Stands for all runs in place of a run's name. */
export const ALL_RUNS = "*";

const COLUMNS: readonly TagColumn[] = ["learning_rate", "loss"];

/** Chooses a tag; null leaves it to the names of the tags again. */
export function chooseTag(
  choices: TagChoices,
  run: string,
  column: TagColumn,
  tag: string | null,
): TagChoices {
  const { [column]: _, ...others } = choices[run] ?? {};
  const { [run]: __, ...rest } = choices;
  const chosen = tag === null ? others : { ...others, [column]: tag };
  return Object.keys(chosen).length === 0 ? rest : { ...rest, [run]: chosen };
}

/** Writes choices as the routes and the URL take them; empty if there are none. */
export function formatTagChoices(choices: TagChoices): string {
  return Object.keys(choices).length === 0 ? "" : JSON.stringify(choices);
}

/** Reads what `formatTagChoices` wrote; leaves out what is none of it. */
export function parseTagChoices(text: string | undefined): TagChoices {
  let found: unknown;
  try {
    found = JSON.parse(text || "{}");
  } catch {
    return {};
  }
  let choices: TagChoices = {};
  if (typeof found !== "object" || found === null) return {};
  for (const [run, tags] of Object.entries(found)) {
    for (const column of COLUMNS) {
      const tag = (tags as Record<string, unknown> | null)?.[column];
      if (typeof tag === "string") choices = chooseTag(choices, run, column, tag);
    }
  }
  return choices;
}
