//! 城市包: a city's own files (settings, divisions, calendar, dictionaries, roles, flow, rules), found, checked and installed.
//!
//! The form is described in `tenants/packs/README.md`. Two packs are shipped; more come from folders, so that a new city is
//! files alone.
use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use include_dir::{Dir, include_dir};
use linli_kernel::Problem;
use linli_runtime::{Sql, Tx, values};
use sea_orm::ConnectionTrait;
use serde::{Deserialize, de::DeserializeOwned};
use sha2::{Digest, Sha256};

use crate::Ctx;

static SHIPPED: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/packs");
const MAX_FILE_BYTES: u64 = 8 << 20;
const MAX_FILES: usize = 500;

/// `pack.toml`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PackHead {
    pub code: String,
    pub version: String,
    pub name: String,
    /// 12 digits of the city that the pack is for.
    pub area_code: String,
}

/// A pack in hand: its head and all its files by path (`flows/fund-use.bpmn`).
#[derive(Clone, Debug)]
pub struct Pack {
    pub head: PackHead,
    files: BTreeMap<String, Vec<u8>>,
}

impl Pack {
    fn of(files: BTreeMap<String, Vec<u8>>) -> Result<Pack, Problem> {
        let head = files.get("pack.toml").ok_or_else(|| faulty("pack.toml", "is missing"))?;
        let head: PackHead = parse("pack.toml", head)?;
        if !is_code(&head.code) {
            return Err(faulty("pack.toml", "code is [a-z][a-z0-9-]{1,30}"));
        }
        Ok(Pack { head, files })
    }
    pub fn file(&self, path: &str) -> Option<&[u8]> {
        self.files.get(path).map(Vec::as_slice)
    }
    /// All files below a folder: `files_in("flows")`.
    pub fn files_in(&self, folder: &str) -> impl Iterator<Item = (&str, &[u8])> {
        let prefix = format!("{}/", folder.trim_end_matches('/'));
        self.files.iter().filter(move |(path, _)| path.starts_with(&prefix)).map(|(path, bytes)| (path.as_str(), bytes.as_slice()))
    }
    /// A TOML file, if the pack has it.
    pub fn toml(&self, path: &str) -> Result<Option<toml::Table>, Problem> {
        self.read(path)
    }
    /// A TOML file as a typed value, if the pack has it; what does not fit names the file.
    pub fn read<T: DeserializeOwned>(&self, path: &str) -> Result<Option<T>, Problem> {
        self.file(path).map(|bytes| parse(path, bytes)).transpose()
    }
    /// SHA-256 (hex) over all paths and contents.
    pub fn digest(&self) -> String {
        let mut hash = Sha256::new();
        for (path, bytes) in &self.files {
            for part in [path.as_bytes(), bytes] {
                hash.update((part.len() as u64).to_be_bytes());
                hash.update(part);
            }
        }
        hex(&hash.finalize())
    }
}

fn parse<T: DeserializeOwned>(path: &str, bytes: &[u8]) -> Result<T, Problem> {
    let text = std::str::from_utf8(bytes).map_err(|_| faulty(path, "is not UTF-8"))?;
    toml::from_str(text).map_err(|e| faulty(path, &e.to_string()))
}

