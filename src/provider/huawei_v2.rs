//! Huawei Cloud APIG, dedicated gateways, API V2.
//!
//! Sections in comments are those of the vendor's API Reference of 2025-02-18.

pub mod convert;
pub mod errors;
pub mod limits;
mod lower;
mod observe;
mod snapshot;
pub mod sign;

use std::pin::Pin;
use std::sync::Arc;

use crate::cache::Cache;
use crate::document::{Document, Finding};
use crate::http::{Client, ErrorMap, Signer};
use crate::observed::Observed;
use crate::plan::build::{BatchSizes, Lower, Lowered, Unsupported};
use crate::plan::{Change, Plan};
use crate::provider::{ObserveError, Provider, Want};

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
        format!("/v2/{}/apigw/instances/{}", crate::http::encode(&self.project), crate::http::encode(&self.instance))
    }
}

impl Lower for HuaweiV2 {
    fn lower(&self, change: &Change) -> Result<Lowered, Unsupported> {
        lower::lower(&self.root(), change)
    }

    fn batch_sizes(&self) -> BatchSizes {
        lower::BATCHES
    }
}

impl Provider for HuaweiV2 {
    fn name(&self) -> &'static str {
        NAME
    }

    fn errors(&self) -> ErrorMap {
        ErrorMap { read: errors::read, hint: errors::hint }
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
        limits::findings(index, document)
    }

    fn snapshot(&self, plan: &Plan, observed: &Observed) -> serde_json::Value {
        snapshot::snapshot(plan, observed)
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
