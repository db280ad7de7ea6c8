// Asks the same question every few seconds, as long as the tab is visible.

interface PollerOptions<Answer> {
  ask: (signal: AbortSignal) => Promise<Answer>;
  onAnswer: (answer: Answer) => void;
  onError: (sentence: string) => void;
  isVisible: () => boolean;
  everySecs: number;
}

export class Poller<Answer> {
  readonly #options: PollerOptions<Answer>;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #asking: AbortController | null = null;
  #isStopped = false;

  constructor(options: PollerOptions<Answer>) {
    this.#options = options;
  }

  /** Asks at once, unless an answer is under way, and from then on every few seconds. */
  async askNow(): Promise<void> {
    if (this.#asking || this.#isStopped) return;
    clearTimeout(this.#timer);
    const asking = new AbortController();
    this.#asking = asking;
    try {
      const answer = await this.#options.ask(asking.signal);
      if (!this.#isStopped) this.#options.onAnswer(answer);
    } catch (error) {
      if (!this.#isStopped) this.#options.onError((error as Error).message);
    } finally {
      this.#asking = null;
      this.#wait();
    }
  }

  stop(): void {
    this.#isStopped = true;
    clearTimeout(this.#timer);
    this.#asking?.abort();
  }

  #wait(): void {
    if (this.#isStopped) return;
    this.#timer = setTimeout(() => {
      if (this.#options.isVisible()) void this.askNow();
      else this.#wait();
    }, 1000 * this.#options.everySecs);
  }
}
