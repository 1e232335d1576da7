// One demo province of its own, one browser, a page for each person; and what holds on every page of every
// story: no other host, no violation of the policy, no error, clean for axe, no sideways scrolling on a phone.
import { AsyncLocalStorage } from 'node:async_hooks';
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium, type Browser, type BrowserContext, type Page } from 'playwright-core';
import exceptions from './axe.exceptions.json';

export interface Story {
  name: string;
  run(world: World): Promise<void>;
}
interface Account {
  tenant: string | null;
  login_name: string;
  password: string;
}
interface Exception {
  rule: string;
  page: string;
  why: string;
}

const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
export const PHONE = { width: 390, height: 844 };
const DESK = { width: 1280, height: 860 };
export const data = (name: string): string => join(import.meta.dirname, '../../tests/data/yuehai', name);

export function must(holds: unknown, what: string): asserts holds {
  if (!holds) throw new Error(what);
}
export function same<T>(came: T, promised: T, what: string): void {
  const [a, b] = [JSON.stringify(came), JSON.stringify(promised)];
  must(a === b, `${what}: came ${a}, promised ${b}`);
}

/** What a story found amiss with its pages; it goes on, and fails at its end with all of it. */
export const amiss = new AsyncLocalStorage<string[]>();
function note(wrong: unknown[], what: string): void {
  for (const one of wrong)
    amiss.getStore()?.push(`${what}: ${typeof one === 'string' ? one : JSON.stringify(one)}`);
}

async function freePort(): Promise<number> {
  return await new Promise((tell) => {
    const server = createServer();
    server.listen(0, '127.0.0.1', () => {
      const at = server.address();
      server.close(() => tell(typeof at === 'object' && at ? at.port : 0));
    });
  });
}

export class World {
  readonly base: string;
  readonly excused = new Map<string, Set<string>>();
  /** What the stories found and later stories need: nothing is read from the API for it. */
  readonly found: Record<string, string> = {};
  private readonly open = new Map<string, Page>();
  private constructor(
    readonly browser: Browser,
    private readonly program: ChildProcess,
    private readonly folder: string,
    private readonly accounts: Account[],
    port: number,
  ) {
    this.base = `http://127.0.0.1:${port}`;
  }

