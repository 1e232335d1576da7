//! The S3 form: a bucket for each tenant, keys `<ab>/<digest>`; any S3-compatible server.
use std::{
    collections::HashSet,
    sync::{Mutex, PoisonError},
};

use async_trait::async_trait;
use futures_util::StreamExt;
use linli_kernel::Problem;
use minio::s3::{
    MinioClient, MinioClientBuilder,
    builders::ObjectContent,
    creds::StaticProvider,
    error::{Error, S3ServerError},
    http::BaseUrl,
    minio_error_response::MinioErrorCode,
    types::{S3Api, ToStream},
};
use uuid::Uuid;

use super::{ObjectStore, checked};

/// Where the buckets are.
#[derive(Clone)]
pub struct S3Settings {
    /// `https://s3.example.org:9000`.
    pub endpoint: String,
    pub access_key: String,
    pub secret_key: String,
    /// Before each bucket's name: `linli` makes `linli-<tenant id>`.
    pub prefix: String,
}

pub struct S3Store {
    client: MinioClient,
    prefix: String,
    /// Buckets that this process has seen, so that they are asked for once.
    seen: Mutex<HashSet<String>>,
}

fn away(error: impl std::fmt::Display) -> Problem {
    Problem::unavailable("文件存储", error)
}

fn missing(error: &Error) -> bool {
    match error {
        Error::S3Server(S3ServerError::S3Error(answer)) => {
            matches!(answer.code(), MinioErrorCode::NoSuchKey | MinioErrorCode::NoSuchBucket)
        }
        _ => false,
    }
}

fn key(digest: &str) -> Result<String, Problem> {
    let digest = checked(digest)?;
    Ok(format!("{}/{digest}", &digest[..2]))
}

impl S3Store {
    pub fn new(settings: S3Settings) -> Result<S3Store, Problem> {
        let url: BaseUrl = settings.endpoint.parse().map_err(away)?;
        let client = MinioClientBuilder::new(url)
            .provider(Some(StaticProvider::new(&settings.access_key, &settings.secret_key, None)))
            .skip_region_lookup(true)
            .build()
            .map_err(away)?;
        Ok(S3Store { client, prefix: settings.prefix, seen: Mutex::default() })
    }
    fn bucket(&self, tenant: Uuid) -> String {
        format!("{}-{}", self.prefix, tenant.simple())
    }
    async fn ensure(&self, bucket: &str) -> Result<(), Problem> {
        if self.seen.lock().unwrap_or_else(PoisonError::into_inner).contains(bucket) {
            return Ok(());
        }
        let there = self.client.bucket_exists(bucket).map_err(away)?.build().send().await.map_err(away)?;
        if !there.exists() {
            self.client.create_bucket(bucket).map_err(away)?.build().send().await.map_err(away)?;
        }
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).insert(bucket.to_owned());
        Ok(())
    }
}

#[async_trait]
impl ObjectStore for S3Store {
    async fn put(&self, tenant: Uuid, digest: &str, bytes: Vec<u8>) -> Result<(), Problem> {
        let (bucket, key) = (self.bucket(tenant), key(digest)?);
        self.ensure(&bucket).await?;
        if self.exists(tenant, digest).await? {
            return Ok(());
        }
        let content = ObjectContent::from(bytes);
        self.client.put_object_content(bucket, key, content).map_err(away)?.build().send().await.map_err(away)?;
        Ok(())
    }
    async fn get(&self, tenant: Uuid, digest: &str) -> Result<Option<Vec<u8>>, Problem> {
        let call = self.client.get_object(self.bucket(tenant), key(digest)?).map_err(away)?.build();
        match call.send().await {
            Ok(answer) => Ok(Some(answer.into_bytes().await.map_err(away)?.to_vec())),
            Err(e) if missing(&e) => Ok(None),
            Err(e) => Err(away(e)),
        }
    }
    async fn exists(&self, tenant: Uuid, digest: &str) -> Result<bool, Problem> {
        match self.client.stat_object(self.bucket(tenant), key(digest)?).map_err(away)?.build().send().await {
            Ok(_) => Ok(true),
            Err(e) if missing(&e) => Ok(false),
            Err(e) => Err(away(e)),
        }
    }
    async fn delete(&self, tenant: Uuid, digest: &str) -> Result<(), Problem> {
        let key = key(digest)?;
        match self.client.delete_object(self.bucket(tenant), key.as_str()).map_err(away)?.build().send().await {
            Ok(_) => Ok(()),
            Err(e) if missing(&e) => Ok(()),
            Err(e) => Err(away(e)),
        }
    }
    async fn list(&self, tenant: Uuid) -> Result<Vec<String>, Problem> {
        let mut pages = self.client.list_objects(self.bucket(tenant)).map_err(away)?.recursive(true).build().to_stream().await;
        let mut all = Vec::new();
        while let Some(page) = pages.next().await {
            let page = match page {
                Ok(page) => page,
                Err(e) if missing(&e) => break,
                Err(e) => return Err(away(e)),
            };
            all.extend(page.contents.into_iter().filter_map(|entry| entry.name.rsplit('/').next().map(str::to_owned)));
        }
        all.sort();
        Ok(all)
    }
}
