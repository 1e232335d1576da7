// `npm run browser`: the stories of the pages in a real browser, against a program of its own.
// LINLI_BIN is its path; LINLI_ONLY=word runs the stories whose name has the word; LINLI_SHOTS keeps pictures.
import { fileURLToPath } from 'node:url';
import { runnerImport } from 'vite';

const { module } = await runnerImport(fileURLToPath(new URL('../test/run.ts', import.meta.url)), {
  configFile: false,
});
process.exit(await module.run());
