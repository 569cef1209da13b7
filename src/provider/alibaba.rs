//! Alibaba Cloud API Gateway, CloudAPI 2016-07-14.
//!
//! One account has one gateway in a region. Its environments are three and fixed; policies are attached to an API in an
//! environment and stay when it goes offline there. Actions are named as in the vendor's reference. Descriptors
//! ([`objects`]) say what actions a kind has; [`lower`] and [`observe`] are code over them.
//!
//! `ModifyApi` writes all of an API. What no manifest can say of one is read with it and sent along
//! ([`convert`]), so that nothing is lost that somebody set by other means.

mod authorizations;
mod capture;
mod certificates;
mod channels;
mod convert;
mod domains;
mod errors;
mod form;
mod limits;
mod links;
mod lower;
mod objects;
mod observe;
pub mod sign;
mod snapshot;
mod support;
mod traffic;
mod variables;

use std::pin::Pin;
use std::sync::Arc;

use crate::cache::Cache;
use crate::document::{Document, Finding};
use crate::http::{Client, Encoder, ErrorMap, Signer};
use crate::kind::Kind;
use crate::observed::Observed;
use crate::plan::build::{BatchSizes, Lower, Lowered, Takes, Unsupported};
use crate::plan::{Action, Change, Plan};
use crate::provider::support::Lack;
use crate::provider::{Captured, Credentials, ObserveError, Provider, StandIn, Vendor, Want};
use crate::traffic::{Traffic, Whose};

/// The name in project files.
pub const NAME: &str = "alibaba-cloudapi";

/// What it is before anyone speaks to it.
pub static VENDOR: Vendor = Vendor {
    name: NAME,
    needs: &["endpoint", "credentials"],
    takes: &["region"],
    lacks: support::LACKS,
    folds: support::FOLDS,
    check,
    open: |place| {
        Arc::new(Alibaba {
            stand_in: StandIn { project: place.project, gateway: place.instance },
            credentials: place.credentials,
        })
    },
};

/// The gateway of an account.
#[derive(Debug)]
struct Alibaba {
    /// The ids an engine goes by; the gateway itself has none.
    stand_in: StandIn,
    /// How to prove who is calling.
    credentials: Option<Arc<Credentials>>,
}

fn check(index: usize, document: &Document) -> Vec<Finding> {
    let lacking = crate::provider::support::findings(support::LACKS, index, document);
    let said = |field: &str| lacking.iter().any(|lack| lack.field == field);
    let others: Vec<Finding> =
        limits::check(index, document).into_iter().filter(|found| !said(&found.field)).collect();
    lacking.into_iter().chain(others).collect()
}

impl Lower for Alibaba {
    fn lower(&self, change: &Change) -> Result<Lowered, Unsupported> {
        lower::lower(change, None)
    }

    fn lower_all(&self, changes: &[Change], observed: &Observed) -> Vec<Result<Lowered, Unsupported>> {
        lower::lower_all(changes, observed)
    }

    fn besides(&self, changes: &[Change], observed: &Observed) -> usize {
        lower::lower_all(changes, observed).iter().flatten().map(|lowered| lowered.reply.calls().len()).sum()
    }

    fn batch_sizes(&self) -> BatchSizes {
        lower::batch_size
    }

    fn takes(&self, kind: Kind, action: Action) -> Takes {
        match (kind, action) {
            (Kind::AppAuthorization, _) => Takes::Stars,
            (Kind::Publication, Action::Unpublish) => Takes::Mixed,
            _ => Takes::Any,
        }
    }

    fn within(&self, change: &Change) -> String {
        lower::within(change)
    }

    fn can_rename(&self, kind: Kind) -> Result<(), &'static str> {
        objects::fixed_name(kind).map_or(Ok(()), Err)
    }
}

impl Provider for Alibaba {
    fn name(&self) -> &'static str {
        NAME
    }

    fn encoder(&self) -> Encoder {
        form::encoded
    }

    fn errors(&self) -> ErrorMap {
        ErrorMap { read: errors::read, hint: errors::hint }
    }

    fn signer(&self) -> Signer {
        let credentials = self.credentials.clone();
        Arc::new(move |request| {
            if let Some(credentials) = &credentials {
                // A request that cannot be signed is sent unsigned, and refused: the gateway's answer says so.
                let _signed = sign::sign(request, credentials, jiff::Timestamp::now(), &sign::nonce());
            }
        })
    }

    fn check(&self, index: usize, document: &Document) -> Vec<Finding> {
        check(index, document)
    }

    fn lacks(&self) -> &'static [Lack] {
        support::LACKS
    }

    fn stand_in(&self) -> StandIn {
        self.stand_in.clone()
    }

    fn snapshot(&self, plan: &Plan, observed: &Observed) -> serde_json::Value {
        snapshot::snapshot(plan, observed)
    }

    fn traffic<'a>(
        &'a self,
        client: &'a Client,
        whose: &'a Whose,
        minutes: u32,
    ) -> Pin<Box<dyn Future<Output = Result<Traffic, ObserveError>> + Send + 'a>> {
        Box::pin(traffic::read(client, whose, minutes))
    }

    fn capture<'a>(
        &'a self,
        client: &'a Client,
    ) -> Pin<Box<dyn Future<Output = Result<Captured, ObserveError>> + Send + 'a>> {
        Box::pin(capture::capture(client))
    }

    fn observe<'a>(
        &'a self,
        client: &'a Client,
        want: &'a Want,
        cache: &'a mut Cache,
    ) -> Pin<Box<dyn Future<Output = Result<Observed, ObserveError>> + Send + 'a>> {
        Box::pin(observe::observe(client, want, cache))
    }
}
