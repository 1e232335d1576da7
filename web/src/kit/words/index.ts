import { meta } from '../../api/meta.ts';
import { zh } from './zh.ts';
import type { zhWork } from './zh_work.ts';

type Everything = typeof zh & typeof zhWork;
export type Kind = keyof Everything;
/** The same words in another language: a code without one does not compile. */
export type Words = { readonly [K in Kind]: { readonly [C in keyof Everything[K]]: string } };

let words = zh as Partial<Record<Kind, Record<string, string>>>;

/** Chinese is part of every page; other words are fetched before the first drawing where they are asked for. */
export async function loadWords(more: Partial<Record<Kind, Record<string, string>>> = {}): Promise<void> {
  words = meta.locale === 'en' ? (await import('./en.ts')).en : { ...words, ...more };
}

/** The word for a code; a code that this page does not know yet is shown as it came. */
export function word(kind: Kind, code: string | null | undefined): string {
  if (!code) return '—';
  return words[kind]?.[code] ?? code;
}

/** All choices of a kind, for a select. */
export function choices(kind: Kind, only?: readonly string[]): { value: string; label: string }[] {
  return Object.entries(words[kind] ?? {})
    .filter(([value]) => !only || only.includes(value))
    .map(([value, label]) => ({ value, label }));
}
