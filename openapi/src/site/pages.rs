//! One function a page: the public query, then strings for the template. No owner's name, no figure of a single house.
use askama::Template;
use linli_fund::{
    public::{self as funds, PublicUse, PublicUseQuery},
    use_state::UseState,
};
use linli_kernel::{Date, Money, Page, Problem, ProjectId, PublicityId, UseId};
use linli_property::{
    model::publicity::PublicityState,
    public::{self as register, PublicProjectQuery, PublicPublicity},
    publicities::PublicityQuery,
};
use linli_tenants::Ctx;

use super::Site;

const ROWS: u64 = 20;

pub struct Pager {
    pub total: String,
    pub page: String,
    pub pages: String,
    pub prev: String,
    pub next: String,
}

impl Pager {
    fn new(address: &str, page: u64, total: i64) -> Pager {
        let pages = (total.max(1) as u64).div_ceil(ROWS);
        let join = if address.contains('?') { '&' } else { '?' };
        let to = |n: u64| format!("{address}{join}page={n}");
        Pager {
            total: total.to_string(),
            page: page.to_string(),
            pages: pages.to_string(),
            prev: if page > 1 { to(page - 1) } else { String::new() },
            next: if page < pages { to(page + 1) } else { String::new() },
        }
    }
}

#[derive(Template)]
#[template(path = "not_found.html")]
pub struct NotFound {
    pub site: Site,
}

#[derive(Template)]
#[template(path = "index.html")]
pub struct Index {
    site: Site,
    projects: String,
    uses: String,
    as_of: String,
    publicities: Vec<PublicityRow>,
}

#[derive(Template)]
#[template(path = "projects.html")]
pub struct Projects {
    site: Site,
    q: String,
    rows: Vec<ProjectRow>,
    pager: Pager,
}

pub struct ProjectRow {
    id: String,
    name: String,
    address: String,
    company: String,
    households: String,
    area: String,
}

#[derive(Template)]
#[template(path = "publicities.html")]
pub struct Publicities {
    site: Site,
    project: String,
    rows: Vec<PublicityRow>,
    pager: Pager,
}

pub struct PublicityRow {
    id: String,
    title: String,
    project: String,
    from: String,
    until: String,
    state: String,
    tone: String,
}

#[derive(Template)]
#[template(path = "publicity.html")]
pub struct Publicity {
    site: Site,
    title: String,
    project: String,
    text: String,
    from: String,
    until: String,
    days_left: String,
    state: String,
    tone: String,
    places: String,
    budget: String,
    houses: String,
    digest: String,
    use_id: String,
    documents: Vec<DocumentRow>,
}

pub struct DocumentRow {
    title: String,
    kind: String,
    address: String,
}

#[derive(Template)]
#[template(path = "uses.html")]
pub struct Uses {
    site: Site,
    project: String,
    rows: Vec<UseRow>,
    pager: Pager,
}

pub struct UseRow {
    id: String,
    no: String,
    title: String,
    project: String,
    budget: String,
    state: String,
    tone: String,
}

#[derive(Template)]
#[template(path = "use.html")]
pub struct Use {
    site: Site,
    no: String,
    title: String,
    project: String,
    part: String,
    cause: String,
    state: String,
    tone: String,
    houses: String,
    budget: String,
    contract_amount: String,
    paid: String,
    audited_amount: String,
    steps: Vec<Step>,
    vote: Vec<VoteRow>,
    vote_result: String,
    publicity_id: String,
}

pub struct Step {
    name: String,
    state: String,
}

pub struct VoteRow {
    name: String,
    heads: String,
    area: String,
}

pub async fn index(ctx: &Ctx) -> Result<Index, Problem> {
    let projects = register::projects(ctx, PublicProjectQuery { q: None, project_id: None, page: None, page_size: Some(1) }).await?;
    let uses = find_uses(ctx, None, 1, 1).await?;
    let posted = find_publicities(ctx, None, 1).await?;
    let open = posted.items.into_iter().filter(|p| p.state == PublicityState::Open).take(5);
    Ok(Index {
        site: Site::of(ctx, "index"),
        projects: projects.total.to_string(),
        uses: uses.total.to_string(),
        as_of: long(ctx.today()),
        publicities: open.map(publicity_row).collect(),
    })
}

pub async fn projects(ctx: &Ctx, q: String, page: u64) -> Result<Projects, Problem> {
    let query = PublicProjectQuery { q: Some(q.clone()), project_id: None, page: Some(page), page_size: Some(ROWS) };
    let found = register::projects(ctx, query).await?;
    let site = Site::of(ctx, "projects");
    let address = format!("{}/projects?q={}", site.base, query_text(&q));
    let pager = Pager::new(&address, page, found.total);
    let rows = found.items.into_iter().map(|p| ProjectRow {
        id: p.id.to_string(),
        name: p.name,
        address: p.address,
        company: p.company_name.unwrap_or_default(),
        households: p.households.to_string(),
        area: format!("{} m²", grouped(&p.built_area.to_string())),
    });
    Ok(Projects { rows: rows.collect(), q, pager, site })
}

