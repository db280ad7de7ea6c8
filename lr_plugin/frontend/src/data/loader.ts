// Keeps the answers that the views need, and asks for those that are missing or old.

const MAX_PARALLEL = 6;

/** One request, for one query or several. */
interface Request {
  controller: AbortController;
  /** How many of its answers are still wanted. */
  numWanted: number;
}

interface Wanted<Query> {
  query: Query;
  /** With a new version the query is asked again; until then the old answer is shown. */
  version: string;
}

interface Entry<Answer> {
  answer: Answer | null;
  answerVersion: string | null;
  error: string | null;
  pending: Request | null;
}

/** A query that has no answer of this version yet. */
interface Due<Query, Answer> extends Wanted<Query> {
  entry: Entry<Answer>;
}

interface LoaderOptions<Query, Answer> {
  /** Answers one query or, in their order, several that can be asked together. */
  load: (
    queries: readonly Query[],
    signal: AbortSignal,
  ) => Promise<readonly (Answer | Error)[]>;
  keyOf: (query: Query) => string;
  /** Queries of the same group can be asked together. */
  groupOf: (query: Query) => string;
  /** How many of a query's group can be asked together with it, itself included. */
  mostTogether: (query: Query) => number;
  /** Called after each answer and each error. */
  onChange: () => void;
  /** How many answers are kept that are not wanted at the moment. */
  spare: number;
}

export class Loader<Query, Answer> {
  readonly #options: LoaderOptions<Query, Answer>;
  // In order of last use.
  readonly #entries = new Map<string, Entry<Answer>>();
  #wanted: Wanted<Query>[] = [];

  constructor(options: LoaderOptions<Query, Answer>) {
    this.#options = options;
  }

  /** Says what is needed from now on; gives up requests for anything else. */
  want(wanted: readonly Wanted<Query>[]): void {
    this.#wanted = [...wanted];
    const keys = new Set(wanted.map(({ query }) => this.#options.keyOf(query)));
    for (const [key, entry] of this.#entries) {
      if (!keys.has(key)) this.#abandon(entry);
    }
    for (const key of keys) {
      const entry = this.#entries.get(key);
      this.#entries.delete(key);
      this.#entries.set(key, entry ?? newEntry());
    }
    this.#forgetSpare(keys);
    this.#startNext();
  }

  /** Returns the last answer, of whatever version; null before the first. */
  get(query: Query): Answer | null {
    return this.#entries.get(this.#options.keyOf(query))?.answer ?? null;
  }

  /** Says why the last request failed; null if it did not. */
  error(query: Query): string | null {
    return this.#entries.get(this.#options.keyOf(query))?.error ?? null;
  }

  /** Tells whether any answer is under way. */
  get isWaiting(): boolean {
    return [...this.#entries.values()].some(({ pending }) => pending !== null);
  }

  /** Tells whether this version has been answered, even if by an error. */
  isSettled({ query, version }: Wanted<Query>): boolean {
    const entry = this.#entries.get(this.#options.keyOf(query));
    return (
      entry !== undefined && entry.pending === null && entry.answerVersion === version
    );
  }

  /** Asks again for what failed. */
  retry(): void {
    for (const entry of this.#entries.values()) {
      if (entry.error !== null) entry.answerVersion = null;
    }
    this.#startNext();
  }

  #startNext(): void {
    const running = new Set<Request>();
    for (const { pending } of this.#entries.values()) if (pending) running.add(pending);
    let numFree = MAX_PARALLEL - running.size;
    if (numFree <= 0) return;
    for (const group of this.#groupDue()) {
      for (let i = 0; i < group.length && numFree > 0; numFree--) {
        // As many requests as there is room for, and no more in one than it can take.
        const evenly = Math.ceil((group.length - i) / numFree);
        const most = Math.max(1, this.#options.mostTogether(group[i].query));
        const together = group.slice(i, i + Math.min(evenly, most));
        i += together.length;
        void this.#load(together);
      }
    }
  }

  /** Finds what is to be asked, in order, by what can be asked together. */
  #groupDue(): Due<Query, Answer>[][] {
    const groups = new Map<string, Due<Query, Answer>[]>();
    for (const { query, version } of this.#wanted) {
      const entry = this.#entries.get(this.#options.keyOf(query));
      // A request is not started over when the run grows meanwhile: in a fast training,
      // none would ever end.
      if (!entry || entry.pending || entry.answerVersion === version) continue;
      const name = this.#options.groupOf(query);
      const group = groups.get(name) ?? [];
      group.push({ query, version, entry });
      groups.set(name, group);
    }
    return [...groups.values()];
  }

  async #load(together: readonly Due<Query, Answer>[]): Promise<void> {
    const controller = new AbortController();
    const request = { controller, numWanted: together.length };
    for (const { entry } of together) entry.pending = request;
    const queries = together.map(({ query }) => query);
    let answers: readonly (Answer | Error)[];
    try {
      answers = await this.#options.load(queries, controller.signal);
    } catch (error) {
      answers = together.map(() => error as Error);
    }
    let isNews = false;
    for (const [i, { entry, version }] of together.entries()) {
      if (entry.pending !== request) continue;
      const answer = answers[i];
      if (answer instanceof Error) {
        entry.error = answer.message;
      } else {
        entry.answer = answer;
        entry.error = null;
      }
      // What failed is asked again when the run changes, or by `retry`.
      entry.answerVersion = version;
      entry.pending = null;
      isNews = true;
    }
    if (!isNews) return;
    this.#startNext();
    this.#options.onChange();
  }

  #abandon(entry: Entry<Answer>): void {
    if (entry.pending && --entry.pending.numWanted === 0) {
      entry.pending.controller.abort();
    }
    entry.pending = null;
  }

  #forgetSpare(keys: ReadonlySet<string>): void {
    let excess = this.#entries.size - keys.size - this.#options.spare;
    for (const key of this.#entries.keys()) {
      if (excess <= 0) return;
      if (keys.has(key)) continue;
      this.#entries.delete(key);
      excess--;
    }
  }
}

function newEntry<Answer>(): Entry<Answer> {
  return { answer: null, answerVersion: null, error: null, pending: null };
}
