import { describe, expect, it } from 'vitest';
import {
  capitals,
  cleanAmount,
  compareMoney,
  fen,
  showArea,
  showMoney,
  sumMoney,
  toAmount,
  yuan,
} from './money.ts';

describe('money', () => {
  it('shows an amount beyond the exact range of a float whole', () => {
    expect(showMoney('9007199254740993.01')).toBe('9,007,199,254,740,993.01');
  });
  it('shows minus, separators and two decimals', () => {
    expect(showMoney('-1234567.8')).toBe('−1,234,567.80');
    expect(showMoney('0')).toBe('0.00');
    expect(showMoney('999.99')).toBe('999.99');
  });
  it('shows what is no amount as a dash, never as nought', () => {
    for (const text of [null, undefined, '', 'abc', '1.005', '1e5']) expect(showMoney(text)).toBe('—');
  });
  it('adds in whole fen', () => {
    expect(sumMoney(['0.10', '0.20'])).toBe('0.30');
    expect(sumMoney(['9007199254740993.01', '0.01', '-0.02'])).toBe('9007199254740993.00');
    expect(sumMoney([])).toBe('0.00');
    expect(sumMoney(['1.00', null])).toBeNull();
  });
  it('compares by value', () => {
    expect(compareMoney('10.00', '9.99')).toBe(1);
    expect(compareMoney('-1.00', '1.00')).toBe(-1);
    expect(compareMoney('1.0', '1.00')).toBe(0);
  });
  it('goes to fen and back', () => {
    expect(fen('-0.05')).toBe(-5n);
    expect(yuan(-5n)).toBe('-0.05');
    expect(yuan(0n)).toBe('0.00');
  });
  it('tidies what clerks type', () => {
    expect(cleanAmount('１２，３４５．６０ 元')).toBe('12345.60');
    expect(toAmount('￥1,234.5')).toBe('1234.50');
    expect(toAmount('1.005')).toBe('1.005');
  });
  it('writes capitals as a bank reads them', () => {
    expect(capitals('61728.39')).toBe('陆万壹仟柒佰贰拾捌元叁角玖分');
    expect(capitals('123456.78')).toBe('壹拾贰万叁仟肆佰伍拾陆元柒角捌分');
    expect(capitals('100000000.00')).toBe('壹亿元整');
    expect(capitals('10010.05')).toBe('壹万零壹拾元零伍分');
    expect(capitals('0.50')).toBe('伍角整');
    expect(capitals('0.00')).toBe('零元整');
    expect(capitals('100000.00')).toBe('壹拾万元整');
    expect(capitals('10000000001.00')).toBe('壹佰亿零壹元整');
  });
  it('shows areas with their unit', () => {
    expect(showArea('4298.88')).toBe('4,298.88 m²');
    expect(showArea(null)).toBe('—');
  });
});
