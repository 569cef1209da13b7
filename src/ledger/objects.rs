//! A ledger in an object store, with its lock in an object beside it.
//!
//! Every write has a condition: the lock is made only where there is none, the ledger replaced only where it is what was
//! read. A write whose answer was lost is settled by reading back. Whether the store honours conditions is tried out each
//! time a lock is taken: some take no notice of them, and a lock there would exclude nobody.

use std::sync::{Arc, Mutex, PoisonError, mpsc};
use std::time::Duration;

use object_store::aws::{AmazonS3Builder, AmazonS3ConfigKey};
use object_store::azure::MicrosoftAzureBuilder;
use object_store::gcp::GoogleCloudStorageBuilder;
use object_store::path::Path;
use object_store::{
    ClientOptions, Error, ObjectStore, ObjectStoreExt, PutMode, PutOptions, PutPayload, RetryConfig,
    UpdateVersion,
};

use super::LedgerError;
use super::lock::Holder;
use super::store::{Conditions, ObjectsAt};

/// How often a write is tried whose answer was lost.
const TRIES: usize = 3;

/// A ledger's object. A clone is the same object, with the same memory of what was read last.
#[derive(Clone)]
pub(super) struct Objects {
    name: String,
    key: Path,
    conditions: Conditions,
    store: Arc<dyn ObjectStore>,
    /// Makes objects only where there are none; the same store, or one with a header that says so.
    creator: Arc<dyn ObjectStore>,
    worker: Arc<Worker>,
    /// The version that was read or written last. `None`: there was none.
    seen: Arc<Mutex<Option<UpdateVersion>>>,
    /// What must not be repeated from messages of the store.
    hidden: Arc<[String]>,
}

impl std::fmt::Debug for Objects {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Objects").field("name", &self.name).finish_non_exhaustive()
    }
}

/// A thread with a runtime of its own: the ledger is written from within other runtimes, which must not be blocked on
/// their own work.
struct Worker {
    jobs: mpsc::Sender<Job>,
}

type Job = Box<dyn FnOnce(&tokio::runtime::Runtime) + Send>;

impl Worker {
    fn start() -> std::io::Result<Self> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let (jobs, inbox) = mpsc::channel::<Job>();
        std::thread::Builder::new().name("ledger".into()).spawn(move || {
            for job in inbox {
                job(&runtime);
            }
        })?;
        Ok(Self { jobs })
    }

    fn run<T: Send + 'static>(
        &self,
        future: impl Future<Output = Result<T, Error>> + Send + 'static,
    ) -> Result<T, Error> {
        let (answer, answered) = mpsc::channel();
        let job: Job = Box::new(move |runtime| drop(answer.send(runtime.block_on(future))));
        let lost = |source| Error::Generic { store: "ledger", source };
        self.jobs.send(job).map_err(|_| lost("its thread has ended".into()))?;
        answered.recv().map_err(|e| lost(e.into()))?
    }
}

impl Objects {
    /// Sets up the client.
    pub(super) fn open(at: &ObjectsAt) -> Result<Self, LedgerError> {
        let fail = |message: String| LedgerError::Objects { verb: "find", place: at.url.clone(), message };
        let (scheme, bucket, key) = split(&at.url)
            .ok_or_else(|| fail("write s3://BUCKET/KEY, az://CONTAINER/KEY or gs://BUCKET/KEY".to_owned()))?;
        let store = client(at, scheme, bucket, false).map_err(|e| fail(e.to_string()))?;
        let creator = match at.conditions {
            Conditions::ForbidOverwrite => {
                client(at, scheme, bucket, true).map_err(|e| fail(e.to_string()))?
            }
            Conditions::Etag | Conditions::None => Arc::clone(&store),
        };
        let from_env =
            ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AZURE_STORAGE_ACCOUNT_KEY"];
        let hidden = at.credentials.iter().map(|(_, value)| value.clone());
        let hidden = hidden.chain(from_env.iter().filter_map(|name| std::env::var(name).ok()));
        Self::with(
            at.url.clone(),
            key,
            at.conditions,
            store,
            creator,
            hidden.filter(|h| h.len() > 3).collect(),
        )
    }

    fn with(
        name: String,
        key: &str,
        conditions: Conditions,
        store: Arc<dyn ObjectStore>,
        creator: Arc<dyn ObjectStore>,
        hidden: Arc<[String]>,
    ) -> Result<Self, LedgerError> {
        let fail = |message| LedgerError::Objects { verb: "find", place: name.clone(), message };
        let key = Path::parse(key).map_err(|e| fail(e.to_string()))?;
        let worker = Arc::new(Worker::start().map_err(|e| fail(e.to_string()))?);
        Ok(Self { name, key, conditions, store, creator, worker, seen: Arc::default(), hidden })
    }

    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// What stands in the object; `None` where there is none.
    pub(super) fn read(&self) -> Result<Option<Vec<u8>>, LedgerError> {
        let found = self.get(&self.key).map_err(|e| self.fail("read", &e))?;
        let (text, version) = found.map_or((None, None), |(text, version)| (Some(text), Some(version)));
        *self.seen.lock().unwrap_or_else(PoisonError::into_inner) = version;
        Ok(text)
    }

