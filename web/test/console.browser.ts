// The platform's console: the tenants, a new one with its three invitations, the health of the parts.
import { holds, same, type Story } from './world.ts';

export const consoleStories: Story[] = [
  {
    name: 'console: tenants are listed, one is made while the program runs, its administrators invited',
    async run(world) {
      const page = await world.operator();
      await page.goto(`${world.base}/platform/console/`);
      for (const name of ['滨海市', '山河市'])
        await page.getByRole('row').filter({ hasText: name }).getByText('运行').waitFor();
      await holds(page, 'console-tenants');
      await page.getByRole('link', { name: '新建租户' }).click();
      await page.getByRole('button', { name: '新建租户' }).click();
      await page.getByRole('alert').getByText('需要修改').waitFor();
      await holds(page, 'console-new.errors');
      await page.getByLabel('城市名称').fill('外部验收市');
      await page.getByLabel('标识').fill('yanshou');
      await page.getByLabel('区划代码').fill('379900000000');
      for (const role of ['系统管理员', '安全管理员', '审计管理员']) {
        await page.getByLabel(`${role}姓名`).fill(role);
        await page.getByLabel(`${role}电子邮箱`).fill('admin@yanshou.example.org');
      }
      await page.getByRole('button', { name: '新建租户' }).click();
      await page.getByText('外部验收市已建立并运行').waitFor();
      same(await page.locator('.invitation').count(), 3, 'three invitations, shown once');
      await page.goto(`${world.base}/platform/console/`);
      await page.getByRole('row').filter({ hasText: 'yanshou' }).getByText('运行').waitFor();
      await page.getByRole('link', { name: '运行状况' }).click();
      await page.getByText('● 正常').first().waitFor();
      await holds(page, 'console-health');
    },
  },
];
