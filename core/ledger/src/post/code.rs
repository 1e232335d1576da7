//! The posting catalogue (maintenance-fund §3).
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

macro_rules! codes {
    ($($(#[doc = $doc:literal])* $name:ident = $text:literal,)*) => {
        /// 业务事件代码 MF01 … MF32.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
        pub enum PostingCode {
            $($(#[doc = $doc])* #[serde(rename = $text)] $name,)*
        }
        impl PostingCode {
            pub const ALL: &'static [PostingCode] = &[$(PostingCode::$name),*];
            pub const fn text(self) -> &'static str {
                match self { $(PostingCode::$name => $text),* }
            }
        }
    };
}

codes! {
    /// 首期交存.
    Mf01 = "MF01",
    /// 续交.
    Mf02 = "MF02",
    /// 补交.
    Mf03 = "MF03",
    /// 单位预交.
    Mf04 = "MF04",
    /// 预交分户.
    Mf05 = "MF05",
    /// 待清分收款.
    Mf06 = "MF06",
    /// 清分入户.
    Mf07 = "MF07",
    /// 多交退款.
    Mf08 = "MF08",
    /// 退房退款.
    Mf09 = "MF09",
    /// 灭失返还确定.
    Mf10 = "MF10",
    /// 灭失返还支付.
    Mf11 = "MF11",
    /// 房屋分割合并.
    Mf13 = "MF13",
    /// 维修支出.
    Mf14 = "MF14",
    /// 维修退回.
    Mf15 = "MF15",
    /// 公共收益补充.
    Mf17 = "MF17",
    /// 共用设施处置收入.
    Mf18 = "MF18",
    /// 银行利息收入.
    Mf19 = "MF19",
    /// 收益分配到户.
    Mf22 = "MF22",
    /// 利息分配到户.
    Mf23 = "MF23",
    /// 划转出.
    Mf24 = "MF24",
    /// 划转入.
    Mf25 = "MF25",
    /// 期初.
    Mf27 = "MF27",
    /// 红冲.
    Mf28 = "MF28",
    /// 应急备用金.
    Mf29 = "MF29",
    /// 其他收入.
    Mf30 = "MF30",
    /// 其他支出.
    Mf31 = "MF31",
    /// 账户间调整.
    Mf32 = "MF32",
}

impl PostingCode {
    pub fn find(text: &str) -> Option<PostingCode> {
        PostingCode::ALL.iter().copied().find(|code| code.text() == text)
    }
}
