/**
 * How a part that runs elsewhere is reached: within a time, again where that is safe, and not at all for a while once
 * it has failed too often (a circuit breaker), so that a part that is down costs its own fields and nobody's patience.
 */

import { type Answered, Connections, Unanswered, type Unanswering } from "./connections";

/**
 * CLOSED: it is asked. OPEN: it failed too often and is left alone for a while. HALF_OPEN: one question is let through to
 * see whether it is back.
 */
export type Circuit = "CLOSED" | "OPEN" | "HALF_OPEN";

/** How a part is reached, for those who watch it. */
export interface Reached {
  readonly circuit: Circuit;
  /** Questions that were asked once more. */
  readonly repeated: number;
}

/** It was not even asked, for it has failed too often; or it answered with this status, which is no answer. */
export class Unreached extends Error {
  override readonly name = "Unreached";
  readonly why: Unanswering | "RESTING" | number;

  constructor(why: Unanswering | "RESTING" | number) {
    super(`Not reached: ${why}.`);
    this.why = why;
  }
}

export interface ReachOptions {
  readonly url: string;
  /** For a question with all its repetitions. */
  readonly timeoutMilliseconds?: number;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
}

const TIMEOUT_MILLISECONDS = 10_000;
const CONNECTIONS = 64;

/** A question is asked at most this often. */
const TIMES = 3;
/** The longest pause before the second time; twice as long before the third. The pause itself is drawn, so that many who failed together do not come back together. */
const PAUSE_MILLISECONDS = 40;
/** Of a hundred questions so many may be repeated, for repeating everything doubles the load on what is overloaded. */
const REPEATED_OF_HUNDRED = 10;
const MOST_REPEATED_AT_ONCE = 10;

/** Gone before it answered, so asking again may help. Not `LATE`: what is slow gets slower when it is asked twice. */
const PASSING: ReadonlySet<unknown> = new Set<Unanswering | number>(["REFUSED", "BROKEN", 429, 502, 503, 504]);

export class Reach implements Reached {
  private readonly connections: Connections;
  private readonly timeout: number;
  private readonly now: () => number;
  private readonly breaker: Breaker;
  private allowance = MOST_REPEATED_AT_ONCE;
  repeated = 0;

  constructor({ url, timeoutMilliseconds = TIMEOUT_MILLISECONDS, now = Date.now }: ReachOptions) {
    this.connections = new Connections({ url, most: CONNECTIONS, timeoutMilliseconds });
    this.timeout = timeoutMilliseconds;
    this.now = now;
    this.breaker = new Breaker(now);
  }

  get circuit(): Circuit {
    return this.breaker.circuit;
  }

  /**
   * Posts JSON; answers what came back with a status below 500, and not 429. `repeatable` only what changes nothing: a
   * mutation is sent once, whatever becomes of it. Rejects with `Unreached` alone.
   */
  async post(
    path: string,
    headers: Readonly<Record<string, string>>,
    body: string,
    repeatable: boolean,
  ): Promise<Answered> {
    const until = this.now() + this.timeout;
    this.allowance = Math.min(MOST_REPEATED_AT_ONCE, this.allowance + REPEATED_OF_HUNDRED / 100);
    for (let time = 1; ; time++) {
      if (!this.breaker.admits()) throw new Unreached("RESTING");
      const [answered, fault] = await this.once(path, headers, body);
      this.breaker.note(fault === null);
      if (fault === null) return answered;
      const pause = this.pauseBefore(time + 1, answered?.retryAfter ?? null);
      const again =
        repeatable && time < TIMES && PASSING.has(fault) && this.allowance >= 1 && this.now() + pause < until;
      if (!again) throw new Unreached(fault);
      this.allowance -= 1;
      this.repeated += 1;
      await new Promise((resolve) => setTimeout(resolve, pause));
    }
  }

  /** Whether it says itself that it is well; asked past the breaker, for this is how its coming back is seen early. */
  async isWell(path: string): Promise<boolean> {
    const answered = await this.connections.ask(path, {}, null).catch(() => null);
    return answered?.status === 200;
  }

  close(): Promise<void> {
    return this.connections.close();
  }

  private async once(
    path: string,
    headers: Readonly<Record<string, string>>,
    body: string,
  ): Promise<readonly [Answered, null] | readonly [Answered | null, Unanswering | number]> {
    try {
      const answered = await this.connections.ask(path, headers, body);
      return answered.status >= 500 || answered.status === 429 ? [answered, answered.status] : [answered, null];
    } catch (fault) {
      if (fault instanceof Unanswered) return [null, fault.why];
      throw fault;
    }
  }

  /** Milliseconds; no less than what the part itself asked for. */
  private pauseBefore(time: number, retryAfter: string | null): number {
    const drawn = Math.random() * PAUSE_MILLISECONDS * 2 ** (time - 2);
    if (retryAfter === null) return drawn;
    const told = /^\d{1,6}$/.test(retryAfter) ? Number(retryAfter) * 1000 : Date.parse(retryAfter) - this.now();
    return Number.isNaN(told) ? drawn : drawn + Math.max(0, told);
  }
}

/** Of this many last answers so many failed: then it is left alone. */
const WATCHED = 10;
const TOO_MANY = 5;
/** The first rest, and the longest: each is twice as long as the one before, while nothing comes back. */
const REST_MILLISECONDS = 1_000;
const LONGEST_REST_MILLISECONDS = 30_000;

/** Remembers how the last answers were, and lets nothing through for a while when too many failed. */
export class Breaker {
  private readonly now: () => number;
  private last: boolean[] = [];
  private rests = 0;
  private restsUntil = 0;
  private state: Circuit = "CLOSED";

  constructor(now: () => number) {
    this.now = now;
  }

  get circuit(): Circuit {
    return this.state;
  }

  /** Whether to ask. One who is let through must `note` how it went. */
  admits(): boolean {
    if (this.state === "CLOSED") return true;
    if (this.now() < this.restsUntil) return false;
    [this.state, this.restsUntil] = ["HALF_OPEN", this.now() + LONGEST_REST_MILLISECONDS];
    return true;
  }

  note(answered: boolean): void {
    if (this.state === "CLOSED") {
      if (answered && this.last.length === 0) return; // nearly always
      this.last.push(answered);
      if (this.last.length > WATCHED) this.last.shift();
      const failed = this.last.filter((each) => !each).length;
      if (failed === 0) this.last = [];
      if (failed >= TOO_MANY) this.rest();
    } else if (this.state === "HALF_OPEN") {
      if (answered) [this.state, this.last, this.rests] = ["CLOSED", [], 0];
      else this.rest();
    }
    // OPEN: asked before it opened, and of no news.
  }

  private rest(): void {
    const longest = Math.min(LONGEST_REST_MILLISECONDS, REST_MILLISECONDS * 2 ** this.rests);
    this.rests += 1;
    this.restsUntil = this.now() + longest * (0.5 + Math.random() / 2);
    this.state = "OPEN";
  }
}