    /// Puts `text` in the place of what was read.
    pub(super) fn write(&self, text: Vec<u8>) -> Result<(), LedgerError> {
        let moved = || LedgerError::Moved { place: self.name.clone() };
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let mut tries = 0;
        loop {
            let mode = match (&*seen, self.conditions) {
                (Some(version), Conditions::Etag) => PutMode::Update(version.clone()),
                (None, Conditions::Etag) => PutMode::Create,
                (seen, Conditions::ForbidOverwrite | Conditions::None) => {
                    let there = self.get(&self.key).map_err(|e| self.fail("write", &e))?;
                    let tag = |version: &UpdateVersion| version.e_tag.clone();
                    if there.map(|(_, version)| tag(&version)) != seen.as_ref().map(tag) {
                        return Err(moved());
                    }
                    PutMode::Overwrite
                }
            };
            let error = match self.put(&self.store, &self.key, text.clone(), mode) {
                Ok(version) => {
                    *seen = Some(version);
                    return Ok(());
                }
                Err(error) => error,
            };
            // It may have been written all the same: by the try whose answer was lost.
            let refused = matches!(
                error,
                Error::AlreadyExists { .. } | Error::Precondition { .. } | Error::NotFound { .. }
            );
            if let Ok(Some((there, version))) = self.get(&self.key)
                && there == text
            {
                *seen = Some(version);
                return Ok(());
            }
            tries += 1;
            if refused {
                return Err(moved());
            }
            if tries == TRIES || !matches!(error, Error::Generic { .. }) {
                return Err(self.fail("write", &error));
            }
        }
    }

    /// Takes the lock for `holder`, or says who has it.
    pub(super) fn acquire(&self, holder: &Holder) -> Result<Option<Holder>, LedgerError> {
        let text = serde_json::to_vec(holder).unwrap_or_default();
        if self.conditions == Conditions::None {
            if let Some(other) = self.holder()? {
                return Ok(Some(other));
            }
            self.put(&self.store, &self.lock_key(), text, PutMode::Overwrite)
                .map_err(|e| self.fail("lock", &e))?;
            return Ok(self.holder()?.filter(|there| there.token != holder.token));
        }
        match self.create(text.clone()) {
            Ok(true) => {}
            // By a first try whose answer was lost, or by someone else.
            Ok(false) => match self.holder()? {
                Some(there) if there.token != holder.token => return Ok(Some(there)),
                Some(_) => {}
                // Given back in this very moment: whoever asks again gets it.
                None => return Ok(Some(Holder { who: "someone".to_owned(), ..holder.clone() })),
            },
            Err(error) => return Err(self.fail("lock", &error)),
        }
        // A store that would make it a second time takes no notice of the condition.
        match self.create(text) {
            Ok(false) => Ok(None),
            Ok(true) => {
                self.release(holder)?;
                Err(LedgerError::NoConditions { place: self.name.clone() })
            }
            Err(error) => {
                self.release(holder)?;
                Err(self.fail("lock", &error))
            }
        }
    }

