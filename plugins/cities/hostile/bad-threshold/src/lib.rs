//! For tests: a vote rule that behaves while parameter `mode` is `good`, and cheats in one way otherwise.
use linli_plugin_sdk::rule;
use linli_plugin_sdk::threshold::*;

pub struct Bad;
rule!(Bad);

impl Rule for Bad {
    fn test(ctx: Context, facts: Vec<Entry>) -> Result<Verdict, RuleError> {
        let Some(Value::Text(mode)) = ctx.find("mode") else { return Err(bad_parameter("mode")) };
        let mode = mode.as_str();
        let number = |key: &str| match find(&facts, key) {
            Some(Value::Integer(value)) | Some(Value::Area(value)) => *value,
            _ => 0,
        };
        let check = |key: &str, have: &str, of: &str, num: i64, den: i64, strict: bool| {
            let (have, of) = (number(have), number(of));
            let (left, right) = (have * den, num * of);
            Check {
                key: key.into(),
                have,
                of,
                need: Ratio { num, den },
                strict,
                met: of > 0 && if strict { left > right } else { left >= right },
            }
        };
        let (num, den) = if mode == "lax" { (1, 2) } else { (2, 3) };
        let mut checks = vec![
            check("participation_heads", "participated.heads", "totals.heads", num, den, false),
            check("participation_area", "participated.area", "totals.area", num, den, false),
            check("approval_heads", "agreed.heads", "participated.heads", 1, 2, mode != "half"),
            check("approval_area", "agreed.area", "participated.area", 1, 2, true),
        ];
        let mut met = checks.iter().all(|check| check.met);
        match mode {
            "lie" => checks[1].met = !checks[1].met,
            "other_numbers" => (checks[0].have, checks[0].met) = (checks[0].of, true),
            "skip" => drop(checks.pop()),
            "pass_anyway" => met = true,
            "zero_den" => checks[0].need.den = 0,
            _ => {}
        }
        Ok(Verdict { met, checks, lines: vec![] })
    }
}
