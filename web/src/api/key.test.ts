import { describe, expect, it } from 'vitest';
import { KeyLife, browserShelf, memoryShelf, newKey } from './key.ts';

/** A server that answers the same key once, and refuses it with another body. */
class Till {
  readonly paid = new Map<string, string>();
  answer(key: string, body: string): number {
    const before = this.paid.get(key);
    if (before !== undefined) return before === body ? 200 : 422;
    this.paid.set(key, body);
    return 201;
  }
}

/** Small, repeatable chance: a story that fails can be told again. */
function chance(seed: number): () => number {
  let state = seed >>> 0 || 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 0x1_0000_0000;
  };
}

describe('the life of a key', () => {
  it('is a version 4 uuid, each a new one', () => {
    expect(newKey()).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(newKey()).not.toBe(newKey());
  });

  it('sends the first body again until it is answered', () => {
    const life = new KeyLife(memoryShelf(), 'pay');
    const first = life.begin({ amount: '1.00' });
    life.settle(0);
    expect(life.begin({ amount: '2.00' })).toEqual(first);
    life.settle(201);
    expect(life.begin({ amount: '2.00' }).key).not.toBe(first.key);
  });

  it('survives a reload in the browser store', () => {
    const first = new KeyLife(browserShelf(localStorage), 'pay').begin({ amount: '1.00' });
    expect(new KeyLife(browserShelf(localStorage), 'pay').waiting).toEqual(first);
    new KeyLife(browserShelf(localStorage), 'pay').settle(200);
    expect(localStorage.getItem('linli.send.pay')).toBeNull();
  });

  it('pays once in ten thousand stories of lost answers, outages, refusals, reloads and edits', () => {
    let twice = 0;
    for (let story = 1; story <= 10_000; story += 1) {
      const roll = chance(story * 2_654_435_761);
      const till = new Till();
      const shelf = memoryShelf();
      let life = new KeyLife(shelf, 'pay');
      let typed = 'a';
      let done = false;
      for (let step = 0; step < 12 && !done; step += 1) {
        const what = roll();
        if (what < 0.15) life = new KeyLife(shelf, 'pay');
        else if (what < 0.35 && !life.waiting) typed += 'x';
        else {
          const sent = life.begin(typed);
          const fate = roll();
          let status: number;
          if (fate < 0.2) status = 0;
          else if (fate < 0.3) status = 503;
          else if (fate < 0.4) {
            till.answer(sent.key, sent.body as string);
            status = 0;
          } else if (fate < 0.5 && !till.paid.has(sent.key)) status = 409;
          else status = till.answer(sent.key, sent.body as string);
          done = life.settle(status) === 'done';
        }
      }
      if (till.paid.size > 1) twice += 1;
    }
    expect(twice).toBe(0);
  });
});
