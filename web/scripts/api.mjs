// `npm run api`: the types of every call (schema.d.ts) and the table of operations (ops.ts)
// from the document that the program itself writes. `npm run api -- --check` only compares.
import { readFile, writeFile } from 'node:fs/promises';
import openapiTS, { astToString } from 'openapi-typescript';

const source = new URL('../../openapi/openapi.json', import.meta.url);
const target = (name) => new URL(`../src/api/${name}`, import.meta.url);
const check = process.argv.includes('--check');

const document = JSON.parse(await readFile(source, 'utf8'));
const types = astToString(await openapiTS(document));

const rows = [];
for (const [path, item] of Object.entries(document.paths)) {
  for (const method of ['get', 'post', 'put', 'patch', 'delete']) {
    const operation = item[method];
    if (!operation?.operationId) continue;
    rows.push([operation.operationId, method.toUpperCase(), path, operation['x-permission'] ?? 'self']);
  }
}
rows.sort((a, b) => (a[0] < b[0] ? -1 : 1));
const quote = (text) => `'${text}'`;
const table = [
  '// Written by `npm run api` from openapi/openapi.json. Do not edit.',
  '',
  '/** Operation id → method, path, permission. */',
  'export const ops = {',
  ...rows.map(([id, ...rest]) => `  ${id}: [${rest.map(quote).join(', ')}],`),
  '} as const;',
  '',
].join('\n');

let stale = false;
for (const [name, text] of [
  ['schema.d.ts', types],
  ['ops.ts', table],
]) {
  const before = await readFile(target(name), 'utf8').catch(() => '');
  if (before === text) continue;
  stale = true;
  if (!check) await writeFile(target(name), text);
}
if (check && stale) {
  process.stderr.write('src/api is not what openapi/openapi.json says: run `npm run api`\n');
  process.exit(1);
}
