//! Filling a gateway with what was observed, and reading it out.
//!
//! A gateway is a dedicated one or, under the id [`SHARED_GATEWAY`](super::SHARED_GATEWAY), a project's share of the shared
//! one; in both, objects have the names of V2.
//! Objects have the form the wire shows them in, and may lack members: what was seen in a list lacks what only details
//! show. Everything here that has an id keeps it.
//!
//! # The file
//!
//! One JSON object ([`SnapshotFile`]), UTF-8:
//!
//! | member | what |
//! | --- | --- |
//! | `kind` | `GatewaySnapshot` |
//! | `format` | 1 |
//! | `project_id`, `instance_id`, `region` | where it was taken; an engine that loads it answers under the same ids |
//! | `quotas` | `config_name` to value (3.22.1), both texts |
//! | the fields of [`Snapshot`] | each a list of objects as the wire shows them; `alibaba` an object of such lists |
//!
//! All members may be absent; one that is not in this table is an error. Secrets in it are masked (`abc*****xyz`), as gateways show them. What
//! is in no list of the gateway is not in it either: versions older than the effective one, tasks, monitoring.

use std::collections::BTreeMap;
use std::sync::PoisonError;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::huawei_v2::seed;
use super::realm::{Realm, shelf};
use super::{Engine, Options, SHARED_GATEWAY, alibaba, huawei_v2, model};

/// What the file says it is.
const KIND: &str = "GatewaySnapshot";
/// The format that is written, and the newest that is read.
const FORMAT: u64 = 1;

/// What one gateway holds, per collection in the form of the wire.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Snapshot {
    /// API groups; `id`, `name`.
    pub groups: Vec<Value>,
    /// Environments; `id`, `name`.
    pub envs: Vec<Value>,
    /// Environment variables; `id`, `group_id`, `env_id`, `variable_name`, `variable_value`.
    pub variables: Vec<Value>,
    /// Throttling policies.
    pub throttles: Vec<Value>,
    /// Excluded configurations; with `throttle_id`.
    pub throttle_specials: Vec<Value>,
    /// Drafts of APIs, as a list or a detail shows them.
    pub apis: Vec<Value>,
    /// Published versions: `api_id`, `env_id`, `version_id`, `publish_id`, `publish_time`, `effective` (default true), and
    /// `definition`, null when it is not known; then the draft stands for it.
    pub versions: Vec<Value>,
    /// Signature keys.
    pub signs: Vec<Value>,
    /// `id`, `sign_id`, and `publish_id` or `api_id` with `env_id`.
    pub sign_bindings: Vec<Value>,
    /// `id`, `strategy_id` or `throttle_id`, and `publish_id` or `api_id` with `env_id`.
    pub throttle_bindings: Vec<Value>,
    /// Applications.
    pub apps: Vec<Value>,
    /// Authorizations: `id`, `app_id`, `api_id`, `env_id`.
    pub app_auths: Vec<Value>,
    /// Codes of applications; with `app_id`.
    pub app_codes: Vec<Value>,
    /// Access control policies.
    pub acls: Vec<Value>,
    /// `id` or `bind_id`, `acl_id`, and `publish_id` or `api_id` with `env_id`.
    pub acl_bindings: Vec<Value>,
    /// Custom authorizers.
    pub authorizers: Vec<Value>,
    /// VPC channels.
    pub vpc_channels: Vec<Value>,
    /// Group responses; with `group_id`.
    pub group_responses: Vec<Value>,
    /// Plug-ins.
    pub plugins: Vec<Value>,
    /// Where plug-ins are attached: `id` or `plugin_attach_id`, `plugin_id`, `api_id`, `env_id`.
    pub plugin_attachments: Vec<Value>,
    /// Features that were configured.
    pub features: Vec<Value>,
    /// Access control of applications; with `app_id`.
    pub app_acls: Vec<Value>,
    /// Quotas for applications.
    pub app_quotas: Vec<Value>,
    /// Which application has which quota: `app_id`, `app_quota_id`.
    pub app_quota_apps: Vec<Value>,
    /// Tags of the gateway: `key`, `value`.
    pub instance_tags: Vec<Value>,
    /// The whitelist of the endpoint service: `permission`.
    pub endpoint_permissions: Vec<Value>,
    /// What is known of the gateway itself: none or one.
    pub instances: Vec<Value>,
    /// SSL certificates of the project, without keys.
    pub certificates: Vec<Value>,
    /// What the gateway of the protocol on `/` holds: collection name to objects. The names are `instances`, `groups`,
    /// `vpc_accesses`, `backends`, `backend_models`, `apis`, `deployed`, `variables`, `traffic_controls`,
    /// `traffic_specials`, `signatures`, `ip_controls`, `ip_control_items`, `acls`, `apps`, `app_keys`, `app_codes`,
    /// `authorizations`, `plugins`, `bindings`, `models`, `domains`, `log_configs`, `datasets`, `dataset_items`, `tags`.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub alibaba: BTreeMap<String, Vec<Value>>,
}