pub async fn publicities(ctx: &Ctx, project: Option<ProjectId>, page: u64) -> Result<Publicities, Problem> {
    let found = find_publicities(ctx, project, page).await?;
    let site = Site::of(ctx, "publicities");
    let pager = Pager::new(&narrowed(&site, "publicities", project), page, found.total);
    let name = project_name(ctx, project).await?;
    Ok(Publicities { rows: found.items.into_iter().map(publicity_row).collect(), project: name, pager, site })
}

pub async fn publicity(ctx: &Ctx, id: PublicityId) -> Result<Publicity, Problem> {
    let posted = register::publicity(ctx, id).await?;
    let of_use = (posted.subject_kind == "fund.use").then(|| UseId::from(posted.subject_id));
    let work = match of_use {
        Some(id) => funds::get(ctx, id).await.ok(),
        None => None,
    };
    let (state, tone) = publicity_word(posted.state);
    let open = matches!(posted.state, PublicityState::Open | PublicityState::Objected);
    let left = ctx.today().days_until(posted.until);
    Ok(Publicity {
        site: Site::of(ctx, "publicities"),
        title: posted.title,
        project: posted.project_name,
        text: String::new(),
        from: long(posted.from),
        until: long(posted.until),
        days_left: if open && left >= 0 { left.to_string() } else { String::new() },
        state: state.into(),
        tone: tone.into(),
        places: posted.places.join("、"),
        budget: work.as_ref().map(|w| yuan(w.budget)).unwrap_or_default(),
        houses: work.as_ref().map(|w| w.houses.to_string()).unwrap_or_default(),
        digest: String::new(),
        use_id: work.map(|w| w.id.to_string()).unwrap_or_default(),
        documents: Vec::new(),
    })
}

pub async fn uses(ctx: &Ctx, project: Option<ProjectId>, page: u64) -> Result<Uses, Problem> {
    let found = find_uses(ctx, project, page, ROWS).await?;
    let site = Site::of(ctx, "uses");
    let pager = Pager::new(&narrowed(&site, "uses", project), page, found.total);
    let name = project_name(ctx, project).await?;
    let rows = found.items.into_iter().map(|u| {
        let (state, tone) = use_word(u.state);
        UseRow {
            id: u.id.to_string(),
            budget: if u.budget.is_zero() { String::new() } else { yuan(u.budget) },
            no: u.no,
            title: u.title,
            project: u.project_name,
            state: state.into(),
            tone: tone.into(),
        }
    });
    Ok(Uses { rows: rows.collect(), project: name, pager, site })
}

pub async fn use_(ctx: &Ctx, id: UseId) -> Result<Use, Problem> {
    let work: PublicUse = funds::get(ctx, id).await?;
    let (state, tone) = use_word(work.state);
    let some = |m: Money| if m.is_zero() { String::new() } else { yuan(m) };
    Ok(Use {
        site: Site::of(ctx, "uses"),
        no: work.no,
        title: work.title,
        project: work.project_name,
        part: part_word(&work.part).into(),
        cause: String::new(),
        state: state.into(),
        tone: tone.into(),
        houses: if work.houses == 0 { String::new() } else { work.houses.to_string() },
        budget: some(work.budget),
        contract_amount: some(work.contract_amount),
        paid: some(work.paid),
        audited_amount: some(work.audited_amount),
        steps: steps(work.state),
        vote: Vec::new(),
        vote_result: String::new(),
        publicity_id: String::new(),
    })
}

async fn find_publicities(ctx: &Ctx, project: Option<ProjectId>, page: u64) -> Result<Page<PublicPublicity>, Problem> {
    let query = PublicityQuery { project_id: project, page: Some(page), page_size: Some(ROWS), ..PublicityQuery::default() };
    register::publicities(ctx, query).await
}

async fn find_uses(ctx: &Ctx, project: Option<ProjectId>, page: u64, size: u64) -> Result<Page<PublicUse>, Problem> {
    funds::find(ctx, PublicUseQuery { project_id: project, page: Some(page), page_size: Some(size) }).await
}

async fn project_name(ctx: &Ctx, project: Option<ProjectId>) -> Result<String, Problem> {
    let Some(id) = project else { return Ok(String::new()) };
    let found = register::projects(ctx, PublicProjectQuery { q: None, project_id: Some(id), page: None, page_size: Some(1) }).await?;
    Ok(found.items.into_iter().next().map(|p| p.name).unwrap_or_default())
}

fn narrowed(site: &Site, list: &str, project: Option<ProjectId>) -> String {
    let of_project = project.map(|p| format!("?project_id={p}")).unwrap_or_default();
    format!("{}/{list}{of_project}", site.base)
}

