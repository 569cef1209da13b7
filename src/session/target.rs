//! Targets: a provider with a client that speaks to it.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use super::{SessionError, Taking, secret};
use crate::cache::Cache;
use crate::engine::{Access, Engine, Options, SnapshotFile};
use crate::http::{Client, RetryPolicy, Settings, Transport};
use crate::kinds::spec::Digest;
use crate::kinds::value::Secret;
use crate::plan;
use crate::project::{CredentialsFile, Project, ProviderName, STATE_FOLDER, TargetFile};
use crate::provider::{self, Credentials, Place, Provider, Vendor};

/// What an engine stands in for where nothing else is said.
const DEFAULT_VENDOR: &str = "huawei-apig-v2";

/// A gateway that a command speaks to.
pub struct Target {
    /// Its name.
    pub name: String,
    /// Its key in the ledger: what identifies the gateway, whatever it is called.
    pub key: String,
    /// Its vendor.
    pub vendor: &'static Vendor,
    /// What speaks that vendor's language.
    pub provider: Arc<dyn Provider>,
    /// Speaks to it.
    pub client: Client,
    /// The most calls under way at once.
    pub concurrency: usize,
    /// The file of its cache; none for a gateway within this process.
    pub cache: Option<PathBuf>,
    /// As plans name it.
    pub identity: plan::Target,
    imaginary: bool,
}

impl std::fmt::Debug for Target {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Target").field("key", &self.key).finish_non_exhaustive()
    }
}

impl Target {
    /// Whether it is an engine within this process: nothing is called through it, and nobody feeds it.
    #[must_use]
    pub fn is_within(&self) -> bool {
        self.cache.is_none()
    }

    /// Whether it exists only for this command: an offline plan.
    #[must_use]
    pub fn is_imaginary(&self) -> bool {
        self.imaginary
    }

    /// Opens a target of the project file, or the embedded engine.
    ///
    /// # Errors
    /// When credentials cannot be read, TLS cannot be set up, or the engine's data cannot be opened.
    pub fn open(project: &Project, name: &str, file: &TargetFile) -> Result<Self, SessionError> {
        match file.provider {
            ProviderName::Embedded => {
                let folder = project.path(&Path::new(STATE_FOLDER).join("engine"));
                let engine = Engine::open(&folder, Options::default())
                    .map_err(|e| SessionError::Target { name: name.to_owned(), message: e.to_string() })?;
                Ok(Self::engine(name, Arc::new(engine), vendor_of(name, file)?, false))
            }
            _ => Self::network(project, name, file),
        }
    }

    /// An engine in memory that stands in for a vendor's gateway, empty or with what a snapshot holds.
    ///
    /// # Errors
    /// When the snapshot cannot be loaded.
    pub fn offline(vendor: &'static Vendor, snapshot: Option<&Path>) -> Result<Self, SessionError> {
        let Some(path) = snapshot else {
            let engine = Arc::new(Engine::in_memory(Options::default()));
            return Ok(Self::engine("offline", engine, vendor, true));
        };
        let snapshot = read_snapshot(path)?;
        let engine = Arc::new(Engine::in_memory(snapshot.options(Options::default())));
        let target = Self::engine("offline", Arc::clone(&engine), vendor, true);
        load_snapshot(&engine, &target.provider.stand_in().gateway, snapshot, path)?;
        Ok(target)
    }

    /// A target that is an engine within this process, spoken to as a vendor's gateway.
    #[must_use]
    pub fn engine(name: &str, engine: Arc<Engine>, vendor: &'static Vendor, imaginary: bool) -> Self {
        let place = Place {
            region: engine.region().to_owned(),
            project: engine.project_id().to_owned(),
            instance: if vendor.needs.contains(&"instance") { engine.instance_id() } else { "" }.to_owned(),
            credentials: None,
        };
        let identity = identity(name, "embedded", "in process", &place);
        let provider = (vendor.open)(place);
        let handler = Arc::new(move |request| Ok(engine.handle(request, Access::Trusted)));
        let client = Client::new(Settings {
            endpoint: String::new(),
            transport: Transport::InProcess(handler),
            sign: Arc::new(|_| {}),
            encode: provider.encoder(),
            errors: provider.errors(),
            concurrency: 16,
            retry: RetryPolicy::default(),
        });
        Self {
            name: name.to_owned(),
            key: if vendor.name == DEFAULT_VENDOR {
                "embedded".to_owned()
            } else {
                format!("embedded {}", vendor.name)
            },
            vendor,
            provider,
            client,
            concurrency: 16,
            cache: None,
            identity,
            imaginary,
        }
    }

