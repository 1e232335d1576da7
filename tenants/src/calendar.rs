//! 工作日历 of the tenant: the pack brings three years with their source, the system administrator enters the next ones.
use linli_kernel::{Calendar, Date, Invalid, Problem};
use linli_runtime::{Change, Key, Sql, Tx, values};
use sea_orm::ConnectionTrait;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{Ctx, Pack, pack::faulty, perm};

/// One day that differs from "Monday to Friday works".
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema, sea_orm::FromQueryResult)]
pub struct CalendarDay {
    pub date: Date,
    /// False: a day off. True: a make-up working day (调休上班).
    #[schema(example = false)]
    pub is_working: bool,
    #[schema(example = "国庆节")]
    pub name: String,
}

/// 日历 of one year.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct CalendarView {
    #[schema(example = 2026)]
    pub year: i64,
    #[schema(example = "国办发明电〔2025〕7号")]
    pub source: String,
    pub days: Vec<CalendarDay>,
}

/// A whole year, as the State Council's notice orders it.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CalendarSet {
    #[schema(example = "国办发明电〔2025〕7号")]
    pub source: String,
    pub days: Vec<CalendarDaySet>,
}

#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CalendarDaySet {
    pub date: Date,
    pub is_working: bool,
    #[serde(default)]
    #[schema(example = "国庆节")]
    pub name: String,
}

const YEARS: &str = "select year, source from calendar_year order by year limit 200";
const DAYS: &str = "select date, is_working, name from calendar_day order by date limit 20000";
const YEAR: &str = "select year, source from calendar_year where year = $1";
const DAYS_OF: &str = "select date, is_working, name from calendar_day where year = $1 order by date limit 400";
const SET_YEAR: &str = "insert into calendar_year (year, source) values ($1, $2) on conflict (year) do update set source = excluded.source";
const DROP_DAYS: &str = "delete from calendar_day where year = $1";
const SET_DAY: &str = "insert into calendar_day (date, year, is_working, name) values ($1, $2, $3, $4)";

#[derive(sea_orm::FromQueryResult)]
struct Year {
    year: i64,
    source: String,
}

/// Reads what the database knows into the form that clocks compute with.
pub(crate) async fn load(conn: &impl ConnectionTrait) -> Result<Calendar, Problem> {
    let mut calendar = Calendar::default();
    for Year { year, .. } in conn.rows::<Year>(YEARS, values![]).await? {
        calendar.add_year(i32::try_from(year).map_err(Problem::internal)?);
    }
    for day in conn.rows::<CalendarDay>(DAYS, values![]).await? {
        calendar.set(day.date, day.is_working);
    }
    Ok(calendar)
}

pub async fn get(ctx: &Ctx, year: i64) -> Result<CalendarView, Problem> {
    ctx.require(perm::CALENDAR_READ)?;
    let found: Option<Year> = ctx.conn().row(YEAR, values![year]).await?;
    let Year { year, source } = found.ok_or_else(Problem::not_found)?;
    Ok(CalendarView { year, source, days: ctx.conn().rows(DAYS_OF, values![year]).await? })
}

/// Sets a whole year under its number; clocks that are armed later follow it.
pub async fn set(ctx: &Ctx, key: &Key, year: i64, cmd: CalendarSet) -> Result<CalendarView, Problem> {
    ctx.require(perm::CALENDAR_SET)?;
    let mut invalid = Invalid::new();
    invalid.text("/source", &cmd.source, 200);
    invalid.check((2000..=2100).contains(&year), "?year", "out_of_range", "年份须在 2000 至 2100 之间", "The year is 2000 to 2100");
    invalid.check(cmd.days.len() <= 366, "/days", "too_many", "一年最多366天", "At most 366 days");
    let mut seen = std::collections::BTreeSet::new();
    for (i, day) in cmd.days.iter().enumerate() {
        let right = i64::from(day.date.year()) == year && seen.insert(day.date) && day.name.chars().count() <= 50;
        invalid.check(right, &format!("/days/{i}/date"), "date", "须为本年日期且不重复", "A date of this year, once");
    }
    invalid.done()?;
    let view = ctx
        .tx("calendar.set", key, async |tx| {
            tx.conn().exec(SET_YEAR, values![year, cmd.source.as_str()]).await?;
            tx.conn().exec(DROP_DAYS, values![year]).await?;
            let mut days = Vec::with_capacity(cmd.days.len());
            for day in &cmd.days {
                tx.conn().exec(SET_DAY, values![day.date, year, day.is_working, day.name.as_str()]).await?;
                days.push(CalendarDay { date: day.date, is_working: day.is_working, name: day.name.clone() });
            }
            let change = Change::new("calendar.changed", "calendar", ctx.tenant.id).data("year", year).data("days", days.len());
            tx.event(change.data("source", &cmd.source)).await?;
            Ok(CalendarView { year, source: cmd.source.clone(), days })
        })
        .await?;
    ctx.tenant.set_calendar(load(ctx.conn()).await?);
    Ok(view)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    year: Vec<FileYear>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FileYear {
    year: i32,
    source: String,
    working: Vec<Date>,
    off: Vec<Period>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Period {
    name: String,
    from: Date,
    to: Date,
}

/// The days of a pack's `calendar.toml`, year by year.
fn years(pack: &Pack) -> Result<Vec<(i32, String, Vec<CalendarDay>)>, Problem> {
    const FILE: &str = "calendar.toml";
    let File { year: years } = pack.read(FILE)?.ok_or_else(|| faulty(FILE, "is missing"))?;
    let mut all = Vec::with_capacity(years.len());
    for FileYear { year, source, working, off } in years {
        let mut days = Vec::new();
        for Period { name, from, to } in off {
            let length = from.days_until(to);
            if !(0..60).contains(&length) {
                return Err(faulty(FILE, &format!("{name} of {year} ends before it begins")));
            }
            days.extend((0..=length).filter_map(|n| from.plus_days(n)).map(|date| CalendarDay {
                date,
                is_working: false,
                name: name.clone(),
            }));
        }
        days.extend(working.into_iter().map(|date| CalendarDay { date, is_working: true, name: "调休上班".into() }));
        days.sort_by_key(|d| d.date);
        let twice = days.windows(2).any(|w| w[0].date == w[1].date);
        if twice || days.iter().any(|d| d.date.year() != year) {
            return Err(faulty(FILE, &format!("a day of {year} stands twice or lies in another year")));
        }
        all.push((year, source, days));
    }
    Ok(all)
}

pub(crate) async fn install(tx: &Tx, pack: &Pack) -> Result<Calendar, Problem> {
    let mut calendar = Calendar::default();
    for (year, source, days) in years(pack)? {
        calendar.add_year(year);
        tx.conn().exec(SET_YEAR, values![i64::from(year), source]).await?;
        for day in days {
            calendar.set(day.date, day.is_working);
            tx.conn().exec(SET_DAY, values![day.date, i64::from(year), day.is_working, day.name]).await?;
        }
    }
    Ok(calendar)
}

#[cfg(test)]
mod tests;
