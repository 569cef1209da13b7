//! Huawei Cloud APIG: what its gateways have in common, dedicated ones ([`super::huawei_v2`]) and the shared one
//! ([`super::huawei_v1`]).
//!
//! Their protocols are nearly the same. What sets them apart is data, [`tables::Tables`]; all else is here. Sections in
//! comments are those of the vendor's API Reference of V2, 2025-02-18.

mod app_quotas;
mod attachments;
mod authorizations;
pub mod convert;
mod domains;
pub mod errors;
pub mod gateway;
pub mod limits;
pub(in crate::provider) mod links;
pub(in crate::provider) mod lower;
pub(in crate::provider) mod objects;
pub(in crate::provider) mod observe;
pub(in crate::provider) mod rows;
pub mod sign;
mod snapshot;
pub mod tables;
mod traffic;

use std::collections::BTreeMap;
use std::pin::Pin;
use std::sync::Arc;

use crate::cache::Cache;
use crate::document::{Document, Finding};
use crate::http::{Class, Client, ErrorMap, Signer};
use crate::kind::Kind;
use crate::observed::Observed;
use crate::plan::build::{BatchSizes, Lower, Lowered, Unsupported};
use crate::plan::{Change, Plan};
use crate::provider::support::Lack;
use crate::provider::{Captured, Credentials, ObserveError, Provider, StandIn, Want};
use crate::traffic::{Traffic, Whose};
use tables::Tables;

/// Neither gateway is told where servers are.
pub(in crate::provider) const NO_VPC: Lack = Lack::of(
    Kind::Channel,
    "vpc",
    "the servers of a channel are in the network of the gateway (POST vpc-channels)",
)
.nearest("remove it; the host that servers see is `hostHeader` of a backend");

/// The calls of kinds that are no objects, for [`Tables::apart`].
pub(in crate::provider) mod apart {
    use super::attachments::Side;
    use super::lower::Apart;
    use super::{app_quotas, attachments, authorizations, domains, gateway, lower};
    use crate::kind::Kind;
    use crate::plan::Action;

    pub(in crate::provider) const PUBLICATION: Apart =
        Apart { kind: Kind::Publication, batch: |_| lower::PUBLISH, lower: lower::publication };
    pub(in crate::provider) const PLUGIN_BINDING: Apart = Apart {
        kind: Kind::PluginBinding,
        batch: |_| attachments::BATCH,
        lower: |root, change| attachments::lower(root, change, Side::Plugin),
    };
    pub(in crate::provider) const APP_AUTHORIZATION: Apart = Apart {
        kind: Kind::AppAuthorization,
        batch: |action| if action == Action::Bind { authorizations::BATCH } else { 1 },
        lower: |root, change| authorizations::lower(root, change, 0),
    };
    pub(in crate::provider) const QUOTA_BINDING: Apart =
        Apart { kind: Kind::QuotaBinding, batch: app_quotas::batch, lower: app_quotas::lower };
    pub(in crate::provider) const DOMAIN_CERTIFICATE: Apart =
        Apart { kind: Kind::DomainCertificate, batch: |_| domains::BATCH, lower: domains::lower };
    pub(in crate::provider) const OWN_CERTIFICATE: Apart =
        Apart { kind: Kind::OwnCertificate, batch: |_| 1, lower: domains::own };
    pub(in crate::provider) const GATEWAY: Apart =
        Apart { kind: Kind::Gateway, batch: |_| 1, lower: gateway::settings };
    pub(in crate::provider) const GATEWAY_TAG: Apart =
        Apart { kind: Kind::GatewayTag, batch: |_| gateway::TAGS, lower: gateway::tag };
    pub(in crate::provider) const ENDPOINT_PERMISSION: Apart =
        Apart { kind: Kind::EndpointPermission, batch: |_| gateway::PERMISSIONS, lower: gateway::permission };
}

/// One gateway of this vendor.
#[derive(Debug)]
pub struct Huawei {
    /// What it has.
    pub(in crate::provider) tables: &'static Tables,
    /// The root of its paths.
    pub(in crate::provider) root: String,
    /// The project's id.
    pub(in crate::provider) project: String,
    /// The gateway's (instance's) id; as an engine knows it, where the gateway has none.
    pub(in crate::provider) instance: String,
    /// How to prove who is calling.
    pub(in crate::provider) credentials: Option<Arc<Credentials>>,
}

