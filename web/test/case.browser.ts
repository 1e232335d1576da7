// The use of the fund in two cities, from the proposal on: each step clicked by the person whose step it is,
// the clock moved on the console. City one goes to the archive, city two through the joint opinion to filed.
import type { Locator } from 'playwright-core';
import { allocate, byArea, byFloor, entrance, houses, shown, sum, twoThirds, yuan } from './figures.ts';
import {
  holds,
  must,
  paper,
  PHONE,
  photo,
  same,
  settled,
  type Story,
  upload,
  type Watched,
  type World,
} from './world.ts';

export const TITLE = '1号楼1单元电梯大修';
const BUDGET = 12_345_678n;
const AUDITED = 11_800_000n;

const shares = { binhai: allocate(BUDGET, byArea(entrance)), shanhe: allocate(BUDGET, byFloor(entrance)) };
const short = entrance.filter((house) => shares.binhai.get(house.n)! > house.paid);
const raised = (n: number): bigint => shares.binhai.get(n)! - houses[n]!.paid;
const place = (n: number): string => `${houses[n]!.building}号楼${houses[n]!.unit}单元${houses[n]!.room}`;

type City = 'binhai' | 'shanhe';
const work = (world: World, city: City, path: string): string => `${world.base}/t/${city}/work${path}`;
const acts = (page: Watched): Locator => page.locator('.card.act');

/** Opens a step of the case, answers its form and sends it; waits for the sentence that says what now holds. */
async function act(
  page: Watched,
  name: string,
  says: string | RegExp,
  fill?: () => Promise<void>,
  amount?: string,
): Promise<void> {
  await acts(page).getByRole('button', { name, exact: true }).first().click();
  await fill?.();
  await acts(page).locator('form button[type=submit]').click();
  if (amount) {
    const asked = acts(page).locator('section.note');
    await asked.getByText(`${amount} 元`).first().waitFor();
    await asked.getByRole('button', { name: new RegExp(amount.replaceAll('.', '\\.')) }).click();
  }
  await acts(page).getByRole('status').filter({ hasText: says }).waitFor();
}
async function state(page: Watched, word: string): Promise<void> {
  await page.locator('h1 .tag', { hasText: word }).waitFor();
}