    fn network(project: &Project, name: &str, file: &TargetFile) -> Result<Self, SessionError> {
        let fail = |message: String| SessionError::Target { name: name.to_owned(), message };
        let text = |value: &Option<String>| value.clone().unwrap_or_default();
        let credentials = file.credentials.as_ref().map(|c| credentials(project, c)).transpose();
        let place = Place {
            region: text(&file.region),
            project: text(&file.project),
            instance: text(&file.instance),
            credentials: credentials.map_err(fail)?.map(Arc::new),
        };
        let endpoint = text(&file.endpoint);
        let vendor = vendor_of(name, file)?;
        let identity = identity(name, vendor.name, &endpoint, &place);
        let key = format!("{} {endpoint} {} {}", vendor.name, place.project, place.instance);
        let provider = (vendor.open)(place);
        let timeout = file.timeout.map_or(Duration::from_secs(60), |t| Duration::from_millis(t.as_millis()));
        let defaults = RetryPolicy::default();
        let retry = RetryPolicy {
            retries_max: file.retries.unwrap_or(defaults.retries_max),
            base: file.retry_wait.map_or(defaults.base, |w| Duration::from_millis(w.as_millis())),
            max: defaults.max,
        };
        let concurrency = file.concurrency.unwrap_or(16);
        let client = Client::new(Settings {
            endpoint: endpoint.clone(),
            transport: Client::network(timeout).map_err(|e| fail(e.to_string()))?,
            sign: provider.signer(),
            encode: provider.encoder(),
            errors: provider.errors(),
            concurrency,
            retry,
        });
        let cache = format!("cache-{}", &Digest::of(key.as_bytes()).to_hex()[..16]);
        Ok(Self {
            name: name.to_owned(),
            key,
            vendor,
            provider,
            client,
            concurrency,
            cache: Some(project.path(&Path::new(STATE_FOLDER).join(cache))),
            identity,
            imaginary: false,
        })
    }

    /// What it takes of manifests; with what may be left out, where `lossy`.
    #[must_use]
    pub fn taking(&self, lossy: bool) -> Taking<'static> {
        Taking::by(self.vendor, lossy)
    }

    /// The cache, as it was left.
    #[must_use]
    pub fn read_cache(&self, off: bool) -> Cache {
        match &self.cache {
            Some(path) if !off => Cache::read(path),
            _ => Cache::off(),
        }
    }
}

/// Reads all of a gateway into a snapshot; returns with it what the gateway refused to show.
///
/// # Errors
/// When it cannot be read.
pub async fn capture(target: &Target) -> Result<(SnapshotFile, Vec<String>), SessionError> {
    let captured = target.provider.capture(&target.client).await?;
    let text = captured.file.to_string();
    let snapshot = SnapshotFile::parse(text.as_bytes()).map_err(|e| SessionError::Target {
        name: target.name.clone(),
        message: format!("what it shows makes no snapshot: {e}"),
    })?;
    Ok((snapshot, captured.notes))
}

/// Reads the file of a snapshot.
///
/// # Errors
/// When there is none, or it is something else.
pub fn read_snapshot(path: &Path) -> Result<SnapshotFile, SessionError> {
    let fail = |message: String| SessionError::Snapshot { path: path.into(), message };
    let text = std::fs::read(path).map_err(|e| fail(e.to_string()))?;
    SnapshotFile::parse(&text).map_err(|e| fail(e.to_string()))
}

/// Fills a gateway of an engine; `path` is where the snapshot came from.
///
/// # Errors
/// When an object in it is malformed.
pub fn load_snapshot(
    engine: &Engine,
    gateway: &str,
    snapshot: SnapshotFile,
    path: &Path,
) -> Result<(), SessionError> {
    engine
        .load(engine.project_id(), gateway, snapshot.holds)
        .map_err(|e| SessionError::Snapshot { path: path.into(), message: e.to_string() })
}

fn identity(name: &str, provider: &str, endpoint: &str, place: &Place) -> plan::Target {
    let scope = [("project", &place.project), ("instance", &place.instance)];
    let scope = scope.into_iter().filter(|(_, id)| !id.is_empty());
    plan::Target {
        name: name.to_owned(),
        provider: provider.to_owned(),
        endpoint: endpoint.to_owned(),
        scope: scope.map(|(k, v)| (k.to_owned(), v.clone())).collect(),
    }
}

fn credentials(project: &Project, file: &CredentialsFile) -> Result<Credentials, String> {
    let read = |source: &Option<Secret>| source.as_ref().map(|s| secret::read(&project.root, s)).transpose();
    if let Some(token) = read(&file.token)? {
        return Ok(Credentials::Token(token));
    }
    match (read(&file.access_key)?, read(&file.secret_key)?) {
        (Some(access_key), Some(secret_key)) => Ok(match read(&file.security_token)? {
            Some(security_token) => Credentials::Temporary { access_key, secret_key, security_token },
            None => Credentials::KeyPair { access_key, secret_key },
        }),
        _ => Err("credentials need `accessKey` and `secretKey`, or `token`".into()),
    }
}

/// The vendor that a target is of, or stands in for.
///
/// # Errors
/// When this program knows none of that name.
pub fn vendor_of(name: &str, file: &TargetFile) -> Result<&'static Vendor, SessionError> {
    provider::vendor(file.vendor()).ok_or_else(|| SessionError::Target {
        name: name.to_owned(),
        message: format!("there is no provider `{}`", file.vendor()),
    })
}
