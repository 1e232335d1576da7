import type { OpId } from '../api/call.ts';
import { toAmount } from './money.ts';

/** One field of a form that ends in one call. The name is the path in the body: `contractor.name`. */
export interface FieldSpec {
  name: string;
  label: string;
  kind?:
    | 'text'
    | 'textarea'
    | 'money'
    | 'area'
    | 'int'
    | 'date'
    | 'select'
    | 'radio'
    | 'check'
    | 'checks'
    | 'lines'
    | 'documents'
    | 'password'
    | 'pick';
  hint?: string;
  required?: boolean;
  options?: { value: string; label: string }[] | (() => { value: string; label: string }[]);
  /** For `documents`: the kind under which the file is filed, and how many are asked. */
  documentKind?: string;
  accept?: string;
  many?: boolean;
  /** For `pick`: the list to choose from. */
  pick?: {
    op: OpId;
    label: (row: Record<string, unknown>) => string;
    value?: string;
    /** Name of the filter that finds a row in a list of more than two hundred. */
    search?: string;
    query?: Record<string, string>;
  };
  initial?: unknown;
  autocomplete?: string;
  /** Shown only when this holds for what is typed so far. */
  when?: (values: Values) => boolean;
  half?: boolean;
}

export type Values = Record<string, unknown>;

export function optionsOf(field: FieldSpec): { value: string; label: string }[] {
  return typeof field.options === 'function' ? field.options() : (field.options ?? []);
}

export function blank(field: FieldSpec): unknown {
  if (field.initial !== undefined) return field.initial;
  switch (field.kind) {
    case 'check':
      return false;
    case 'checks':
    case 'documents':
      return [];
    default:
      return '';
  }
}

/** The typed text as it travels. An empty field that nobody must fill is left out. */
export function toBody(fields: readonly FieldSpec[], values: Values): Record<string, unknown> {
  const body: Record<string, unknown> = {};
  for (const field of fields) {
    if (field.when && !field.when(values)) continue;
    const value = travel(field, values[field.name]);
    if (value === undefined) continue;
    const path = field.name.split('.');
    let at = body;
    for (const part of path.slice(0, -1)) {
      at[part] ??= {};
      at = at[part] as Record<string, unknown>;
    }
    at[path[path.length - 1]!] = value;
  }
  return body;
}

function travel(field: FieldSpec, value: unknown): unknown {
  switch (field.kind) {
    case 'money':
    case 'area': {
      const text = String(value ?? '').trim();
      return text ? toAmount(text) : field.required ? '' : undefined;
    }
    case 'int': {
      const text = String(value ?? '').trim();
      if (!text) return undefined;
      return /^\d{1,9}$/.test(text) ? Number.parseInt(text, 10) : text;
    }
    case 'check':
      return value === true;
    case 'checks':
      return value;
    case 'documents':
      return (value as { id: string }[]).map((document) => document.id);
    case 'lines':
      return String(value ?? '')
        .split(/[\n、；;]/)
        .map((line) => line.trim())
        .filter((line) => line !== '');
    case 'password':
      return value;
    default: {
      const text = String(value ?? '').trim();
      return text || (field.required ? '' : undefined);
    }
  }
}

/** What a look in the browser can already tell; the truth is the server's 422. */
export function missing(
  fields: readonly FieldSpec[],
  values: Values,
): { pointer: string; code: string; message: string }[] {
  const out: { pointer: string; code: string; message: string }[] = [];
  for (const field of fields) {
    if (!field.required || (field.when && !field.when(values))) continue;
    const value = values[field.name];
    const empty =
      value === undefined ||
      value === null ||
      value === false ||
      (typeof value === 'string' && !value.trim()) ||
      (Array.isArray(value) && value.length === 0);
    if (!empty) continue;
    const verb =
      field.kind === 'documents'
        ? '请上传'
        : field.kind === 'check'
          ? '请确认'
          : field.kind === 'pick' || optionsOf(field).length
            ? '请选择'
            : '请填写';
    out.push({
      pointer: `/${field.name.replaceAll('.', '/')}`,
      code: 'client.required',
      message: field.kind === 'check' ? `${verb}：${field.label}` : `${verb}${field.label}`,
    });
  }
  return out;
}