  static async start(): Promise<World> {
    const binary = process.env.LINLI_BIN;
    must(binary, 'LINLI_BIN must be the path of the program');
    const folder = mkdtempSync(join(tmpdir(), 'linli-browser-'));
    const port = await freePort();
    const listen = `127.0.0.1:${port}`;
    const args = ['demo', '--clock', '2026-11-16T01:00:00Z', '--data', folder, '--listen', listen];
    const program = spawn(binary, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    let said = '';
    for (const stream of [program.stdout, program.stderr]) stream?.on('data', (bytes) => (said += bytes));
    for (let turn = 0; ; turn += 1) {
      const ready = await fetch(`http://${listen}/readyz`).then(
        (answer) => answer.ok,
        () => false,
      );
      if (ready && said.includes('ready')) break;
      must(turn < 300 && program.exitCode === null, `the program did not start: ${said.slice(-800)}`);
      await new Promise((tell) => setTimeout(tell, 200));
    }
    const accounts = JSON.parse(readFileSync(join(folder, 'accounts.json'), 'utf8')) as Account[];
    const flags =
      '--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update --disable-sync --lang=zh-CN';
    const browser = await chromium.launch({
      executablePath: process.env.LINLI_CHROMIUM ?? '/usr/bin/chromium',
      args: flags.split(' '),
      env: { ...process.env, LANGUAGE: 'zh_CN' } as Record<string, string>,
    });
    return new World(browser, program, folder, accounts, port);
  }

  async stop(keep: boolean): Promise<void> {
    await this.browser.close().catch(() => undefined);
    const ended = new Promise((tell) => this.program.once('exit', tell));
    this.program.kill('SIGTERM');
    await Promise.race([ended, new Promise((tell) => setTimeout(tell, 5000))]);
    if (!keep) rmSync(this.folder, { recursive: true, force: true });
  }

  password(tenant: string | null, login: string): string {
    const found = this.accounts.find((one) => one.tenant === tenant && one.login_name === login);
    must(found, `no demo account ${login}`);
    return found.password;
  }

  /** A page with a profile of its own, watched from its first request. */
  async page(viewport = DESK): Promise<Watched> {
    const context = await this.browser.newContext({
      viewport,
      locale: 'zh-CN',
      timezoneId: 'Asia/Shanghai',
      acceptDownloads: true,
    });
    context.setDefaultTimeout(Number.parseInt(process.env.LINLI_WAIT ?? '15000', 10));
    const page = (await context.newPage()) as Watched;
    page.wrongs = [];
    page.world = this;
    await context.exposeBinding(
      'linliViolation',
      (_, text: string) => void page.wrongs.push(`policy: ${text}`),
    );
    await context.addInitScript(() => {
      document.addEventListener('securitypolicyviolation', (event) => {
        (window as unknown as { linliViolation(text: string): void }).linliViolation(
          `${event.violatedDirective} ${event.blockedURI} ${event.sourceFile ?? ''}`,
        );
      });
    });
    page.on('request', (request) => {
      const address = request.url();
      if (!/^(data|blob|about):/.test(address) && new URL(address).origin !== this.base)
        page.wrongs.push(`another host: ${address}`);
    });
    page.on('pageerror', (error) => page.wrongs.push(`page error: ${error.message}`));
    page.on('console', (message) => {
      // The browser itself writes a line for each answer of 4xx: a refusal is no error of the page.
      if (message.type() === 'error' && !message.text().startsWith('Failed to load resource'))
        page.wrongs.push(`console: ${message.text()}`);
    });
    page.on('response', (answer) => {
      if (answer.status() >= 500)
        page.wrongs.push(`${answer.status()} of ${answer.url().replace(this.base, '')}`);
    });
    return page;
  }

  /** The page of one person, signed in once; `where` is `work` or `hall`. */
  async as(
    tenant: string,
    login: string,
    where: 'work' | 'hall' = 'work',
    viewport = DESK,
  ): Promise<Watched> {
    const name = `${tenant}/${login}/${where}/${viewport.width}`;
    const known = this.open.get(name) as Watched | undefined;
    if (known) return known;
    const page = await this.page(viewport);
    await page.goto(`${this.base}/t/${tenant}/${where}/`);
    await signIn(page, login, this.password(tenant, login));
    this.open.set(name, page);
    return page;
  }

  async operator(): Promise<Watched> {
    const known = this.open.get('console') as Watched | undefined;
    if (known) return known;
    const page = await this.page();
    await page.goto(`${this.base}/platform/console/`);
    await signIn(page, 'operator', this.password(null, 'operator'));
    this.open.set('console', page);
    return page;
  }

  /** Every open page as it stood when a story failed. */
  async shotsOfAll(name: string): Promise<void> {
    for (const [who, page] of this.open)
      await shot(page, `${name}.${who.replaceAll('/', '-')}`).catch(() => undefined);
  }

  async close(page: Page): Promise<void> {
    for (const [name, one] of this.open) if (one === page) this.open.delete(name);
    await (page.context() as BrowserContext).close();
  }

  /** Moves the simulated time as the operator does, on the page 演示时间. */
  async clock(date: string, time = '09:00'): Promise<void> {
    const page = await this.operator();
    await page.goto(`${this.base}/platform/console/clock`);
    await page.getByLabel('日期').fill(date);
    await page.getByLabel('时间', { exact: true }).fill(time);
    await page.getByRole('button', { name: '拨到这个时间' }).click();
    await page.getByText(`演示时间现为 ${date} ${time}`).waitFor();
  }
}

/** A page that remembers what went wrong on it. */
export type Watched = Page & { wrongs: string[]; world: World };

export async function signIn(page: Page, login: string, password: string): Promise<void> {
  await page.getByLabel('登录名').fill(login);
  await page.getByLabel('密码').fill(password);
  await page.getByRole('button', { name: '登录', exact: true }).click();
  await page.getByRole('button', { name: '退出', exact: true }).waitFor();
}

/** Everything that must hold of the page as it stands. The name is that of the picture. */
export async function holds(page: Watched, name: string): Promise<void> {
  await settled(page);
  await shot(page, name);
  note(page.wrongs.splice(0), `${name}: nothing goes wrong`);
  await page.evaluate(axeSource);
  const broken = await page.evaluate(async () => {
    const axe = (
      window as unknown as {
        axe: {
          run(
            where: Document,
            how: object,
          ): Promise<{ violations: { id: string; nodes: { html: string; failureSummary?: string }[] }[] }>;
        };
      }
    ).axe;
    const result = await axe.run(document, {
      runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'best-practice'],
    });
    return result.violations.map((one) => ({
      rule: one.id,
      nodes: one.nodes
        .slice(0, 3)
        .map((node) => `${node.html.slice(0, 160)} ${node.failureSummary?.split('\n')[1] ?? ''}`),
    }));
  });
  const unexcused = broken.filter((one) => {
    const excused = (exceptions as Exception[]).some(
      (exception) => exception.rule === one.rule && (exception.page === '*' || exception.page === name),
    );
    if (excused) page.world.excused.set(one.rule, (page.world.excused.get(one.rule) ?? new Set()).add(name));
    return !excused;
  });
  note(unexcused, `${name}: axe`);
  const before = page.viewportSize() ?? DESK;
  if (before.width !== PHONE.width) await page.setViewportSize(PHONE);
  await page.evaluate(() => new Promise((tell) => requestAnimationFrame(() => requestAnimationFrame(tell))));
  const wide = await page.evaluate(() => {
    const root = document.documentElement;
    if (root.scrollWidth <= root.clientWidth) return [];
    return [...document.querySelectorAll('body *')]
      .filter((one) => one.getBoundingClientRect().right > root.clientWidth + 1)
      .slice(0, 4)
      .map((one) => one.outerHTML.slice(0, 120));
  });
  if (before.width !== PHONE.width) {
    if (process.env.LINLI_SHOTS) await shot(page, `${name}.390`);
    await page.setViewportSize(before);
  }
  note(wide, `${name}: no sideways scrolling at 390`);
}

