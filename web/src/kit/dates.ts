// Business dates are YYYY-MM-DD in the tenant's time zone; instants are RFC 3339 in UTC.

const ZONE = 'Asia/Shanghai';
const DAY = /^(\d{4})-(\d{2})-(\d{2})$/;

const parts = new Intl.DateTimeFormat('en-GB', {
  timeZone: ZONE,
  year: 'numeric',
  month: '2-digit',
  day: '2-digit',
  hour: '2-digit',
  minute: '2-digit',
  hourCycle: 'h23',
});

function inZone(instant: Date): Record<string, string> {
  return Object.fromEntries(parts.formatToParts(instant).map((part) => [part.type, part.value]));
}

/** "2026-12-01" or an instant → "2026-12-01", for tables. */
export function showDate(text: string | null | undefined): string {
  if (!text) return '—';
  if (DAY.test(text)) return text;
  const instant = new Date(text);
  if (Number.isNaN(instant.getTime())) return '—';
  const at = inZone(instant);
  return `${at.year}-${at.month}-${at.day}`;
}

/** An instant → "2026-12-01 09:30" in the city's time. */
export function showTime(text: string | null | undefined): string {
  if (!text) return '—';
  if (DAY.test(text)) return text;
  const instant = new Date(text);
  if (Number.isNaN(instant.getTime())) return '—';
  const at = inZone(instant);
  return `${at.year}-${at.month}-${at.day} ${at.hour}:${at.minute}`;
}

/** "2026-12-01" → "2026年12月1日", in sentences. */
export function longDate(text: string | null | undefined): string {
  const match = DAY.exec(showDate(text));
  return match ? `${match[1]}年${Number.parseInt(match[2]!, 10)}月${Number.parseInt(match[3]!, 10)}日` : '—';
}

/** The day `days` after a business date. */
export function addDays(date: string, days: number): string {
  const match = DAY.exec(date);
  if (!match) return date;
  const at = new Date(Date.UTC(+match[1]!, +match[2]! - 1, +match[3]! + days));
  return at.toISOString().slice(0, 10);
}

/** Whole days from one business date to another. */
export function daysBetween(from: string, to: string): number {
  return Math.round((Date.parse(`${to}T00:00:00Z`) - Date.parse(`${from}T00:00:00Z`)) / 86_400_000);
}

/** Where the tenant's business date is not known, the machine's own in the city's zone. */
export function machineToday(): string {
  return showDate(new Date().toISOString());
}

/** How a deadline stands: the word beside the date, and the shape that carries it. */
export function deadlineTone(due: string | null | undefined, today: string): { tone: string; word: string } {
  if (!due) return { tone: 'none', word: '无时限' };
  const left = daysBetween(today, showDate(due));
  if (left < 0) return { tone: 'bad', word: `已超期 ${-left} 天` };
  if (left === 0) return { tone: 'soon', word: '今天到期' };
  return { tone: left <= 2 ? 'soon' : 'run', word: `剩 ${left} 天` };
}
