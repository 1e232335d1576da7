/** The text of a cell as it sorts: amounts by their whole fen, all else as Chinese readers expect. */
export function sortKey(text: string): bigint | string {
  const plain = text.trim().replaceAll(',', '').replace('−', '-');
  const match = /^(-?)(\d+)(?:\.(\d{1,2}))?$/.exec(plain);
  if (!match) return plain;
  const whole = BigInt(match[2]! + (match[3] ?? '').padEnd(2, '0'));
  return match[1] ? -whole : whole;
}

export function compareCells(left: string, right: string): number {
  const a = sortKey(left);
  const b = sortKey(right);
  if (typeof a === 'bigint' && typeof b === 'bigint') return a < b ? -1 : a > b ? 1 : 0;
  return String(a).localeCompare(String(b), 'zh', { numeric: true });
}
