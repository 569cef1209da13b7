//! The embedded gateway: an exact local stand-in for the management API of a cloud gateway.
//!
//! Two ways in, one behaviour: [`Engine::handle`] takes a request in process, [`server::serve`] takes it from a socket.
//! [`Engine::load`] fills a gateway with what was observed elsewhere, for rehearsals.
//!
//! | module | what it is |
//! | --- | --- |
//! | [`time`] | the clock and the source of ids, both replaceable |
//! | `model`, `store` | rows, ordered tables with indexes, transactions |
//! | `realm` | all gateways, and changes to several of them |
//! | `disk` | durability: every acknowledged write is on disk first |
//! | `outbound` | calls to backends, when an API is debugged |
//! | `dialect` | what one vendor's protocol is to the engine |
//! | `nonces` | what was signed once and must not come again |
//! | `admin`, [`traffic`] | the engine's own calls; what went through the gateways, as far as it was recorded |
//! | `huawei` | who may call: signatures, tokens, projects; what two editions share |
//! | `huawei_v1` | the protocol of the shared gateway, from data |
//! | `huawei_v2` | the protocol of the dedicated gateway, from data |
//! | `alibaba` | the protocol of Alibaba Cloud API Gateway, from data |
//! | [`snapshot`] | filling a gateway and reading it out |
//! | [`server`] | HTTP on a socket |
//!
//! Invariants: a refused request changes nothing; nothing is acknowledged before it is durable; the engine knows the
//! protocols from the vendors' documents alone and imports nothing of the rest of the program.

mod admin;
mod alibaba;
mod dialect;
mod disk;
mod huawei;
mod huawei_v1;
mod huawei_v2;
mod model;
mod nonces;
mod outbound;
mod realm;
pub mod server;
pub mod snapshot;
mod store;
pub mod time;
pub mod traffic;

use std::path::Path;
use std::sync::{PoisonError, RwLock};

use bytes::Bytes;
use http::{Request, Response, StatusCode};

use disk::Disk;
pub use disk::{OpenError, Receipt};
use huawei::iam;
use huawei::protocol::Edition;
pub use huawei::signature::Credentials;
use huawei_v2::Settings;
use nonces::Nonces;
pub use outbound::Backends;
use realm::{Gateways, Realm};
pub use snapshot::{Snapshot, SnapshotFile};
use store::{Gateway, Tx};
use time::{Clock, Ids, Nanos};
use traffic::Traffic;

/// Project and gateway of the protocol on `/`, which has one account and one region: for [`Engine::dump`].
pub const ALIBABA: (&str, &str) = (alibaba::service::PROJECT, alibaba::service::GATEWAY);

/// The id under which a project's share of the shared gateway (API V1.0) is kept, beside its dedicated gateways: for
/// [`Engine::load`] and [`Engine::dump`]. No path of V2 leads to it.
pub const SHARED_GATEWAY: &str = "shared";

/// How an engine is set up.
#[derive(Clone, Debug)]
pub struct Options {
    /// Gives the time.
    pub clock: Clock,
    /// Gives the ids of what is created.
    pub ids: Ids,
    /// The region that stands in domain names.
    pub region: String,
    /// The project that exists from the start.
    pub project_id: String,
    /// The gateway that exists from the start.
    pub instance_id: String,
    /// Quotas that differ from the defaults: `config_name` and value.
    pub quotas: Vec<(String, String)>,
    /// Who may call over the network.
    pub credentials: Credentials,
    /// How long the making of a further gateway takes, in milliseconds.
    pub provision_ms: u32,
    /// Which backends are called when an API is debugged.
    pub backends: Backends,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            clock: Clock::system(),
            ids: Ids::random(),
            region: "local-1".to_owned(),
            project_id: "0123456789abcdef0123456789abcdef".to_owned(),
            instance_id: "fedcba9876543210fedcba9876543210".to_owned(),
            quotas: Vec::new(),
            credentials: Credentials::default(),
            provision_ms: 3000,
            backends: Backends::default(),
        }
    }
}

/// How far the caller is trusted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// In process: nothing to prove.
    Trusted,
    /// From outside: a signature or a token is needed.
    Signed,
}

