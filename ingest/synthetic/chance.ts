/**
 * Chance that repeats itself: the same seed and the same stream give the same draws on every machine, so that an
 * invented population can be written again byte for byte, and child 7 is child 7 whoever was invented before.
 *
 * Source: sfc32 (Chris Doty-Humphrey, PractRand), seeded through the finaliser of MurmurHash3.
 */

export class Chance {
  private a: number;
  private b: number;
  private c: number;
  private d = 1;

  /** `stream` keeps apart what is drawn for different things under one seed: a child, its doses, its screening. */
  constructor(seed: number, ...stream: readonly number[]) {
    this.a = scramble(seed | 0);
    this.b = scramble(Math.floor(seed / 0x1_0000_0000) ^ 0x9e3779b9);
    this.c = 0x2545f491;
    for (const part of stream) {
      this.a = scramble(this.a ^ part);
      this.b = scramble(Math.imul(this.b, 31) + part);
      this.c = scramble(this.c + this.a);
    }
    for (let i = 0; i < 10; i++) this.next();
  }

  /** From 0 up to, not including, 1. */
  next(): number {
    const sum = (((this.a + this.b) | 0) + this.d) | 0;
    this.d = (this.d + 1) | 0;
    this.a = this.b ^ (this.b >>> 9);
    this.b = (this.c + (this.c << 3)) | 0;
    this.c = (((this.c << 21) | (this.c >>> 11)) + sum) | 0;
    return (sum >>> 0) / 0x1_0000_0000;
  }

  /** A whole number from 0 up to, not including, `limit`. */
  below(limit: number): number {
    return Math.floor(this.next() * limit);
  }

  /** A whole number from `from` to `to`, both included. */
  between(from: number, to: number): number {
    return from + this.below(to - from + 1);
  }

  happens(probability: number): boolean {
    return this.next() < probability;
  }

  pick<Item>(items: readonly [Item, ...Item[]]): Item {
    return items[this.below(items.length)] ?? items[0];
  }

  /** One of the names of a table by the weights it gives them, which need not add up to one. */
  weighted<Name extends string>(weights: WeightTable<Name>): Name {
    let left = this.next() * weights.total;
    for (const [name, weight] of weights.rows) {
      left -= weight;
      if (left < 0) return name;
    }
    return weights.rows[0][0];
  }

  /** `length` characters out of `alphabet`. */
  text(alphabet: string, length: number): string {
    let text = "";
    for (let i = 0; i < length; i++) text += alphabet[this.below(alphabet.length)];
    return text;
  }
}

export interface WeightTable<Name extends string> {
  readonly rows: readonly [readonly [Name, number], ...(readonly [Name, number])[]];
  readonly total: number;
}

/** A table of weights, added up once. Throws where it has no row. */
export function weights<Name extends string>(table: Readonly<Record<Name, number>>): WeightTable<Name> {
  // Object.entries forgets that the keys of a record are its names.
  const [first, ...rest] = Object.entries(table) as [Name, number][];
  if (!first) throw new RangeError("a table of weights needs a row");
  const rows: [[Name, number], ...[Name, number][]] = [first, ...rest];
  return { rows, total: rows.reduce((sum, [, weight]) => sum + weight, 0) };
}

/**
 * Where `index` stands after a shuffle of 0 … `size` − 1 that depends on the seed alone: distinct indexes stand at
 * distinct places, and no table of the shuffle is kept.
 *
 * A Feistel network over the next even power of two; a place beyond `size` is shuffled again until it is within.
 */
export function shuffled(index: number, size: number, seed: number): number {
  const half = Math.max(1, (33 - Math.clz32(size - 1)) >> 1);
  const mask = (1 << half) - 1;
  const key = scramble(seed | 0);
  let place = index;
  do {
    let left = place >>> half;
    let right = place & mask;
    for (let round = 1; round <= 4; round++) {
      const mixed = left ^ (scramble(right ^ Math.imul(round, 0x9e3779b1) ^ key) & mask);
      left = right;
      right = mixed;
    }
    place = (left << half) | right;
  } while (place >= size);
  return place;
}

function scramble(bits: number): number {
  let mixed = bits | 0;
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return (mixed ^ (mixed >>> 16)) | 0;
}