impl Snapshot {
    /// How many groups, APIs and versions of APIs it holds, of whatever protocol.
    #[must_use]
    pub fn counts(&self) -> [usize; 3] {
        let of = |name: &str| self.alibaba.get(name).map_or(0, Vec::len);
        [self.groups.len() + of("groups"), self.apis.len() + of("apis"), self.versions.len() + of("deployed")]
    }
}

/// A snapshot in a file, with where it was taken.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SnapshotFile {
    /// The project; empty when not known.
    pub project_id: String,
    /// The gateway; empty when not known.
    pub instance_id: String,
    /// The region; empty when not known.
    pub region: String,
    /// Quotas of the gateway: `config_name` and value.
    pub quotas: BTreeMap<String, String>,
    /// What the gateway holds.
    pub holds: Snapshot,
}

/// Why a file is no snapshot.
#[derive(Debug, thiserror::Error)]
pub enum FormatError {
    /// It is not JSON.
    #[error("it is not JSON: {0}")]
    Json(#[from] serde_json::Error),
    /// It is something else.
    #[error("it is no snapshot: {0}")]
    Other(String),
    /// It was written by a later version of this program.
    #[error("its format is {0}; this apigctl reads up to {FORMAT}")]
    Newer(u64),
}

impl SnapshotFile {
    /// Reads a file.
    pub fn parse(text: &[u8]) -> Result<Self, FormatError> {
        let other = |what: &str| FormatError::Other(what.to_owned());
        let Value::Object(mut file) = serde_json::from_slice(text)? else {
            return Err(other("it is not an object"));
        };
        if file.shift_remove("kind").is_some_and(|kind| kind != KIND) {
            return Err(other("its `kind` is another"));
        }
        match file.shift_remove("format") {
            None => {}
            Some(format) => match format.as_u64() {
                Some(format) if format <= FORMAT => {}
                Some(format) => return Err(FormatError::Newer(format)),
                None => return Err(other("its `format` is no number")),
            },
        }
        let mut place = |name: &str| match file.shift_remove(name) {
            None | Some(Value::Null) => Ok(String::new()),
            Some(Value::String(text)) => Ok(text),
            Some(_) => Err(FormatError::Other(format!("`{name}` is no text"))),
        };
        let (project_id, instance_id, region) =
            (place("project_id")?, place("instance_id")?, place("region")?);
        let quotas = match file.shift_remove("quotas") {
            None => BTreeMap::new(),
            Some(quotas) => serde_json::from_value(quotas)
                .map_err(|error| FormatError::Other(format!("`quotas`: {error}")))?,
        };
        let known = collections(&Snapshot::default())?;
        if let Some(name) = file.keys().find(|name| *name != "alibaba" && !known.contains_key(*name)) {
            return Err(FormatError::Other(format!("`{name}` is none of its members")));
        }
        let holds = serde_json::from_value(Value::Object(file))?;
        Ok(Self { project_id, instance_id, region, quotas, holds })
    }

    /// The text of the file. Collections that are empty are left out.
    pub fn text(&self) -> Result<String, FormatError> {
        let mut out = Map::new();
        out.insert("kind".to_owned(), KIND.into());
        out.insert("format".to_owned(), FORMAT.into());
        for (name, value) in
            [("project_id", &self.project_id), ("instance_id", &self.instance_id), ("region", &self.region)]
        {
            if !value.is_empty() {
                out.insert(name.to_owned(), value.as_str().into());
            }
        }
        if !self.quotas.is_empty() {
            out.insert("quotas".to_owned(), serde_json::to_value(&self.quotas)?);
        }
        let mut holds = collections(&self.holds)?;
        holds.retain(|_, list| list.as_array().is_none_or(|list| !list.is_empty()));
        out.append(&mut holds);
        Ok(format!("{:#}\n", Value::Object(out)))
    }

    /// Options for an engine that stands in for where the snapshot was taken. Quotas named before win.
    #[must_use]
    pub fn options(&self, mut options: Options) -> Options {
        for (known, own) in [
            (&self.project_id, &mut options.project_id),
            (&self.instance_id, &mut options.instance_id),
            (&self.region, &mut options.region),
        ] {
            // A share of the shared gateway is beside the dedicated one, not in its place.
            if !known.is_empty() && known != SHARED_GATEWAY {
                own.clone_from(known);
            }
        }
        for (name, value) in &self.quotas {
            if !options.quotas.iter().any(|(known, _)| known == name) {
                options.quotas.push((name.clone(), value.clone()));
            }
        }
        options
    }

    /// The gateway of an engine that it fills: the one the engine starts with, or the share of the shared one.
    #[must_use]
    pub fn gateway<'a>(&self, engine: &'a Engine) -> &'a str {
        if self.instance_id == SHARED_GATEWAY { SHARED_GATEWAY } else { engine.instance_id() }
    }
}