/// 422: a pack that cannot be used, with the file that is wrong.
pub fn faulty(path: &str, what: &str) -> Problem {
    Problem::new(422, "pack.faulty", format!("城市包有误：{path}：{what}"), format!("The city pack is faulty: {path}: {what}"))
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

/// `[a-z][a-z0-9-]{1,30}`, the rule of slugs.
pub(crate) fn is_code(text: &str) -> bool {
    (2..=31).contains(&text.len())
        && text.starts_with(|c: char| c.is_ascii_lowercase())
        && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
}

/// Where packs are looked for: the given folders first, then the shipped ones.
pub struct PackSource {
    folders: Vec<PathBuf>,
}

impl PackSource {
    pub fn new(folders: impl IntoIterator<Item = PathBuf>) -> PackSource {
        PackSource { folders: folders.into_iter().collect() }
    }
    pub fn find(&self, code: &str) -> Result<Pack, Problem> {
        let missing = || Problem::new(422, "pack.unknown", format!("没有城市包“{code}”"), format!("There is no city pack {code}"));
        if !is_code(code) {
            return Err(missing());
        }
        for folder in &self.folders {
            let folder = folder.join(code);
            if folder.join("pack.toml").is_file() {
                let mut files = BTreeMap::new();
                read_folder(&folder, &folder, &mut files)?;
                return Pack::of(files);
            }
        }
        let dir = SHIPPED.get_dir(code).ok_or_else(missing)?;
        let mut files = BTreeMap::new();
        read_shipped(dir, Path::new(code), &mut files);
        Pack::of(files)
    }
    /// Heads of all packs that can be installed; a faulty folder is left out with a line in the log.
    pub fn list(&self) -> Vec<PackHead> {
        let mut codes: Vec<String> = SHIPPED.dirs().filter_map(|d| d.path().to_str()).map(str::to_owned).collect();
        for folder in &self.folders {
            let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
            codes.extend(entries.filter_map(|e| e.file_name().into_string().ok()));
        }
        codes.sort();
        codes.dedup();
        let found = codes.iter().filter(|c| is_code(c)).map(|code| self.find(code));
        found
            .filter_map(|pack| pack.inspect_err(|problem| tracing::warn!(%problem, "Left out a faulty pack")).ok())
            .map(|p| p.head)
            .collect()
    }
}

fn read_shipped(dir: &Dir<'_>, root: &Path, files: &mut BTreeMap<String, Vec<u8>>) {
    for file in dir.files() {
        if let Some(path) = file.path().strip_prefix(root).ok().and_then(Path::to_str) {
            files.insert(path.to_owned(), file.contents().to_vec());
        }
    }
    for inner in dir.dirs() {
        read_shipped(inner, root, files);
    }
}

fn read_folder(folder: &Path, root: &Path, files: &mut BTreeMap<String, Vec<u8>>) -> Result<(), Problem> {
    let unreadable = |e: std::io::Error| faulty(&folder.display().to_string(), &e.to_string());
    for entry in std::fs::read_dir(folder).map_err(unreadable)? {
        let entry = entry.map_err(unreadable)?;
        let kind = entry.file_type().map_err(unreadable)?;
        let path = entry.path();
        if kind.is_dir() {
            read_folder(&path, root, files)?;
        } else if kind.is_file() {
            let name = path.strip_prefix(root).ok().and_then(Path::to_str).map(|p| p.replace('\\', "/"));
            let Some(name) = name else { continue };
            if entry.metadata().map_err(unreadable)?.len() > MAX_FILE_BYTES {
                return Err(faulty(&name, "is larger than 8 MiB"));
            }
            if files.len() >= MAX_FILES {
                return Err(faulty(&name, "the pack has more than 500 files"));
            }
            files.insert(name, std::fs::read(&path).map_err(unreadable)?);
        }
    }
    Ok(())
}

const FILE: &str = "select content as v from pack_file where path = $1";

/// A file of the pack that the tenant has installed.
pub async fn file(conn: &impl ConnectionTrait, path: &str) -> Result<Option<Vec<u8>>, Problem> {
    conn.scalar(FILE, values![path]).await
}

/// A TOML file of the installed pack as a typed value.
pub async fn read<T: DeserializeOwned>(conn: &impl ConnectionTrait, path: &str) -> Result<Option<T>, Problem> {
    file(conn, path).await?.map(|bytes| parse(path, &bytes)).transpose()
}

const PACK: &str = "insert into pack (code, version, name, digest, state, installed_at) values ($1, $2, $3, $4, 'installed', $5)";
const PACK_FILE: &str = "insert into pack_file (path, digest, content) values ($1, $2, $3)";

/// Writes the pack's files and everything in it that belongs to tenants; other crates follow by their provision steps.
pub(crate) async fn install(ctx: &Ctx, tx: &Tx, pack: &Pack) -> Result<(), Problem> {
    let head = &pack.head;
    let row = values![head.code.as_str(), head.version.as_str(), head.name.as_str(), pack.digest(), tx.now()];
    tx.conn().exec(PACK, row).await?;
    for (path, bytes) in &pack.files {
        tx.conn().exec(PACK_FILE, values![path.as_str(), hex(&Sha256::digest(bytes)), bytes.clone()]).await?;
    }
    crate::areas::install(tx, pack, &ctx.tenant.area_code).await?;
    let calendar = crate::calendar::install(tx, pack).await?;
    ctx.tenant.set_calendar(calendar);
    crate::dicts::install(tx, pack).await?;
    crate::settings::install(tx, pack).await?;
    crate::policy::install(tx, pack).await?;
    Ok(())
}

#[cfg(test)]
mod tests;
