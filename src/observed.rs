//! What a provider reported of a gateway, in the same terms as the desired state.
//!
//! Not everything was read: a [`State::Digest`] says that a resource equals what was seen before under the same change
//! mark, a [`State::Unread`] that nobody asked. What could not be read at all is a [`Gap`].

use std::collections::{BTreeMap, BTreeSet};

use indexmap::IndexMap;
use indexmap::map::Entry;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::address::{Address, RemoteId};
use crate::history::History;
use crate::kind::Kind;
use crate::kinds::spec::{Digest, Spec, is_given};

/// A gateway as seen at one time.
#[derive(Debug, Clone, Default)]
pub struct Observed {
    /// What is there, by natural key.
    pub resources: IndexMap<Address, Live>,
    /// What could not be read.
    pub gaps: Vec<Gap>,
    /// Two resources under one natural key: the second is listed here and never touched.
    pub twins: Vec<(Address, RemoteId)>,
    /// What hangs on resources that are to go, is of no kind that was read, and would go with them.
    pub holders: BTreeMap<Address, Vec<Holder>>,
    /// What ran before, where it was asked for.
    pub histories: BTreeMap<Address, History>,
    /// What this gateway has from the start, besides what every gateway has: never made, never removed.
    pub given: BTreeSet<Address>,
    /// The kinds that this gateway does not remove by itself with what they belong to, although others do.
    pub staying: BTreeSet<Kind>,
    /// Facts that only some providers have, such as the gateway's quotas.
    pub limits: BTreeMap<String, u64>,
}

/// One resource of a gateway.
#[derive(Debug, Clone)]
pub struct Live {
    /// The gateway's id for it. For a publication the publish id, for a binding the id of its record.
    pub id: RemoteId,
    /// What it is.
    pub state: State,
    /// What else is known.
    pub detail: Detail,
}

/// How much of a resource is known.
#[derive(Debug, Clone)]
pub enum State {
    /// All of it.
    Known(Spec),
    /// That it has this fingerprint.
    Digest(Digest),
    /// Only that it is there.
    Unread,
}

/// What is known besides the spec.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Detail {
    /// Nothing.
    #[default]
    None,
    /// Of an API: what it claims in its group (see `ApiSpec::request_claim`), whatever else was read.
    Api {
        /// Method, path and match mode.
        claim: String,
        /// Where all of it was read and a change writes all of it: what the gateway said, for what no manifest says.
        kept: Option<Box<Value>>,
    },
    /// Of what is not changed by one call that says all of it: what the gateway said.
    Kept {
        /// As it was read.
        kept: Box<Value>,
    },
    /// Of a publication.
    Publication {
        /// The version that runs.
        version: Option<RemoteId>,
        /// Whether an older version was switched to: what runs is not what was published last.
        rolled_back: bool,
    },
    /// Of what shows its secret.
    Secret {
        /// What of it.
        shown: Shown,
    },
    /// Of a policy: how many publications it is attached to, with those that are not managed here.
    Bound {
        /// So many.
        count: u64,
    },
}

/// What a gateway shows of a secret. It is kept nowhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Shown {
    /// All of it, of which this is the fingerprint.
    Whole(Digest),
    /// How it begins and ends, with stars between, as a snapshot has it.
    Ends(String, String),
}

impl Shown {
    /// What `text` shows.
    #[must_use]
    pub fn of(text: &str) -> Self {
        match text.split_once("*****") {
            Some((first, last)) => Self::Ends(first.to_owned(), last.to_owned()),
            None => Self::Whole(Digest::of(text.as_bytes())),
        }
    }

    /// Whether it may be this secret: where all of it is shown, whether it is.
    #[must_use]
    pub fn fits(&self, secret: &str) -> bool {
        match self {
            Self::Whole(digest) => *digest == Digest::of(secret.as_bytes()),
            Self::Ends(first, last) => {
                secret.len() >= first.len() + last.len()
                    && secret.starts_with(first.as_str())
                    && secret.ends_with(last.as_str())
            }
        }
    }
}

/// Something of others that the gateway would remove together with what it hangs on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holder {
    /// What it is, for people: `the domain api.example.com`.
    pub what: String,
    /// What it hangs on besides: an authorization in an environment is also one of an API.
    pub on: Option<Address>,
}

/// Something that could not be read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Gap {
    /// What it concerns.
    pub address: Address,
    /// The field, or empty for the resource as a whole.
    pub field: String,
    /// Why not.
    pub reason: String,
}

impl Live {
    /// The fingerprint, where known.
    #[must_use]
    pub fn digest(&self) -> Option<Digest> {
        match &self.state {
            State::Known(spec) => Some(spec.digest()),
            State::Digest(digest) => Some(*digest),
            State::Unread => None,
        }
    }

    /// The spec, where known.
    #[must_use]
    pub fn spec(&self) -> Option<&Spec> {
        match &self.state {
            State::Known(spec) => Some(spec),
            State::Digest(_) | State::Unread => None,
        }
    }
}

impl Observed {
    /// Adds a resource. A second one under the same natural key goes to `twins`.
    pub fn insert(&mut self, address: Address, live: Live) {
        match self.resources.entry(address) {
            Entry::Vacant(entry) => {
                entry.insert(live);
            }
            Entry::Occupied(entry) => {
                self.twins.push((entry.key().clone(), live.id));
            }
        }
    }

    /// Whether the gateway has a resource from the start.
    #[must_use]
    pub fn is_given(&self, address: &Address) -> bool {
        is_given(address) || self.given.contains(address)
    }

    /// The resource at `address`.
    #[must_use]
    pub fn get(&self, address: &Address) -> Option<&Live> {
        self.resources.get(address)
    }

    /// The resources of one kind, ordered by address.
    #[must_use]
    pub fn of_kind(&self, kind: Kind) -> Vec<(&Address, &Live)> {
        let mut found: Vec<_> = self.resources.iter().filter(|(a, _)| a.kind == kind).collect();
        found.sort_by_key(|(address, _)| *address);
        found
    }
}