    /// Makes the lock where there is none; whether it was made.
    fn create(&self, text: Vec<u8>) -> Result<bool, Error> {
        let mode = match self.conditions {
            Conditions::ForbidOverwrite => PutMode::Overwrite,
            Conditions::Etag | Conditions::None => PutMode::Create,
        };
        match self.put(&self.creator, &self.lock_key(), text, mode) {
            Ok(_) => Ok(true),
            Err(Error::AlreadyExists { .. } | Error::Precondition { .. }) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Who has the lock.
    pub(super) fn holder(&self) -> Result<Option<Holder>, LedgerError> {
        let found = self.get(&self.lock_key()).map_err(|e| self.fail("lock", &e))?;
        // What cannot be read was made by something else; it is in the way all the same.
        Ok(found.map(|(text, _)| {
            serde_json::from_slice(&text).unwrap_or_else(|_| Holder {
                token: String::new(),
                who: "someone".to_owned(),
                pid: 0,
                since: "an unknown time".to_owned(),
                command: "an unknown command".to_owned(),
            })
        }))
    }

    /// Removes the lock of `holder`, and no other.
    pub(super) fn release(&self, holder: &Holder) -> Result<(), LedgerError> {
        if self.holder()?.is_none_or(|there| there.token != holder.token) {
            return Ok(());
        }
        let (store, key) = (Arc::clone(&self.store), self.lock_key());
        match self.worker.run(async move { store.delete(&key).await }) {
            Ok(()) | Err(Error::NotFound { .. }) => Ok(()),
            Err(error) => Err(self.fail("unlock", &error)),
        }
    }

    fn lock_key(&self) -> Path {
        Path::from(format!("{}.lock", self.key))
    }

    fn get(&self, key: &Path) -> Result<Option<(Vec<u8>, UpdateVersion)>, Error> {
        let (store, key) = (Arc::clone(&self.store), key.clone());
        let got = self.worker.run(async move {
            let answer = store.get(&key).await?;
            let version =
                UpdateVersion { e_tag: answer.meta.e_tag.clone(), version: answer.meta.version.clone() };
            Ok((answer.bytes().await?.to_vec(), version))
        });
        match got {
            Ok(found) => Ok(Some(found)),
            Err(Error::NotFound { .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }

    fn put(
        &self,
        store: &Arc<dyn ObjectStore>,
        key: &Path,
        text: Vec<u8>,
        mode: PutMode,
    ) -> Result<UpdateVersion, Error> {
        let (store, key) = (Arc::clone(store), key.clone());
        self.worker.run(async move {
            let options = PutOptions { mode, ..PutOptions::default() };
            store.put_opts(&key, PutPayload::from(text), options).await.map(UpdateVersion::from)
        })
    }

    fn fail(&self, verb: &'static str, error: &Error) -> LedgerError {
        LedgerError::Objects { verb, place: self.name.clone(), message: told(error, &self.hidden) }
    }
}

/// The first line of what the store says, with credentials starred out.
fn told(error: &Error, hidden: &[String]) -> String {
    const BYTES_MAX: usize = 400;
    let mut text = error.to_string();
    for secret in hidden {
        text = text.replace(secret, "***");
    }
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match text.char_indices().map(|(at, _)| at).find(|at| *at >= BYTES_MAX) {
        Some(end) => format!("{}…", &text[..end]),
        None => text,
    }
}

/// Scheme, bucket and key.
fn split(url: &str) -> Option<(&str, &str, &str)> {
    let (scheme, rest) = url.split_once("://")?;
    let (bucket, key) = rest.split_once('/')?;
    (["s3", "az", "gs"].contains(&scheme) && !bucket.is_empty() && !key.is_empty())
        .then_some((scheme, bucket, key))
}

fn client(
    at: &ObjectsAt,
    scheme: &str,
    bucket: &str,
    forbid_overwrite: bool,
) -> Result<Arc<dyn ObjectStore>, Error> {
    let plain = at.endpoint.as_ref().is_some_and(|endpoint| endpoint.starts_with("http://"));
    let mut options = ClientOptions::new().with_timeout(Duration::from_secs(30)).with_allow_http(plain);
    if forbid_overwrite {
        let mut headers = http::HeaderMap::new();
        headers.insert("x-oss-forbid-overwrite", http::HeaderValue::from_static("true"));
        options = options.with_default_headers(headers);
    }
    let retry =
        RetryConfig { max_retries: 3, retry_timeout: Duration::from_secs(60), ..RetryConfig::default() };
    let credential =
        |name: &str| at.credentials.iter().find(|(n, _)| *n == name).map(|(_, value)| value.clone());
    Ok(match scheme {
        "s3" => {
            let mut builder = AmazonS3Builder::from_env()
                .with_bucket_name(bucket)
                .with_client_options(options)
                .with_retry(retry)
                // One object is deleted at a time, and not every store knows the other way.
                .with_disable_bulk_delete(true)
                .with_virtual_hosted_style_request(at.virtual_hosted);
            let given = [
                (AmazonS3ConfigKey::Endpoint, at.endpoint.clone()),
                (AmazonS3ConfigKey::Region, at.region.clone()),
                (AmazonS3ConfigKey::AccessKeyId, credential("accessKey")),
                (AmazonS3ConfigKey::SecretAccessKey, credential("secretKey")),
                (AmazonS3ConfigKey::Token, credential("securityToken")),
            ];
            for (key, value) in given {
                if let Some(value) = value {
                    builder = builder.with_config(key, value);
                }
            }
            Arc::new(builder.build()?)
        }
        "az" => {
            let mut builder = MicrosoftAzureBuilder::from_env()
                .with_container_name(bucket)
                .with_client_options(options)
                .with_retry(retry);
            if let Some(account) = &at.account {
                builder = builder.with_account(account);
            }
            if let Some(key) = credential("accountKey") {
                builder = builder.with_access_key(key);
            }
            if let Some(endpoint) = &at.endpoint {
                builder = builder.with_endpoint(endpoint.clone());
            }
            Arc::new(builder.build()?)
        }
        _ => {
            let mut builder = GoogleCloudStorageBuilder::from_env()
                .with_bucket_name(bucket)
                .with_client_options(options)
                .with_retry(retry);
            if let Some(key) = credential("serviceAccountKey") {
                builder = builder.with_service_account_key(key);
            }
            if let Some(endpoint) = &at.endpoint {
                builder = builder.with_base_url(endpoint);
            }
            Arc::new(builder.build()?)
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use object_store::memory::InMemory;

    fn objects(store: &Arc<InMemory>, conditions: Conditions) -> Objects {
        let store: Arc<dyn ObjectStore> = Arc::clone(store) as _;
        let name = "s3://bucket/team/ledger.json".to_owned();
        Objects::with(name, "team/ledger.json", conditions, Arc::clone(&store), store, Arc::new([])).unwrap()
    }

    #[test]
    fn a_ledger_is_replaced_only_where_it_is_what_was_read() {
        let store = Arc::new(InMemory::new());
        let (first, second) = (objects(&store, Conditions::Etag), objects(&store, Conditions::Etag));
        assert_eq!(first.read().unwrap(), None);
        assert_eq!(second.read().unwrap(), None);
        first.write(b"one".to_vec()).unwrap();
        assert!(matches!(second.write(b"two".to_vec()), Err(LedgerError::Moved { .. })));
        first.write(b"three".to_vec()).unwrap();
        assert_eq!(second.read().unwrap().unwrap(), b"three");
        second.write(b"four".to_vec()).unwrap();
        assert!(matches!(first.write(b"five".to_vec()), Err(LedgerError::Moved { .. })));
    }

    #[test]
    fn a_write_whose_answer_was_lost_is_found_by_reading_back() {
        let store = Arc::new(InMemory::new());
        let (lost, again) = (objects(&store, Conditions::Etag), objects(&store, Conditions::Etag));
        lost.write(b"one".to_vec()).unwrap();
        // The same text, from a run that does not know that it is there already.
        again.write(b"one".to_vec()).unwrap();
        again.write(b"two".to_vec()).unwrap();
    }

    #[test]
    fn one_holds_the_lock_and_only_its_own_is_released() {
        for conditions in [Conditions::Etag, Conditions::None] {
            let store = Arc::new(InMemory::new());
            let objects = objects(&store, conditions);
            let (mine, other) = (Holder::this_process("apply"), Holder::this_process("destroy"));
            assert_eq!(objects.acquire(&mine).unwrap(), None);
            assert_eq!(objects.acquire(&other).unwrap().as_ref(), Some(&mine));
            objects.release(&other).unwrap();
            assert_eq!(objects.holder().unwrap().as_ref(), Some(&mine));
            objects.release(&mine).unwrap();
            assert_eq!(objects.acquire(&other).unwrap(), None);
        }
    }

    #[test]
    fn a_store_that_takes_no_notice_of_conditions_is_refused() {
        // `ForbidOverwrite` relies on a header, which this store does not know.
        let objects = objects(&Arc::new(InMemory::new()), Conditions::ForbidOverwrite);
        let refused = objects.acquire(&Holder::this_process("apply"));
        assert!(matches!(refused, Err(LedgerError::NoConditions { .. })), "{refused:?}");
        assert_eq!(objects.holder().unwrap(), None, "nothing is left behind");
    }

    #[test]
    fn a_lock_that_nobody_can_read_is_still_a_lock() {
        let store = Arc::new(InMemory::new());
        let objects = objects(&store, Conditions::Etag);
        objects.create(b"?".to_vec()).unwrap();
        let there = objects.acquire(&Holder::this_process("apply")).unwrap().unwrap();
        assert_eq!((&*there.who, &*there.command), ("someone", "an unknown command"));
        objects.release(&there).unwrap();
        assert_eq!(objects.holder().unwrap(), None);
    }

    #[test]
    fn urls() {
        assert_eq!(split("s3://b/a/b.json"), Some(("s3", "b", "a/b.json")));
        for url in ["s3://b", "s3:///x", "ftp://b/x", "ledger.json", "gs://b/"] {
            assert_eq!(split(url), None, "{url}");
        }
    }

    #[test]
    fn what_a_store_says_holds_no_credentials() {
        let error = Error::Generic { store: "S3", source: "key AKIDEXAMPLE\nis unknown".into() };
        let text = told(&error, &["AKIDEXAMPLE".to_owned()]);
        assert!(text.ends_with("key *** is unknown"), "{text}");
    }
}
