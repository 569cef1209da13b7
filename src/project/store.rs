//! Where the project file says that the ledger is kept.

use schemars::JsonSchema;
use serde::Deserialize;

use super::ProjectFile;
use super::check::At;
use crate::kinds::value::Secret;
use crate::problem::{Problem, did_you_mean};

/// How to get at an object store. What is absent comes from the usual environment variables: `AWS_ENDPOINT_URL`, `AWS_REGION`,
/// `AWS_ACCESS_KEY_ID` and so on for `s3://`, `AZURE_STORAGE_ACCOUNT_NAME` and so on for `az://`, `GOOGLE_SERVICE_ACCOUNT` and so
/// on for `gs://`.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields)]
#[schemars(rename = "LedgerStore")]
pub struct LedgerStoreFile {
    /// Scheme and host of the store's API, such as `https://obs.region-1.example.com`.
    #[serde(default)]
    pub endpoint: Option<String>,
    /// The region.
    #[serde(default)]
    pub region: Option<String>,
    /// Whether the bucket is part of the host name instead of the path. Alibaba Cloud OSS needs it.
    #[serde(default)]
    pub virtual_hosted: bool,
    /// How the store excludes that two runs write at once.
    #[serde(default)]
    pub conditions: ConditionsFile,
    /// The storage account (Azure).
    #[serde(default)]
    pub account: Option<String>,
    /// How to prove who is calling.
    #[serde(default)]
    pub credentials: Option<StoreCredentialsFile>,
}

/// How an object store excludes that two runs write at once.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum ConditionsFile {
    /// By `If-None-Match` and `If-Match`: S3, Azure, Google Cloud, and most that speak S3.
    #[default]
    Etag,
    /// By `x-oss-forbid-overwrite`: Alibaba Cloud OSS.
    ForbidOverwrite,
    /// Not at all: two runs that start at the same moment may both go on. For stores that have neither.
    None,
}

/// How to prove to an object store who is calling.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields)]
#[schemars(rename = "StoreCredentials")]
pub struct StoreCredentialsFile {
    /// The access key (`s3://`).
    #[serde(default)]
    pub access_key: Option<Secret>,
    /// The secret key (`s3://`).
    #[serde(default)]
    pub secret_key: Option<Secret>,
    /// The security token that goes with a temporary key pair (`s3://`).
    #[serde(default)]
    pub security_token: Option<Secret>,
    /// The key of the storage account (`az://`).
    #[serde(default)]
    pub account_key: Option<Secret>,
    /// The key of a service account, as JSON (`gs://`).
    #[serde(default)]
    pub service_account_key: Option<Secret>,
}

impl StoreCredentialsFile {
    /// The credentials that are given, by name.
    #[must_use]
    pub fn given(&self) -> Vec<(&'static str, &Secret)> {
        let all = [
            ("accessKey", &self.access_key),
            ("secretKey", &self.secret_key),
            ("securityToken", &self.security_token),
            ("accountKey", &self.account_key),
            ("serviceAccountKey", &self.service_account_key),
        ];
        all.into_iter().filter_map(|(name, secret)| Some((name, secret.as_ref()?))).collect()
    }
}

/// The schemes of object stores.
const SCHEMES: [&str; 3] = ["s3", "az", "gs"];

pub(super) fn check(file: &ProjectFile, at: At<'_>, problems: &mut Vec<Problem>) {
    let Some((scheme, rest)) = file.ledger.split_once("://") else {
        if file.ledger_store.is_some() {
            let message = "`ledgerStore` has no meaning for a ledger in a file";
            problems.push(
                Problem::error("exclusive-fields", at("ledgerStore"), message)
                    .help("remove it, or name an object: `ledger: s3://BUCKET/KEY`"),
            );
        }
        return;
    };
    let key = rest.split_once('/').filter(|(bucket, key)| !bucket.is_empty() && !key.is_empty());
    if !SCHEMES.contains(&scheme) || key.is_none() {
        let near = did_you_mean(scheme, SCHEMES).filter(|near| *near != scheme);
        let help = near.map_or_else(
            || "write s3://BUCKET/KEY, az://CONTAINER/KEY or gs://BUCKET/KEY, or a path".to_owned(),
            |near| format!("did you mean `{near}://{rest}`?"),
        );
        let message = format!("`{}` is no place for a ledger", file.ledger);
        problems.push(Problem::error("invalid-value", at("ledger"), message).help(help));
    }
    let credentials = file.ledger_store.iter().filter_map(|store| store.credentials.as_ref());
    for (name, _) in credentials.flat_map(StoreCredentialsFile::given) {
        let fits = match name {
            "accountKey" => scheme == "az",
            "serviceAccountKey" => scheme == "gs",
            _ => scheme == "s3",
        };
        if !fits {
            let field = format!("ledgerStore.credentials.{name}");
            let message = format!("`{name}` has no meaning for `{scheme}://`");
            problems.push(Problem::error("exclusive-fields", at(&field), message).help("remove it"));
        }
    }
}
