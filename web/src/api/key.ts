import { type Verdict, verdict } from './problem.ts';

/** One send that may not have been answered yet: its key and exactly the body that went out. */
export interface Sent {
  key: string;
  body: unknown;
}

/** Where an unanswered send waits: the browser's own store, or memory for what may not lie on a disk. */
export interface Shelf {
  get(name: string): Sent | null;
  set(name: string, sent: Sent): void;
  drop(name: string): void;
}

/** A version 4 UUID; `crypto.randomUUID` is not there on plain http, `getRandomValues` is. */
export function newKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6]! & 0x0f) | 0x40;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

export function memoryShelf(): Shelf {
  const rows = new Map<string, Sent>();
  return {
    get: (name) => rows.get(name) ?? null,
    set: (name, sent) => void rows.set(name, sent),
    drop: (name) => void rows.delete(name),
  };
}

export function browserShelf(store: Storage): Shelf {
  const at = (name: string) => `linli.send.${name}`;
  return {
    get(name) {
      const text = store.getItem(at(name));
      return text ? (JSON.parse(text) as Sent) : null;
    },
    set: (name, sent) => store.setItem(at(name), JSON.stringify(sent)),
    drop: (name) => store.removeItem(at(name)),
  };
}

/**
 * The life of one idempotency key. While a send is unanswered the form is frozen: a changed body under
 * the old key would be refused, and under a new key it could pay twice. Only an answer frees it.
 */
export class KeyLife {
  private readonly shelf: Shelf;
  private readonly name: string;
  constructor(shelf: Shelf, name: string) {
    this.shelf = shelf;
    this.name = name;
  }

  /** The send that waits for its answer, also after a reload. */
  get waiting(): Sent | null {
    return this.shelf.get(this.name);
  }

  /** The key and body to send now: those that wait, or new ones for this body. */
  begin(body: unknown): Sent {
    const waiting = this.waiting;
    if (waiting) return waiting;
    const sent: Sent = { key: newKey(), body };
    this.shelf.set(this.name, sent);
    return sent;
  }

  /** What the answer means for the key. */
  settle(status: number, code = ''): Verdict {
    const says = verdict(status, code);
    if (says !== 'unknown') this.shelf.drop(this.name);
    return says;
  }
}
