import { describe, expect, it } from 'vitest';
import { addDays, daysBetween, deadlineTone, longDate, showDate, showTime } from './dates.ts';

describe('dates', () => {
  it('shows an instant in the time of the city', () => {
    expect(showTime('2026-11-23T16:01:00Z')).toBe('2026-11-24 00:01');
    expect(showDate('2026-11-23T15:59:00Z')).toBe('2026-11-23');
  });
  it('leaves a business date as it is', () => {
    expect(showDate('2026-12-01')).toBe('2026-12-01');
    expect(longDate('2026-12-01')).toBe('2026年12月1日');
  });
  it('shows what is no date as a dash', () => {
    expect(showDate(null)).toBe('—');
    expect(showTime('yesterday')).toBe('—');
  });
  it('counts days over the end of a month and a leap day', () => {
    expect(addDays('2026-11-24', 7)).toBe('2026-12-01');
    expect(addDays('2028-02-28', 1)).toBe('2028-02-29');
    expect(daysBetween('2026-11-24', '2026-12-01')).toBe(7);
  });
  it('says how a deadline stands in words', () => {
    expect(deadlineTone('2026-11-22', '2026-11-24')).toEqual({ tone: 'bad', word: '已超期 2 天' });
    expect(deadlineTone('2026-11-24', '2026-11-24').word).toBe('今天到期');
    expect(deadlineTone('2026-12-01', '2026-11-24')).toEqual({ tone: 'run', word: '剩 7 天' });
    expect(deadlineTone(null, '2026-11-24').tone).toBe('none');
  });
});
