/** What a person may do with a thing now, and why not (`allowed_actions`). */
export interface AllowedAction {
  action: string;
  ok: boolean;
  reason_code?: string | null;
  reason?: string | null;
}

export interface FieldProblem {
  pointer: string;
  code: string;
  message: string;
}

/** A problem document (RFC 9457), as every refusal of the server is. */
export interface Problem {
  type: string;
  title: string;
  status: number;
  code: string;
  detail?: string;
  instance?: string;
  errors?: FieldProblem[];
  state?: string;
  allowed_actions?: AllowedAction[];
  /** Seconds to wait, from `Retry-After`. */
  retry_after?: number;
}

/** A call that was refused, or that nobody answered (`problem.status` is 0 then). */
export class CallFailed extends Error {
  readonly problem: Problem;
  constructor(problem: Problem) {
    super(`${problem.status} ${problem.code}`);
    this.name = 'CallFailed';
    this.problem = problem;
  }
  get unanswered(): boolean {
    return this.problem.status === 0;
  }
}

/** The problem that we write ourselves when no answer came. */
export function noAnswer(): Problem {
  return { type: 'about:blank', title: '网络不稳，请再试一次', status: 0, code: 'client.no_answer' };
}

export function problemOf(reason: unknown): Problem {
  if (reason instanceof CallFailed) return reason.problem;
  return {
    type: 'about:blank',
    title: '页面出错，请刷新后再试',
    status: 500,
    code: 'client.defect',
    detail: reason instanceof Error ? reason.message : undefined,
  };
}

/** `/items/0/amount` → `f-items-0-amount`: the id of the field that a message belongs to. */
export function fieldId(pointer: string): string {
  return `f-${pointer.replace(/^#?\//, '').replaceAll('~1', '/').replaceAll('~0', '~').replaceAll('/', '-')}`;
}

/** Messages by field id. A pointer that no field has stays in the summary: it is never swallowed. */
export function byField(problem: Problem | null): Record<string, string> {
  const out: Record<string, string> = {};
  for (const error of problem?.errors ?? []) {
    const id = fieldId(error.pointer);
    out[id] = out[id] ? `${out[id]}；${error.message}` : error.message;
  }
  return out;
}

/** What an answer says about a send under an idempotency key. */
export type Verdict = 'done' | 'refused' | 'unknown';

/**
 * 2xx: done. No answer, 401, 429, 5xx and the demand for a second factor: the same key and the same
 * body again. Every other refusal wrote nothing, so the next try is a new one.
 */
export function verdict(status: number, code = ''): Verdict {
  if (status >= 200 && status < 300) return 'done';
  if (status === 0 || status === 401 || status === 429 || status >= 500) return 'unknown';
  if (status === 403 && code === 'identity.step_up') return 'unknown';
  return 'refused';
}
