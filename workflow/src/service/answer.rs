//! Answers to what a step asks, within its transaction.
use std::sync::Arc;

use linli_kernel::{CalendarError, Date, Problem, Timestamp};
use linli_runtime::Tx;
use linli_tenants::{Ctx, settings};
use serde_json::Value;

use crate::{
    core::{Answer, Need},
    ports::{RuleHost, Topics},
    store::{self, InstanceRow},
};

/// Longer pauses are no pause any more; also a bound on the work of counting.
const MOST_DAYS: i64 = 5_000;
const DAY_SECONDS: i64 = 86_400;

/// A refusal of a topic is the refusal of the step, and nothing of it remains; a rule or a calendar that fails is an incident.
pub(super) async fn answer(ctx: &Ctx, tx: &Tx, row: &InstanceRow, need: &Need) -> Result<Answer, Problem> {
    match need {
        Need::Topic { topic, .. } => {
            let topics = ctx.app.ports.get::<Topics>();
            let Some(handler) = topics.as_ref().and_then(|t| t.find(topic)).cloned() else {
                let zh = format!("没有系统办理主题 {topic}");
                return Ok(Answer::Failed {
                    code: "workflow.topic_unknown".into(),
                    zh,
                    en: format!("No system handles the topic {topic}"),
                });
            };
            handler.run(ctx, tx, row.subject_id).await?;
            Ok(Answer::Done(Value::Null))
        }
        Need::Rule { point, vars, .. } => {
            let Some(host) = ctx.app.ports.get::<Arc<dyn RuleHost>>() else {
                let zh = format!("没有规则回答 {point}");
                return Ok(Answer::Failed { code: "workflow.rule_unknown".into(), zh, en: format!("No rule answers {point}") });
            };
            match host.ask(ctx, tx, point, &row.subject_kind, row.subject_id, vars).await {
                Ok(value) => Ok(Answer::Done(value)),
                Err(problem) if problem.status() >= 500 => Err(problem),
                Err(problem) => Ok(failed(&problem)),
            }
        }
        Need::Candidates { role, area_path } => Ok(Answer::People(store::members(tx, role, area_path).await?)),
        Need::DueAfter { from, days } => {
            let start = Timestamp(*from).date_at(ctx.tenant.zone_hours);
            match ctx.calendar().plus_working_days(start, *days) {
                Ok(day) => Ok(Answer::Instant(close_of_business(ctx, tx, day).await?)),
                Err(CalendarError::YearMissing(year)) => Ok(Answer::YearMissing(year)),
                Err(error @ CalendarError::OutOfRange) => Err(error.into()),
            }
        }
        Need::DaysBetween { from, to } => {
            let (from, to) = (Timestamp(*from).date_at(ctx.tenant.zone_hours), Timestamp(*to).date_at(ctx.tenant.zone_hours));
            Ok(working_days(ctx, from, to))
        }
    }
}

pub(super) fn failed(problem: &Problem) -> Answer {
    use linli_kernel::Locale;
    Answer::Failed {
        code: problem.code().to_owned(),
        zh: problem.message(Locale::Zh).to_owned(),
        en: problem.message(Locale::En).to_owned(),
    }
}

/// 下班时间 of that day, by the city's office hours.
async fn close_of_business(ctx: &Ctx, tx: &Tx, day: Date) -> Result<i64, Problem> {
    let hours = settings::text(ctx, tx.conn(), "office.hours").await?;
    let end = hours.split_once('-').map_or("17:00", |(_, end)| end.trim());
    let minutes = end.split_once(':').and_then(|(h, m)| Some(h.parse::<i64>().ok()? * 60 + m.parse::<i64>().ok()?));
    let seconds = minutes.filter(|m| (0..24 * 60).contains(m)).map_or(17 * 3_600, |m| m * 60).min(DAY_SECONDS);
    Ok(Timestamp::start_of(day, ctx.tenant.zone_hours).plus_seconds(seconds).micros())
}

fn working_days(ctx: &Ctx, from: Date, to: Date) -> Answer {
    let calendar = ctx.calendar();
    let mut count = 0;
    for n in 1..=from.days_until(to).min(MOST_DAYS) {
        let Some(day) = from.plus_days(n) else { break };
        match calendar.is_working(day) {
            Ok(works) => count += u32::from(works),
            Err(CalendarError::YearMissing(year)) => return Answer::YearMissing(year),
            Err(CalendarError::OutOfRange) => break,
        }
    }
    Answer::Days(count)
}
