// Money and areas are text from JSON to pixel. Where a page must add or compare, it does so in whole
// fen (or square centimetres of two decimals) with BigInt; no float is ever made of them.

const SHAPE = /^([-−]?)(\d+)(?:\.(\d{1,2}))?$/;

/** "1234.5" → 123450n; null when the text is no amount of at most two decimals. */
export function fen(text: string | null | undefined): bigint | null {
  const match = SHAPE.exec((text ?? '').trim());
  if (!match) return null;
  const whole = BigInt(match[2]! + (match[3] ?? '').padEnd(2, '0'));
  return match[1] ? -whole : whole;
}

/** 123450n → "1234.50", the form in which amounts travel. */
export function yuan(value: bigint): string {
  const size = value < 0n ? -value : value;
  const digits = size.toString().padStart(3, '0');
  return `${value < 0n ? '-' : ''}${digits.slice(0, -2)}.${digits.slice(-2)}`;
}

/** "-1234567.8" → "−1,234,567.80"; what is no amount is shown as a dash, never as nought. */
export function showMoney(text: string | null | undefined): string {
  const value = fen(text);
  if (value === null) return '—';
  const plain = yuan(value < 0n ? -value : value);
  const [whole, cents] = plain.split('.');
  return `${value < 0n ? '−' : ''}${whole!.replace(/\B(?=(\d{3})+(?!\d))/g, ',')}.${cents}`;
}

/** "89.56" → "89.56 m²". */
export function showArea(text: string | null | undefined): string {
  return fen(text) === null ? '—' : `${showMoney(text)} m²`;
}

/** The exact sum of amounts; null as soon as one of them is none. */
export function sumMoney(texts: readonly (string | null | undefined)[]): string | null {
  let sum = 0n;
  for (const text of texts) {
    const value = fen(text);
    if (value === null) return null;
    sum += value;
  }
  return yuan(sum);
}

export function compareMoney(left: string, right: string): number {
  const a = fen(left) ?? 0n;
  const b = fen(right) ?? 0n;
  return a < b ? -1 : a > b ? 1 : 0;
}

/** What a person typed, tidied: full-width digits, separators, spaces and the currency sign. */
export function cleanAmount(typed: string): string {
  return typed
    .replace(/[０-９]/g, (digit) => String.fromCharCode(digit.charCodeAt(0) - 0xff10 + 48))
    .replace(/[．。]/g, '.')
    .replace(/[－−]/g, '-')
    .replace(/[,，\s\u3000¥￥元]/g, '');
}

/** A typed amount in its travelling form, or the tidied text as it is, for the server to refuse by name. */
export function toAmount(typed: string): string {
  const clean = cleanAmount(typed);
  const value = fen(clean);
  return value === null ? clean : yuan(value);
}

const DIGITS = '零壹贰叁肆伍陆柒捌玖';
const PLACES = ['', '拾', '佰', '仟'];
const GROUPS = ['', '万', '亿', '万亿'];

/** Chinese capitals of an amount, for reading back: 61728.39 → 陆万壹仟柒佰贰拾捌元叁角玖分. */
export function capitals(text: string | null | undefined): string {
  const value = fen(text);
  if (value === null) return '';
  const plain = yuan(value < 0n ? -value : value);
  const [whole, cents] = plain.split('.') as [string, string];
  if (whole.length > 16) return '';
  let out = '';
  let gap = false;
  for (let at = 0; at < whole.length; at += 1) {
    const place = whole.length - 1 - at;
    const digit = whole.charCodeAt(at) - 48;
    if (digit === 0) gap = out !== '';
    else {
      out += (gap ? '零' : '') + DIGITS[digit] + PLACES[place % 4];
      gap = false;
    }
    if (place % 4 === 0 && place > 0) {
      const group = whole.slice(Math.max(0, at - 3), at + 1);
      if (/[1-9]/.test(group)) out += GROUPS[place / 4];
    }
  }
  const jiao = cents.charCodeAt(0) - 48;
  const fens = cents.charCodeAt(1) - 48;
  if (out) out += '元';
  if (jiao === 0 && fens === 0) out = `${out || '零元'}整`;
  else {
    if (jiao) out += `${DIGITS[jiao]}角`;
    else if (out) out += '零';
    if (fens) out += `${DIGITS[fens]}分`;
    else out += '整';
  }
  return (value < 0n ? '负' : '') + out;
}