async function propose(world: World, city: City): Promise<void> {
  const page = await world.as(city, 'chair');
  await page.goto(work(world, city, '/fund/uses'));
  await page.getByRole('link', { name: '提出使用申请' }).click();
  await page.getByRole('button', { name: '提出申请' }).click();
  await page.getByRole('alert').getByText('有 5 处需要修改').waitFor();
  if (city === 'binhai') await holds(page, 'use-new.errors');
  await page.getByLabel('维修事项').fill(TITLE);
  await page.getByLabel('维修部位').selectOption({ label: '电梯' });
  await page.getByLabel('原因').fill('曳引机磨损，年检不合格，已停运三天。');
  await page.getByRole('checkbox').check();
  await upload(page, '现场照片与维修方案', paper('维修方案'));
  await page.getByRole('button', { name: '提出申请' }).click();
  await page.waitForURL(/\/fund\/uses\/[0-9a-f-]{36}$/);
  world.found[`${city}.use`] = page.url().replace(/.*\//, '');
  await state(page, '已提出');
  const no = await page.locator('h1 + .small .mono').innerText();
  must(
    /^379[98]00000000|^379[98]0020261116\d{6}[0-9A-Z]$/.test(no),
    `the number of the case names city and day: ${no}`,
  );
  world.found[`${city}.no`] = no;
  await act(page, '登记现场勘查', '勘查情况已登记', async () => {
    await page.getByLabel('勘查情况').fill('曳引轮槽磨损超过规定，须整体更换。');
    await upload(page, '勘查报告或检验报告', paper('检验报告'));
  });
  await act(page, '填写方案与预算', '方案与预算已保存', async () => {
    await page.getByLabel('项目名称').fill('曳引机更换');
    await page.getByLabel('金额（元）').fill('123456.78');
    await page.getByText('壹拾贰万叁仟肆佰伍拾陆元柒角捌分').waitFor();
    await page.getByLabel('范围类型').selectOption({ label: '单元' });
    await page.getByLabel('1号楼1单元', { exact: true }).check();
    const area = shown(sum(entrance.map((house) => house.area)));
    await page.getByRole('status').getByText(`${area} m²`).waitFor();
    await page.getByRole('status').getByText('18', { exact: true }).waitFor();
    await upload(page, '报价单、预算书', paper('预算书'));
    if (city === 'binhai') await holds(page, 'use-scheme');
  });
}

async function allocateAndVote(world: World, city: City): Promise<void> {
  const page = await world.as(city, 'chair');
  const mine = shares[city];
  await acts(page).getByRole('button', { name: '试算分摊' }).click();
  await page.getByText('18 户，合计').waitFor();
  await acts(page)
    .getByText(shown(mine.get(0)!), { exact: true })
    .first()
    .waitFor();
  await holds(page, `use-preview.${city}`);
  await act(page, '确定预分摊', '预分摊已确定');
  const table = page.getByRole('region', { name: '分摊表' });
  await table.locator('tfoot').getByText('123,456.78').waitFor();
  for (const n of [0, 1, 5]) {
    const row = table.locator('tbody tr').filter({ hasText: place(n) });
    await row
      .getByText(shown(mine.get(n)!), { exact: true })
      .first()
      .waitFor();
  }
  if (city === 'binhai') {
    const all = sum(short.map((house) => raised(house.n)));
    await page.getByText(`${short.length} 户余额不足`).first().waitFor();
    await table.locator('tfoot').getByText(shown(all)).waitFor();
    await holds(page, 'use-shares');
  }
  await act(page, '发起表决', '表决已发起');
  const area = sum(entrance.map((house) => house.area));
  const vote = page.getByRole('region', { name: '表决人数与面积' });
  await vote.getByRole('row', { name: `应参与 18 ${shown(area)} m²` }).waitFor();
  await vote.getByRole('row', { name: `参与须达 12 ${shown(twoThirds(area))} m²` }).waitFor();
}

async function resultAndPublicity(world: World, city: City): Promise<void> {
  const page = await world.as(city, 'chair');
  await page.goto(work(world, city, `/fund/uses/${world.found[`${city}.use`]}`));
  const area = yuan(twoThirds(sum(entrance.map((house) => house.area))));
  await act(page, '登记表决结果', '表决结果已登记', async () => {
    for (const word of ['参与', '同意']) {
      await page.getByLabel(`${word}人数`).fill('12');
      await page.getByLabel(`${word}面积（m²）`).fill(area);
    }
    await upload(page, '表决记录', paper('表决记录'));
  });
  await page.getByText('✓ 符合').first().waitFor();
  must((await page.getByText('✗ 不符合').count()) === 0, 'exactly two thirds pass');
  await act(page, '发布公示', '公示已发布', async () => upload(page, '张贴照片', photo()));
  await state(page, '公示中');
}

async function objection(world: World): Promise<void> {
  const owner = await world.as('binhai', 'owner1', 'hall', PHONE);
  await owner.getByRole('link', { name: '公示', exact: true }).click();
  await owner.getByRole('button', { name: new RegExp(`提出异议.*${TITLE}`) }).click();
  await holds(owner, 'hall-objection');
  await owner.getByLabel('您的意见').fill('请说明三家报价的差别。');
  await owner.locator('form').getByRole('button', { name: '提出异议' }).click();
  await owner.getByText('异议已提出').waitFor();
  const chair = await world.as('binhai', 'chair');
  await chair.reload();
  await state(chair, '有异议待答复');
  await chair.getByRole('button', { name: '答复异议' }).click();
  await chair.getByLabel('答复', { exact: true }).fill('三家报价已随公示张贴，取最低一家。');
  await holds(chair, 'use-objection');
  await chair.locator('form').getByRole('button', { name: '答复异议' }).click();
  await chair.getByText('三家报价已随公示张贴').waitFor();
  await state(chair, '公示中');
}

async function submit(world: World, city: City): Promise<void> {
  const page = await world.as(city, 'chair');
  await page.goto(work(world, city, `/fund/uses/${world.found[`${city}.use`]}`));
  await act(page, '提交审核', '进入审核');
  await state(page, '审核中');
}

/** One seat of the review: found in the to-do list, taken over where it waits for anybody, decided. */
async function decide(
  world: World,
  city: City,
  login: string,
  step: string,
  shots = false,
): Promise<Watched> {
  const page = await world.as(city, login);
  await page.goto(work(world, city, '/'));
  const row = (from: Watched) =>
    from
      .locator('tr')
      .filter({ hasText: world.found[`${city}.no`]! })
      .filter({ hasText: step });
  await row(page).first().waitFor();
  if (shots) await holds(page, 'home');
  await page.getByRole('link', { name: '待办', exact: true }).click();
  await row(page).first().waitFor();
  if (shots) await holds(page, 'todo');
  await row(page).getByRole('link', { name: /^办理/ }).click();
  await acts(page)
    .getByRole('heading', { name: new RegExp(step) })
    .waitFor();
  await settled(page);
  const claim = acts(page).getByRole('button', { name: '认领', exact: true });
  if (await claim.isVisible()) await act(page, '认领', '已认领');
  if (shots) await holds(page, 'case');
  await act(page, '同意', '已同意');
  return page;
}

async function orderSteps(
  world: World,
  no: string,
  fen: bigint,
  contractor: string,
  shots = false,
): Promise<void> {
  const money = shown(fen);
  const steps = [
    ['fund_reviewer', '待复核', '复核通过', '复核已通过'],
    ['fund_approver', '待签发', '签发', '已签发'],
    ['fund_cashier', '待发送', '发送银行', '已发送银行'],
  ] as const;
  for (const [login, queue, name, says] of steps) {
    const page = await world.as('binhai', login);
    await page.goto(work(world, 'binhai', '/ledger/payment-orders'));
    await page.getByRole('link', { name: queue, exact: true }).click();
    await page.getByRole('link', { name: no }).waitFor();
    if (shots && login === 'fund_reviewer') await holds(page, 'payments');
    await page.getByRole('link', { name: no }).click();
    await page.locator('.big', { hasText: `${money} 元` }).waitFor();
    await page.getByText(contractor).first().waitFor();
    if (shots && login === 'fund_approver') await holds(page, 'payment');
    await act(page, name, says, undefined, money);
  }
  const cashier = await world.as('binhai', 'fund_cashier');
  for (let turn = 0; turn < 10; turn += 1) {
    await cashier.reload();
    await settled(cashier);
    if (await cashier.locator('h1 .tag', { hasText: '已支付' }).isVisible()) return;
    await cashier.waitForTimeout(500);
  }
  // Where no simulated bank answers by itself, the bank's own person does.
  const bank = await world.as('binhai', 'bank');
  await bank.goto(work(world, 'binhai', '/ledger/bank-confirmations'));
  await bank.getByLabel('拨付指令号').fill(no);
  await bank.getByLabel('金额（元）').fill(yuan(fen));
  await bank.getByLabel('银行流水号').fill(`B${no.slice(-8)}`);
  if (shots) await holds(bank, 'bank');
  await bank.getByRole('button', { name: '确认回执' }).click();
  await bank
    .locator('section.note')
    .getByRole('button', { name: new RegExp(money) })
    .click();
  await bank.getByText(`${no} 现为“已支付”`).waitFor();
}

async function contractAndAdvance(world: World): Promise<void> {
  const page = await world.as('binhai', 'chair');
  await page.reload();
  await state(page, '已备案');
  await act(page, '登记施工合同', '施工合同已登记', async () => {
    await page.getByLabel('施工单位').fill('滨城电梯工程有限公司');
    await page.getByLabel('统一社会信用代码').fill('91379901MA3C00003Y');
    await page.getByLabel('开户银行').selectOption({ index: 1 });
    await page.getByLabel('收款账号').fill('6228480402564890018');
    await page.getByLabel('合同金额（元）').fill('123456.78');
    await upload(page, '施工合同', paper('施工合同'));
  });
  // What the five houses lack is raised first: entered by one, confirmed by another.
  const clerk = await world.as('binhai', 'fund_clerk');
  for (const [i, house] of short.entries()) {
    await clerk.goto(work(world, 'binhai', '/fund/deposits'));
    await clerk.getByRole('button', { name: '登记交存' }).click();
    const pick = clerk.getByLabel('房屋', { exact: true });
    await pick.locator('option', { hasText: place(house.n) }).waitFor({ state: 'attached' });
    await pick.selectOption(
      (await pick.locator('option', { hasText: place(house.n) }).getAttribute('value'))!,
    );
    await clerk.getByLabel('自筹补足').check();
    const use = clerk.getByLabel('对应的使用申请');
    await use.locator('option', { hasText: TITLE }).waitFor({ state: 'attached' });
    await clerk.getByLabel('金额（元）').fill(yuan(raised(house.n)));
    await clerk.getByLabel('银行流水号').fill(`RAISED${i}`);
    await clerk.getByLabel('交款人').fill('业主本人');
    if (i === 0) await holds(clerk, 'deposit-new');
    await clerk.locator('form').getByRole('button', { name: '登记交存' }).click();
    await clerk
      .locator('section.note')
      .getByRole('button', { name: new RegExp(shown(raised(house.n))) })
      .click();
    await clerk.getByText('等待另一人确认入账').waitFor();
  }
  const reviewer = await world.as('binhai', 'fund_reviewer');
  await reviewer.goto(work(world, 'binhai', '/fund/deposits?state=paid_pending'));
  for (const house of short) {
    const money = shown(raised(house.n));
    await reviewer.getByRole('button', { name: `确认入账 ${money} 元` }).click();
    await reviewer.getByText(`已入账 ${money} 元`).waitFor();
  }
  // The cap of the city is told before the money moves: one fen above half is refused.
  const half = BUDGET / 2n;
  await acts(page).getByRole('button', { name: '申请付款', exact: true }).first().click();
  await page.getByLabel('金额（元）').fill(yuan(half + 1n));
  await upload(page, '付款依据', paper('开工报告'));
  await acts(page).locator('form button[type=submit]').click();
  await acts(page)
    .locator('section.note')
    .getByRole('button', { name: /申请付款/ })
    .click();
  await page
    .getByRole('alert')
    .filter({ hasText: /50|预付/ })
    .first()
    .waitFor();
  await page.getByLabel('金额（元）').fill(yuan(half));
  await acts(page).locator('form button[type=submit]').click();
  await acts(page)
    .locator('section.note')
    .getByRole('button', { name: new RegExp(shown(half)) })
    .click();
  const said = acts(page).getByRole('status').filter({ hasText: '付款申请已提出' });
  await said.waitFor();
  const no = /P\d{15}/.exec(await said.innerText())?.[0];
  must(no, 'the answer names the payment order');
  await orderSteps(world, no, half, '滨城电梯工程有限公司', true);
  await page.reload();
  await state(page, '已付预付款');
}

async function worksToSettlement(world: World): Promise<void> {
  const page = await world.as('binhai', 'chair');
  await act(page, '登记开工', '已登记开工');
  await act(page, '登记竣工', '已登记竣工');
  await act(page, '登记验收', '已登记验收', async () => upload(page, '验收证明', paper('验收证明')));
  const clerk = await world.as('binhai', 'fund_clerk');
  await clerk.goto(work(world, 'binhai', `/fund/uses/${world.found['binhai.use']}`));
  await act(clerk, '登记审价', '审定金额已登记', async () => {
    await clerk.getByLabel('审价机构').fill('滨海造价咨询有限公司');
    await clerk.getByLabel('审定金额（元）').fill(yuan(AUDITED));
    await upload(clerk, '审价报告', paper('审价报告'));
  });
  await act(clerk, '发布结算公示', '结算公示已发布');
  await state(clerk, '结算公示中');
}

async function settleAndArchive(world: World): Promise<void> {
  const clerk = await world.as('binhai', 'fund_clerk');
  await clerk.reload();
  await acts(clerk).getByRole('button', { name: '结算', exact: true }).first().click();
  await acts(clerk).locator('form button[type=submit]').click();
  await acts(clerk)
    .locator('section.note')
    .getByText(`${shown(AUDITED)} 元`)
    .first()
    .waitFor();
  await acts(clerk).locator('section.note').getByRole('button', { name: /^结算/ }).click();
  const said = acts(clerk).getByRole('status').filter({ hasText: '结算已生成' });
  await said.waitFor();
  const no = /P\d{15}/.exec(await said.innerText())?.[0];
  must(no, 'the settlement names its payment order');
  await orderSteps(world, no, AUDITED - BUDGET / 2n, '滨城电梯工程有限公司');
  await clerk.goto(work(world, 'binhai', `/fund/uses/${world.found['binhai.use']}`));
  await state(clerk, '已结算');
  await act(clerk, '归档', '已归档');
  await state(clerk, '已归档');
  await clerk.getByText('SHA-256').first().waitFor();
  await holds(clerk, 'use-archived');
  const checker = await world.as('binhai', 'fin_checker');
  await checker.goto(work(world, 'binhai', '/ledger/proof'));
  await checker.getByText('全部对平').waitFor();
  same(await checker.getByText('● 一致').count(), 9, 'nine invariants hold');
  await holds(checker, 'proof');
}

export const caseStories: Story[] = [
  {
    name: 'both cities: the committee proposes, allocates to the fen and opens the vote',
    async run(world) {
      await Promise.all(
        (['binhai', 'shanhe'] as const).map(async (city) => {
          await propose(world, city);
          await allocateAndVote(world, city);
        }),
      );
      await world.clock('2026-11-24');
      await holds(await world.operator(), 'console-clock');
    },
  },
  {
    name: 'both cities: the result at the edge of two thirds, the publicity; an owner objects and is answered',
    async run(world) {
      await Promise.all((['binhai', 'shanhe'] as const).map((city) => resultAndPublicity(world, city)));
      await objection(world);
      await publicPages(world);
      await world.clock('2026-12-02');
    },
  },
  {
    name: 'binhai: first review, second review and approval in the to-do lists hold the shares',
    async run(world) {
      await submit(world, 'binhai');
      await decide(world, 'binhai', 'fund_clerk', '初审', true);
      await decide(world, 'binhai', 'fund_reviewer', '复核');
      const page = await decide(world, 'binhai', 'fund_approver', '审批');
      await acts(page).getByRole('status').filter({ hasText: '已备案' }).waitFor();
      await state(page, '已备案');
      await holds(page, 'case-filed');
    },
  },
  {
    name: 'shanhe: street and district give their opinions side by side, then it goes up to filed',
    async run(world) {
      await submit(world, 'shanhe');
      await Promise.all([
        decide(world, 'shanhe', 'street_officer', '街道'),
        decide(world, 'shanhe', 'district_officer', '区'),
      ]);
      for (const [login, step] of [
        ['fund_clerk', '初审'],
        ['fund_reviewer', '复核'],
        ['fund_approver', '审批'],
      ] as const) {
        const chair = await world.as('shanhe', 'chair');
        await chair.reload();
        await settled(chair);
        if (await chair.locator('h1 .tag', { hasText: '已备案' }).isVisible()) break;
        const page = await world.as('shanhe', login);
        await page.goto(work(world, 'shanhe', '/'));
        await settled(page);
        if (await page.locator('tr').filter({ hasText: world.found['shanhe.no']! }).first().isVisible())
          await decide(world, 'shanhe', login, step);
      }
      const chair = await world.as('shanhe', 'chair');
      await chair.reload();
      await state(chair, '已备案');
      await holds(chair, 'use-filed.shanhe');
    },
  },
  {
    name: 'binhai: contract, raised shares, advance at the cap, three people and the bank',
    run: contractAndAdvance,
  },
  {
    name: 'binhai: works, audit, settlement to the fen, archive; the three books are equal',
    async run(world) {
      await worksToSettlement(world);
      await world.clock('2026-12-10');
      await settleAndArchive(world);
    },
  },
];

/** While a publicity is open: what anybody sees without signing in. */
async function publicPages(world: World): Promise<void> {
  const page = await world.page();
  await page.goto(`${world.base}/t/binhai/`);
  await page.getByRole('link', { name: new RegExp(TITLE) }).waitFor();
  await holds(page, 'site-index');
  await page.getByRole('link', { name: new RegExp(TITLE) }).click();
  await page.getByRole('heading', { name: new RegExp(TITLE) }).waitFor();
  await page.getByText('123,456.78 元').first().waitFor();
  await holds(page, 'site-publicity');
  const text = await page.locator('body').innerText();
  for (const name of ['胡平勇', '邓超勇', '周勇勇'])
    must(!text.includes(name), `no owner's name on the public page: ${name}`);
  await world.close(page);
}
