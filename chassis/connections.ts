/**
 * HTTP/1.1 as parts ask each other: JSON by POST over connections that are kept, one question at a time on each. An
 * answer that is not framed exactly as it must be costs its connection, so that no byte of one answer can come to
 * stand in another: they may be about different children, for different viewers.
 *
 * Why not a general client: half of what a small question costs the gateway was spent in one, on streams, headers and
 * timers that nobody needs here (the figures are in docs/adr/0017).
 */

import { type OnReadOpts, connect as plainly, type Socket } from "node:net";
import { connect as securely } from "node:tls";

/** What came back, whatever its status. */
export interface Answered {
  readonly status: number;
  /** As the header says it; null where there is none. */
  readonly retryAfter: string | null;
  readonly body: Buffer;
}

/**
 * Why nothing came back, or not all of it: nobody listens; the connection ended before the answer did; it took too
 * long; what came is no answer as it must be; connections are being closed.
 */
export type Unanswering = "REFUSED" | "BROKEN" | "LATE" | "MALFORMED" | "CLOSED";

export class Unanswered extends Error {
  override readonly name: string = "Unanswered";
  readonly why: Unanswering;

  constructor(why: Unanswering) {
    super(`No answer: ${why}.`);
    this.why = why;
  }
}

export interface ConnectionsOptions {
  /** `http:` or `https:`, host and port; the rest of it is not read. */
  readonly url: string;
  readonly most: number;
  readonly timeoutMilliseconds: number;
}

interface Question {
  readonly text: string;
  /** Of the text: one letter a byte where it can be, which need not be encoded. */
  readonly encoding: "latin1" | "utf8";
  readonly until: number;
  resolve(answered: Answered): void;
  reject(fault: Unanswered): void;
}

const LONGEST_HEAD = 16 * 1024;
const LONGEST_BODY = 64 * 1024 * 1024;
/** A server that does not say how long it keeps an idle connection is taken to do so for five seconds, as Node does. */
const KEPT_SECONDS = 5;
/** So much earlier than the server we leave a connection that nobody used: it must not close it while we write. */
const EARLIER_SECONDS = 1;
const SWEEPS_A_TIMEOUT = 8;
const LONGEST_SWEEP = 250;

/** The connections to one place. */
export class Connections {
  private readonly url: URL;
  private readonly head: string;
  private readonly most: number;
  private readonly timeout: number;
  private readonly idle: Connection[] = [];
  private readonly open = new Set<Connection>();
  private readonly waiting: Question[] = [];
  private sweeping: NodeJS.Timeout | null = null;
  private closed: (() => void) | null = null;

  constructor({ url, most, timeoutMilliseconds }: ConnectionsOptions) {
    this.url = new URL(url);
    this.head = ` HTTP/1.1\r\nhost: ${this.url.host}\r\ncontent-type: application/json\r\naccept: application/json\r\n`;
    this.most = most;
    this.timeout = timeoutMilliseconds;
  }

  /**
   * Posts a JSON body; or asks by GET, where it is null. Rejects with `Unanswered` alone. `headers` are our own names
   * with values without line ends.
   */
  ask(path: string, headers: Readonly<Record<string, string>>, body: string | null): Promise<Answered> {
    let lines = "";
    for (const name in headers) lines += `${name}: ${headers[name]}\r\n`;
    const bytes = body === null ? 0 : Buffer.byteLength(body);
    const encoding = bytes === (body?.length ?? 0) ? "latin1" : "utf8"; // our own lines are ASCII
    const length = body === null ? "" : `content-length: ${bytes}\r\n`;
    const text = `${body === null ? "GET" : "POST"} ${path}${this.head}${lines}${length}\r\n${body ?? ""}`;
    return new Promise((resolve, reject) => {
      if (this.closed !== null) return reject(new Unanswered("CLOSED"));
      this.put({ text, encoding, until: performance.now() + this.timeout, resolve, reject });
    });
  }

  /** Asks nothing more, and resolves when what was asked is answered. */
  close(): Promise<void> {
    return new Promise((resolve) => {
      this.closed = resolve;
      for (const each of this.idle.splice(0)) each.end("CLOSED");
      this.settle();
    });
  }

  private put(question: Question): void {
    const connection = this.free();
    if (connection === null) this.waiting.push(question);
    else connection.put(question);
    this.sweeping ??= setInterval(() => this.sweep(), Math.min(LONGEST_SWEEP, this.timeout / SWEEPS_A_TIMEOUT));
  }

  /** The connection used last, for the others may then go; a new one; or null where there are enough. */
  private free(): Connection | null {
    for (let idle = this.idle.pop(); idle !== undefined; idle = this.idle.pop()) {
      if (idle.isFresh(performance.now())) return idle;
      idle.end("CLOSED");
    }
    if (this.open.size >= this.most) return null;
    const made = new Connection(
      this.url,
      (connection) => this.freed(connection),
      (connection) => this.ended(connection),
    );
    this.open.add(made);
    return made;
  }

  private freed(connection: Connection): void {
    const next = this.waiting.shift();
    if (next !== undefined) connection.put(next);
    else if (this.closed !== null) connection.end("CLOSED");
    else this.idle.push(connection);
  }

