import type { OpId } from '../../api/call.ts';
import type { UseView } from '../../api/views.ts';
import type { Confirm } from '../../kit/CommandForm.vue';
import { addDays } from '../../kit/dates.ts';
import type { FieldSpec } from '../../kit/fields.ts';
import { compareMoney, showArea } from '../../kit/money.ts';
import { choices, word } from '../../kit/words/index.ts';

const OPS: Record<string, OpId> = {
  survey: 'fund_use_survey',
  allocate: 'fund_use_allocate',
  'open-vote': 'fund_use_open_vote',
  'record-vote': 'fund_use_record_vote',
  publicise: 'fund_use_publicise',
  submit: 'fund_use_submit',
  file: 'fund_use_file',
  contract: 'fund_use_contract',
  pay: 'fund_use_pay',
  start: 'fund_use_start',
  complete: 'fund_use_complete',
  accept: 'fund_use_accept',
  'cost-audit': 'fund_use_cost_audit',
  'publicise-settlement': 'fund_use_publicise_settlement',
  settle: 'fund_use_settle',
  archive: 'fund_use_archive',
  suspend: 'fund_use_suspend',
  resume: 'fund_use_resume',
  terminate: 'fund_use_terminate',
};
export const opOf = (action: string): OpId | undefined => OPS[action];

const papers = (label: string, documentKind: string, required = true): FieldSpec => ({
  name: 'document_ids',
  label,
  kind: 'documents',
  documentKind,
  required,
  accept: '.pdf,.jpg,.jpeg,.png',
});
const count = (name: string, label: string): FieldSpec[] => [
  { name: `${name}.heads`, label: `${label}人数`, kind: 'int', required: true, half: true },
  { name: `${name}.area`, label: `${label}面积（m²）`, kind: 'area', required: true, half: true },
];
const places: FieldSpec = {
  name: 'places',
  label: '张贴地点',
  kind: 'lines',
  required: true,
  initial: '小区公告栏',
  hint: '一行一处',
};

