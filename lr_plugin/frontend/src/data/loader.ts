// Keeps the answers that the views need, and asks for those that are missing or old.

const MAX_PARALLEL = 6;

interface Wanted<Query> {
  query: Query;
  /** With a new version the query is asked again; until then the old answer is shown. */
  version: string;
}

interface Entry<Answer> {
  answer: Answer | null;
  answerVersion: string | null;
  error: string | null;
  pending: { version: string; controller: AbortController } | null;
}

interface LoaderOptions<Query, Answer> {
  load: (query: Query, signal: AbortSignal) => Promise<Answer>;
  keyOf: (query: Query) => string;
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
    let running = 0;
    for (const entry of this.#entries.values()) if (entry.pending) running++;
    for (const { query, version } of this.#wanted) {
      if (running >= MAX_PARALLEL) return;
      const entry = this.#entries.get(this.#options.keyOf(query));
      // A request is not started over when the run grows meanwhile: in a fast training,
      // none would ever end.
      if (!entry || entry.pending || entry.answerVersion === version) continue;
      running++;
      void this.#load(entry, query, version);
    }
  }

  async #load(entry: Entry<Answer>, query: Query, version: string): Promise<void> {
    const pending = { version, controller: new AbortController() };
    entry.pending = pending;
    try {
      const answer = await this.#options.load(query, pending.controller.signal);
      if (entry.pending !== pending) return;
      entry.answer = answer;
      entry.error = null;
    } catch (error) {
      if (entry.pending !== pending) return;
      entry.error = (error as Error).message;
    }
    // What failed is asked again when the run changes, or by `retry`.
    entry.answerVersion = version;
    entry.pending = null;
    this.#startNext();
    this.#options.onChange();
  }

  #abandon(entry: Entry<Answer>): void {
    entry.pending?.controller.abort();
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
