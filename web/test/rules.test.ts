// The rules of the house that no linter knows, asserted over the source itself.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const root = join(import.meta.dirname, '..');
const files = (folder: string): string[] =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.(vue|ts)$/.test(name) && !name.endsWith('.test.ts') && !name.endsWith('.d.ts'))
    .map((name) => join(folder, name));
const source = [...files('src'), ...files('site')].map((name) => ({
  name,
  text: readFileSync(join(root, name), 'utf8'),
}));
const where = (pattern: RegExp, but: RegExp = /^$/): string[] =>
  source.filter(({ name, text }) => !but.test(name) && pattern.test(text)).map(({ name }) => name);

describe('the source', () => {
  it('makes no number of money: no Number(), parseFloat or toFixed', () => {
    expect(where(/\bNumber\(|\bparseFloat\(|\.toFixed\(/)).toEqual([]);
  });
  it('draws no HTML from data', () => {
    expect(where(/v-html|\.innerHTML\s*=|insertAdjacentHTML/)).toEqual([]);
  });
  it('has no style attribute and no inline handler, which the policy of the page forbids', () => {
    expect(where(/\sstyle="/)).toEqual([]);
    expect(where(/\son(click|load|change|submit)="/)).toEqual([]);
  });
  it('asks for permissions and allowed actions, never for the name of a role', () => {
    expect(
      where(/session\.role\s*(===|!==)|\brole\s*===\s*'(fund_|fin_|sys_|sec_|audit_|committee_)/),
    ).toEqual([]);
  });
  it('names no other host', () => {
    expect(where(/https?:\/\/(?!www\.w3\.org)/)).toEqual([]);
  });
});
