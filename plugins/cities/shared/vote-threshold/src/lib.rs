//! 表决门槛: two thirds take part, then more than half (use) or three quarters (raise) of them agree, each by heads
//! and by area (Civil Code 278; maintenance-fund §2.6.3). Whole numbers only: have × den against need × of.
use linli_plugin_sdk::rule;
use linli_plugin_sdk::threshold::*;

pub struct VoteThreshold;
rule!(VoteThreshold);

impl Rule for VoteThreshold {
    fn test(ctx: Context, facts: Vec<Entry>) -> Result<Verdict, RuleError> {
        let takes_part = ctx.ratio("participation")?;
        let (agrees, strict) = match find(&facts, "decision") {
            Some(Value::Text(kind)) if kind == "use" => (ctx.ratio("use_approval")?, ctx.flag("use_approval_strict")?),
            Some(Value::Text(kind)) if kind == "raise" => (ctx.ratio("raise_approval")?, ctx.flag("raise_approval_strict")?),
            Some(Value::Text(kind)) => return Err(RuleError::NeedsPerson(line("other_decision", &[Value::Text(kind.clone())]))),
            _ => return Err(RuleError::MissingFact("decision".into())),
        };
        let count = |key: &str| match find(&facts, key) {
            Some(Value::Integer(value)) | Some(Value::Area(value)) if *value >= 0 => Ok(*value),
            Some(_) => Err(bad_fact(key, line("bad_count", &[Value::Text(key.into())]))),
            None => Err(RuleError::MissingFact(key.into())),
        };
        let (heads, area) = (count("totals.heads")?, count("totals.area")?);
        let (took_heads, took_area) = (count("participated.heads")?, count("participated.area")?);
        let (for_heads, for_area) = (count("agreed.heads")?, count("agreed.area")?);
        for (part, whole, key) in [
            (took_heads, heads, "participated.heads"),
            (took_area, area, "participated.area"),
            (for_heads, took_heads, "agreed.heads"),
            (for_area, took_area, "agreed.area"),
        ] {
            if part > whole {
                return Err(bad_fact(key, line("more_than_all", &[Value::Text(key.into())])));
            }
        }
        let checks = vec![
            check("participation_heads", took_heads, heads, takes_part, false),
            check("participation_area", took_area, area, takes_part, false),
            check("approval_heads", for_heads, took_heads, agrees, strict),
            check("approval_area", for_area, took_area, agrees, strict),
        ];
        let lines = checks.iter().map(explained).collect();
        Ok(Verdict { met: checks.iter().all(|check| check.met), checks, lines })
    }
}

/// Against nobody nothing is reached: `of` = 0 fails.
fn check(key: &str, have: i64, of: i64, need: Ratio, strict: bool) -> Check {
    let (left, right) = (i128::from(have) * i128::from(need.den), i128::from(need.num) * i128::from(of));
    let met = of > 0 && if strict { left > right } else { left >= right };
    Check { key: key.into(), have, of, need, strict, met }
}

fn explained(check: &Check) -> Line {
    let code = format!("{}_{}", check.key, if check.met { "met" } else { "missed" });
    let number = |value| if check.key.ends_with("area") { Value::Area(value) } else { Value::Integer(value) };
    line(&code, &[number(check.have), number(check.of), Value::Ratio(check.need)])
}

#[cfg(test)]
mod tests;
