// Tenant administration: an account and its invitation, a post by two administrators, and the pages of flows,
// plugins, settings and audit.
import { holds, type Story } from './world.ts';

export const adminStories: Story[] = [
  {
    name: 'administration: an account is made and invited, its post proposed by one and approved by another',
    async run(world) {
      const sys = await world.as('binhai', 'sys_admin');
      const work = `${world.base}/t/binhai/work`;
      await sys.goto(`${work}/admin/accounts`);
      await sys.getByRole('button', { name: '新建账号' }).click();
      await sys.locator('form button[type=submit]', { hasText: '新建账号' }).click();
      await sys.getByRole('alert').getByText('有 2 处需要修改').waitFor();
      await holds(sys, 'accounts.errors');
      await sys.getByLabel('登录名').fill('zhou.min');
      await sys.getByLabel('姓名或名称').fill('周敏');
      await sys.locator('form button[type=submit]', { hasText: '新建账号' }).click();
      const address = await sys.locator('.invitation').innerText();
      await sys.getByRole('row').filter({ hasText: 'zhou.min' }).getByText('待接受邀请').waitFor();
      await holds(sys, 'accounts');
      await sys.goto(`${work}/admin/posts`);
      await sys.getByRole('button', { name: '提出岗位' }).click();
      const pick = sys.getByLabel('人员');
      await pick.locator('option', { hasText: 'zhou.min' }).waitFor({ state: 'attached' });
      await pick.selectOption((await pick.locator('option', { hasText: 'zhou.min' }).getAttribute('value'))!);
      await sys.getByLabel('角色').selectOption('fund_clerk');
      await sys.getByLabel('范围').selectOption('area');
      const area = sys.getByLabel('区划', { exact: true });
      await area.locator('option', { hasText: '379901000000' }).waitFor({ state: 'attached' });
      await area.selectOption('379901000000');
      await holds(sys, 'post-new');
      await sys.locator('form button[type=submit]', { hasText: '提出' }).click();
      await sys.getByText('岗位已提出，等待安全管理员批准').waitFor();
      const sec = await world.as('binhai', 'sec_admin');
      await sec.goto(`${work}/admin/posts?state=proposed`);
      const row = sec.getByRole('row').filter({ hasText: '周敏' });
      await row.getByRole('button', { name: '批准' }).click();
      await sec.getByText('岗位已生效').waitFor();
      await holds(sec, 'posts');
      const page = await world.page();
      await page.goto(address.trim());
      await page.getByLabel('设一个密码').fill('Haibin-2026-Zhou');
      await page.getByLabel('再填一次').fill('Haibin-2026-Zhou');
      await page.getByRole('button', { name: '设好密码' }).click();
      await page.getByText('您的登录名是').waitFor();
      await holds(page, 'invitation');
      await page.getByRole('link', { name: '进入工作台' }).click();
      await page.getByLabel('登录名').fill('zhou.min');
      await page.getByLabel('密码').fill('Haibin-2026-Zhou');
      await page.getByRole('button', { name: '登录', exact: true }).click();
      await page.getByRole('heading', { name: '工作台' }).waitFor();
      await world.close(page);
    },
  },
  {
    name: 'administration: flow drawn, plugins in force, settings with their origin, the chain verified',
    async run(world) {
      const work = `${world.base}/t/binhai/work`;
      const designer = await world.as('binhai', 'flow_designer');
      await designer.goto(`${work}/admin/flows`);
      await designer.getByRole('row').nth(1).getByRole('link').first().click();
      await designer.locator('svg').first().waitFor();
      await holds(designer, 'flow');
      const rules = await world.as('shanhe', 'rule_manager');
      await rules.goto(`${world.base}/t/shanhe/work/admin/plugins`);
      await rules.getByText('cn.gov.shanhe.fund.lift-floors').first().waitFor();
      await holds(rules, 'plugins');
      const sys = await world.as('binhai', 'sys_admin');
      await sys.goto(`${work}/admin/settings`);
      await sys.getByText('fund.publicity_days').first().waitFor();
      await holds(sys, 'settings');
      await sys.goto(`${work}/admin/roles`);
      await holds(sys, 'roles');
      const audit = await world.as('binhai', 'audit_admin');
      await audit.goto(`${work}/admin/audit`);
      await audit.getByRole('button', { name: /验证/ }).first().click();
      await audit
        .getByText(/已验证|完整/)
        .first()
        .waitFor();
      await holds(audit, 'audit');
    },
  },
  {
    name: 'every page of the menus opens without a mistake, for a person who has it there',
    async run(world) {
      const people = [
        'fund_clerk',
        'fin_head',
        'fin_maker',
        'data_steward',
        'chair',
        'bank',
        'rule_manager',
        'sec_admin',
      ];
      const seen = new Set<string>();
      for (const login of people) {
        const page = await world.as('binhai', login);
        await page.goto(`${world.base}/t/binhai/work/`);
        await page.getByRole('heading', { name: '工作台' }).waitFor();
        const ways = await page
          .locator('nav.side a')
          .evaluateAll((all) => all.map((one) => one.getAttribute('href')!));
        for (const way of ways) {
          const path = way.replace('/t/binhai/work', '');
          // The workbench differs by person; a list that one has seen is the same page for the next.
          if (path !== '/' && seen.has(path)) continue;
          seen.add(path);
          await page.goto(`${world.base}${way}`);
          await holds(page, `menu-${login}${path.replaceAll('/', '-')}`);
        }
      }
    },
  },
];
