//! Huawei Cloud APIG, dedicated gateways, API V2.
//!
//! Sections in comments are those of the vendor's API Reference of 2025-02-18.

mod app_quotas;
mod attachments;
mod authorizations;
pub mod convert;
mod domains;
pub mod errors;
pub mod gateway;
pub mod limits;
mod links;
mod lower;
mod objects;
mod observe;
pub mod sign;
mod snapshot;

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
use crate::provider::{Captured, ObserveError, Provider, Want};

pub use sign::Credentials;

/// The name in project files.
pub const NAME: &str = "huawei-apig-v2";

/// One dedicated gateway.
#[derive(Debug)]
pub struct HuaweiV2 {
    /// The project's id.
    pub project: String,
    /// The gateway's (instance's) id.
    pub instance: String,
    /// How to prove who is calling.
    pub credentials: Option<Arc<Credentials>>,
}

impl HuaweiV2 {
    /// The root of the gateway's paths.
    fn root(&self) -> String {
        format!(
            "/v2/{}/apigw/instances/{}",
            crate::http::encode(&self.project),
            crate::http::encode(&self.instance)
        )
    }
}

impl Lower for HuaweiV2 {
    fn lower(&self, change: &Change) -> Result<Lowered, Unsupported> {
        lower::lower(&self.root(), change)
    }

    fn lower_all(&self, changes: &[Change]) -> Vec<Result<Lowered, Unsupported>> {
        lower::lower_all(&self.root(), changes)
    }

    fn batch_sizes(&self) -> BatchSizes {
        lower::batch_size
    }

    fn most(&self, kind: Kind, limits: &BTreeMap<String, u64>) -> Option<usize> {
        // 3.28.8; 5 is what gateways have where 3.22.1 does not say otherwise.
        let codes =
            || limits.get("APP_CODE_NUM_LIMIT").and_then(|most| usize::try_from(*most).ok()).unwrap_or(5);
        (kind == Kind::AppCode).then(codes)
    }

    fn can_rename(&self, kind: Kind) -> Result<(), &'static str> {
        match kind {
            Kind::Variable => Err("the gateway changes only the value of a variable (3.3.5)"),
            Kind::Domain => Err("the gateway changes everything of a domain but its name (3.12.3)"),
            _ => Ok(()),
        }
    }
}

impl Provider for HuaweiV2 {
    fn name(&self) -> &'static str {
        NAME
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
        check(index, document)
    }

    fn snapshot(&self, plan: &Plan, observed: &Observed) -> serde_json::Value {
        snapshot::snapshot(&self.root(), plan, observed)
    }

    fn capture<'a>(
        &'a self,
        client: &'a Client,
    ) -> Pin<Box<dyn Future<Output = Result<Captured, ObserveError>> + Send + 'a>> {
        Box::pin(async move {
            let above = format!("/v2/{}/apigw", crate::http::encode(&self.project));
            let mut captured = observe::capture::capture(&above, &self.root(), client).await?;
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
        Box::pin(observe::observe(self.root(), client, want, cache))
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

/// What this vendor cannot take, of one document; needs no gateway.
#[must_use]
pub fn check(index: usize, document: &Document) -> Vec<Finding> {
    let Some(spec) = &document.spec else { return Vec::new() };
    let found = limits::check(&document.metadata.name, document.metadata.group.as_deref(), spec);
    let finding =
        |f: limits::Finding| Finding { help: f.help, ..Finding::error(index, f.code, f.field, f.message) };
    found.into_iter().map(finding).collect()
}
