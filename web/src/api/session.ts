import { reactive } from 'vue';
import { call, guard, type OpId } from './call.ts';
import { ops } from './ops.ts';
import { CallFailed } from './problem.ts';
import type { Current, Post } from './views.ts';
import { machineToday } from '../kit/dates.ts';

/** The one signed-in person of this page. The token itself never reaches a script. */
export const session = reactive({
  state: 'unknown' as 'unknown' | 'out' | 'choose_post' | 'in',
  account: null as Current['account'] | null,
  posts: [] as Post[],
  post_id: null as string | null,
  role: null as string | null,
  permissions: new Set<string>(),
  today: machineToday(),
  /** Sign-in lies over the page because a call was answered 401; the page keeps what was typed. */
  again: false,
  oldClient: false,
});

/** The console signs in at the platform, every other page at its tenant. */
const realm = { platform: false };
export function usePlatformRealm(): void {
  realm.platform = true;
}

function take(current: Partial<Current>): void {
  guard.csrf = current.csrf ?? guard.csrf;
  session.account = current.account ?? null;
  session.posts = current.posts ?? [];
  session.post_id = current.post_id ?? null;
  session.role = current.role ?? session.posts.find((post) => post.id === session.post_id)?.role ?? null;
  session.permissions = new Set(current.permissions ?? []);
  session.today = current.today ?? machineToday();
  session.state = session.posts.length > 1 && !session.post_id ? 'choose_post' : 'in';
}

export async function loadSession(): Promise<void> {
  try {
    take(await call(realm.platform ? 'platform_session_get' : 'session_get', {}));
  } catch (reason) {
    if (reason instanceof CallFailed && reason.unanswered) throw reason;
    guard.csrf = null;
    session.state = 'out';
  }
}

export async function signIn(login_name: string, password: string): Promise<void> {
  const made = (await call(realm.platform ? 'platform_session_create' : 'session_create', {
    body: { login_name, password },
  })) as Partial<Current>;
  if (!realm.platform) await backToPost(made);
  await loadSession();
}

/** Who signs in again over a page goes on in the post that the page was opened with, unasked. */
async function backToPost(made: Partial<Current>): Promise<void> {
  const post_id = session.post_id;
  const same = session.again && made.account?.id === session.account?.id;
  if (!same || !post_id || made.post_id === post_id || !made.posts?.some((post) => post.id === post_id))
    return;
  guard.csrf = made.csrf ?? null;
  const answer = await call('session_choose_post', { body: { post_id } });
  guard.csrf = answer?.csrf ?? guard.csrf;
}

const channel = typeof BroadcastChannel === 'undefined' ? null : new BroadcastChannel('linli.session');

export async function choosePost(post_id: string): Promise<void> {
  const answer = await call('session_choose_post', { body: { post_id } });
  if (answer?.csrf) guard.csrf = answer.csrf;
  channel?.postMessage({ post_id });
  await loadSession();
}

export async function signOut(everywhere = false): Promise<void> {
  await call(realm.platform ? 'platform_session_end' : everywhere ? 'session_end_all' : 'session_end', {});
  for (const name of Object.keys(localStorage)) {
    if (name.startsWith('linli.draft.') || name.startsWith('linli.send.')) localStorage.removeItem(name);
  }
  guard.csrf = null;
  session.state = 'out';
  session.account = null;
  session.permissions = new Set();
}

/** Whether this person's post may call an operation at all: menus ask this, and never a role's name. */
export function mayCall(op: OpId): boolean {
  const needs: string = ops[op][2];
  if (needs === 'public' || needs === 'self') return true;
  return mayDo(needs);
}

export function mayDo(permission: string): boolean {
  const has = session.permissions;
  if (has.has(permission) || has.has('*')) return true;
  const [noun] = permission.split(':');
  return has.has(`${noun}:*`);
}

let waiting: ((same: boolean) => void)[] = [];
/** Whose page it was when the session ended. */
let owner: string | undefined;

/** Another account signed in over the page: the page belongs to nobody any more. */
export function signedInAgain(given: boolean): void {
  const same = given && session.account?.id === owner;
  session.again = false;
  const all = waiting;
  waiting = [];
  for (const tell of all) tell(same);
  if (!same) location.reload();
}

guard.signInAgain = () => {
  if (session.state === 'out') return Promise.resolve(false);
  if (!session.again) owner = session.account?.id;
  session.again = true;
  return new Promise((tell) => waiting.push(tell));
};

let build: string | null = null;
guard.onBuild = (seen) => {
  if (build === null) build = seen;
  else if (build !== seen) session.oldClient = true;
};

channel?.addEventListener('message', (event: MessageEvent<{ post_id?: string }>) => {
  if (session.state === 'in' && event.data.post_id && event.data.post_id !== session.post_id) {
    session.oldClient = true;
  }
});
