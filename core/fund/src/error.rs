//! What the fund refuses, with the code that a program reads and the sentence that a person reads.
use linli_kernel::{Date, Money};
use linli_macros::Problem;

/// Refusals of the steps of a use. Checked in the order of the step's text; the first that applies is the answer.
#[derive(Debug, Problem)]
pub enum UseError {
    #[problem(409, "fund.use.not_allowed", zh = "当前为“{from}”，不能{step}", en = "{step_en} is not possible in the state {from_en}")]
    NotAllowed { from: &'static str, from_en: &'static str, step: &'static str, step_en: &'static str },
    #[problem(
        422,
        "fund.use.exclusions_not_denied",
        zh = "须逐项确认不属于不得列支的情形",
        en = "It must be denied that the cost may not be charged to the fund"
    )]
    ExclusionsNotDenied,
    #[problem(409, "fund.project.not_open", zh = "该小区的维修资金尚未开户，不能申请使用", en = "The project has no open fund")]
    ProjectNotOpen,
    #[problem(422, "fund.use.cost_not_positive", zh = "费用须大于0", en = "The cost must be above zero")]
    CostNotPositive,
    #[problem(
        422,
        "fund.use.items_sum",
        zh = "各项之和{sum}元不等于预算{budget}元",
        en = "The items sum to {sum}, not to the budget {budget}"
    )]
    ItemsSum { sum: Money, budget: Money },
    #[problem(422, "fund.use.scope_empty", zh = "“{item}”的分摊范围内没有房屋", en = "The scope of {item} has no house")]
    ScopeEmpty { item: String },
    #[problem(409, "fund.use.house_without_account", zh = "有{count}户尚未开立资金账户", en = "{count} houses have no fund account")]
    HouseWithoutAccount { count: usize },
    #[problem(
        409,
        "fund.use.nothing_to_pay_from",
        zh = "有房屋没有可用余额，按“降低预算”办法无法分摊",
        en = "A house has nothing available, so the cap leaves no budget"
    )]
    NothingToPayFrom,
    #[problem(
        409,
        "fund.use.vote_open",
        zh = "表决至{closes_on}结束，结束后才能录入结果",
        en = "The vote is open until the end of {closes_on}"
    )]
    VoteOpen { closes_on: Date },
    #[problem(422, "fund.use.publicity_days", zh = "公示天数须为5至15天", en = "A publicity takes 5 to 15 days")]
    PublicityDays,
    #[problem(409, "fund.use.publicity_open", zh = "公示至{until}结束，次日起可办理", en = "The publicity runs to the end of {until}")]
    PublicityOpen { until: Date },
    #[problem(409, "fund.use.objections_open", zh = "还有{open}件异议未答复", en = "{open} objections wait for an answer")]
    ObjectionsOpen { open: i64 },
    #[problem(409, "fund.use.in_review", zh = "审核流程正在办理，由流程备案", en = "A flow is running; it files the use")]
    InReview,
    #[problem(409, "fund.insufficient_balance", zh = "有{count}户余额不足，应先补足", en = "{count} houses have not enough")]
    Insufficient { count: usize },
    #[problem(
        422,
        "fund.use.contract_over_budget",
        zh = "合同金额{amount}元超过预算{budget}元",
        en = "The contract {amount} is above the budget {budget}"
    )]
    ContractOverBudget { amount: Money, budget: Money },
    #[problem(
        422,
        "fund.use.over_advance_cap",
        zh = "预付款合计不得超过合同金额的{cap}%，即{most}元",
        en = "Advances may come to {cap} % of the contract, {most}"
    )]
    OverAdvanceCap { cap: i64, most: Money },
    #[problem(422, "fund.use.over_contract", zh = "付款合计不得超过{most}元", en = "Payments may come to {most} in all")]
    OverContract { most: Money },
    #[problem(
        422,
        "fund.use.final_by_settlement",
        zh = "结算款由结算产生，不能单独申请",
        en = "The final payment is made by the settlement"
    )]
    FinalBySettlement,
    #[problem(409, "fund.use.payment_open", zh = "还有一笔付款未由银行确认", en = "A payment still waits for the bank")]
    PaymentOpen,
    #[problem(
        422,
        "fund.use.over_budget_needs_vote",
        zh = "审定金额{audited}元超过预算{budget}元的{percent}%以上，超出部分须重新表决",
        en = "The audited {audited} is more than {percent} % above the budget {budget}; the excess needs a new vote"
    )]
    OverrunNeedsVote { audited: Money, budget: Money, percent: i64 },
    #[problem(422, "fund.use.retention_too_high", zh = "质保金不得超过尚未支付的{left}元", en = "The retention may come to {left} at most")]
    RetentionTooHigh { left: Money },
    #[problem(
        422,
        "fund.use.refund_needed",
        zh = "已付款多于审定金额，施工单位应退回{amount}元；请填写退款到账信息",
        en = "The contractor must return {amount}; say how it arrived"
    )]
    RefundNeeded { amount: Money },
    #[problem(409, "fund.use.retention_unpaid", zh = "质保金{retention}元尚未支付", en = "The retention of {retention} is not paid")]
    RetentionUnpaid { retention: Money },
    #[problem(409, "fund.use.paid_part_unsettled", zh = "已付{paid}元尚未结算，不能终止", en = "{paid} were paid and are not settled")]
    PaidPartUnsettled { paid: Money },
    #[problem(409, "fund.use.vote_running", zh = "表决正在进行，不能中止", en = "A vote is running")]
    VoteRunning,
}

