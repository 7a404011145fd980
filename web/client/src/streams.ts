/**
 * Subscriptions that go on while another tab is open.
 *
 * GraphiQL stops a subscription when its tab is left. The story needs it to go on: follow in one
 * tab, write an invoice in the next. So a subscription belongs to its tab here. It runs until Stop
 * is pressed or the tab is closed; opened again, the tab shows the latest event and follows on.
 */

export interface ShownTabs {
  tabs: { id: string }[];
  activeTabIndex: number;
}

export class Streams<Event> {
  readonly #byTab = new Map<string, Stream<Event>>();
  #shown = '';
  #changes = 0;
  #isLeft = false;
  #run: () => void = () => {};

  /** Tell how GraphiQL runs the operation of the tab that is shown. */
  whenShownAgain(run: () => void): void {
    this.#run = run;
  }

  /** Tell which tabs there are and which one is shown, after every change of them. */
  show({ tabs, activeTabIndex }: ShownTabs): void {
    const shown = tabs[activeTabIndex]?.id ?? '';
    const isChange = this.#isLeft || shown !== this.#shown;
    this.#shown = shown;
    this.#isLeft = false;
    this.#changes += 1;
    for (const [tab, stream] of this.#byTab) {
      if (!tabs.some(({ id }) => id === tab)) stream.end();
    }
    const stream = this.#byTab.get(this.#shown);
    stream?.tell();
    // Later, for GraphiQL is in the middle of changing the tab and not ready to run. Once: what
    // GraphiQL refuses to run (variables that are no JSON) it would refuse again and again.
    if (isChange && stream && !stream.isRead) setTimeout(() => this.#readOn(stream));
  }

  /** Follow in the tab that is shown: what runs there already, or something new. */
  follow(what: string, open: () => AsyncIterator<Event>): AsyncIterableIterator<Event> {
    const tab = this.#shown;
    let stream = this.#byTab.get(tab);
    if (stream?.what !== what) {
      stream?.end();
      stream = new Stream(what, open(), () => this.#forget(tab));
      this.#byTab.set(tab, stream);
    }
    return this.#reader(tab, stream);
  }

  #reader(tab: string, stream: Stream<Event>): AsyncIterableIterator<Event> {
    const isShown = () => this.#shown === tab;
    const reader = stream.read(isShown);
    const leave = async (): Promise<IteratorResult<Event>> => {
      stream.leave(reader);
      if (!isShown()) return { done: true, value: undefined };
      this.#isLeft = true;
      const changes = this.#changes;
      // GraphiQL stops first and changes the tab next, in one go: then somebody has left it.
      // Without a change somebody pressed Stop.
      queueMicrotask(() => {
        if (changes === this.#changes) stream.end();
      });
      return { done: true, value: undefined };
    };
    return {
      next: () => stream.next(reader),
      return: leave,
      [Symbol.asyncIterator]() {
        return this;
      },
    };
  }

  #readOn(stream: Stream<Event>): void {
    if (this.#byTab.get(this.#shown) === stream && !stream.isRead) this.#run();
  }

  #forget(tab: string): void {
    this.#byTab.delete(tab);
  }
}

/** Who reads a stream, and whether the tab is shown in which the events appear. */
interface Reader {
  isShown: () => boolean;
}

/** One running subscription. Only the latest event is kept: GraphiQL shows no more than that. */
class Stream<Event> {
  #latest: { event: Event; isNew: boolean } | null = null;
  #reader: Reader | null = null;
  #isOver = false;
  #wake: () => void = () => {};

  constructor(
    readonly what: string,
    readonly events: AsyncIterator<Event>,
    readonly onEnd: () => void,
  ) {
    void this.#receive();
  }

  get isRead(): boolean {
    return this.#reader !== null;
  }

  read(isShown: () => boolean): Reader {
    this.#reader = { isShown };
    if (this.#latest) this.#latest.isNew = true;
    return this.#reader;
  }

  leave(reader: Reader): void {
    if (this.#reader === reader) this.#reader = null;
    this.tell();
  }

  end(): void {
    this.#over();
    void this.events.return?.();
  }

  /** Let the reader look again: an event came, its tab is shown, or it was sent away. */
  tell(): void {
    this.#wake();
  }

  async next(reader: Reader): Promise<IteratorResult<Event>> {
    while (this.#reader === reader) {
      if (this.#latest?.isNew && reader.isShown()) {
        this.#latest.isNew = false;
        return { done: false, value: this.#latest.event };
      }
      if (this.#isOver && !this.#latest?.isNew) break;
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
    return { done: true, value: undefined };
  }

  async #receive(): Promise<void> {
    for (let step = await this.events.next(); !step.done; step = await this.events.next()) {
      this.#latest = { event: step.value, isNew: true };
      this.tell();
    }
    this.#over();
  }

  #over(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.onEnd();
    this.tell();
  }
}
