// The stories, one after the other where they share the clock, side by side where they do not. At the end a
// line "N passed, N failed"; the exit code says the same.
import { caseStories } from './case.browser.ts';
import { gridStories } from './grid.browser.ts';
import { hallStories } from './hall.browser.ts';
import { importStories } from './import.browser.ts';
import { adminStories } from './admin.browser.ts';
import { consoleStories } from './console.browser.ts';
import { sessionStories } from './session.browser.ts';
import { siteStories } from './site.browser.ts';
import { amiss, type Story, World } from './world.ts';

const say = (text: string): void => void process.stdout.write(`${text}\n`);

export async function run(): Promise<number> {
  const only = process.env.LINLI_ONLY;
  const world = await World.start();
  let passed = 0;
  let failed = 0;
  const tell = async (story: Story): Promise<void> => {
    if (only && !story.name.includes(only)) return;
    const began = Date.now();
    try {
      const wrong: string[] = [];
      await amiss
        .run(wrong, () => story.run(world))
        .finally(() => {
          for (const one of wrong) say(`        ${one}`);
        });
      if (wrong.length) throw new Error(`${wrong.length} things are amiss on its pages`);
      passed += 1;
      say(`ok      ${story.name} (${Math.round((Date.now() - began) / 100) / 10} s)`);
    } catch (reason) {
      failed += 1;
      await world.shotsOfAll(`failed-${failed}`);
      say(`FAILED  ${story.name}: ${reason instanceof Error ? reason.message : String(reason)}`);
      if (reason instanceof Error)
        say(
          (reason.stack ?? '')
            .split('\n')
            .filter((line) => line.includes('browser.ts'))
            .slice(0, 4)
            .join('\n'),
        );
    }
  };
  const inTurn = async (stories: Story[]): Promise<void> => {
    for (const story of stories) await tell(story);
  };
  try {
    // The cases move the clock, so they come first and in turn; what follows only reads them.
    await inTurn(caseStories);
    await Promise.all([
      inTurn([...hallStories, ...siteStories, ...sessionStories]),
      inTurn([...importStories, ...gridStories, ...adminStories, ...consoleStories]),
    ]);
  } finally {
    await world.stop(failed > 0);
  }
  for (const [rule, pages] of world.excused) say(`axe exception used: ${rule} on ${[...pages].join(', ')}`);
  say(`${passed} passed, ${failed} failed`);
  return failed === 0 && passed > 0 ? 0 : 1;
}
