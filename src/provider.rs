//! What a gateway vendor is to the rest: a few functions and data. No vendor is named here; each has a folder with the same
//! file names.

pub mod huawei_v2;

use std::collections::{HashMap, HashSet};
use std::pin::Pin;

use crate::address::Address;
use crate::cache::Cache;
use crate::document::{Document, Finding};
use crate::history::Query;
use crate::http::{CallError, Client, ErrorMap, Signer};
use crate::kind::Kind;
use crate::kinds::spec::Digest;
use crate::observed::Observed;
use crate::plan::Plan;
use crate::plan::build::Lower;

/// A vendor's gateway as a target.
pub trait Provider: Lower + Send + Sync {
    /// The name in project files, such as `huawei-apig-v2`.
    fn name(&self) -> &'static str;

    /// How this vendor words errors.
    fn errors(&self) -> ErrorMap;

    /// What signs requests to it.
    fn signer(&self) -> Signer;

    /// What this vendor cannot take, of one document.
    fn check(&self, index: usize, document: &Document) -> Vec<Finding>;

    /// What a rehearsal of `plan` must know of the gateway: the engine's snapshot, as JSON.
    fn snapshot(&self, plan: &Plan, observed: &Observed) -> serde_json::Value;

    /// Reads all that the gateway shows of itself, for a snapshot.
    fn capture<'a>(
        &'a self,
        client: &'a Client,
    ) -> Pin<Box<dyn Future<Output = Result<Captured, ObserveError>> + Send + 'a>>;

    /// Reads the gateway with as few calls as possible.
    fn observe<'a>(
        &'a self,
        client: &'a Client,
        want: &'a Want,
        cache: &'a mut Cache,
    ) -> Pin<Box<dyn Future<Output = Result<Observed, ObserveError>> + Send + 'a>>;
}

/// All of a gateway, as a snapshot holds it; no secrets in clear.
#[derive(Debug, Clone)]
pub struct Captured {
    /// The file of the snapshot, as JSON.
    pub file: serde_json::Value,
    /// What the gateway refused to show.
    pub notes: Vec<String>,
}

/// What is to be observed.
#[derive(Debug, Clone, Default)]
pub struct Want {
    /// Fingerprints of the desired state: where the gateway still has what was seen under the same change mark, and it has
    /// this fingerprint, nothing more is read.
    pub digests: HashMap<Address, Digest>,
    /// Resources that are named or on record, managed or not.
    pub addresses: HashSet<Address>,
    /// Those of `addresses` that are owned and asked for no more: what would go with them is read too.
    pub leaving: HashSet<Address>,
    /// Whose earlier versions are read.
    pub history: Option<Query>,
    /// Read everything in full, as for an export.
    pub all: bool,
    /// Read in full what differs from `digests`, so that it can be shown.
    pub details: bool,
}

impl Want {
    /// Whether anything of a kind is wanted.
    #[must_use]
    pub fn kind(&self, kind: Kind) -> bool {
        self.all || self.addresses.iter().any(|a| a.kind == kind)
    }

    /// The kinds of which anything is wanted, where not everything is.
    #[must_use]
    pub fn kinds(&self) -> HashSet<Kind> {
        self.addresses.iter().map(|address| address.kind).collect()
    }

    /// Whether this resource is wanted.
    #[must_use]
    pub fn wants(&self, address: &Address) -> bool {
        self.all || self.addresses.contains(address)
    }
}

/// A gateway that could not be observed.
#[derive(Debug, thiserror::Error)]
pub enum ObserveError {
    /// A call failed.
    #[error("failed to read the gateway")]
    Call(#[from] CallError),
    /// An answer has not the documented shape.
    #[error("failed to understand the gateway's answer about {what}: {message}")]
    Shape {
        /// What was asked.
        what: String,
        /// What is wrong with the answer.
        message: String,
    },
}
