//! 数据范围: on which rows an actor may act, compiled to one SQL predicate (vocabulary §4).
use linli_kernel::{AccountId, CommitteeId, CompanyId, Date, PersonId, ProjectId};
use linli_runtime::{Backend, ScopeIds};
use uuid::Uuid;

/// Which of the six scope columns a table carries, by column name. A column that is not there gives false, never true.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ScopeColumns {
    pub area_path: Option<&'static str>,
    pub company_id: Option<&'static str>,
    pub project_id: Option<&'static str>,
    pub house_id: Option<&'static str>,
    pub person_id: Option<&'static str>,
    pub matter: Option<&'static str>,
    /// Rows of a project, without a household's figures, that the owners of its houses may read.
    pub owners_read: bool,
    /// The reason why the table is the same for every actor of the tenant.
    pub shared: Option<&'static str>,
}

impl ScopeColumns {
    pub const NONE: ScopeColumns = ScopeColumns {
        area_path: None,
        company_id: None,
        project_id: None,
        house_id: None,
        person_id: None,
        matter: None,
        owners_read: false,
        shared: None,
    };
}

/// A SeaORM entity that says how it is scoped; derived with `#[derive(Scoped)]` on its `Model`.
pub trait Scoped {
    const COLUMNS: ScopeColumns;
}

/// The chosen post's rows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Scope {
    /// All rows of the tenant.
    Tenant,
    /// The subtree of a division: path such as `37/3799/379901/`.
    Area(String),
    Company(CompanyId),
    Project(ProjectId),
    /// A committee inside its term; `None` outside it.
    Committee {
        committee_id: CommitteeId,
        project_id: Option<ProjectId>,
    },
    /// A signed-in person: himself and the houses bound to him today.
    Own {
        account_id: AccountId,
        person_id: Option<PersonId>,
        today: Date,
    },
    /// Assigned matters, `subject_kind:subject_id`.
    Assigned(Vec<String>),
    None,
}

impl Scope {
    /// The predicate over `alias`'s columns, without placeholders: every value in it is a typed id or was checked to hold
    /// digits and `/` (paths) or a kind and an id (matters), so it can stand in any statement.
    pub fn predicate(&self, columns: &ScopeColumns, alias: &str, backend: Backend) -> String {
        if columns.shared.is_some() && *self != Scope::None {
            return "1 = 1".into();
        }
        let of = |column: &str| if alias.is_empty() { column.to_owned() } else { format!("{alias}.{column}") };
        let equal = |column: Option<&str>, id: Uuid| column.map(|c| format!("{} = {}", of(c), uuid_literal(id, backend)));
        let any = match self {
            Scope::Tenant => vec![Some("1 = 1".to_owned())],
            Scope::Area(path) => vec![columns.area_path.filter(|_| is_path(path)).map(|c| format!("{} like '{path}%'", of(c)))],
            Scope::Company(id) => vec![equal(columns.company_id, (*id).into())],
            Scope::Project(id) | Scope::Committee { project_id: Some(id), .. } => vec![equal(columns.project_id, (*id).into())],
            Scope::Own { person_id: Some(person), today, .. } => {
                let person = uuid_literal((*person).into(), backend);
                let bound = format!(
                    "from bound_house b where b.person_id = {person} and b.from_on <= '{today}' and (b.until_on is null or b.until_on > '{today}')"
                );
                let owners = columns.project_id.filter(|_| columns.owners_read);
                vec![
                    columns.person_id.map(|c| format!("{} = {person}", of(c))),
                    columns.house_id.map(|c| format!("{} in (select b.house_id {bound})", of(c))),
                    owners.map(|c| format!("{} in (select b.project_id {bound})", of(c))),
                ]
            }
            Scope::Assigned(matters) => {
                let list: Vec<String> = matters.iter().filter(|m| is_matter(m)).map(|m| format!("'{m}'")).collect();
                vec![columns.matter.filter(|_| !list.is_empty()).map(|c| format!("{} in ({})", of(c), list.join(", ")))]
            }
            Scope::Committee { project_id: None, .. } | Scope::Own { person_id: None, .. } | Scope::None => Vec::new(),
        };
        let any: Vec<String> = any.into_iter().flatten().collect();
        if any.is_empty() { "1 = 0".into() } else { format!("({})", any.join(" or ")) }
    }

    /// The same decision for a row in hand. Houses of an owner are not known here: those rows are read by query.
    pub fn covers(&self, ids: &ScopeIds) -> bool {
        match self {
            Scope::Tenant => true,
            Scope::Area(path) => ids.area_path.as_deref().is_some_and(|p| p.starts_with(path.as_str())),
            Scope::Company(id) => ids.company_id == Some(*id),
            Scope::Project(id) | Scope::Committee { project_id: Some(id), .. } => ids.project_id == Some(*id),
            Scope::Own { person_id, .. } => person_id.is_some() && ids.person_id == *person_id,
            Scope::Committee { project_id: None, .. } | Scope::Assigned(_) | Scope::None => false,
        }
    }
    pub fn is_tenant(&self) -> bool {
        matches!(self, Scope::Tenant)
    }
}

/// An id as a literal of the database.
pub(crate) fn uuid_literal(id: Uuid, backend: Backend) -> String {
    match backend {
        Backend::Postgres => format!("'{id}'::uuid"),
        Backend::Sqlite => format!("X'{}'", id.simple()),
    }
}

fn is_path(path: &str) -> bool {
    path.ends_with('/') && path.bytes().all(|b| b.is_ascii_digit() || b == b'/')
}

fn is_matter(matter: &str) -> bool {
    matter.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.' | b':' | b'-'))
}

#[cfg(test)]
mod tests;
