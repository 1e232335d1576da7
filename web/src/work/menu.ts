import type { OpId } from '../api/call.ts';
import { mayCall } from '../api/session.ts';

export interface MenuItem {
  label: string;
  to: string;
  /** Shown to whoever may call one of these. */
  needs: OpId[];
}
export interface MenuGroup {
  label: string;
  items: MenuItem[];
}

const groups: MenuGroup[] = [
  {
    label: '办理',
    items: [
      { label: '工作台', to: '/', needs: ['session_get'] },
      { label: '待办', to: '/tasks', needs: ['workflow_task_list'] },
      { label: '消息', to: '/notices', needs: ['me_notice_list'] },
    ],
  },
  {
    label: '维修资金',
    items: [
      { label: '使用申请', to: '/fund/uses', needs: ['fund_use_list'] },
      { label: '小区资金', to: '/fund/projects', needs: ['fund_project_list'] },
      { label: '交存', to: '/fund/deposits', needs: ['fund_deposit_list'] },
      { label: '导入', to: '/fund/imports', needs: ['fund_import_create', 'fund_import_commit'] },
      { label: '交存标准', to: '/fund/standards', needs: ['fund_standard_list'] },
    ],
  },
  {
    label: '财务',
    items: [
      { label: '拨付', to: '/ledger/payment-orders', needs: ['ledger_payment_order_list'] },
      { label: '银行回执', to: '/ledger/bank-confirmations', needs: ['ledger_bank_confirmation_create'] },
      { label: '银行账户', to: '/ledger/bank-accounts', needs: ['ledger_bank_account_list'] },
      {
        label: '对账单',
        to: '/ledger/statements',
        needs: ['ledger_statement_list', 'ledger_statement_create'],
      },
      { label: '三账核对', to: '/ledger/proof', needs: ['ledger_proof_get'] },
    ],
  },
  {
    label: '物业',
    items: [
      { label: '小区', to: '/property/projects', needs: ['property_project_list'] },
      { label: '房屋与楼盘表', to: '/property/houses', needs: ['property_house_list'] },
      { label: '企业', to: '/property/companies', needs: ['property_company_list'] },
      { label: '业委会', to: '/property/committees', needs: ['property_committee_list'] },
      { label: '公示与异议', to: '/property/publicities', needs: ['property_publicity_list'] },
    ],
  },
  {
    label: '管理',
    items: [
      { label: '账号', to: '/admin/accounts', needs: ['account_list'] },
      { label: '岗位', to: '/admin/posts', needs: ['post_list'] },
      { label: '角色', to: '/admin/roles', needs: ['role_list'] },
      { label: '参数设置', to: '/admin/settings', needs: ['setting_list'] },
      { label: '流程', to: '/admin/flows', needs: ['workflow_definition_list'] },
      { label: '规则插件', to: '/admin/plugins', needs: ['plugin_binding_list', 'plugin_package_list'] },
      { label: '审计', to: '/admin/audit', needs: ['audit_event_list'] },
    ],
  },
];

/** The menu of this post: two levels, only what it may call. */
export function menu(): MenuGroup[] {
  return groups
    .map((group) => ({ ...group, items: group.items.filter((item) => item.needs.some((op) => mayCall(op))) }))
    .filter((group) => group.items.length > 0);
}
