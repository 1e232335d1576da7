// The public site: server-made pages without sign-in.
import { houses, shown, sum } from './figures.ts';
import { holds, must, PHONE, type Story } from './world.ts';

export const siteStories: Story[] = [
  {
    name: 'public site: projects, publicities and works are read without signing in, with no name of an owner',
    async run(world) {
      const page = await world.page(PHONE);
      await page.goto(`${world.base}/t/shanhe/`);
      await page.getByRole('heading', { name: '山河市住宅专项维修资金公开信息' }).waitFor();
      await page.getByLabel('搜索小区').fill('悦海');
      await page.getByRole('button', { name: '查询' }).click();
      const row = page.getByRole('row').filter({ hasText: '悦海花园' });
      await row.getByText('海滨路18号').waitFor();
      await row.getByText('72', { exact: true }).waitFor();
      await row.getByText(`${shown(sum(houses.map((house) => house.area)))} m²`).waitFor();
      await holds(page, 'site-projects');
      for (const path of ['/publicities', '/uses']) {
        await page.goto(`${world.base}/t/shanhe${path}`);
        await page.getByText('1号楼1单元电梯大修').first().waitFor();
        await holds(page, `site${path.replace('/', '-')}`);
      }
      await page
        .getByRole('link', { name: /1号楼1单元电梯大修/ })
        .first()
        .click();
      await page.getByRole('heading', { level: 1 }).waitFor();
      await holds(page, 'site-use');
      must(!(await page.locator('body').innerText()).includes('胡平勇'), 'no name of an owner');
      await page.goto(`${world.base}/t/shanhe/nowhere`);
      await page.getByRole('heading', { name: '没有这个页面' }).waitFor();
      await holds(page, 'site-404');
      await world.close(page);
    },
  },
];
