//! 电梯按楼层系数分摊: area × (100 + step × (floor − 1)); the ground floor may be free. All other works weigh area.
use linli_plugin_sdk::allocation::*;
use linli_plugin_sdk::rule;

pub struct LiftFloors;
rule!(LiftFloors);

impl Rule for LiftFloors {
    fn allocate(ctx: Context, work: Work, _kinds: Vec<String>, houses: Vec<House>) -> Result<Outcome, RuleError> {
        let step = ctx.integer("step_percent")?;
        let free = ctx.flag("ground_floor_free")?;
        if work.kind != "lift" {
            let weights = houses.iter().map(|house| house.area).collect();
            return Ok(Outcome { plan: Plan::Weights(weights), lines: vec![line("by_area", &[Value::Money(work.cost)])] });
        }
        let mut weights = Vec::with_capacity(houses.len());
        for (i, house) in houses.iter().enumerate() {
            if house.floor == 0 {
                return Err(RuleError::MissingFact(format!("houses.{i}.floor")));
            }
            let factor = if house.floor == 1 && free { 0 } else { 100 + step * (i64::from(house.floor) - 1) };
            // A basement deep enough would weigh less than nothing: it pays nothing.
            let weight = house.area.checked_mul(factor.max(0)).ok_or_else(|| too_large(i))?;
            weights.push(weight);
        }
        if weights.iter().all(|weight| *weight == 0) {
            return Err(RuleError::NeedsPerson(line("nobody_pays", &[])));
        }
        let lines = vec![line("basis", &[Value::Money(work.cost), Value::Integer(step)])];
        Ok(Outcome { plan: Plan::Weights(weights), lines })
    }
}

fn too_large(row: usize) -> RuleError {
    bad_fact(&format!("houses.{row}.area"), line("too_large", &[Value::Integer(row as i64)]))
}

#[cfg(test)]
mod tests;
