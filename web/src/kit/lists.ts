import type { Kind } from './words/index.ts';

/** One column of a list from the server. */
export interface Column {
  key: string;
  label: string;
  kind?: 'text' | 'money' | 'area' | 'date' | 'time' | 'state' | 'word' | 'mono' | 'number' | 'people';
  /** Which words stand for the codes of a `state` or `word` column. */
  words?: Kind;
  /** The first column is a link, so that a row opens by keyboard too. */
  to?: (row: Row) => string | null;
  text?: (row: Row) => string;
}

export type Row = Record<string, unknown>;

export interface Filter {
  key: string;
  label: string;
  kind?: 'text' | 'select' | 'date';
  options?: { value: string; label: string }[];
}

/** `a.b` of a row, as text; null for what is not there. */
export function cell(row: Row, key: string): string | null {
  let at: unknown = row;
  for (const part of key.split('.')) {
    if (at === null || typeof at !== 'object') return null;
    at = (at as Row)[part];
  }
  if (at === undefined || at === null || at === '') return null;
  if (typeof at === 'object') {
    const named = at as { name?: unknown };
    if (typeof named.name === 'string') return named.name;
    return Array.isArray(at) ? at.join('、') : JSON.stringify(at);
  }
  return String(at);
}