/** Until nothing is loading any more: the page says so itself. */
export async function settled(page: Page): Promise<void> {
  await page.locator('h1').first().waitFor();
  await page.waitForLoadState('networkidle').catch(() => undefined);
  await page.waitForFunction(() => !document.querySelector('.skeleton'));
}

/** The pictures of the README's tour, taken from the stories by `npm run tour`. */
const TOUR: Record<string, { to: string; height: number }> = {
  'site-index': { to: '01-public', height: 700 },
  'use-scheme': { to: '02-use', height: 1000 },
  'use-preview.shanhe': { to: '03-preview', height: 900 },
  'hall-works': { to: '04-owner-phone', height: 844 },
  todo: { to: '05-todo', height: 500 },
  case: { to: '06-case', height: 1100 },
  payment: { to: '07-payment', height: 640 },
  'console-clock': { to: '08-console', height: 480 },
};
async function tour(page: Page, name: string): Promise<void> {
  const picture = TOUR[name];
  if (!process.env.LINLI_TOUR || !picture) return;
  const before = page.viewportSize() ?? DESK;
  await page.setViewportSize({ width: before.width, height: picture.height });
  await page.screenshot({ path: join(import.meta.dirname, '../../docs/tour', `${picture.to}.png`) });
  await page.setViewportSize(before);
}

export async function shot(page: Page, name: string): Promise<void> {
  await tour(page, name);
  const folder = process.env.LINLI_SHOTS;
  if (!folder) return;
  const to = folder === '1' ? join(import.meta.dirname, 'shots') : folder;
  mkdirSync(to, { recursive: true });
  await page.screenshot({ path: join(to, `${name}.png`), fullPage: true });
}

/** A small whole PDF or PNG: the server looks at magic bytes and structure. */
export function paper(title: string): { name: string; mimeType: string; buffer: Buffer } {
  const objects = [
    '<</Type/Catalog/Pages 2 0 R>>',
    '<</Type/Pages/Kids[3 0 R]/Count 1>>',
    '<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Resources<<>>>>',
  ];
  let body = '%PDF-1.4\n';
  const at: number[] = [];
  objects.forEach((object, i) => {
    at.push(body.length);
    body += `${i + 1} 0 obj${object} endobj\n`;
  });
  const start = body.length;
  body += `xref\n0 4\n0000000000 65535 f \n${at.map((one) => `${String(one).padStart(10, '0')} 00000 n \n`).join('')}trailer<</Size 4/Root 1 0 R>>\nstartxref\n${start}\n%%EOF\n`;
  return { name: `${title}.pdf`, mimeType: 'application/pdf', buffer: Buffer.from(body, 'latin1') };
}

export function photo(): { name: string; mimeType: string; buffer: Buffer } {
  const dot =
    'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==';
  return { name: '张贴照片.png', mimeType: 'image/png', buffer: Buffer.from(dot, 'base64') };
}

export async function upload(
  page: Page,
  label: string,
  file: ReturnType<typeof paper> | string,
): Promise<void> {
  await page.getByLabel(label).setInputFiles(file as never);
  await page.locator('.drop').getByRole('button', { name: /^移除/ }).first().waitFor();
}