impl Lower for Huawei {
    fn lower(&self, change: &Change) -> Result<Lowered, Unsupported> {
        lower::lower(self.tables, &self.root, change)
    }

    fn lower_all(&self, changes: &[Change], _: &Observed) -> Vec<Result<Lowered, Unsupported>> {
        lower::lower_all(self.tables, &self.root, changes)
    }

    fn batch_sizes(&self) -> BatchSizes {
        self.tables.batch_sizes
    }

    fn most(&self, kind: Kind, limits: &BTreeMap<String, u64>) -> Option<usize> {
        // 3.28.8; 5 is what gateways have where 3.22.1 does not say otherwise.
        let codes =
            || limits.get("APP_CODE_NUM_LIMIT").and_then(|most| usize::try_from(*most).ok()).unwrap_or(5);
        (kind == Kind::AppCode).then(codes)
    }

    fn can_rename(&self, kind: Kind) -> Result<(), &'static str> {
        self.tables.named.iter().find(|(named, _)| *named == kind).map_or(Ok(()), |(_, reason)| Err(reason))
    }
}

impl Provider for Huawei {
    fn name(&self) -> &'static str {
        self.tables.name
    }

    fn errors(&self) -> ErrorMap {
        ErrorMap { read: read_error, hint: errors::hint }
    }

    fn signer(&self) -> Signer {
        let credentials = self.credentials.clone();
        Arc::new(move |request| {
            if let Some(credentials) = &credentials {
                // A request that cannot be signed is sent unsigned, and refused: the gateway's answer says so.
                let _signed = sign::sign(request, credentials, jiff::Timestamp::now());
            }
        })
    }

    fn check(&self, index: usize, document: &Document) -> Vec<Finding> {
        self.tables.check(index, document)
    }

    fn lacks(&self) -> &'static [Lack] {
        self.tables.lacks
    }

    fn stand_in(&self) -> StandIn {
        StandIn { project: self.project.clone(), gateway: self.instance.clone() }
    }

    fn snapshot(&self, plan: &Plan, observed: &Observed) -> serde_json::Value {
        snapshot::snapshot(self.tables, &self.root, plan, observed)
    }

    fn traffic<'a>(
        &'a self,
        client: &'a Client,
        whose: &'a Whose,
        minutes: u32,
    ) -> Pin<Box<dyn Future<Output = Result<Traffic, ObserveError>> + Send + 'a>> {
        Box::pin(traffic::read(&self.root, client, whose, minutes))
    }

    fn capture<'a>(
        &'a self,
        client: &'a Client,
    ) -> Pin<Box<dyn Future<Output = Result<Captured, ObserveError>> + Send + 'a>> {
        Box::pin(async move {
            let mut captured = observe::capture::capture(self.tables, &self.root, client).await?;
            captured.file["project_id"] = self.project.as_str().into();
            captured.file["instance_id"] = self.instance.as_str().into();
            Ok(captured)
        })
    }

    fn observe<'a>(
        &'a self,
        client: &'a Client,
        want: &'a Want,
        cache: &'a mut Cache,
    ) -> Pin<Box<dyn Future<Output = Result<Observed, ObserveError>> + Send + 'a>> {
        Box::pin(observe::observe(self.tables, self.root.clone(), client, want, cache))
    }
}

/// Code, message and class of an error answer (2.3).
fn read_error(status: u16, body: &[u8]) -> (String, String, Class) {
    #[derive(Default, serde::Deserialize)]
    #[serde(default)]
    struct Wire {
        error_code: String,
        error_msg: String,
    }
    let wire: Wire = serde_json::from_slice(body).unwrap_or_default();
    let class = match errors::class(status, &wire.error_code) {
        _ if status == 429 => Class::RateLimited,
        errors::Class::Retry => Class::Transient,
        errors::Class::Conflict => Class::Conflict,
        errors::Class::NotFound => Class::NotFound,
        errors::Class::Quota => Class::Quota,
        errors::Class::Denied => Class::Denied,
        errors::Class::Invalid => Class::Invalid,
        errors::Class::Blocked | errors::Class::Other => Class::Other,
    };
    let message =
        if wire.error_msg.is_empty() { "the gateway gave no reason".to_owned() } else { wire.error_msg };
    (wire.error_code, message, class)
}