/// Refusals of projects, standards, deposits and corrections.
#[derive(Debug, Problem)]
pub enum FundError {
    #[problem(409, "fund.project.exists", zh = "该小区已登记维修资金", en = "The project's fund is registered")]
    ProjectExists,
    #[problem(422, "fund.project.bank_account", zh = "专户不存在、已关闭或不属于该资金池", en = "No such open bank account in this pool")]
    BankAccount,
    #[problem(
        409,
        "fund.standard.overlap",
        zh = "同一地区、性质、楼栋类别已有交存标准{code}在该期间执行",
        en = "The standard {code} is in force for the same key"
    )]
    StandardOverlap { code: String },
    #[problem(409, "fund.standard.not_allowed", zh = "该标准不是待复核状态", en = "The standard is not a draft")]
    StandardNotDraft,
    #[problem(409, "fund.deposit.not_allowed", zh = "该笔交存不是待确认状态", en = "The deposit does not wait for a confirmation")]
    DepositNotPending,
    #[problem(
        409,
        "fund.deposit.over_due",
        zh = "应交{due}元，已交或待确认{paid}元，超出{over}元",
        en = "{due} is due and {paid} came or waits; this is {over} too much"
    )]
    OverDue { due: Money, paid: Money, over: Money },
    #[problem(409, "fund.deposit.serial_used", zh = "银行流水号{serial}已登记", en = "The bank serial {serial} is deposited already")]
    SerialUsed { serial: String },
    #[problem(
        422,
        "fund.deposit.bank_date",
        zh = "到账日期晚于今天或早于账户开户日",
        en = "The bank date is after today or before the account was opened"
    )]
    BankDate,
    #[problem(409, "fund.house.no_account", zh = "该房屋未开户", en = "The house has no fund account")]
    NoAccount,
    #[problem(
        422,
        "fund.deposit.use",
        zh = "自筹款须指定本小区正在办理且包含该户的使用申请",
        en = "Name a running use of this project that the house shares in"
    )]
    NoSuchUse,
    #[problem(
        409,
        "fund.correction.not_allowed",
        zh = "只有已入账且未红冲的交存可以更正",
        en = "Only a posted deposit that is not reversed can be corrected"
    )]
    NotCorrectable,
    #[problem(409, "fund.correction.decided", zh = "该更正已办结", en = "The correction was decided")]
    CorrectionDecided,
    #[problem(
        409,
        "import.has_errors",
        zh = "表中有{rows}行错误，须全部改正后重新导入",
        en = "{rows} rows have errors; mend them and import again"
    )]
    HasErrors { rows: i64 },
    #[problem(409, "import.not_allowed", zh = "该导入当前不能进行这一步", en = "The import is not in a state for this")]
    ImportState,
    #[problem(409, "import.nothing", zh = "没有可导入的行", en = "No row can be imported")]
    NothingToImport,
    #[problem(
        409,
        "import.changed",
        zh = "检查之后数据有变，已有{rows}行不再符合，请重新导入",
        en = "{rows} rows no longer fit since the check; import again"
    )]
    ChangedMeanwhile { rows: i64 },
}