  private ended(connection: Connection): void {
    this.open.delete(connection);
    const at = this.idle.indexOf(connection);
    if (at >= 0) this.idle.splice(at, 1);
    const next = this.waiting.shift();
    if (next !== undefined) this.put(next);
    this.settle();
  }

  /** One timer for all questions: one for each costs more than sending it. */
  private sweep(): void {
    const now = performance.now();
    for (const each of this.open) each.endIfLate(now);
    while (this.waiting[0] !== undefined && this.waiting[0].until <= now)
      this.waiting.shift()?.reject(new Unanswered("LATE"));
    if (this.open.size === this.idle.length && this.waiting.length === 0) this.rest();
  }

  private rest(): void {
    if (this.sweeping !== null) clearInterval(this.sweeping);
    this.sweeping = null;
  }

  private settle(): void {
    if (this.closed === null || this.open.size > 0) return;
    this.rest();
    this.closed();
  }
}

class Connection {
  private readonly socket: Socket;
  private readonly onFree: (connection: Connection) => void;
  private readonly onEnd: (connection: Connection) => void;
  private question: Question | null = null;
  private connected = false;
  private ended = false;
  /** The beginning of a head of which the rest has not come yet. */
  private begun: Buffer | null = null;
  private head: Head | null = null;
  private body: Body | null = null;
  private freshUntil = 0;

  constructor(url: URL, onFree: (connection: Connection) => void, onEnd: (connection: Connection) => void) {
    this.onFree = onFree;
    this.onEnd = onEnd;
    const onread: OnReadOpts = {
      buffer: READING, // everything in it is copied before anything else is read
      callback: (length) => {
        this.read(READING.subarray(0, length));
        return true;
      },
    };
    const secure = url.protocol === "https:";
    const host = url.hostname.replace(/^\[|\]$/g, "");
    const place = { host, port: Number(url.port || (secure ? 443 : 80)), noDelay: true, keepAlive: true, onread };
    this.socket = secure ? securely({ ...place, servername: host, ALPNProtocols: ["http/1.1"] }) : plainly(place);
    this.socket.once(secure ? "secureConnect" : "connect", () => {
      this.connected = true;
    });
    const broken = () => this.end(this.connected ? "BROKEN" : "REFUSED");
    this.socket.on("error", broken).on("end", broken).on("close", broken);
  }

  put(question: Question): void {
    this.question = question;
    this.socket.write(question.text, question.encoding);
  }

  isFresh(now: number): boolean {
    return now < this.freshUntil;
  }

  endIfLate(now: number): void {
    if (this.question !== null && this.question.until <= now) this.end("LATE");
  }

  end(why: Unanswering): void {
    if (this.ended) return;
    this.ended = true;
    this.socket.destroy();
    const { question } = this;
    this.question = null;
    this.onEnd(this);
    question?.reject(new Unanswered(why));
  }

  private read(bytes: Buffer): void {
    if (this.ended) return;
    try {
      if (this.question === null) throw new Malformed("It speaks without being asked.");
      const rest = this.head === null ? this.readHead(bytes) : bytes;
      if (rest !== null && this.body?.take(rest)) this.answer(this.question);
    } catch (fault) {
      if (!(fault instanceof Malformed)) throw fault;
      this.end("MALFORMED");
    }
  }

  /** What follows the head; null where it has not come whole. */
  private readHead(bytes: Buffer): Buffer | null {
    const whole = this.begun === null ? bytes : Buffer.concat([this.begun, bytes]);
    const end = whole.indexOf("\r\n\r\n", 0, "latin1");
    if (end > LONGEST_HEAD || (end < 0 && whole.length > LONGEST_HEAD)) throw new Malformed("Its head has no end.");
    if (end < 0) {
      this.begun = Buffer.from(whole);
      return null;
    }
    this.begun = null;
    this.head = headOf(whole.toString("latin1", 0, end));
    this.body = this.head.length === null ? new Chunked() : new Measured(this.head.length);
    return whole.subarray(end + 4);
  }

  private answer(question: Question): void {
    const { head, body } = this;
    if (head === null || body === null) return;
    const answered = { status: head.status, retryAfter: head.retryAfter, body: body.whole() };
    [this.question, this.head, this.body] = [null, null, null];
    this.freshUntil = performance.now() + 1000 * (head.keptSeconds - EARLIER_SECONDS);
    if (head.keptSeconds > EARLIER_SECONDS) this.onFree(this);
    else this.end("CLOSED");
    question.resolve(answered);
  }
}

/** What is read is copied out of here before anything else is: one place serves every connection. */
const READING = Buffer.allocUnsafeSlow(64 * 1024);

class Malformed extends Error {}

// --- Reading an answer ------------------------------------------------------------------------------------------

interface Head {
  readonly status: number;
  /** Null where the body comes in chunks. */
  readonly length: number | null;
  readonly retryAfter: string | null;
  /** How long the server keeps the connection when it is not used; 0 where it closes it. */
  readonly keptSeconds: number;
}

