// 楼盘表 by keyboard alone.
import { houses, shown } from './figures.ts';
import { holds, same, type Story } from './world.ts';

export const gridStories: Story[] = [
  {
    name: 'grid: a building is walked by keyboard, each house says its state in words',
    async run(world) {
      const page = await world.as('shanhe', 'fund_clerk');
      await page.goto(`${world.base}/t/shanhe/work/property/houses`);
      await page.getByRole('link', { name: '1号楼', exact: true }).first().click();
      await page.getByRole('heading', { name: '楼盘表 · 悦海花园 1号楼' }).waitFor();
      const unpaid = houses.filter((house) => house.building === '1' && house.paid === 0n).length;
      await page.getByRole('button', { name: `未交 ${unpaid} 户` }).waitFor();
      await page.getByText('共 36 户').waitFor();
      const at = () => page.evaluate(() => document.activeElement?.getAttribute('aria-label') ?? '');
      const grid = page.getByRole('grid');
      await grid.locator('button[tabindex="0"]').focus();
      const seen: string[] = [await at()];
      for (const key of ['ArrowRight', 'ArrowDown', 'ArrowLeft', 'ArrowUp']) {
        await page.keyboard.press(key);
        await page.waitForTimeout(60);
        seen.push(await at());
      }
      same(
        seen.map((one) => one.split(' ')[0]!),
        ['0601', '0602', '0502', '0501', '0601'],
        'the arrows go from house to house',
      );
      await page.keyboard.press('Enter');
      const house = houses.find((one) => one.building === '1' && one.unit === '1' && one.room === '0601')!;
      const card = page.getByRole('complementary').filter({ hasText: '1单元 0601' });
      await card
        .getByText(`${shown(house.paid)} 元`)
        .first()
        .waitFor();
      await holds(page, 'grid');
      await page.getByRole('link', { name: '看分户台账' }).click();
      await page.getByRole('heading', { name: '收支明细' }).waitFor();
      await holds(page, 'ledger');
    },
  },
];
