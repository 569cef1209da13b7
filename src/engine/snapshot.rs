//! Filling a gateway with what was observed, and reading it out.
//!
//! Objects have the form the wire shows them in, and may lack members: what was seen in a list lacks what only details
//! show. Everything here that has an id keeps it.

use std::collections::BTreeMap;
use std::sync::PoisonError;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::huawei_v2::seed;
use super::store::{Gateway, Tx};
use super::{Engine, huawei_v2, model};

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
    /// The disk refused.
    #[error("failed to store the snapshot")]
    Unstored,
}

impl Engine {
    /// Adds a snapshot to a gateway, which is made when it does not exist. Nothing is loaded when anything is malformed.
    pub fn load(&self, project_id: &str, instance_id: &str, snapshot: Snapshot) -> Result<(), LoadError> {
        let now = self.clock.now();
        let rows = seed::rows(snapshot, now, &self.settings.ids)?;
        self.heal();
        let mut gateways = self.gateways.write().unwrap_or_else(PoisonError::into_inner);
        let key = (project_id.to_owned(), instance_id.to_owned());
        let gateway = gateways.entry(key.clone()).or_insert_with(|| Gateway::new(project_id, instance_id));
        let mut tx = Tx::new(gateway);
        if tx.record(model::Coll::Env, huawei_v2::kinds::RELEASE).is_none() {
            tx.put(model::Coll::Env, huawei_v2::kinds::release(now));
        }
        for (coll, row) in rows {
            tx.put(coll, row);
        }
        self.settings.ids.jump(tx.places());
        seed::settle(&mut tx, now, &self.settings.ids);
        let changes = tx.commit();
        let receipt = self.disk.as_ref().map(|disk| disk.write(vec![(key, changes)]));
        drop(gateways);
        if receipt.is_none_or(super::Receipt::wait) { Ok(()) } else { Err(LoadError::Unstored) }
    }

    /// Everything a gateway holds; none when there is no such gateway.
    pub fn dump(&self, project_id: &str, instance_id: &str) -> Option<Snapshot> {
        self.heal();
        let gateways = self.gateways.read().unwrap_or_else(PoisonError::into_inner);
        let gateway = gateways.get(&(project_id.to_owned(), instance_id.to_owned()))?;
        Some(seed::dump(gateway))
    }

    /// Every row of every gateway in the form it is stored in, by project, gateway, collection and id. Two engines are in
    /// the same state when these are equal.
    pub fn rows(&self) -> BTreeMap<String, Vec<u8>> {
        self.heal();
        super::disk::rows(&self.gateways.read().unwrap_or_else(PoisonError::into_inner))
    }
}
