// Every word that stands for a code. A page shows `word('use_state', state)`; a code without a word is
// shown as it came, so that a newer server never leaves a blank.

export const zh = {
  use_state: {
    proposed: '已提出', surveyed: '已勘查', scheme_ready: '方案已定', allocated: '已预分摊', voting: '表决中',
    vote_passed: '表决通过', vote_failed: '表决未通过', publicised: '公示中', objection: '有异议待答复', in_review: '审核中',
    filed: '已备案', contracted: '已签合同', advance_paid: '已付预付款', in_works: '施工中', progress_paid: '已付进度款',
    completed: '已竣工', accepted: '已验收', cost_audited: '已审价', settlement_publicised: '结算公示中', settled: '已结算',
    retention_paid: '质保金已付', archived: '已归档', returned: '退回补正', rejected: '不予备案', suspended: '已暂停', terminated: '已终止',
    reported: '已报告', verified: '已核实', confirmed: '已确认', authorised: '已授权', post_publicised: '事后公示中',
  },
  use_kind: { ordinary: '一般使用', emergency: '应急使用' },
  task_state: { waiting: '未到', open: '待办', decided: '已办', cancelled: '已撤销' },
  instance_state: {
    running: '办理中', suspended: '已暂停', completed: '已办结', rejected: '不同意', withdrawn: '已撤回', terminated: '已终止',
  },
  step_state: { done: '已完成', active: '当前', open: '当前', running: '当前', waiting: '未到', next: '下一步', pending: '未到', skipped: '未经过', cancelled: '已撤销' },
  order_state: {
    created: '待复核', checked: '待签发', signed: '待发送', sent: '待回执', accepted: '银行已受理', paid: '已支付', failed: '支付失败',
    returned: '银行退回', cancelled: '已取消',
  },
  deposit_state: {
    due: '应交', noticed: '已通知', paid_pending: '待确认', posted: '已入账', receipted: '已出票据', waived: '免交', rejected: '已驳回',
    paid: '已交齐', full: '已交齐', partly_paid: '部分交', partial: '部分交', unpaid: '未交', none: '无需交存', frozen: '有冻结', refunded: '已退款',
  },
  import_state: {
    checking: '检查中', checked: '已检查', committing: '入库中', committed: '已入库', failed: '未完成', cancelled: '已取消',
  },
  job_state: { queued: '排队中', running: '进行中', done: '已完成', failed: '未完成', cancelled: '已取消' },
  standard_state: { draft: '待审批', active: '执行中', ended: '已停止' },
  project_state: {
    planning: '规划中', front_stage: '前期物业', normal: '正常', transition: '交接中', emergency: '应急服务', unmanaged: '无人管理', closed: '已关闭',
    planned: '待建账', registered: '已建账', active: '使用中', self_managed: '自主管理',
  },
  account_state: { invited: '待接受邀请', active: '正常', locked: '已锁定', suspended: '已停用', left: '已离开', cancelled: '已注销', frozen: '已冻结' },
  post_state: { proposed: '待批准', active: '在任', ended: '已结束', refused: '已拒绝' },
  publicity_state: { open: '公示中', ended: '已结束', objected: '有异议' },
  objection_state: { open: '待答复', filed: '待答复', answered: '已答复', upheld: '异议成立' },
  company_state: { draft: '草稿', submitted: '已提交', registered: '已登记', suspended: '已停用', cancelled: '已注销' },
  committee_state: { elected: '已选举', filing: '备案中', filed: '已备案', caretaker: '看守', expired: '届满', cancelled: '已撤销' },
  statement_state: { imported: '已导入', quarantined: '已隔离', checking: '检查中', importing: '导入中' },
  binding_state: {
    applying: '核对中', bound: '已绑定', manual_review: '人工核对中', rejected: '未通过', frozen: '已冻结', released: '已解除', invited: '已邀请',
    member: '家庭成员', expired: '已过期', removed: '已移除',
  },
  bank_account_state: { open: '使用中', restricted: '停止收款', closing: '停止收款', closed: '已销户' },
  hold_state: { active: '冻结中', released: '已解冻', consumed: '已支用', expired: '已到期' },
  tenant_state: { provisioning: '建立中', active: '运行', read_only: '只读', suspended: '已停用', moving: '迁移中', closed: '已关闭' },
  definition_state: { draft: '草稿', checked: '已检查', published: '在用', retired: '已停用' },
  package_state: {
    uploaded: '已上传', verified: '已验签', compiled: '已编译', tested: '已测试', proposed: '待批准', approved: '已批准', active: '在用',
    superseded: '已被替换', withdrawn: '已撤回', refused: '已拒绝', suspended: '已停用',
  },
  role: {
    platform_operator: '平台运维', sys_admin: '系统管理员', sec_admin: '安全管理员', audit_admin: '审计管理员', auditor: '审计/纪检',
    city_head: '市局负责人', city_officer: '市局经办', legal_officer: '法制', credit_officer: '信用管理', rating_officer: '星级管理',
    flow_designer: '流程设计', rule_manager: '规则管理', item_manager: '事项管理', content_editor: '内容编辑', content_reviewer: '内容审核',
    operator: '运营', data_steward: '数据管理员', sharing_operator: '数据共享管理', seal_keeper: '印章保管', archivist: '档案',
    window_clerk: '窗口人员', fund_clerk: '资金经办', fund_reviewer: '资金复核', fund_approver: '资金审批', fund_cashier: '出纳',
    fin_maker: '制单', fin_checker: '财务审核', fin_head: '财务负责人', district_head: '区局负责人', district_officer: '区局经办',
    street_head: '街道负责人', street_officer: '街道经办', community_worker: '社区工作者', company_admin: '企业管理员', company_agent: '企业经办人',
    project_manager: '项目经理', project_staff: '项目员工', developer_agent: '建设单位经办', committee_chair: '业委会主任',
    committee_member: '业委会委员', person: '个人', owner: '业主', family: '家庭成员', occupant: '使用人', expert: '专家', assessor: '第三方评估',
    cost_auditor: '审价机构', bank: '专户银行', partner: '伙伴系统', visitor: '公众',
  },
  scope_kind: {
    tenant: '全市', area: '区划', company: '单位', project: '小区', committee: '业委会', own: '本人', assigned: '指定事项', none: '不涉及业务数据',
  },
  account_kind: { person: '个人', official: '工作人员', service: '系统对接' },
  area_level: { province: '省', city: '市', district: '区县', street: '街道', community: '社区' },
  house_use: {
    residential: '住宅', residential_shared: '非成套住宅', dormitory: '集体宿舍', commercial: '商业', office: '办公', storage: '仓储',
    industrial: '工业', garage: '车库', parking: '车位', property_office: '物业用房', public: '公建', other: '其他',
  },
  house_state: { presale: '预售', sold: '已售', delivered: '已交付', registered: '已登记', split: '已分割', merged: '已合并', destroyed: '已灭失' },
  house_nature: {
    commodity: '商品房', sold_public: '已售公有住房', resettlement: '安置房', affordable: '经济适用房', shared_ownership: '共有产权房',
    rental: '公租房', self_built: '自建房', other: '其他',
  },
  building_class: { lift: '有电梯', stairs: '无电梯' },
  project_kind: {
    residential: '住宅', mixed: '商住', office: '办公', commercial: '商业', industrial: '工业', school: '学校', hospital: '医院', public: '公共', other: '其他',
  },
  management_mode: { company: '物业企业', self: '自主管理', other_manager: '其他管理人', emergency: '应急服务', unmanaged: '无人管理' },
  management: { trust: '代管', self: '自主管理' },
  shared_part: {
    roof: '屋面', facade: '外墙', lift: '电梯', fire: '消防', pipes: '管道', drainage: '排水', pump: '水泵水箱', structure: '结构', road: '道路',
    lighting: '照明', greening: '绿化', other: '其他',
  },
  scope_house: { project: '整个小区', building: '整栋', unit: '单元', houses: '指定房屋' },
  deposit_kind: { first: '首次交存', renewal: '续交', supplement: '自筹补足' },
  payment_kind: { advance: '预付款', progress: '进度款', final: '结算款', retention: '质保金' },
  bucket: { principal: '本金', income: '增值' },
  entry_code: {
    MF01: '首次交存', MF02: '续交', MF03: '自筹补足', MF14: '维修支出', MF15: '施工款退回', MF22: '公共收益分摊', MF28: '更正冲回',
  },
  origin: { platform: '平台', province: '省', city: '市', pack: '城市包', default: '默认' },
  vote_result: { passed: '通过', not_passed: '未通过', invalid: '参与未达三分之二，表决无效' },
  document_kind: {
    survey_report: '勘查报告', house_table: '房屋表', bank_slip: '银行回单', vote_record: '表决记录', ballot_scan: '选票扫描件',
    publicity_photo: '公示照片', scheme: '维修方案', budget: '预算', quotation: '报价单', contract: '施工合同', invoice: '发票',
    progress_proof: '进度证明', acceptance_certificate: '验收证明', cost_audit_report: '审价报告', decision: '决定书', notice: '通知', receipt: '票据',
    licence: '证照', application: '申请书', identity: '身份证明', photo: '照片', import: '导入文件', export: '导出文件', statement_file: '银行对账单',
    share_table: '分摊表', archive: '归档文件', other: '其他',
  },
  scan_state: { clean: '已检查', pending: '检查中', infected: '含有害内容，已隔离', skipped: '未检查', checking: '检查中' },
  bank: { BOC: '中国银行', ICBC: '工商银行', CCB: '建设银行', ABC: '农业银行', BCM: '交通银行', PSBC: '邮储银行', CMB: '招商银行' },
  bank_status: { paid: '已支付', failed: '支付失败', returned: '退回' },
  company_trade: {
    property: '物业企业', developer: '建设单位', agency: '中介机构', contractor: '施工单位', supervisor: '监理', cost_auditor: '审价机构',
    appraiser: '评估', bank: '银行', seller: '售房单位', facility: '维保单位', assessor: '第三方评估',
  },
  company_origin: { local: '本地', outside: '外地' },
  committee_kind: { owners: '业主委员会', interim: '物业管理委员会' },
  duty: { chair: '主任', vice_chair: '副主任', member: '委员', alternate: '候补委员' },
  id_type: {
    resident_id: '居民身份证', hk_macau_permit: '港澳通行证', taiwan_permit: '台胞证', residence_permit: '港澳台居民居住证', foreign_pr: '外国人永久居留证',
    passport: '护照', military: '军官证', uscc: '统一社会信用代码',
  },
  reason: {
    materials_missing: '材料不全', figures_wrong: '数字有误', not_shared_part: '不属于共用部位', warranty: '仍在保修期', not_applicable: '不适用',
    duplicate: '重复申请', applicant_asked: '申请人要求', data_error: '数据错误', bank_return: '银行退回', other: '其他',
  },
  node: {
    first_review: '初审', second_review: '复核', approval: '审批', street_opinion: '街道意见', district_opinion: '区局意见', applicant: '申请人',
    start: '发起', end: '结束',
  },
  outcome: {
    approved: '同意', rejected: '不同意', returned: '退回', transferred: '转办', submitted: '提交', claimed: '认领', approve: '同意', reject: '不同意',
    return: '退回', transfer: '转办', submit: '提交', claim: '认领', start: '发起', started: '发起', completed: '办结', withdrawn: '撤回', urged: '催办',
    opened: '到达', release: '放回', released: '放回', urge: '催办', withdraw: '撤回', complete: '办结', open: '到达', cancelled: '撤销',
  },
  proof: {
    L1: '每笔业务借贷相等', L2: '分户账合计等于总账', L3: '账户余额等于分录之和', L4: '冻结不超过余额', L5: '银行账与总账一致', L6: '无负数余额',
    L7: '业务号不重复', L8: '冲回与原业务相符', L9: '期间快照未被改动',
  },
  event: {
    proposed: '提出', surveyed: '勘查', scheme_set: '确定方案', allocated: '预分摊', vote_opened: '表决开始', vote_recorded: '登记表决结果',
    publicised: '公示', objected: '提出异议', submitted: '提交审核', filed: '备案', contracted: '签订合同', payment_requested: '申请付款', paid: '付款',
    started: '开工', completed: '竣工', accepted: '验收', cost_audited: '审价', settlement_publicised: '结算公示', settled: '结算', archived: '归档',
  },
  action: {
    survey: '登记现场勘查', scheme: '填写方案与预算', preview: '试算分摊', allocate: '确定预分摊', 'open-vote': '发起表决', open_vote: '发起表决',
    'record-vote': '登记表决结果', record_vote: '登记表决结果', publicise: '发布公示', submit: '提交审核', file: '备案并冻结分摊款', contract: '登记施工合同',
    pay: '申请付款', start: '登记开工', complete: '登记竣工', accept: '登记验收', 'cost-audit': '登记审价', cost_audit: '登记审价',
    'publicise-settlement': '发布结算公示', publicise_settlement: '发布结算公示', settle: '结算', archive: '归档', suspend: '暂停', terminate: '终止',
    approve: '同意', reject: '不同意', return: '退回补正', transfer: '转办', claim: '认领', release: '放回待认领', urge: '催办', withdraw: '撤回申请',
    check: '复核通过', sign: '签发', send: '发送银行', cancel: '取消', confirm: '确认入账', answer: '答复异议', object: '提出异议', commit: '提交入库',
    resume: '恢复', unlock: '解锁', invite: '重新邀请', refuse: '拒绝', end: '结束', delegate: '委派', 'add-sign': '加签', 'take-back': '取回', save: '保存',
    abstain: '弃权',
  },
  action_done: {
    survey: '勘查情况已登记', scheme: '方案与预算已保存', allocate: '预分摊已确定', 'open-vote': '表决已发起', 'record-vote': '表决结果已登记',
    publicise: '公示已发布', submit: '申请已提交，进入审核', contract: '施工合同已登记', pay: '付款申请已提出，等待复核', start: '已登记开工',
    complete: '已登记竣工', accept: '已登记验收', 'cost-audit': '审定金额已登记', 'publicise-settlement': '结算公示已发布', settle: '结算已生成，结算款等待复核',
    archive: '已归档', file: '已备案，分摊款已冻结',
  },
} as const;

export type Kind = keyof typeof zh;
export type Words = { readonly [K in Kind]: { readonly [C in keyof (typeof zh)[K]]: string } };
