//! What the ledger refuses, with the code that a program reads and the sentence that a person reads.
use linli_kernel::Money;
use linli_macros::Problem;

/// Refusals of posting, holds, orders and statements.
#[derive(Debug, Problem)]
pub enum LedgerError {
    #[problem(409, "fund.insufficient_balance", zh = "可用余额不足", en = "The available balance is not enough")]
    Insufficient,
    #[problem(409, "fund.account.frozen", zh = "资金账户{no}已冻结", en = "Fund account {no} is frozen")]
    Frozen { no: String },
    #[problem(409, "fund.account.closed", zh = "资金账户{no}已销户", en = "Fund account {no} is closed")]
    Closed { no: String },
    #[problem(422, "ledger.posting.wrong_pool", zh = "资金账户{no}不属于资金池{pool}", en = "Fund account {no} is not of pool {pool}")]
    WrongPool { no: String, pool: String },
    #[problem(409, "ledger.period.closed", zh = "会计期间{month}已结账", en = "Period {month} is closed")]
    PeriodClosed { month: String },
    #[problem(422, "ledger.posting.unbalanced", zh = "借贷不平，相差{difference}元", en = "Debit and credit differ by {difference}")]
    Unbalanced { difference: Money },
    #[problem(409, "ledger.posting.duplicate", zh = "该笔业务已经记账", en = "This was posted before")]
    Duplicate,
    #[problem(
        409,
        "ledger.posting.duplicate_bank_serial",
        zh = "银行流水号{serial}已入账",
        en = "Bank serial {serial} is in the books already"
    )]
    DuplicateSerial { serial: String },
    #[problem(422, "ledger.posting.no_map", zh = "业务{code}没有记账规则", en = "There is no posting rule for {code} in this pool")]
    NoMap { code: String },
    #[problem(
        422,
        "ledger.posting.bank_account",
        zh = "专户不存在、已关闭或不属于该资金池",
        en = "The bank account does not exist, is closed, or is of another pool"
    )]
    BankAccount,
    #[problem(409, "ledger.posting.already_reversed", zh = "该笔业务已红冲", en = "This posting is reversed already")]
    AlreadyReversed,
    #[problem(409, "ledger.posting.is_reversal", zh = "红冲凭证不能再红冲", en = "A reversal cannot be reversed")]
    IsReversal,
    #[problem(409, "ledger.hold.exceeds_available", zh = "冻结金额超过可用余额", en = "The hold is more than what is available")]
    HoldExceeds,
    #[problem(
        409,
        "ledger.payment_order.not_sent",
        zh = "拨付指令{no}尚未发送或已终止",
        en = "Payment order {no} was not sent, or has ended"
    )]
    NotSent { no: String },
    #[problem(
        409,
        "ledger.payment_order.already_paid",
        zh = "拨付指令{no}已付，银行流水号不同",
        en = "Payment order {no} is paid under another serial"
    )]
    AlreadyPaid { no: String },
    #[problem(
        409,
        "ledger.payment_order.amount_differs",
        zh = "金额与拨付指令{no}不符",
        en = "The amount differs from that of payment order {no}"
    )]
    AmountDiffers { no: String },
    #[problem(409, "ledger.payment_order.settled_meanwhile", zh = "拨付指令{no}刚刚办结", en = "Payment order {no} was settled meanwhile")]
    SettledMeanwhile { no: String },
    #[problem(409, "ledger.bank_account.duplicate", zh = "该专户已登记", en = "This bank account is registered already")]
    DuplicateBankAccount,
}
