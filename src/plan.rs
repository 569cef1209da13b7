//! A plan is a value with no choice left: what changes ([`Change`]), and the calls that make it so ([`Step`]).
//!
//! Steps refer to ids that are not known yet by placeholders in their calls:
//!
//! | placeholder | stands for |
//! | --- | --- |
//! | `{"$id": "Group/payments"}` | the gateway's id of that resource, known or made by an earlier step |
//! | `{"$secret": {"fromEnv": "NAME"}}` | the secret, read while applying |
//! | `{"$items": true}` | the list of the keys of the step's items |
//! | `{"$items": "app_id"}` | the list of what the rows of the step's items say there, each once |
//!
//! Everything here is data: it can be printed, saved, compared and checked. Nothing here does I/O or looks at a clock.

#![deny(clippy::disallowed_methods)]

pub mod bound;
pub mod brake;
pub mod build;
pub mod check;
pub mod cover;
pub mod products;

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::address::{Address, RemoteId};
use crate::kind::Kind;
use crate::kinds::spec::{Digest, Spec};
use crate::kinds::value::Secret;
use crate::observed::Gap;

/// The format of saved plans; a plan of another format is refused.
pub const FORMAT: u32 = 3;

/// What is to be done, and why.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Plan {
    /// [`FORMAT`].
    pub format: u32,
    /// The gateway that it is for.
    pub target: Target,
    /// What changes, ordered by address within creation order.
    pub changes: Vec<Change>,
    /// The calls, in an order in which they can be made one by one.
    pub steps: Vec<Step>,
    /// Why something was not done, and other remarks.
    pub notes: Vec<Note>,
    /// What could not be read.
    pub gaps: Vec<Gap>,
    /// The live resources that the plan was made from: what it touches or refers to. `None`: was not there.
    pub base: BTreeMap<Address, Option<Base>>,
    /// The fewest calls that could do the same, by the batch sizes of the gateway.
    pub calls_bound: usize,
    /// How many calls it took to observe the gateway.
    pub reads: usize,
    /// How many resources are in the manifests.
    pub managed: usize,
    /// How many of them are as they should be.
    pub unchanged: usize,
    /// Live resources that the ledger should list as owned, though nothing changes: they were created by an apply that
    /// was cut off, or their digest is not on record.
    pub adopt: Vec<Address>,
    /// Ledger entries of resources that are gone from the gateway and from the manifests.
    pub forget: Vec<Address>,
    /// Ledger entries of resources that somebody has given their new name already: the old and the new one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub renamed: Vec<(Address, Address)>,
    /// What must not be removed, as the manifests say: the ledger remembers it.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub protected: BTreeSet<Address>,
    /// How many resources the ledger owns at this gateway.
    #[serde(default)]
    pub owned: usize,
    /// Whether it only shows what was changed by hand: then it has no steps, and to apply it brings the ledger up to date.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub refresh_only: bool,
    /// The environments that it does not go beyond; all where none are named.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub environments: BTreeSet<String>,
    /// The APIs that it takes something away from, with how often they are called.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub busy: Vec<Busy>,
    /// Whether it removes what is owned because somebody said so.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub destroy: bool,
}

/// Which gateway.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Target {
    /// The name in the project file.
    pub name: String,
    /// The provider, such as `huawei-apig-v2`.
    pub provider: String,
    /// Where its API is; no credentials.
    pub endpoint: String,
    /// Project and instance, or what identifies a gateway at this provider.
    pub scope: BTreeMap<String, String>,
}

/// A live resource that a plan was made from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Base {
    /// Its id.
    pub id: RemoteId,
    /// Its fingerprint in hexadecimal; `None` where only its existence matters.
    pub digest: Option<String>,
}

/// What happens to a resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Action {
    /// It is made.
    Create,
    /// It is changed in place.
    Update,
    /// It is deleted.
    Delete,
    /// An API definition goes live.
    Publish,
    /// Another version of an API, which ran before, goes live again.
    Switch,
    /// An API is taken offline in an environment.
    Unpublish,
    /// A policy is attached, or takes the place of another.
    Bind,
    /// A policy is detached.
    Unbind,
}

impl Action {
    /// Whether something that callers may depend on goes away.
    #[must_use]
    pub fn is_destructive(self) -> bool {
        matches!(self, Self::Delete | Self::Unpublish | Self::Unbind)
    }

    /// All actions, in the order of summaries.
    pub const ALL: [Self; 8] = [
        Self::Create,
        Self::Update,
        Self::Delete,
        Self::Publish,
        Self::Switch,
        Self::Unpublish,
        Self::Bind,
        Self::Unbind,
    ];

    /// The word for summaries.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Update => "update",
            Self::Delete => "delete",
            Self::Publish => "publish",
            Self::Switch => "switch",
            Self::Unpublish => "unpublish",
            Self::Bind => "bind",
            Self::Unbind => "unbind",
        }
    }
}

