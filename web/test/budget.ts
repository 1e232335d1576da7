// What a first visit loads, from the manifest of the build: `npm run build && npm run budget`.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';

interface Chunk {
  file: string;
  src?: string;
  imports?: string[];
  dynamicImports?: string[];
  css?: string[];
  isEntry?: boolean;
}
const dist = `${join(import.meta.dirname, '..', 'dist')}/`;
const manifest = JSON.parse(readFileSync(`${dist}.vite/manifest.json`, 'utf8')) as Record<string, Chunk>;
const size = (file: string): number => gzipSync(readFileSync(dist + file)).length / 1024;

function scripts(key: string, seen = new Set<string>()): Set<string> {
  const chunk = manifest[key];
  if (!chunk || seen.has(key)) return seen;
  seen.add(key);
  for (const other of chunk.imports ?? []) scripts(other, seen);
  return seen;
}
const weigh = (keys: Set<string>): number =>
  [...keys].reduce((sum, key) => sum + size(manifest[key]!.file), 0);
const entry = (name: string): string => {
  const found = Object.entries(manifest).find(([key, chunk]) => chunk.isEntry && key.includes(name));
  if (!found) throw new Error(`no entry ${name}`);
  return found[0];
};

describe('the budget of a first visit, kilobytes of compressed script', () => {
  it.each([
    ['site/site.ts', 12],
    ['hall.html', 60],
    ['work.html', 170],
    ['console.html', 170],
  ])('%s', (name, limit) => {
    const shell = scripts(entry(name));
    const routes = [...shell].flatMap((key) => manifest[key]!.dynamicImports ?? []);
    // The drawing of a flow is a lazy part with a budget of its own.
    const pages = routes.filter((key) => !key.includes('FlowDrawing'));
    const heaviest = Math.max(
      0,
      ...pages.map((key) => weigh(new Set([...scripts(key), ...shell])) - weigh(shell)),
    );
    expect(weigh(shell) + heaviest).toBeLessThanOrEqual(limit);
  });
  it('the flow viewer', () => {
    const key = Object.keys(manifest).find((name) => name.includes('FlowDrawing'))!;
    expect(size(manifest[key]!.file)).toBeLessThanOrEqual(70);
  });
  it('no file of the pages names another host', () => {
    for (const chunk of Object.values(manifest)) {
      const text = readFileSync(dist + chunk.file, 'utf8');
      expect(text).not.toMatch(/(?:src|href|fetch\()=?["'`(]https?:\/\/(?!bpmn\.io|www\.w3\.org)/);
    }
  });
});
