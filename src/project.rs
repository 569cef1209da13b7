//! The project file `apigctl.yaml`: targets, where the manifests are, and where the ledger is.
//!
//! Without one, the target is the embedded engine under `.apigctl/`, so that the first command works on a fresh machine.

mod check;
pub mod overlays;
pub mod store;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::Deserialize;

use crate::kinds::value::{Duration, Secret};
use crate::manifest::overlay::Literal;
use crate::manifest::yaml::{self, Limits};
use crate::manifest::{self, PROJECT_FILE};
use crate::problem::{Problem, Source, any_error, did_you_mean};
use overlays::VariableFile;
use store::LedgerStoreFile;

/// The name of the target that is there without a project file.
pub const EMBEDDED: &str = "embedded";

/// The folder for what apigctl keeps by itself.
pub const STATE_FOLDER: &str = ".apigctl";

/// The project file.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields)]
#[schemars(rename = "Project")]
pub struct ProjectFile {
    /// The gateways that manifests can be applied to, by name.
    #[serde(default)]
    pub targets: IndexMap<String, TargetFile>,
    /// The target used when no `--target` is given.
    #[serde(default)]
    pub default_target: Option<String>,
    /// Folders and files with manifests, relative to this file; used when a command names none.
    #[serde(default = "default_manifests")]
    pub manifests: Vec<PathBuf>,
    /// Where the ledger is kept: a path relative to this file, or `s3://BUCKET/KEY`, `az://CONTAINER/KEY` or `gs://BUCKET/KEY`.
    #[serde(default = "default_ledger")]
    pub ledger: String,
    /// How to get at an object store that keeps the ledger.
    #[serde(default)]
    pub ledger_store: Option<LedgerStoreFile>,
    /// Whose resources these manifests describe, where several sets of manifests share a gateway: each scope owns its own
    /// and leaves those of the others alone. `default` where absent.
    #[serde(default)]
    #[schemars(regex(pattern = r"^[A-Za-z0-9][A-Za-z0-9._-]*$"))]
    pub scope: Option<String>,
    /// Variables of the manifests, used there as `${var.NAME}`.
    #[serde(default)]
    pub variables: IndexMap<String, VariableFile>,
}

fn default_manifests() -> Vec<PathBuf> {
    vec!["manifests".into()]
}

fn default_ledger() -> String {
    format!("{STATE_FOLDER}/ledger.json")
}

/// A gateway that manifests can be applied to.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields)]
#[schemars(rename = "Target")]
pub struct TargetFile {
    /// What sort of gateway it is.
    pub provider: ProviderName,
    /// What the embedded engine stands in for; `huawei-apig-v2` where absent. Only for `embedded`.
    #[serde(default)]
    pub dialect: Option<ProviderName>,
    /// Scheme and host of its management API, such as `https://apig.region-1.example.com`. Not for `embedded`.
    #[serde(default)]
    pub endpoint: Option<String>,
    /// The region.
    #[serde(default)]
    pub region: Option<String>,
    /// The project's id (Huawei).
    #[serde(default)]
    pub project: Option<String>,
    /// The gateway's id (Huawei V2).
    #[serde(default)]
    pub instance: Option<String>,
    /// How to prove who is calling. Not for `embedded`.
    #[serde(default)]
    pub credentials: Option<CredentialsFile>,
    /// The most calls under way at once; 16 where absent.
    #[serde(default)]
    #[schemars(range(min = 1, max = 256))]
    pub concurrency: Option<usize>,
    /// How long to wait for an answer; 60s where absent.
    #[serde(default)]
    pub timeout: Option<Duration>,
    /// How often to try again what is safe to try again; 6 where absent.
    #[serde(default)]
    #[schemars(range(max = 20))]
    pub retries: Option<u32>,
    /// The wait before the second try, doubled from try to try; 250ms where absent.
    #[serde(default)]
    pub retry_wait: Option<Duration>,
    /// Values of variables for this target.
    #[serde(default)]
    pub variables: IndexMap<String, Literal>,
    /// Files and folders with patches for this target, relative to this file: partial documents that change the documents of
    /// the same kind and name.
    #[serde(default)]
    pub patches: Vec<PathBuf>,
}

/// A sort of gateway.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
pub enum ProviderName {
    /// Alibaba Cloud API Gateway, CloudAPI 2016-07-14.
    #[serde(rename = "alibaba-cloudapi")]
    AlibabaCloudapi,
    /// Huawei Cloud APIG, the shared gateway of a region, API V1.0.
    #[serde(rename = "huawei-apig-v1")]
    HuaweiApigV1,
    /// Huawei Cloud APIG, dedicated gateway, API V2.
    #[serde(rename = "huawei-apig-v2")]
    HuaweiApigV2,
    /// The embedded engine, kept in `.apigctl/engine`.
    #[serde(rename = "embedded")]
    Embedded,
}

