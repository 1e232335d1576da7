// Sign-in: one message for all failures; a session that ends under a page asks again over it, keeps what was
// typed and goes on with what was begun; a lost answer is repeated under the same key.
import { holds, must, same, signIn, type Story } from './world.ts';

export const sessionStories: Story[] = [
  {
    name: 'sign-in: what is missing and what is wrong is said, and nothing more',
    async run(world) {
      const page = await world.page();
      await page.goto(`${world.base}/t/binhai/work/fund/uses`);
      await page.getByRole('button', { name: '登录', exact: true }).click();
      await page.getByRole('alert').getByText('有 2 处需要修改').waitFor();
      await holds(page, 'sign-in.errors');
      const said: string[] = [];
      for (const login of ['auditor.of.nothing', 'data_steward']) {
        await page.getByLabel('登录名').fill(login);
        await page.getByLabel('密码').fill('wrong-password-9');
        await page.getByRole('button', { name: '登录', exact: true }).click();
        await page.getByRole('alert').getByText('不正确').first().waitFor();
        await page.getByRole('button', { name: '登录', exact: true }).waitFor();
        said.push(await page.getByRole('alert').innerText());
      }
      same(said[0], said[1], 'a name that exists and one that does not are answered alike');
      await signIn(page, 'data_steward', world.password('binhai', 'data_steward'));
      await page.getByRole('heading', { name: '使用申请' }).waitFor();
      await world.close(page);
    },
  },
  {
    name: 'session: it ends under a half-written form, sign-in comes over the page, the same call goes on',
    async run(world) {
      const page = await world.page();
      await page.goto(`${world.base}/t/binhai/work/`);
      await signIn(page, 'data_steward', world.password('binhai', 'data_steward'));
      await page.getByRole('link', { name: '企业', exact: true }).first().click();
      await page.getByRole('button', { name: '登记企业' }).click();
      const form = page.locator('form').filter({ has: page.getByLabel('统一社会信用代码') });
      await form.getByLabel('企业名称').fill('滨城电梯工程有限公司');
      await page.context().clearCookies();
      const keys: string[] = [];
      page.on('request', (request) => {
        const key = request.headers()['idempotency-key'];
        if (request.url().endsWith('/property/companies') && key) keys.push(key);
      });
      await form.getByLabel('统一社会信用代码').fill('123');
      for (const box of await form.getByRole('checkbox').all()) {
        await box.check();
        break;
      }
      const rest = form.locator('input[type=text], select');
      for (const one of await rest.all()) {
        if ((await one.evaluate((node) => node.tagName)) === 'SELECT') {
          if (!(await one.inputValue())) await one.selectOption({ index: 1 });
        } else if (!(await one.inputValue())) await one.fill('沈海');
      }
      await form.locator('button[type=submit]').click();
      const dialog = page.getByRole('dialog', { name: '登录已过期，请重新登录' });
      await dialog.waitFor();
      await holds(page, 'session-over');
      await dialog.getByLabel('登录名').fill('data_steward');
      await dialog.getByLabel('密码').fill(world.password('binhai', 'data_steward'));
      await dialog.getByRole('button', { name: '登录', exact: true }).click();
      await page.getByRole('alert').getByText('需要修改').first().waitFor();
      same(await form.getByLabel('企业名称').inputValue(), '滨城电梯工程有限公司', 'what was typed stays');
      must(keys.length === 2 && keys[0] === keys[1], `the same call under the same key: ${keys.join(' ')}`);
      await holds(page, 'company.errors');
      await world.close(page);
    },
  },
  {
    name: 'lost answer: the form is frozen, the repeat goes under the same key, one company is registered',
    async run(world) {
      const page = await world.as('binhai', 'data_steward');
      await page.goto(`${world.base}/t/binhai/work/property/companies`);
      await page.getByRole('button', { name: '登记企业' }).click();
      const form = page.locator('form').filter({ has: page.getByLabel('统一社会信用代码') });
      await form.getByLabel('企业名称').fill('滨海电梯维保有限公司');
      await form.getByLabel('统一社会信用代码').fill('91379901MA3C00011R');
      await form.getByLabel('维保单位').check();
      await form.getByLabel('法定代表人').fill('周立');
      const area = form.getByLabel('登记区划');
      await area.locator('option').nth(1).waitFor({ state: 'attached' });
      await area.selectOption({ index: 1 });
      let lost = 0;
      await page.route('**/property/companies', async (route) => {
        if (route.request().method() !== 'POST' || lost > 0) return route.continue();
        lost += 1;
        // The server has done it; only its answer never arrives.
        await route.fetch();
        await route.abort();
      });
      await form.locator('button[type=submit]').click();
      await page.getByText('不确定是否已提交').waitFor();
      must(
        await form.getByLabel('企业名称').isDisabled(),
        'what was sent cannot be changed while nobody has answered',
      );
      await holds(page, 'lost-answer');
      await page.getByRole('button', { name: '再试一次（不会重复）' }).click();
      await page.getByRole('row').filter({ hasText: '滨海电梯维保有限公司' }).waitFor();
      same(
        await page.getByRole('row').filter({ hasText: '滨海电梯维保有限公司' }).count(),
        1,
        'registered once',
      );
      await page.unroute('**/property/companies');
    },
  },
];
