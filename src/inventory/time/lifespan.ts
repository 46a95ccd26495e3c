/**
 * From when until when something had an address, as far as the evidence goes.
 *
 *     possibleFrom      certainFrom            certainUntil      possibleUntil
 *          |--- maybe ------|======= certain ========|---- maybe -----|
 *
 * Before possibleFrom and from possibleUntil on it certainly had not. There may be no certain part at all.
 */
import { formatInstant, type Instant } from '../instants.js';

export interface Lifespan {
  readonly possibleFrom: Instant;
  readonly certainFrom: Instant;
  readonly certainUntil: Instant;
  readonly possibleUntil: Instant;
  /** Why it is not certain after certainUntil: a clause for people. */
  readonly afterwards: string;
}

/** The instant of a snapshot itself still belongs to the certain part; far below the sources' precision. */
const INCLUSIVE_END = 1e-6;

export function isCertain(span: Lifespan, at: Instant): boolean {
  return at >= span.certainFrom && at < span.certainUntil;
}

export function isPossible(span: Lifespan, at: Instant): boolean {
  return at >= span.possibleFrom && at < span.possibleUntil;
}

export function hasCertainPart(span: Lifespan): boolean {
  return span.certainFrom < span.certainUntil;
}

/** Gathers evidence in any order. */
export class LifespanBuilder {
  certainFrom: Instant = Infinity;
  certainUntil: Instant = -Infinity;
  private possibleFrom: Instant = -Infinity;
  private possibleUntil: Instant = Infinity;
  private ending: string | null = null;
  private lastSeen: Instant = -Infinity;

  /** It had the address from `from` to `until` without break. */
  certain(from: Instant, until: Instant): void {
    this.certainFrom = Math.min(this.certainFrom, from);
    this.certainUntil = Math.max(this.certainUntil, until);
  }

  /** A dated snapshot showed it with the address. */
  seen(at: Instant): void {
    this.lastSeen = Math.max(this.lastSeen, at);
  }

  notBefore(instant: Instant | null): void {
    if (instant !== null) this.possibleFrom = Math.max(this.possibleFrom, instant);
  }

  /** It had lost the address by `instant`; `why` is a clause that follows its name. */
  notAfter(instant: Instant, why: string): void {
    if (instant >= this.possibleUntil) return;
    this.possibleUntil = instant;
    this.ending = why;
  }

  build(): Lifespan {
    const isCertainSomewhere = this.certainFrom <= this.certainUntil;
    const certainUntil = this.certainUntil + INCLUSIVE_END;
    return {
      possibleFrom: isCertainSomewhere ? Math.min(this.possibleFrom, this.certainFrom) : this.possibleFrom,
      certainFrom: this.certainFrom,
      certainUntil: isCertainSomewhere ? certainUntil : -Infinity,
      possibleUntil: isCertainSomewhere ? Math.max(this.possibleUntil, certainUntil) : this.possibleUntil,
      afterwards: this.ending ?? this.openEnd(),
    };
  }

  private openEnd(): string {
    if (this.lastSeen === -Infinity) return 'it is not known when the snapshot that shows it was taken';
    return `the last snapshot that shows it (${formatInstant(this.lastSeen)}) is older`;
  }
}
