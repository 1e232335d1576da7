// The import of a dirty house table: every error at once, with its row as the spreadsheet counts it.
import { readFileSync } from 'node:fs';
import { data, holds, must, same, type Story, upload } from './world.ts';

interface Expected {
  dirty: { rows: number; errors: { row: number; code: string; columns: string[] }[] };
}
const expected = JSON.parse(readFileSync(data('expected.json'), 'utf8')) as Expected;

export const importStories: Story[] = [
  {
    name: 'import: a dirty house table is refused with every wrong row, and nothing is written',
    async run(world) {
      const page = await world.as('binhai', 'fund_clerk');
      await page.goto(`${world.base}/t/binhai/work/fund/imports/new`);
      await page.getByRole('button', { name: '上传并检查' }).click();
      await page.getByRole('alert').getByText('有 1 处需要修改').waitFor();
      await holds(page, 'import-new.errors');
      await upload(page, '文件', data('houses-dirty.xlsx'));
      await page.getByRole('button', { name: '上传并检查' }).click();
      const table = page.getByRole('region', { name: '错误与提醒' });
      await table.getByRole('row').nth(1).waitFor();
      // Houses that the demo has already are refused besides, so the file's own errors are looked for one by one.
      const text = await page.locator('main').innerText();
      must(text.includes(String(expected.dirty.rows)), 'all rows were looked at');
      const seen = await table
        .locator('tbody tr')
        .evaluateAll((all) =>
          all.map((row) => [...row.children].map((cell) => cell.textContent?.trim() ?? '')),
        );
      for (const error of expected.dirty.errors) {
        must(
          seen.some(
            ([row, columns, code]) =>
              row === `第 ${error.row} 行` &&
              (code === error.code || (code === '必填' && error.code === 'import.required')) &&
              error.columns.some((column) => columns!.includes(column)),
          ),
          `row ${error.row} has ${error.code} at ${error.columns.join('、')}`,
        );
      }
      await holds(page, 'import-errors');
      const [file] = await Promise.all([
        page.waitForEvent('download'),
        page.getByRole('button', { name: '下载带错误说明的文件' }).click(),
      ]);
      must(/\.(xlsx|csv)$/.test(file.suggestedFilename()), 'the file comes back with the reasons');
      same(await page.getByRole('button', { name: /^提交入库/ }).count(), 0, 'who uploaded does not commit');
    },
  },
];
