import { describe, expect, it } from 'vitest';
import { byField, fieldId, verdict } from './problem.ts';

describe('problems', () => {
  it('finds the field of a pointer', () => {
    expect(fieldId('/amount')).toBe('f-amount');
    expect(fieldId('/items/0/amount')).toBe('f-items-0-amount');
    expect(fieldId('#/contractor/uscc')).toBe('f-contractor-uscc');
  });
  it('joins two messages for one field', () => {
    const problem = {
      type: 'about:blank',
      title: '内容有误',
      status: 422,
      code: 'request.invalid',
      errors: [
        { pointer: '/amount', code: 'a', message: '金额须大于零' },
        { pointer: '/amount', code: 'b', message: '金额最多两位小数' },
        { pointer: '/payer', code: 'c', message: '请填写交款人' },
      ],
    };
    expect(byField(problem)).toEqual({
      'f-amount': '金额须大于零；金额最多两位小数',
      'f-payer': '请填写交款人',
    });
    expect(byField(null)).toEqual({});
  });
  it('keeps the key without an answer and frees it at a refusal', () => {
    for (const status of [0, 401, 429, 500, 503]) expect(verdict(status)).toBe('unknown');
    for (const status of [400, 404, 409, 412, 413, 422, 428]) expect(verdict(status)).toBe('refused');
    for (const status of [200, 201, 202, 204]) expect(verdict(status)).toBe('done');
    expect(verdict(403, 'identity.step_up')).toBe('unknown');
    expect(verdict(403, 'duty.same_person')).toBe('refused');
  });
});