/// Why a resource changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Reason {
    /// It is in the manifests and not on the gateway.
    New,
    /// It was there and someone removed it at the gateway.
    RemovedByHand,
    /// The manifest was changed.
    ManifestChanged,
    /// Someone changed it at the gateway.
    ChangedByHand,
    /// The manifest was changed, and someone changed it at the gateway too.
    ChangedBoth,
    /// It differs, and nothing is on record of what was applied before.
    Differs,
    /// Its secret has changed at the source.
    SecretChanged,
    /// What no gateway shows of it has changed, a secret or not.
    UnseenChanged,
    /// The draft is as it should be, but was never published after it was edited.
    NeverPublished,
    /// Someone switched to an older version.
    RolledBack,
    /// It is no longer in the manifests.
    Removed,
    /// Everything that is owned goes.
    Destroyed,
    /// It gets another name.
    Renamed,
    /// It gets another name, which this gateway can do only by making it anew.
    RenamedAnew,
    /// Its parent goes.
    GoesWithParent,
    /// Somebody asked for an earlier version.
    Rollback,
}

impl Reason {
    /// A phrase for people.
    #[must_use]
    pub fn phrase(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::RemovedByHand => "removed by hand at the gateway",
            Self::ManifestChanged => "manifest changed",
            Self::ChangedByHand => "changed by hand at the gateway",
            Self::ChangedBoth => "manifest changed, and changed by hand at the gateway",
            Self::Differs => "differs from the gateway",
            Self::SecretChanged => "secret changed at its source",
            Self::UnseenChanged => "what the gateway does not show has changed at its source",
            Self::NeverPublished => "edited but never published",
            Self::RolledBack => "an older version is running",
            Self::Removed => "no longer in the manifests",
            Self::Destroyed => "destroy",
            Self::Renamed => "renamed",
            Self::RenamedAnew => "renamed, by making it anew",
            Self::GoesWithParent => "goes with what it belongs to",
            Self::Rollback => "rollback",
        }
    }

    /// Whether the gateway differs from what was applied last, whoever did it.
    #[must_use]
    pub fn is_drift(self) -> bool {
        matches!(self, Self::RemovedByHand | Self::ChangedByHand | Self::ChangedBoth | Self::RolledBack)
    }
}

/// One resource that changes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Change {
    /// Which resource.
    pub address: Address,
    /// What happens to it.
    pub action: Action,
    /// Why.
    pub reason: Reason,
    /// What it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<Spec>,
    /// What it is to be.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<Spec>,
    /// Where the manifests ask for it: file and line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// Whether the ledger has it, or what it is part of.
    #[serde(default)]
    pub owned: bool,
    /// Whether it was there, made by others, and is taken over.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub adopted: bool,
    /// What it was called.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub was: Option<Address>,
    /// The version that goes live, where one is switched to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub switch: Option<Switch>,
    /// What goes away with it without a call of its own.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub takes_along: Vec<Address>,
}

/// A version of an API that goes live again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Switch {
    /// The gateway's id of the version.
    pub to: RemoteId,
    /// What people call it.
    pub number: String,
    /// The version that runs now, as people call it.
    pub from: String,
    /// The fingerprint of what is not to be published again until the manifest asks for something else, in hexadecimal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hold: Option<String>,
}

/// An API whose callers notice a change.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Busy {
    /// The API.
    pub address: Address,
    /// What the plan does to it, such as `is deleted`.
    pub what: String,
    /// How often it was called in the last hour; none: that is not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub requests: Option<u64>,
}

/// A remark.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Note {
    /// Stable name of the sort of remark, such as `not-owned`.
    pub code: String,
    /// What it concerns.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<Address>,
    /// One sentence without a trailing period.
    pub message: String,
}

/// One call and what it does.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Step {
    /// The call.
    pub call: Call,
    /// The changes that it makes: several for a batch.
    pub items: Vec<Item>,
    /// How to read the answer.
    pub reply: Reply,
    /// How to find out whether it was done after all, when the answer to it was lost and a second try is refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recover: Option<Recover>,
}

/// One change within a step.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Item {
    /// Index into [`Plan::changes`].
    pub change: usize,
    /// What stands for it in the list of a batch, and in the rows of the answer: a text or an `$id` placeholder.
    #[serde(default, skip_serializing_if = "Value::is_null")]
    pub key: Value,
    /// What a row of the answer says of it, where the row does not say `key`: fields with texts or `$id` placeholders.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub row: Vec<(String, Value)>,
    /// Changes that must have been made before.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub needs: Vec<usize>,
}

