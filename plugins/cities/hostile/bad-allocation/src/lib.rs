//! For tests: a rule that behaves while parameter `mode` is `good`, and misbehaves in one way otherwise.
use linli_plugin_sdk::allocation::*;
use linli_plugin_sdk::rule;

pub struct Bad;
rule!(Bad);

impl Rule for Bad {
    fn allocate(ctx: Context, work: Work, _kinds: Vec<String>, houses: Vec<House>) -> Result<Outcome, RuleError> {
        let Some(Value::Text(mode)) = ctx.find("mode") else { return Err(bad_parameter("mode")) };
        let mut weights: Vec<i64> = houses.iter().map(|house| house.area).collect();
        let mut lines = Vec::new();
        match mode.as_str() {
            "loop" => loop {
                std::hint::black_box(&weights);
            },
            "memory" => {
                let mut hoard = Vec::new();
                loop {
                    hoard.push(std::hint::black_box(vec![1_u8; 4 << 20]));
                }
            }
            "recursion" => weights[0] = dive(weights[0]),
            "panic" => panic!("on purpose"),
            "clock" => weights[0] = std::time::Instant::now().elapsed().as_secs() as i64,
            "huge_line" => lines.push(line("basis", &[Value::Text("x".repeat(5 << 20))])),
            "many_lines" => lines = vec![line("basis", &[Value::Text("x".into())]); 501],
            "unknown_line" => lines.push(line("nobody_wrote_this", &[])),
            "bidi" => lines.push(line("basis", &[Value::Text("\u{202e}Z".into())])),
            "negative" => weights[0] = -1,
            "zero" => weights.iter_mut().for_each(|weight| *weight = 0),
            "overflow" => weights.iter_mut().for_each(|weight| *weight = i64::MAX),
            "short" => drop(weights.pop()),
            "wrong_sum" => {
                let mut shares = vec![0; houses.len()];
                shares[0] = work.cost - 1;
                return Ok(Outcome { plan: Plan::Shares(shares), lines });
            }
            "negative_share" => {
                let mut shares = vec![0; houses.len()];
                (shares[0], shares[1]) = (work.cost + 5, -5);
                return Ok(Outcome { plan: Plan::Shares(shares), lines });
            }
            "shares" => {
                let mut shares = vec![0; houses.len()];
                shares[0] = work.cost;
                return Ok(Outcome { plan: Plan::Shares(shares), lines });
            }
            "twice" => {
                let members = vec![Member { house: 0, weight: 1 }; 2];
                return Ok(Outcome { plan: Plan::Groups(vec![Group { weight: 1, members }]), lines });
            }
            "groups" => {
                let half = houses.len() / 2;
                let group = |range: std::ops::Range<usize>| Group {
                    weight: houses[range.clone()].iter().map(|house| house.area).sum(),
                    members: range.map(|i| Member { house: i as u32, weight: 1 }).collect(),
                };
                return Ok(Outcome { plan: Plan::Groups(vec![group(0..half), group(half..houses.len())]), lines });
            }
            _ => {}
        }
        Ok(Outcome { plan: Plan::Weights(weights), lines })
    }
}

#[inline(never)]
#[allow(unconditional_recursion)] // on purpose
fn dive(depth: i64) -> i64 {
    let here = [depth; 64];
    std::hint::black_box(&here);
    1 + dive(std::hint::black_box(depth + here[(depth & 63) as usize]))
}
