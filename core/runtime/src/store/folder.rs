//! The folder form: `<root>/<tenant>/<ab>/<digest>`, written aside, synced, then renamed into place.
use std::{
    fs, io,
    io::Write,
    path::{Path, PathBuf},
};

use async_trait::async_trait;
use linli_kernel::Problem;
use uuid::Uuid;

use super::{ObjectStore, checked};

#[derive(Clone, Debug)]
pub struct FolderStore {
    root: PathBuf,
}

impl FolderStore {
    pub fn new(root: impl Into<PathBuf>) -> FolderStore {
        FolderStore { root: root.into() }
    }
    fn path(&self, tenant: Uuid, digest: &str) -> Result<PathBuf, Problem> {
        let digest = checked(digest)?;
        Ok(self.root.join(tenant.simple().to_string()).join(&digest[..2]).join(digest))
    }
}

fn away(error: io::Error) -> Problem {
    Problem::unavailable("文件存储", error)
}

/// Disk work leaves the async threads alone.
async fn blocking<T: Send + 'static>(f: impl FnOnce() -> io::Result<T> + Send + 'static) -> Result<T, Problem> {
    tokio::task::spawn_blocking(f).await.map_err(Problem::internal)?.map_err(away)
}

fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    if fs::metadata(path).is_ok_and(|m| m.len() == bytes.len() as u64) {
        return Ok(());
    }
    let folder = path.parent().ok_or(io::ErrorKind::InvalidInput)?;
    fs::create_dir_all(folder)?;
    let aside = folder.join(format!(".{}", Uuid::now_v7()));
    let written = fs::File::create_new(&aside)
        .and_then(|mut file| file.write_all(bytes).and_then(|()| file.sync_all()))
        .and_then(|()| fs::rename(&aside, path))
        // The name itself must survive too.
        .and_then(|()| fs::File::open(folder)?.sync_all());
    if written.is_err() {
        let _ = fs::remove_file(&aside); // may not exist; the error that counts is the first one
    }
    written
}

fn found<T>(result: io::Result<T>) -> io::Result<Option<T>> {
    match result {
        Ok(value) => Ok(Some(value)),
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(e) => Err(e),
    }
}

#[async_trait]
impl ObjectStore for FolderStore {
    async fn put(&self, tenant: Uuid, digest: &str, bytes: Vec<u8>) -> Result<(), Problem> {
        let path = self.path(tenant, digest)?;
        blocking(move || write(&path, &bytes)).await
    }
    async fn get(&self, tenant: Uuid, digest: &str) -> Result<Option<Vec<u8>>, Problem> {
        let path = self.path(tenant, digest)?;
        blocking(move || found(fs::read(&path))).await
    }
    async fn exists(&self, tenant: Uuid, digest: &str) -> Result<bool, Problem> {
        let path = self.path(tenant, digest)?;
        blocking(move || Ok(found(fs::metadata(&path))?.is_some_and(|m| m.is_file()))).await
    }
    async fn delete(&self, tenant: Uuid, digest: &str) -> Result<(), Problem> {
        let path = self.path(tenant, digest)?;
        blocking(move || found(fs::remove_file(&path)).map(drop)).await
    }
    async fn list(&self, tenant: Uuid) -> Result<Vec<String>, Problem> {
        let room = self.root.join(tenant.simple().to_string());
        blocking(move || {
            let Some(shelves) = found(fs::read_dir(&room))? else { return Ok(Vec::new()) };
            let mut all = Vec::new();
            for shelf in shelves {
                for file in fs::read_dir(shelf?.path())? {
                    let name = file?.file_name().to_string_lossy().into_owned();
                    if checked(&name).is_ok() {
                        all.push(name);
                    }
                }
            }
            all.sort();
            Ok(all)
        })
        .await
    }
}