/// A request as data.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Call {
    /// `GET`, `POST`, `PUT` or `DELETE`.
    pub method: String,
    /// The path below the gateway's root, with `{name}` for what `args` holds.
    pub path: String,
    /// Values for the `{name}`s of the path: texts or `$id` placeholders.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub args: BTreeMap<String, Value>,
    /// Query parameters: texts or `$id` placeholders.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub query: Vec<(String, Value)>,
    /// The JSON body, with placeholders; null for none.
    #[serde(default, skip_serializing_if = "Value::is_null")]
    pub body: Value,
}

/// How to read an answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Reply {
    /// Nothing in it matters.
    Ignore,
    /// It is the object; the field holds its id.
    Object {
        /// The field.
        id: String,
    },
    /// Rows, one per item.
    Rows {
        /// The names that the list of rows may have, where the answer is not the list.
        lists: Vec<String>,
        /// The field of a row that equals the item's key.
        key: String,
        /// The field of a row that holds the id made.
        id: String,
        /// The list of failures and the field in it that equals the item's key.
        failures: Option<(String, String)>,
    },
    /// Rows, one per item, each with a verdict.
    Verdicts {
        /// The list of rows, where the answer is not the list.
        list: String,
        /// The field of a row that holds the id made.
        id: String,
        /// The field of a row that holds the verdict; a failure in it is worded as an error.
        verdict: String,
        /// The field of the verdict that tells how it went, and what it says when it was not done.
        failed: (String, String),
    },
    /// Nothing in it matters, and what each item made has an id all the same: this field of its `row`.
    Known {
        /// The field.
        id: String,
    },
    /// It is read as `reply` says, and after it further calls are made, one after another, for the same change.
    Then {
        /// How to read the answer to the first.
        reply: Box<Self>,
        /// The others.
        calls: Vec<Further>,
    },
    /// The id of a task that goes on at the gateway, and is asked about until it is over.
    Task(Box<Task>),
    /// A list of failures only: items that are not in it were done.
    Failures {
        /// The list.
        list: String,
        /// The field that equals the item's key.
        key: String,
    },
}

/// A call that follows the first of a step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Further {
    /// The call.
    #[serde(flatten)]
    pub call: Call,
    /// How to find out, after a lost answer, whether it was done; none: it may be made once more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recover: Option<Recover>,
    /// Whether it only takes something away: where that is gone already, it is done.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub removes: bool,
}

/// A task at the gateway, and how to ask what became of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Task {
    /// The field of the answer with its id.
    pub field: String,
    /// The path of the read that tells about it.
    pub path: String,
    /// The parameter of that read with its id.
    pub parameter: String,
    /// The list of rows, one per item; `outer.inner` is the list `inner` within `outer`.
    pub list: String,
    /// The field of a row that holds the id made.
    pub id: String,
    /// The field of a row that tells how far it is, and what it says when it is over.
    pub over: (String, String),
    /// The field of a row that tells how it went, and how what it says begins when it was done.
    pub done: (String, String),
}

/// A read that tells whether a lost call was done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Recover {
    /// The read.
    pub call: Call,
    /// The list in the answer; `outer.inner` is the list `inner` within `outer`.
    pub list: String,
    /// The fields that a row must have: texts or `$id` placeholders.
    pub matches: Vec<(String, Value)>,
    /// The field that holds the id.
    pub id: String,
}

/// Counts by action.
#[must_use]
pub fn summary(changes: &[Change]) -> BTreeMap<Action, usize> {
    let mut counts = BTreeMap::new();
    for change in changes {
        *counts.entry(change.action).or_insert(0) += 1;
    }
    counts
}

impl Plan {
    /// Whether nothing is to be done.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.changes.is_empty()
    }

    /// A text that fits where a secret that is not at hand is to go: 16 letters and digits fit every type of signature (3.6.1
    /// of the V2 reference); a code of an app has 64 at least, and is no other's (3.28.8).
    #[must_use]
    pub fn stand_in(&self, source: &Secret) -> String {
        let of = |change: &&Change| change.after.as_ref().and_then(Spec::secret) == Some(source);
        let is_code = self.changes.iter().filter(of).any(|change| change.address.kind == Kind::AppCode);
        match is_code {
            true => Digest::of(source.to_string().as_bytes()).to_hex().repeat(2),
            false => "0123456789abcdef".to_owned(),
        }
    }

    /// Whether the gateway is to be changed.
    #[must_use]
    pub fn has_calls(&self) -> bool {
        !self.steps.is_empty()
    }
}

/// A placeholder for the id of a resource.
#[must_use]
pub fn id_of(address: &Address) -> Value {
    serde_json::json!({ "$id": address })
}

/// The address in an `$id` placeholder.
#[must_use]
pub fn placeholder(value: &Value) -> Option<Address> {
    let object = value.as_object().filter(|o| o.len() == 1)?;
    Address::parse(object.get("$id")?.as_str()?)
}
