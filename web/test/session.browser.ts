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
];
