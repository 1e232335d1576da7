//! 面积比例分摊: every house weighs its area (maintenance-fund §2.6.4), the default of every city.
use linli_plugin_sdk::allocation::*;
use linli_plugin_sdk::rule;

pub struct AreaProportional;
rule!(AreaProportional);

impl Rule for AreaProportional {
    fn allocate(_ctx: Context, work: Work, _kinds: Vec<String>, houses: Vec<House>) -> Result<Outcome, RuleError> {
        let weights: Vec<i64> = houses.iter().map(|house| house.area).collect();
        let whole = weights.iter().fold(0, |sum: i64, weight| sum.saturating_add(*weight));
        let lines = vec![line("basis", &[Value::Money(work.cost), Value::Area(whole), Value::Integer(houses.len() as i64)])];
        Ok(Outcome { plan: Plan::Weights(weights), lines })
    }
}
