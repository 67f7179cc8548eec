/**
 * Watches one source's feed for all who subscribe to it: asks what has been told since, and wakes those it was told to.
 * In this process the source calls when something may have been told; it is asked now and then in any case, for another
 * process may have told it.
 */

import type { Viewer } from "../schema/access";
import type { Source } from "./sources";

/** One who waits for news. */
export interface Waiting {
  /** Whether something was told to it since this was asked the last time. */
  isTold(): boolean;
  /** Resolves when something is told to it, after so long at the latest, or when `signal` aborts. */
  news(signal: AbortSignal, atMostMilliseconds: number): Promise<void>;
  leave(): void;
}

interface Waiter {
  readonly viewer: Viewer;
  readonly topics: readonly string[];
  isNew: boolean;
  wake: (() => void) | null;
}

/** Between two looks, where the source calls and where it cannot. */
const [CALLED_MILLISECONDS, UNCALLED_MILLISECONDS] = [1_000, 250];

export class Feed {
  private readonly source: Source;
  private readonly byTopic = new Map<string, Set<Waiter>>();
  private readonly waiters = new Set<Waiter>();
  private head: string | null = null;
  private looking: Promise<string> | null = null;
  private next: Promise<string> | null = null;
  private timer: NodeJS.Timeout | null = null;
  private unwatch: (() => void) | null = null;
  private closed = false;

  constructor(source: Source) {
    this.source = source;
  }

  join(viewer: Viewer, topics: readonly string[]): Waiting {
    const waiter: Waiter = { viewer, topics, isNew: false, wake: null };
    this.waiters.add(waiter);
    for (const topic of topics) {
      const others = this.byTopic.get(topic);
      if (others) others.add(waiter);
      else this.byTopic.set(topic, new Set([waiter]));
    }
    if (this.waiters.size === 1) this.begin();
    return {
      isTold: () => {
        const { isNew } = waiter;
        waiter.isNew = false;
        return isNew;
      },
      news: (signal, atMostMilliseconds) =>
        new Promise((resolve) => {
          if (waiter.isNew || signal.aborted || this.closed) return resolve();
          const done = () => {
            clearTimeout(timer);
            waiter.wake = null;
            signal.removeEventListener("abort", done);
            resolve();
          };
          const timer = setTimeout(done, atMostMilliseconds);
          waiter.wake = done;
          signal.addEventListener("abort", done);
        }),
      leave: () => {
        if (!this.waiters.delete(waiter)) return;
        for (const topic of topics) {
          const others = this.byTopic.get(topic);
          others?.delete(waiter);
          if (others?.size === 0) this.byTopic.delete(topic);
        }
        if (this.waiters.size === 0) this.end();
      },
    };
  }

  /** How far the feed goes now, as a cursor: what is told after it will be announced to those who have joined. */
  upTo(viewer: Viewer): Promise<string> {
    return this.look(viewer);
  }

  close(): void {
    this.closed = true;
    for (const { wake } of this.waiters) wake?.();
    this.end();
  }

  private begin(): void {
    this.unwatch = this.source.watch?.(() => void this.lookAgain()) ?? null;
    this.schedule();
  }

  private end(): void {
    this.unwatch?.();
    if (this.timer !== null) clearTimeout(this.timer);
    [this.unwatch, this.timer, this.head] = [null, null, null];
  }

  private schedule(): void {
    if (this.closed || this.waiters.size === 0) return;
    this.timer = setTimeout(
      () => this.lookAgain().finally(() => this.schedule()),
      this.source.watch === undefined ? UNCALLED_MILLISECONDS : CALLED_MILLISECONDS,
    );
    this.timer.unref();
  }

  private async lookAgain(): Promise<void> {
    const [someone] = this.waiters;
    if (someone === undefined || this.closed) return;
    await this.look(someone.viewer).catch(() => undefined); // asked again before long
  }

  /** One look at a time, begun no earlier than it was asked for; those who ask during one share the next. */
  private look(viewer: Viewer): Promise<string> {
    if (this.looking === null) {
      this.looking = this.lookNow(viewer).finally(() => {
        this.looking = null;
      });
      return this.looking;
    }
    if (this.next === null) {
      const begin = () => {
        this.next = null;
        return this.look(viewer);
      };
      this.next = this.looking.then(begin, begin);
    }
    return this.next;
  }

  private async lookNow(viewer: Viewer): Promise<string> {
    const { upTo, topics } = (await this.source.news?.(this.head, viewer)) ?? { upTo: "", topics: [] };
    this.head = upTo;
    for (const topic of topics) for (const waiter of this.byTopic.get(topic) ?? []) tellOf(waiter);
    return upTo;
  }
}

function tellOf(waiter: Waiter): void {
  waiter.isNew = true;
  waiter.wake?.();
}
