//! What a gateway vendor is to the rest: a few functions and data. No vendor is named here; each has a folder with the same
//! file names.

pub mod alibaba;
mod holders;
pub mod huawei;
pub mod huawei_v1;
pub mod huawei_v2;
mod reading;
pub mod support;
mod text;
pub mod wire;

use std::collections::{HashMap, HashSet};
use std::fmt;
use std::pin::Pin;
use std::sync::Arc;

use crate::address::Address;
use crate::cache::Cache;
use crate::document::{Document, Finding};
use crate::history::Query;
use crate::http::{CallError, Client, Encoded, Encoder, ErrorMap, Signer};
use crate::kind::{Fold, Kind};
use crate::kinds::spec::Digest;
use crate::observed::Observed;
use crate::plan::Plan;
use crate::plan::build::Lower;
use crate::traffic::{Traffic, Whose};

/// A vendor's gateway as a target.
pub trait Provider: Lower + Send + Sync {
    /// The name in project files, such as `huawei-apig-v2`.
    fn name(&self) -> &'static str;

    /// In which form this vendor takes requests.
    fn encoder(&self) -> Encoder {
        Encoded::json
    }

    /// How this vendor words errors.
    fn errors(&self) -> ErrorMap;

    /// What signs requests to it.
    fn signer(&self) -> Signer;

    /// What this vendor cannot take, of one document.
    fn check(&self, index: usize, document: &Document) -> Vec<Finding>;

    /// What this vendor's gateway cannot take.
    fn lacks(&self) -> &'static [support::Lack];

    /// Where an engine holds what stands in for this gateway.
    fn stand_in(&self) -> StandIn;

    /// What a rehearsal of `plan` must know of the gateway: the engine's snapshot, as JSON.
    fn snapshot(&self, plan: &Plan, observed: &Observed) -> serde_json::Value;

    /// Reads what went through in the last `minutes`.
    fn traffic<'a>(
        &'a self,
        client: &'a Client,
        whose: &'a Whose,
        minutes: u32,
    ) -> Pin<Box<dyn Future<Output = Result<Traffic, ObserveError>> + Send + 'a>>;

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

/// A gateway within an engine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StandIn {
    /// The id of its project.
    pub project: String,
    /// Its id.
    pub gateway: String,
}

/// All of a gateway, as a snapshot holds it; no secrets in clear.
#[derive(Debug, Clone)]
pub struct Captured {
    /// The file of the snapshot, as JSON.
    pub file: serde_json::Value,
    /// What the gateway refused to show.
    pub notes: Vec<String>,
}

/// A vendor's gateway before anyone speaks to it.
pub struct Vendor {
    /// The name in project files, such as `huawei-apig-v2`.
    pub name: &'static str,
    /// The fields of a target that it needs.
    pub needs: &'static [&'static str],
    /// The fields of a target that it can do without.
    pub takes: &'static [&'static str],
    /// What it cannot take of what manifests can say.
    pub lacks: &'static [support::Lack],
    /// The kinds that it has no objects of, and takes all the same.
    pub folds: &'static [Fold],
    /// What it cannot take, of one document; needs no gateway.
    pub check: fn(usize, &Document) -> Vec<Finding>,
    /// A gateway of it.
    pub open: fn(Place) -> Arc<dyn Provider>,
}

impl fmt::Debug for Vendor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Vendor").field("name", &self.name).finish_non_exhaustive()
    }
}

/// Which gateway of a vendor, and who calls; what a vendor has no use for is empty.
#[derive(Debug, Clone, Default)]
pub struct Place {
    /// The region.
    pub region: String,
    /// The project's id.
    pub project: String,
    /// The gateway's (instance's) id.
    pub instance: String,
    /// How to prove who is calling.
    pub credentials: Option<Arc<Credentials>>,
}

/// All vendors, in the order of their names.
pub static VENDORS: &[&Vendor] = &[&alibaba::VENDOR, &huawei_v1::VENDOR, &huawei_v2::VENDOR];

/// The vendor of a name.
#[must_use]
pub fn vendor(name: &str) -> Option<&'static Vendor> {
    VENDORS.iter().copied().find(|vendor| vendor.name == name)
}

/// How a client proves who it is.
#[derive(Clone, PartialEq, Eq)]
pub enum Credentials {
    /// A permanent access key.
    KeyPair {
        /// The access key.
        access_key: String,
        /// The secret key.
        secret_key: String,
    },
    /// An access key that expires, with the token that came with it.
    Temporary {
        /// The access key.
        access_key: String,
        /// The secret key.
        secret_key: String,
        /// The token.
        security_token: String,
    },
    /// A token, valid for a day; such requests are not signed.
    Token(String),
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::KeyPair { access_key, .. } => write!(f, "KeyPair({access_key}, ***)"),
            Self::Temporary { access_key, .. } => write!(f, "Temporary({access_key}, ***, ***)"),
            Self::Token(_) => f.write_str("Token(***)"),
        }
    }
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