impl ProviderName {
    /// The name, as written.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::AlibabaCloudapi => "alibaba-cloudapi",
            Self::HuaweiApigV1 => "huawei-apig-v1",
            Self::HuaweiApigV2 => "huawei-apig-v2",
            Self::Embedded => EMBEDDED,
        }
    }
}

/// How to prove who is calling: a key pair (with a security token where it is temporary), or a token.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields)]
#[schemars(rename = "Credentials")]
pub struct CredentialsFile {
    /// The access key.
    #[serde(default)]
    pub access_key: Option<Secret>,
    /// The secret key.
    #[serde(default)]
    pub secret_key: Option<Secret>,
    /// The security token that goes with a temporary key pair.
    #[serde(default)]
    pub security_token: Option<Secret>,
    /// A token, instead of a key pair.
    #[serde(default)]
    pub token: Option<Secret>,
}

/// A project: the file, or what stands in for it.
#[derive(Debug, Clone)]
pub struct Project {
    /// The folder that relative paths start from.
    pub root: PathBuf,
    /// What the file says.
    pub file: ProjectFile,
    /// Whether there is a file.
    pub given: bool,
    /// Its text.
    pub source: Option<Arc<Source>>,
}

impl Project {
    /// Reads `path`, or the project file of `start` or the nearest folder above it, or falls back to the embedded engine.
    ///
    /// # Errors
    /// The problems of the file.
    pub fn find(path: Option<&Path>, start: &Path) -> Result<Self, Vec<Problem>> {
        let found = match path {
            Some(path) => Some(path.to_path_buf()),
            None => start.ancestors().map(|folder| folder.join(PROJECT_FILE)).find(|p| p.is_file()),
        };
        let Some(path) = found else {
            let file = ProjectFile {
                targets: IndexMap::new(),
                default_target: None,
                manifests: default_manifests(),
                ledger: default_ledger(),
                ledger_store: None,
                scope: None,
                variables: IndexMap::new(),
            };
            return Ok(Self { root: start.to_path_buf(), file, given: false, source: None });
        };
        let root = path.parent().map_or_else(|| start.to_path_buf(), Path::to_path_buf);
        let limits = Limits::default();
        let source = Arc::new(manifest::source(&path, &limits).map_err(|p| vec![p])?);
        let (nodes, mut problems) = yaml::parse(&source, &limits);
        let file = nodes.first().and_then(|node| yaml::decode::<ProjectFile>(node, &source, &mut problems));
        if let (Some(node), Some(file)) = (nodes.first(), &file) {
            check::file(file, &|field| node.locate(field).span(&source), &mut problems);
        }
        match file {
            Some(file) if !any_error(&problems) => Ok(Self { root, file, given: true, source: Some(source) }),
            _ => Err(problems),
        }
    }

    /// The target called `name`, or the default one.
    ///
    /// # Errors
    /// When there is none of that name.
    pub fn target(&self, name: Option<&str>) -> Result<(String, TargetFile), Problem> {
        let only = (self.file.targets.len() == 1).then(|| self.file.targets.keys().next()).flatten();
        let name = name.or(self.file.default_target.as_deref()).or(only.map(String::as_str));
        match name {
            None if self.file.targets.is_empty() => Ok((EMBEDDED.into(), TargetFile::embedded())),
            None => {
                Err(Problem::error("no-target", None, "there are several targets, and none is the default")
                    .help("give `--target NAME`, or set `defaultTarget` in the project file"))
            }
            Some(name) => match self.file.targets.get(name) {
                Some(target) => Ok((name.to_owned(), target.clone())),
                None if name == EMBEDDED => Ok((EMBEDDED.into(), TargetFile::embedded())),
                None => {
                    let names = self.file.targets.keys().map(String::as_str);
                    let near = did_you_mean(name, names.clone());
                    let all = names.collect::<Vec<_>>().join(", ");
                    let help = near.map_or_else(
                        || format!("the project file has: {all}"),
                        |n| format!("did you mean `{n}`?"),
                    );
                    Err(Problem::error("no-target", None, format!("there is no target `{name}`")).help(help))
                }
            },
        }
    }

    /// A path of the project file.
    #[must_use]
    pub fn path(&self, path: &Path) -> PathBuf {
        if self.root.as_os_str().is_empty() || self.root == Path::new(".") {
            path.into()
        } else {
            self.root.join(path)
        }
    }
}

impl TargetFile {
    /// The name of the vendor whose gateway it is, or is a stand-in for.
    #[must_use]
    pub fn vendor(&self) -> &'static str {
        let stands_for = self.dialect.unwrap_or(ProviderName::HuaweiApigV2);
        if self.provider == ProviderName::Embedded { stands_for.name() } else { self.provider.name() }
    }

    /// The embedded engine.
    #[must_use]
    pub fn embedded() -> Self {
        Self {
            provider: ProviderName::Embedded,
            dialect: None,
            endpoint: None,
            region: None,
            project: None,
            instance: None,
            credentials: None,
            concurrency: None,
            timeout: None,
            retries: None,
            retry_wait: None,
            variables: IndexMap::new(),
            patches: Vec::new(),
        }
    }
}