const STATUS = /^HTTP\/1\.1 ([2-5]\d\d)(?: |$)/;
const FIELD = /^([!#$%&'*+.^_`|~\w-]+):[ \t]*(.*?)[ \t]*$/;

/** Throws `Malformed` for a head that does not say, once and plainly, where its body ends. */
function headOf(text: string): Head {
  const [first = "", ...lines] = text.split("\r\n");
  const status = STATUS.exec(first)?.[1];
  if (status === undefined) throw new Malformed("It is no HTTP/1.1.");
  let [length, chunked, retryAfter, keptSeconds] = [null as number | null, false, null as string | null, KEPT_SECONDS];
  for (const line of lines) {
    const [, name = "", value = ""] = FIELD.exec(line) ?? [];
    switch (name.toLowerCase()) {
      case "":
        throw new Malformed("A line of its head is none.");
      case "content-length":
        if (length !== null || !/^\d{1,10}$/.test(value)) throw new Malformed("Its length is not told once.");
        length = Number(value);
        break;
      case "transfer-encoding":
        if (chunked || value.toLowerCase() !== "chunked") throw new Malformed("Its encoding is not known.");
        chunked = true;
        break;
      case "content-encoding":
        if (value.toLowerCase() !== "identity") throw new Malformed("It is compressed, which nobody asked for.");
        break;
      case "connection":
        if (/\bclose\b/i.test(value)) keptSeconds = 0;
        break;
      case "keep-alive":
        if (keptSeconds > 0) keptSeconds = Number(/\btimeout=(\d{1,5})\b/i.exec(value)?.[1] ?? KEPT_SECONDS);
        break;
      case "retry-after":
        retryAfter = value;
        break;
    }
  }
  if (chunked === (length !== null)) throw new Malformed("Its length is told twice, or not at all.");
  if (length !== null && length > LONGEST_BODY) throw new Malformed("It is too long.");
  return { status: Number(status), length, retryAfter, keptSeconds };
}

interface Body {
  /** Keeps what came; answers whether that is all. Throws `Malformed` for more than all. */
  take(bytes: Buffer): boolean;
  whole(): Buffer;
}

class Measured implements Body {
  private readonly bytes: Buffer;
  private filled = 0;

  constructor(length: number) {
    this.bytes = Buffer.allocUnsafe(length);
  }

  take(bytes: Buffer): boolean {
    if (this.filled + bytes.length > this.bytes.length) throw new Malformed("It is longer than it said.");
    this.filled += bytes.copy(this.bytes, this.filled);
    return this.filled === this.bytes.length;
  }

  whole(): Buffer {
    return this.bytes;
  }
}

const CHUNK_HEAD = /^([0-9a-f]{1,8})[ \t]*(?:;[^\r\n]*)?$/i;

/** RFC 9112, 7.1. What a trailer says is not read. */
class Chunked implements Body {
  private readonly pieces: Buffer[] = [];
  private size = 0;
  /** Bytes that are still to come of the piece under way; null where a line is read. */
  private left: number | null = null;
  private line = "";
  private next: "SIZE" | "END_OF_PIECE" | "TRAILER" | "NOTHING" = "SIZE";

  take(bytes: Buffer): boolean {
    for (let at = 0; at < bytes.length; ) {
      if (this.next === "NOTHING") throw new Malformed("It goes on after its end.");
      at += this.left === null ? this.takeLine(bytes, at) : this.takePiece(bytes, at, this.left);
    }
    return this.next === "NOTHING";
  }

  whole(): Buffer {
    return Buffer.concat(this.pieces, this.size);
  }

  private takePiece(bytes: Buffer, at: number, left: number): number {
    const piece = Buffer.from(bytes.subarray(at, at + left)); // a copy
    this.pieces.push(piece);
    this.size += piece.length;
    if (this.size > LONGEST_BODY) throw new Malformed("It is too long.");
    this.left = piece.length === left ? null : left - piece.length;
    return piece.length;
  }

  private takeLine(bytes: Buffer, at: number): number {
    const end = bytes.indexOf(0x0a, at);
    this.line += bytes.toString("latin1", at, end < 0 ? bytes.length : end + 1);
    if (this.line.length > LONGEST_HEAD) throw new Malformed("A line of it has no end.");
    if (end < 0) return bytes.length - at;
    if (!this.line.endsWith("\r\n")) throw new Malformed("A line of it does not end as it must.");
    const line = this.line.slice(0, -2);
    this.line = "";
    this.turn(line);
    return end + 1 - at;
  }

  private turn(line: string): void {
    if (this.next === "SIZE") {
      const size = Number.parseInt(CHUNK_HEAD.exec(line)?.[1] ?? "", 16);
      if (Number.isNaN(size)) throw new Malformed("A chunk does not say its size.");
      this.left = size === 0 ? null : size;
      this.next = size === 0 ? "TRAILER" : "END_OF_PIECE";
    } else if (this.next === "END_OF_PIECE") {
      if (line !== "") throw new Malformed("A chunk is longer than it said.");
      this.next = "SIZE";
    } else if (line === "") this.next = "NOTHING";
  }
}
