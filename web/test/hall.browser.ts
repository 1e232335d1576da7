// The owner on his phone after the case is archived: balance, ledger and the formula of each share.
import { allocate, byArea, byFloor, entrance, houses, shown } from './figures.ts';
import { TITLE } from './case.browser.ts';
import { holds, must, PHONE, same, type Story } from './world.ts';

const AUDITED = 11_800_000n;
const ADVANCE = 12_345_678n / 2n;

export const hallStories: Story[] = [
  {
    name: "owner's hall on a phone: balance, ledger with the formula, the works he pays for",
    async run(world) {
      const page = await world.as('binhai', 'owner1', 'hall', PHONE);
      await page.goto(`${world.base}/t/binhai/hall/`);
      const house = houses[1]!;
      const final = allocate(AUDITED, byArea(entrance)).get(1)!;
      const advance = allocate(ADVANCE, byArea(entrance)).get(1)!;
      const left = shown(house.paid - final);
      await page.getByRole('link', { name: '悦海花园 1号楼1单元0102' }).waitFor();
      same(
        await page.locator('.big').first().innerText(),
        `${left} 元`,
        'what is left of the deposit after the settled share',
      );
      await holds(page, 'hall-houses');
      await page.getByRole('link', { name: '查看收支明细' }).click();
      const table = page.getByRole('region', { name: '2026年收支明细' });
      for (const money of [`−${shown(final - advance)}`, `−${shown(advance)}`])
        await table.getByText(money, { exact: true }).waitFor();
      const all = entrance.reduce((sum, one) => sum + one.area, 0n);
      const floor = (cost: bigint): string => shown((cost * house.area) / all);
      await table
        .getByText(
          new RegExp(
            `${shown(ADVANCE).replaceAll('.', '\\.')} × .* ＝ ${floor(ADVANCE).replaceAll('.', '\\.')}`,
          ),
        )
        .waitFor();
      await holds(page, 'hall-ledger');
      const [file] = await Promise.all([
        page.waitForEvent('download'),
        page.getByRole('button', { name: '下载对账单（Excel）' }).click(),
      ]);
      must(
        file.suggestedFilename().endsWith('.xlsx'),
        `the statement is a spreadsheet: ${file.suggestedFilename()}`,
      );
      await page.getByRole('link', { name: '维修分摊' }).click();
      await page.getByRole('heading', { name: new RegExp(TITLE) }).waitFor();
      same(await page.locator('.big').first().innerText(), `${shown(final)} 元`, 'the settled share');
      await holds(page, 'hall-works');
      await page.getByRole('link', { name: '消息' }).click();
      await page.getByRole('heading', { name: '消息' }).waitFor();
      await holds(page, 'hall-notices');
    },
  },
  {
    name: "owner's hall in elder mode keeps to the width of a phone; a wrong identity binds nothing",
    async run(world) {
      const page = await world.as('shanhe', 'owner3', 'hall', PHONE);
      await page.getByRole('button', { name: '长辈版' }).click();
      await page.getByRole('link', { name: '悦海花园 1号楼1单元0201' }).waitFor();
      const held = allocate(12_345_678n, byFloor(entrance)).get(3)!;
      same(
        await page.locator('.big').first().innerText(),
        `${shown(houses[3]!.paid - held)} 元`,
        'what is available while the share is held',
      );
      await page.getByText(`${shown(held)} 元`).waitFor();
      await holds(page, 'hall-elder');
      await page.getByRole('link', { name: '绑定另一套房屋' }).click();
      await page.getByRole('button', { name: '绑定我的房屋' }).click();
      await page.getByRole('alert').getByText('有 2 处需要修改').waitFor();
      await holds(page, 'hall-bind.errors');
      await page.getByLabel('房屋编码').fill('379801200012001000013');
      await page.getByLabel('证件号码').fill('379901198001019996');
      await page.getByRole('button', { name: '绑定我的房屋' }).click();
      await page
        .getByText(/人工核对|需要修改|没有找到|不一致|不正确/)
        .first()
        .waitFor();
      await page.getByRole('button', { name: '标准版' }).click();
    },
  },
];
