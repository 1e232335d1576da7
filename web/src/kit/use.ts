import { onScopeDispose, reactive, ref, watch, type Ref } from 'vue';
import { call, callAny, type Answer, type InputOf, type OpId } from '../api/call.ts';
import { KeyLife, browserShelf, memoryShelf, newKey, type Shelf } from '../api/key.ts';
import { meta } from '../api/meta.ts';
import { problemOf, type Problem } from '../api/problem.ts';
import { session } from '../api/session.ts';
import type { JobView, Page } from '../api/views.ts';

export interface Query<T> {
  data: T | null;
  busy: boolean;
  problem: Problem | null;
  reload(): Promise<void>;
}

/** Reads one thing; aborts the older call; keeps what is visible while it reads again. */
export function useQuery<O extends OpId>(op: O, input: () => InputOf<O> | null): Query<Answer<O>> {
  let abort: AbortController | null = null;
  const state = reactive({
    data: null as Answer<O> | null,
    busy: false,
    problem: null as Problem | null,
    reload,
  }) as Query<Answer<O>>;
  async function reload(): Promise<void> {
    const wanted = input();
    abort?.abort();
    if (!wanted) return;
    const mine = new AbortController();
    abort = mine;
    state.busy = true;
    try {
      state.data = await call(op, { ...wanted, signal: mine.signal });
      state.problem = null;
    } catch (reason) {
      if (mine.signal.aborted) return;
      state.problem = problemOf(reason);
    }
    state.busy = false;
  }
  watch(input, (now, before) => {
    if (JSON.stringify(now) !== JSON.stringify(before)) void reload();
  });
  void reload();
  onScopeDispose(() => abort?.abort());
  return state;
}

/** All rows of a list that is asked by pages of 200: for tables that close with a sum. */
export async function everyRow<T>(
  op: OpId,
  input: { path?: Record<string, string>; query?: Record<string, string> },
): Promise<T[]> {
  const rows: T[] = [];
  for (let page = 1; page <= 200; page += 1) {
    const answer = (await callAny(op, {
      path: input.path,
      query: { ...input.query, page, page_size: 200 },
    })) as Page<T>;
    rows.push(...answer.items);
    if (answer.items.length === 0 || rows.length >= answer.total) break;
  }
  return rows;
}

let shelf: Shelf | null = null;
function shelfOfBrowser(): Shelf {
  if (!shelf) {
    try {
      shelf = browserShelf(localStorage);
    } catch {
      shelf = memoryShelf();
    }
  }
  return shelf;
}

/** Name of what lies on this machine: never another person's, never another post's. */
export function ownName(name: string): string {
  return [meta.base || location.host, session.account?.id ?? '-', session.post_id ?? '-', name].join('.');
}

export interface Command {
  busy: boolean;
  problem: Problem | null;
  /** A send is unanswered: the form is frozen until the repeat settles it. */
  frozen: boolean;
  submit(body?: unknown): Promise<unknown>;
  clear(): void;
}

export interface CommandOptions {
  path?: () => Record<string, string>;
  version?: () => number | string | undefined;
  /** Where the key waits. Without a name, or for bodies with an identity number, only in memory. */
  name?: string;
}

/** One write: a key made with the form, one at a time, problem → fields; undefined when it was refused. */
export function useCommand(op: OpId, options: CommandOptions = {}): Command {
  const life = new KeyLife(
    options.name ? shelfOfBrowser() : memoryShelf(),
    ownName(options.name ?? `${op}.${newKey()}`),
  );
  const state: Command = reactive({
    busy: false,
    problem: null as Problem | null,
    frozen: life.waiting !== null,
    submit,
    clear: () => {
      state.problem = null;
    },
  });
  async function submit(body?: unknown): Promise<unknown> {
    if (state.busy) return undefined;
    state.busy = true;
    state.problem = null;
    const sent = life.begin(body instanceof FormData ? null : (body ?? {}));
    try {
      const answer = await callAny(op, {
        path: options.path?.(),
        version: options.version?.(),
        body: body instanceof FormData ? body : sent.body,
        key: sent.key,
      });
      life.settle(200);
      state.frozen = false;
      return answer ?? {};
    } catch (reason) {
      const problem = problemOf(reason);
      state.frozen = life.settle(problem.status, problem.code) === 'unknown';
      state.problem = problem;
      return undefined;
    } finally {
      state.busy = false;
    }
  }
  return state;
}

/** A local copy of a form at each pause of a second, offered back with its time. */
export function useDraft<T extends object>(name: string, value: Ref<T>, without: readonly string[] = []) {
  const at = `linli.draft.${ownName(name)}`;
  const found = ref<{ at: string; value: T } | null>(null);
  try {
    const text = localStorage.getItem(at);
    if (text) found.value = JSON.parse(text) as { at: string; value: T };
  } catch {
    found.value = null;
  }
  let timer: ReturnType<typeof setTimeout> | undefined;
  const stop = watch(
    value,
    (now) => {
      clearTimeout(timer);
      timer = setTimeout(() => {
        const kept = Object.fromEntries(Object.entries(now).filter(([field]) => !without.includes(field)));
        try {
          localStorage.setItem(at, JSON.stringify({ at: new Date().toISOString(), value: kept }));
        } catch {
          // A full or forbidden store: the form itself still holds the text.
        }
      }, 1000);
    },
    { deep: true },
  );
  function drop(): void {
    clearTimeout(timer);
    stop();
    found.value = null;
    try {
      localStorage.removeItem(at);
    } catch {
      // Nothing was kept.
    }
  }
  function restore(): void {
    if (found.value) value.value = Object.assign({}, value.value, found.value.value) as T;
    found.value = null;
  }
  return { found, restore, drop };
}

/** Watches a job: asks after 1 s, then slower up to 10 s, until it has ended. */
export function useJob(onEnd: (job: JobView) => void) {
  const state = reactive({ job: null as JobView | null, problem: null as Problem | null });
  let timer: ReturnType<typeof setTimeout> | undefined;
  let pause = 500;
  async function ask(id: string): Promise<void> {
    try {
      state.job = await call('job_get', { path: { job_id: id } });
      state.problem = null;
      if (['done', 'failed', 'cancelled'].includes(state.job.state)) {
        onEnd(state.job);
        return;
      }
    } catch (reason) {
      state.problem = problemOf(reason);
    }
    pause = Math.min(pause * 1.5, 10_000);
    timer = setTimeout(() => void ask(id), pause);
  }
  function start(job: JobView): void {
    clearTimeout(timer);
    pause = 500;
    state.job = job;
    timer = setTimeout(() => void ask(job.id), 300);
  }
  onScopeDispose(() => clearTimeout(timer));
  return { state, start };
}