/// What a request turned out to be; travels in the extensions of the response.
#[derive(Clone, Debug, Default)]
pub struct Trace {
    /// The section of the vendor's document that describes the operation.
    pub operation: Option<&'static str>,
    /// The code of the refusal.
    pub error_code: Option<String>,
    /// The query may hold secrets, so it is not for logs.
    pub secret_query: bool,
}

/// An operation of the protocol, and whether there is behaviour behind it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Coverage {
    /// The section of the vendor's document that describes it.
    pub section: &'static str,
    /// The method.
    pub method: &'static str,
    /// The path, with names in braces.
    pub path: &'static str,
    /// Other spellings of the path, which the vendor's client or another edition of the document uses.
    pub aliases: &'static [String],
    /// False for what is routed and checked, then answered with 501.
    pub implemented: bool,
}

/// What the vendor's own client can call and the document lacks: its name there, method and path. All answer 501.
pub fn undocumented() -> impl Iterator<Item = (&'static str, &'static str, &'static str)> {
    Edition::V2.protocol().undocumented.iter().map(|call| (&*call.name, &*call.method, &*call.path))
}

/// All operations of all protocols, each in the order of its document.
pub fn operations() -> impl Iterator<Item = Coverage> {
    dialect::all().flat_map(dialect::Dialect::operations)
}

/// The embedded gateway engine.
#[derive(Debug)]
pub struct Engine {
    gateways: RwLock<Gateways>,
    settings: Settings,
    clock: Clock,
    credentials: Credentials,
    project_id: String,
    instance_id: String,
    request_ids: Ids,
    nonces: Nonces,
    disk: Option<Disk>,
}

impl Engine {
    /// An engine that forgets everything when it is dropped.
    pub fn in_memory(options: Options) -> Self {
        Self::new(options, None, Gateways::new()).0
    }

    /// An engine that keeps its state in a folder, which it makes when needed. One process at a time can have it.
    pub fn open(dir: &Path, options: Options) -> Result<Self, OpenError> {
        let (disk, gateways) = Disk::open(dir)?;
        let (engine, receipt) = Self::new(options, Some(disk), gateways);
        if receipt.is_none_or(Receipt::wait) {
            return Ok(engine);
        }
        let reason = engine.disk.as_ref().map_or_else(String::new, Disk::reason);
        Err(OpenError::Unwritable { path: dir.to_owned(), reason })
    }

    fn new(options: Options, disk: Option<Disk>, mut gateways: Gateways) -> (Self, Option<Receipt>) {
        // The protocols are read now, so that the first caller does not wait for them.
        Edition::V1.protocol();
        Edition::V2.protocol();
        let now = options.clock.now();
        let before: u64 = gateways.values().map(Gateway::places).sum();
        if before > 0 {
            options.ids.jump(before);
        }
        let mut changes = Vec::new();
        for (key, rows) in dialect::all().flat_map(|dialect| dialect.found(&options, now)) {
            if gateways.contains_key(&key) {
                continue;
            }
            let mut tx = Tx::new(gateways.entry(key.clone()).or_insert_with(|| Gateway::new(&key.0, &key.1)));
            rows.into_iter().for_each(|(coll, row)| tx.put(coll, row));
            changes.push((key, tx.commit()));
        }
        let receipt = disk.as_ref().filter(|_| !changes.is_empty()).map(|disk| disk.write(changes));
        let settings = Settings {
            region: options.region,
            account_id: iam::account_id(&options.credentials),
            ids: options.ids,
            limits: options.quotas.into_iter().collect(),
            provision: Nanos::from(options.provision_ms) * 1_000_000,
            backends: options.backends,
            traffic: Traffic::default(),
        };
        let engine = Self {
            gateways: RwLock::new(gateways),
            settings,
            clock: options.clock,
            credentials: options.credentials,
            project_id: options.project_id,
            instance_id: options.instance_id,
            request_ids: Ids::random(),
            nonces: Nonces::default(),
            disk,
        };
        (engine, receipt)
    }

    /// The project that exists from the start.
    pub fn project_id(&self) -> &str {
        &self.project_id
    }