/** What each step asks, in the words of the regulation. */
export function fieldsOf(action: string, use: UseView, today: string): FieldSpec[] {
  switch (action) {
    case 'survey':
      return [
        { name: 'surveyed_on', label: '勘查日期', kind: 'date', required: true, initial: today },
        { name: 'report', label: '勘查情况', kind: 'textarea', required: true },
        papers('勘查报告或检验报告', 'survey_report'),
      ];
    case 'open-vote':
      return [
        { name: 'opens_on', label: '开始日期', kind: 'date', required: true, initial: today, half: true },
        {
          name: 'closes_on',
          label: '截止日期',
          kind: 'date',
          required: true,
          initial: addDays(today, 7),
          half: true,
          hint: '7 至 30 天',
        },
        {
          name: 'channel',
          label: '表决方式',
          kind: 'radio',
          required: true,
          initial: 'paper',
          options: [{ value: 'paper', label: '书面征求意见' }],
        },
      ];
    case 'record-vote': {
      const needs = use.vote?.needs;
      return [
        ...count('participated', '参与').map((field) =>
          needs
            ? {
                ...field,
                hint: field.kind === 'int' ? `须达 ${needs.heads} 人` : `须达 ${showArea(needs.area)}`,
              }
            : field,
        ),
        ...count('agreed', '同意'),
        ...count('against', '反对').map((field) => ({
          ...field,
          initial: field.kind === 'int' ? '0' : '0.00',
        })),
        ...count('abstained', '弃权').map((field) => ({
          ...field,
          initial: field.kind === 'int' ? '0' : '0.00',
        })),
        papers('表决记录', 'vote_record'),
      ];
    }
    case 'publicise':
      return [
        { name: 'from', label: '公示开始日期', kind: 'date', required: true, initial: today, half: true },
        { name: 'days', label: '公示天数', kind: 'int', half: true, hint: '不填按本市规定' },
        places,
        papers('张贴照片', 'publicity_photo'),
      ];
    case 'submit':
      return [papers(use.state === 'returned' ? '补正材料' : '其他材料', 'other', false)];
    case 'contract':
      return [
        { name: 'contractor.name', label: '施工单位', required: true },
        { name: 'contractor.uscc', label: '统一社会信用代码', required: true, hint: '18 位' },
        {
          name: 'contractor.bank',
          label: '开户银行',
          kind: 'select',
          required: true,
          options: choices('bank'),
          half: true,
        },
        { name: 'contractor.account_number', label: '收款账号', required: true, half: true },
        { name: 'amount', label: '合同金额（元）', kind: 'money', required: true, hint: '不得超过预算' },
        { name: 'signed_on', label: '签订日期', kind: 'date', required: true, initial: today },
        papers('施工合同', 'contract'),
      ];
    case 'pay':
      return [
        {
          name: 'kind',
          label: '款项',
          kind: 'radio',
          required: true,
          options: choices('payment_kind'),
          initial: use.state === 'contracted' ? 'advance' : 'progress',
        },
        {
          name: 'amount',
          label: '金额（元）',
          kind: 'money',
          required: true,
          hint: '预付款不超过本市规定的比例',
        },
        papers('付款依据', 'progress_proof'),
      ];
    case 'complete':
      return [{ name: 'completed_on', label: '竣工日期', kind: 'date', required: true, initial: today }];
    case 'accept':
      return [
        { name: 'accepted_on', label: '验收日期', kind: 'date', required: true, initial: today },
        {
          name: 'signers',
          label: '验收签字方',
          kind: 'lines',
          required: true,
          initial: '业主委员会\n监理',
          hint: '一行一方',
        },
        papers('验收证明', 'acceptance_certificate'),
      ];
    case 'cost-audit':
      return [
        { name: 'auditor', label: '审价机构', required: true },
        { name: 'audited_amount', label: '审定金额（元）', kind: 'money', required: true },
        papers('审价报告', 'cost_audit_report'),
      ];
    case 'publicise-settlement':
      return [
        { name: 'from', label: '公示开始日期', kind: 'date', required: true, initial: today, half: true },
        { name: 'days', label: '公示天数', kind: 'int', half: true, hint: '不填按本市规定' },
        places,
      ];
    case 'settle': {
      // The contractor gives back what was paid beyond the audited sum: the bank's figures of it are asked.
      const back = compareMoney(use.audited_amount ?? '0.00', use.paid) < 0;
      return [
        {
          name: 'retention',
          label: '质保金（元）',
          kind: 'money',
          required: true,
          initial: '0.00',
          hint: '不留质保金填 0.00',
        },
        ...(back
          ? ([
              {
                name: 'refund.bank_date',
                label: '施工单位退款到账日期',
                kind: 'date',
                required: true,
                initial: today,
                half: true,
              },
              { name: 'refund.bank_serial', label: '退款银行流水号', required: true, half: true },
            ] as FieldSpec[])
          : []),
      ];
    }
    case 'suspend':
    case 'terminate':
      return [{ name: 'reason', label: '原因', kind: 'textarea', required: true }];
    case 'file':
      return [{ name: 'opinion', label: '意见' }];
    default:
      return [];
  }
}

/** Steps without a question of their own still send an object. */
export function extraOf(action: string): ((body: Record<string, unknown>) => unknown) | undefined {
  if (action !== 'submit') return undefined;
  return (body) => ((body.document_ids as string[]).length ? body : {});
}

/** Where money moves the amount, the payee and the number are repeated before the send. */
export function confirmOf(
  action: string,
  use: UseView,
): ((body: Record<string, unknown>) => Confirm) | undefined {
  if (action === 'pay') {
    return (body) => ({
      amount: body.amount as string,
      lines: [
        { label: '款项', value: word('payment_kind', body.kind as string) },
        { label: '收款单位', value: use.contractor?.name ?? '—' },
        { label: '受理编号', value: use.no },
      ],
    });
  }
  if (action === 'settle') {
    return (body) => ({
      amount: use.audited_amount ?? undefined,
      lines: [
        { label: '按审定金额结算到户，多冻结的部分解冻', value: use.title },
        { label: '质保金', value: `${body.retention as string} 元` },
        { label: '受理编号', value: use.no },
      ],
    });
  }
  return undefined;
}