fn collections(snapshot: &Snapshot) -> Result<Map<String, Value>, FormatError> {
    match serde_json::to_value(snapshot)? {
        Value::Object(collections) => Ok(collections),
        _ => Ok(Map::new()),
    }
}

/// Why a snapshot cannot be loaded.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum LoadError {
    /// An element is not an object or lacks what identifies it.
    #[error("failed to load {collection}[{index}]: {reason}")]
    Malformed {
        /// The collection.
        collection: &'static str,
        /// The position.
        index: usize,
        /// What is wrong.
        reason: &'static str,
    },
    /// There is no such collection.
    #[error("failed to load {collection}: there is no such collection")]
    Unknown {
        /// The collection.
        collection: String,
    },
    /// The disk refused.
    #[error("failed to store the snapshot")]
    Unstored,
}

impl Engine {
    /// Adds a snapshot to a gateway, which is made when it does not exist. Nothing is loaded when anything is malformed.
    /// What it holds under `alibaba` goes to the one gateway of that protocol.
    pub fn load(&self, project_id: &str, instance_id: &str, mut snapshot: Snapshot) -> Result<(), LoadError> {
        let now = self.clock.now();
        let others = alibaba::seed::rows(std::mem::take(&mut snapshot.alibaba), now)?;
        let rows = seed::rows(snapshot, now, &self.settings.ids)?;
        self.heal();
        // Certificates belong to the project, all else to the gateway.
        let (shelved, rows): (Vec<_>, Vec<_>) =
            rows.into_iter().partition(|(coll, _)| *coll == model::Coll::Certificate);
        let mut gateways = self.gateways.write().unwrap_or_else(PoisonError::into_inner);
        let mut realm = Realm::new(&mut gateways);
        let key = (project_id.to_owned(), instance_id.to_owned());
        realm.make(&key);
        let ids = &self.settings.ids;
        let filled = realm.on(&key, |tx| {
            if tx.record(model::Coll::Env, huawei_v2::kinds::RELEASE).is_none() {
                tx.put(model::Coll::Env, huawei_v2::kinds::release(now));
            }
            for (coll, mut row) in rows {
                if let (model::Coll::Instance, model::Row::Record(record)) = (coll, &mut row) {
                    // What is known of the gateway is known under the id it is loaded as.
                    record.id = instance_id.into();
                }
                tx.put(coll, row);
            }
            ids.jump(tx.places());
            seed::settle(tx, now, ids);
            Ok(())
        });
        filled.unwrap_or(Ok(()))?;
        if !shelved.is_empty() {
            let shelf = shelf(project_id);
            realm.make(&shelf);
            let put = realm.on(&shelf, |tx| {
                for (coll, mut row) in shelved {
                    if let model::Row::Record(record) = &mut row {
                        // One that says nothing else is of the gateway that it is loaded with.
                        let mut own = |name: &str, value: &str| {
                            record.doc.entry(name.to_owned()).or_insert(value.into());
                        };
                        own("type", "instance");
                        own("instance_id", instance_id);
                        own("project_id", project_id);
                    }
                    tx.put(coll, row);
                }
                Ok(())
            });
            put.unwrap_or(Ok(()))?;
        }
        if !others.is_empty() {
            let key = alibaba::service::key();
            realm.make(&key);
            let put = realm.on(&key, |tx| {
                alibaba::seed::put(tx, others, now);
                Ok(())
            });
            put.unwrap_or(Ok(()))?;
        }
        let changes = realm.commit();
        let receipt = self.disk.as_ref().map(|disk| disk.write(changes));
        drop(gateways);
        if receipt.is_none_or(super::Receipt::wait) { Ok(()) } else { Err(LoadError::Unstored) }
    }

    /// Everything a gateway holds; none when there is no such gateway. [`ALIBABA`](super::ALIBABA) is one of its own.
    pub fn dump(&self, project_id: &str, instance_id: &str) -> Option<Snapshot> {
        self.heal();
        let gateways = self.gateways.read().unwrap_or_else(PoisonError::into_inner);
        let gateway = gateways.get(&(project_id.to_owned(), instance_id.to_owned()))?;
        if (project_id, instance_id) == super::ALIBABA {
            return Some(Snapshot { alibaba: alibaba::seed::dump(gateway), ..Snapshot::default() });
        }
        let mut snapshot = seed::dump(gateway);
        if let Some(shelf) = gateways.get(&shelf(project_id)) {
            snapshot.certificates = seed::dump_certificates(shelf, instance_id);
        }
        Some(snapshot)
    }

    /// Every row of every gateway in the form it is stored in, by project, gateway, collection and id. Two engines are in
    /// the same state when these are equal.
    pub fn rows(&self) -> BTreeMap<String, Vec<u8>> {
        self.heal();
        super::disk::rows(&self.gateways.read().unwrap_or_else(PoisonError::into_inner))
    }
}
