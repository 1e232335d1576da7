import { ops } from './ops.ts';
import { meta } from './meta.ts';
import { CallFailed, noAnswer, type Problem } from './problem.ts';
import type { Answers } from './views.ts';

export type OpId = keyof typeof ops;
export type Answer<O extends OpId> = O extends keyof Answers ? Answers[O] : unknown;

type Names<P extends string> = P extends `${string}{${infer N}}${infer R}` ? N | Names<R> : never;
/** The parameters that the path of an operation needs. */
export type PathOf<O extends OpId> = { [N in Names<(typeof ops)[O][1]>]: string };

export type Query = Record<string, string | number | boolean | null | undefined>;
export interface Input {
  path?: Record<string, string>;
  query?: Query;
  body?: unknown;
  key?: string;
  version?: number | string;
  signal?: AbortSignal;
  accept?: string;
}
export type InputOf<O extends OpId> = Input &
  (keyof PathOf<O> extends never ? { path?: Record<string, never> } : { path: PathOf<O> });

/** Set by the session: the token against forged writes, and what to do when the session has ended. */
export const guard = {
  csrf: null as string | null,
  /** Opens sign-in over the page; true when the same person is back and the call may be repeated. */
  signInAgain: null as (() => Promise<boolean>) | null,
  /** The build that the server answers with; another than the first seen means that the page is old. */
  onBuild: null as ((build: string) => void) | null,
  /** The server's business time, from the answers. */
  onDate: null as ((date: string) => void) | null,
};

const QUIET: ReadonlySet<string> = new Set([
  'session_create',
  'session_get',
  'invitation_accept',
  'platform_session_create',
  'platform_session_get',
]);

export function addressOf(op: OpId, input: Input): string {
  const template: string = ops[op][1];
  const path = template.replace(/\{(\w+)\}/g, (_, name: string) =>
    encodeURIComponent(input.path?.[name] ?? ''),
  );
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(input.query ?? {})) {
    if (value !== undefined && value !== null && value !== '') query.set(name, String(value));
  }
  const text = query.toString();
  return (path.startsWith('/platform/') ? path : meta.api + path) + (text ? `?${text}` : '');
}

async function send(op: OpId, input: Input): Promise<Response> {
  const method: string = ops[op][0];
  const headers: Record<string, string> = {
    accept: input.accept ?? 'application/json',
    'accept-language': meta.locale,
  };
  const form = input.body instanceof FormData;
  if (input.body !== undefined && !form) headers['content-type'] = 'application/json';
  if (input.key) headers['idempotency-key'] = input.key;
  if (input.version !== undefined) headers['if-match'] = `"${input.version}"`;
  if (op === 'session_create' || op === 'platform_session_create') headers['x-session'] = 'cookie';
  if (method !== 'GET' && guard.csrf) headers['x-csrf-token'] = guard.csrf;
  let body: BodyInit | undefined;
  if (form) body = input.body as FormData;
  else if (input.body !== undefined) body = JSON.stringify(input.body);
  try {
    return await fetch(addressOf(op, input), {
      method,
      headers,
      body,
      signal: input.signal,
      credentials: 'same-origin',
      cache: 'no-store',
    });
  } catch (reason) {
    if (input.signal?.aborted) throw reason;
    throw new CallFailed(noAnswer());
  }
}

async function problemFrom(answer: Response): Promise<Problem> {
  const wait = Number.parseInt(answer.headers.get('retry-after') ?? '', 10);
  const base: Problem = {
    type: 'about:blank',
    title: answer.status >= 500 ? '系统出错' : '没有办成',
    status: answer.status,
    code: `http.${answer.status}`,
    retry_after: Number.isNaN(wait) ? undefined : wait,
  };
  try {
    return { ...base, ...((await answer.json()) as Problem) };
  } catch {
    return base;
  }
}

async function answered(op: OpId, input: Input): Promise<Response> {
  let answer = await send(op, input);
  if (answer.status === 401 && !QUIET.has(op) && guard.signInAgain) {
    // The typed text and the key stay; after sign-in the very same call goes out again.
    if (await guard.signInAgain()) answer = await send(op, input);
  }
  const build = answer.headers.get('x-linli-build');
  if (build) guard.onBuild?.(build);
  if (!answer.ok) throw new CallFailed(await problemFrom(answer));
  return answer;
}

/** The one way to the server. Types of path and answer follow from the operation's name. */
export async function call<O extends OpId>(op: O, input: InputOf<O>): Promise<Answer<O>> {
  const answer = await answered(op, input as Input);
  if (answer.status === 204 || answer.headers.get('content-length') === '0') return undefined as Answer<O>;
  const text = await answer.text();
  return (text ? JSON.parse(text) : undefined) as Answer<O>;
}

/** The same for operations whose name is only known when the page runs (lists and forms from data). */
export function callAny(op: OpId, input: Input): Promise<unknown> {
  return call(op, input as InputOf<OpId>);
}

/** A file: the bytes of a document, or a list as CSV or spreadsheet. */
export async function callFile(op: OpId, input: Input): Promise<{ blob: Blob; name: string }> {
  const answer = await answered(op, { accept: '*/*', ...input });
  const said = answer.headers.get('content-disposition') ?? '';
  const star = /filename\*=UTF-8''([^;]+)/i.exec(said)?.[1];
  const plain = /filename="?([^";]+)"?/i.exec(said)?.[1];
  const blob = await answer.blob();
  if (input.accept && !input.accept.includes('*') && !blob.type.startsWith(input.accept)) {
    throw new CallFailed({
      type: 'about:blank',
      title: '这份列表不能导出为 Excel',
      status: 415,
      code: 'client.no_file',
    });
  }
  return { blob, name: star ? decodeURIComponent(star) : (plain ?? '文件') };
}

/** Hands a file to the browser's downloads. */
export function saveFile(blob: Blob, name: string): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(blob);
  link.download = name;
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}