fn publicity_row(p: PublicPublicity) -> PublicityRow {
    let (state, tone) = publicity_word(p.state);
    PublicityRow {
        id: p.id.to_string(),
        title: p.title,
        project: p.project_name,
        from: p.from.to_string(),
        until: p.until.to_string(),
        state: state.into(),
        tone: tone.into(),
    }
}

const fn publicity_word(state: PublicityState) -> (&'static str, &'static str) {
    match state {
        PublicityState::Open => ("公示中", "run"),
        PublicityState::Objected => ("有异议", "soon"),
        PublicityState::Ended => ("已结束", "none"),
    }
}

const fn use_word(state: UseState) -> (&'static str, &'static str) {
    match state {
        UseState::Proposed => ("已提出", "run"),
        UseState::Surveyed => ("已勘查", "run"),
        UseState::SchemeReady => ("方案已定", "run"),
        UseState::Allocated => ("已预分摊", "run"),
        UseState::Voting => ("表决中", "run"),
        UseState::VotePassed => ("表决通过", "good"),
        UseState::VoteFailed => ("表决未通过", "none"),
        UseState::Publicised => ("公示中", "run"),
        UseState::Objection => ("异议待答复", "soon"),
        UseState::InReview => ("审核中", "run"),
        UseState::Returned => ("退回补正", "back"),
        UseState::Rejected => ("不予备案", "none"),
        UseState::Filed => ("已备案", "good"),
        UseState::Contracted => ("已签合同", "run"),
        UseState::AdvancePaid => ("已预拨", "run"),
        UseState::InWorks => ("施工中", "run"),
        UseState::ProgressPaid => ("已付进度款", "run"),
        UseState::Completed => ("已竣工", "run"),
        UseState::Accepted => ("已验收", "run"),
        UseState::CostAudited => ("已审价", "run"),
        UseState::SettlementPublicised => ("结算公示中", "run"),
        UseState::Settled => ("已结算", "good"),
        UseState::RetentionPaid => ("质保金已付", "good"),
        UseState::Archived => ("已归档", "good"),
        UseState::Suspended => ("已中止", "soon"),
        UseState::Terminated => ("已终止", "none"),
    }
}

/// The stages that a passer-by follows, with where the work stands.
fn steps(state: UseState) -> Vec<Step> {
    let at = match state {
        UseState::Proposed | UseState::Surveyed | UseState::SchemeReady | UseState::Allocated => 0,
        UseState::Voting | UseState::VotePassed | UseState::VoteFailed => 1,
        UseState::Publicised | UseState::Objection => 2,
        UseState::InReview | UseState::Returned | UseState::Rejected => 3,
        UseState::Filed | UseState::Contracted | UseState::AdvancePaid | UseState::InWorks | UseState::ProgressPaid => 4,
        UseState::Completed | UseState::Accepted | UseState::CostAudited | UseState::SettlementPublicised => 5,
        UseState::Settled | UseState::RetentionPaid | UseState::Archived => 6,
        UseState::Suspended | UseState::Terminated => return Vec::new(),
    };
    let names = ["提出与方案", "业主表决", "公示", "审核备案", "施工", "验收与结算", "办结"];
    let state_of = |i: usize| {
        if i < at || at == 6 {
            "done"
        } else if i == at {
            "now"
        } else {
            ""
        }
    };
    names.iter().enumerate().map(|(i, name)| Step { name: (*name).into(), state: state_of(i).into() }).collect()
}

fn part_word(code: &str) -> &str {
    match code {
        "roof" => "屋面",
        "facade" => "外墙",
        "lift" => "电梯",
        "fire" => "消防",
        "pipes" => "管道",
        "drainage" => "排水",
        "pump" => "水泵",
        "structure" => "结构",
        "road" => "道路",
        "lighting" => "照明",
        "greening" => "绿化",
        "other" => "其他",
        own => own,
    }
}

/// `1,234.50`
fn yuan(money: Money) -> String {
    grouped(&money.to_string())
}

fn grouped(text: &str) -> String {
    let (whole, part) = text.split_once('.').unwrap_or((text, "00"));
    let digits: Vec<char> = whole.chars().collect();
    let mut out = String::new();
    for (i, c) in digits.iter().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) && digits[i - 1].is_ascii_digit() {
            out.push(',');
        }
        out.push(*c);
    }
    format!("{out}.{part}")
}

/// `2026年12月1日`
fn long(date: Date) -> String {
    format!("{}年{}月{}日", date.year(), u8::from(date.0.month()), date.0.day())
}

/// A search word as part of an address.
fn query_text(text: &str) -> String {
    text.bytes().map(|b| if b.is_ascii_alphanumeric() { char::from(b).to_string() } else { format!("%{b:02X}") }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn money_is_grouped_and_words_are_escaped_in_addresses() {
        assert_eq!(yuan(Money(12_345_678)), "123,456.78");
        assert_eq!(yuan(Money(5)), "0.05");
        assert_eq!(query_text("悦&a"), "%E6%82%A6%26a");
    }
}
