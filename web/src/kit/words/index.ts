import { meta } from '../../api/meta.ts';
import { en } from './en.ts';
import { type Kind, zh } from './zh.ts';

export type { Kind } from './zh.ts';

const words = (meta.locale === 'en' ? en : zh) as Record<Kind, Record<string, string>>;

/** The word for a code; a code that this page does not know yet is shown as it came. */
export function word(kind: Kind, code: string | null | undefined): string {
  if (!code) return '—';
  return words[kind][code] ?? code;
}

/** All choices of a kind, for a select. */
export function choices(kind: Kind, only?: readonly string[]): { value: string; label: string }[] {
  return Object.entries(words[kind])
    .filter(([value]) => !only || only.includes(value))
    .map(([value, label]) => ({ value, label }));
}