    /// The gateway that exists from the start.
    pub fn instance_id(&self) -> &str {
        &self.instance_id
    }

    /// Who may call.
    pub(crate) fn credentials(&self) -> &Credentials {
        &self.credentials
    }

    /// The projects that exist.
    pub(crate) fn projects(&self) -> Vec<String> {
        let gateways = self.gateways.read().unwrap_or_else(PoisonError::into_inner);
        let mut all: Vec<String> = gateways.keys().map(|(project, _)| project.clone()).collect();
        all.retain(|project| !project.is_empty());
        all.dedup();
        all
    }

    /// The region.
    pub fn region(&self) -> &str {
        &self.settings.region
    }

    /// Serves a request; returns when the answer is durable.
    pub fn handle(&self, request: Request<Bytes>, access: Access) -> Response<Bytes> {
        let (response, receipt) = self.submit(&request, access);
        if receipt.is_none_or(Receipt::wait) { response } else { self.unstored(request.uri().path()) }
    }

    /// Serves a request without waiting for the disk. A response with a receipt may be sent only when the receipt says
    /// that the write is durable; otherwise [`Engine::unstored`] is the answer.
    pub fn submit(&self, request: &Request<Bytes>, access: Access) -> (Response<Bytes>, Option<Receipt>) {
        self.heal();
        dialect::of(request.uri().path()).submit(self, request, access, self.clock.now())
    }

    /// Whether serving the request takes as long as someone else likes: a backend is called.
    pub fn waits_for_others(&self, request: &Request<Bytes>) -> bool {
        dialect::of(request.uri().path()).waits_for_others(request)
    }

    /// The answer, to a request to `path`, when its write could not be stored.
    pub fn unstored(&self, path: &str) -> Response<Bytes> {
        let reason = self.disk.as_ref().map_or_else(String::new, Disk::reason);
        let text = format!("System error: the write could not be stored: {reason}");
        self.refuse(path, StatusCode::INTERNAL_SERVER_ERROR, &text)
    }

    /// The answer to a request to `path` that was not even looked at, in the words of its protocol.
    pub fn refuse(&self, path: &str, status: StatusCode, text: &str) -> Response<Bytes> {
        dialect::of(path).refuse(self, status, text)
    }

    /// Takes recorded traffic in, as JSON: `{"samples": [...]}` of [`traffic::Sample`]s. How many there were.
    ///
    /// # Errors
    /// What is wrong with them; then none is taken.
    pub fn feed(&self, samples: &[u8]) -> Result<usize, String> {
        self.settings.traffic.feed(samples)
    }

    /// Looks at the gateways.
    fn look<T>(&self, look: impl FnOnce(&Gateways) -> T) -> T {
        look(&self.gateways.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Changes gateways: all that `change` did, or nothing of it when it fails.
    fn change<T, E>(
        &self,
        change: impl FnOnce(&mut Realm) -> Result<T, E>,
    ) -> Result<(T, Option<Receipt>), E> {
        let mut gateways = self.gateways.write().unwrap_or_else(PoisonError::into_inner);
        let mut realm = Realm::new(&mut gateways);
        let done = change(&mut realm)?;
        let changes = realm.commit();
        let receipt = match &self.disk {
            // Sent under the lock, so that the disk sees the writes in their order.
            Some(disk) if !changes.is_empty() => Some(disk.write(changes)),
            _ => None,
        };
        Ok((done, receipt))
    }

    /// What all requests of Huawei's protocols share.
    fn settings(&self) -> &Settings {
        &self.settings
    }

    /// What was signed before.
    fn nonces(&self) -> &Nonces {
        &self.nonces
    }

    /// The id of a request.
    fn request_id(&self) -> String {
        self.request_ids.next()
    }

    /// Takes back what could not be stored, so that nobody sees it.
    fn heal(&self) {
        let Some(disk) = self.disk.as_ref().filter(|disk| disk.is_behind()) else { return };
        let mut gateways = self.gateways.write().unwrap_or_else(PoisonError::into_inner);
        // While this waited for the lock, another request may have done it.
        if disk.is_behind() {
            realm::take_back(&mut gateways, disk.heal());
        }
    }
}
