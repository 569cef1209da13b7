//! What differs between desired and observed, and why: generic over kinds, pure.
//!
//! Deletes happen only to what is owned. Everything that is left alone although it is not in the manifests is named in a
//! [`Note`].

#![deny(clippy::disallowed_methods)]

mod fields;
mod removal;

use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::address::{Address, RemoteId};
use crate::desired::{Desired, Resource};
use crate::kind::Kind;
use crate::kinds::spec::{Digest, Spec};
use crate::observed::{Detail, Live, Observed, State};
use crate::plan::{Action, Change, Note, Reason};

pub use fields::{FieldChange, changed_fields};

/// What is on record of earlier applies.
#[derive(Debug, Clone, Default)]
pub struct Record {
    /// What is owned.
    pub owned: BTreeMap<Address, Owned>,
    /// What an apply that was cut off was about to create.
    pub pending: BTreeSet<Address>,
}

/// One owned resource.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Owned {
    /// The gateway's id.
    pub id: RemoteId,
    /// The fingerprint of what was applied.
    pub digest: Option<Digest>,
}

impl Record {
    /// What an apply that was cut off was about to create, and is there now, was created by it.
    pub fn settle(&mut self, observed: &Observed) {
        for address in &self.pending {
            if let Some(live) = observed.get(address) {
                let owned = Owned { id: live.id.clone(), digest: None };
                self.owned.entry(address.clone()).or_insert(owned);
            }
        }
    }
}

/// Whether a secret is the one that was sent the last time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SecretState {
    /// The same.
    Same,
    /// Another.
    Changed,
    /// Nothing is on record.
    Unknown,
}

/// What the diff is made from.
#[derive(Debug)]
pub struct Input<'a> {
    /// What the manifests ask for.
    pub desired: &'a Desired,
    /// What is there.
    pub observed: &'a Observed,
    /// What is on record.
    pub record: &'a Record,
    /// Of resources with a secret.
    pub secrets: &'a HashMap<Address, SecretState>,
    /// Whether owned resources that left the manifests are deleted.
    pub prune: bool,
    /// Whether live resources that are as the manifests say, and not owned, become owned.
    pub adopt: bool,
}

/// What differs.
#[derive(Debug, Default)]
pub struct Difference {
    /// What changes.
    pub changes: Vec<Change>,
    /// Why something does not.
    pub notes: Vec<Note>,
    /// Resources that are as they should be.
    pub unchanged: usize,
    /// How many of them are not owned.
    pub unowned: usize,
    /// Live resources to be put on record.
    pub adopt: Vec<Address>,
    /// Records of resources that are gone from both sides.
    pub forget: Vec<Address>,
    /// Fields that are to change and cannot, below `spec`.
    pub fixed: Vec<(Address, &'static str)>,
}

/// Compares.
#[must_use]
pub fn diff(input: &Input<'_>) -> Difference {
    let mut difference = Difference::default();
    for (resource, spec) in input.desired.managed() {
        match input.observed.get(&resource.address) {
            None => difference.changes.push(creation(input, resource, spec)),
            Some(live) => compare(input, resource, spec, live, &mut difference),
        }
    }
    removal::removals(input, &mut difference);
    if difference.unowned > 0 {
        let are = if difference.unowned == 1 { "resource is" } else { "resources are" };
        let message = format!(
            "{} {are} as the manifests say, but not owned, so removing the manifest would not delete them; `apply --adopt` makes them owned",
            difference.unowned
        );
        difference.notes.push(Note { code: "unowned".into(), address: None, message });
    }
    for gap in &input.observed.gaps {
        difference.notes.push(Note {
            code: "not-readable".into(),
            address: Some(gap.address.clone()),
            message: gap.reason.clone(),
        });
    }
    for (address, id) in &input.observed.twins {
        difference.notes.push(Note {
            code: "same-name-twice".into(),
            address: Some(address.clone()),
            message: format!(
                "the gateway has a second {} of this name, with the id {id}; it is left alone",
                address.kind.def().noun
            ),
        });
    }
    difference.changes.sort_by(|a, b| rank(a).cmp(&rank(b)).then_with(|| a.address.cmp(&b.address)));
    difference
}

/// Removals come last in lists that people read.
fn rank(change: &Change) -> bool {
    change.action.is_destructive()
}

fn creation(input: &Input<'_>, resource: &Resource, spec: &Spec) -> Change {
    let was_there = input.record.owned.contains_key(&resource.address);
    let action = match resource.address.kind {
        Kind::Publication => Action::Publish,
        kind if kind.attaches().is_some() => Action::Bind,
        _ => Action::Create,
    };
    Change {
        address: resource.address.clone(),
        action,
        reason: if was_there { Reason::RemovedByHand } else { Reason::New },
        before: None,
        after: Some(spec.clone()),
        source: None,
        owned: was_there,
        takes_along: Vec::new(),
    }
}

fn compare(input: &Input<'_>, resource: &Resource, spec: &Spec, live: &Live, difference: &mut Difference) {
    let address = &resource.address;
    let record = input.record.owned.get(address);
    let secret = input.secrets.get(address).copied();
    let same = is_same(resource, spec, live);
    let rolled_back = matches!(&live.detail, Detail::Publication { rolled_back: true, .. });
    if same && secret != Some(SecretState::Changed) {
        difference.unchanged += 1;
        // A manifest that leaves a field to the gateway is the same as what was applied with it.
        let applied = |digest: Option<Digest>| {
            digest == resource.digest || (digest.is_some() && digest == live.digest())
        };
        let on_record = record.is_some_and(|r| r.id == live.id && applied(r.digest));
        let ours = record.is_some() || input.record.pending.contains(address);
        if !on_record && (ours || input.adopt) {
            difference.adopt.push(address.clone());
        } else if !on_record {
            difference.unowned += 1;
        }
        if rolled_back {
            let message =
                "an older version was switched to by hand; it equals the manifest, so nothing is published";
            difference.notes.push(Note {
                code: "rolled-back".into(),
                address: Some(address.clone()),
                message: message.into(),
            });
        }
        return;
    }
    let (action, default_reason) = match address.kind {
        Kind::Publication => {
            (Action::Publish, publication_reason(input, resource, live, record, rolled_back))
        }
        kind if kind.attaches().is_some() => (Action::Bind, None),
        _ => (Action::Update, None),
    };
    for field in live.spec().map(|have| fixed(have, spec, address.kind)).unwrap_or_default() {
        difference.fixed.push((address.clone(), field));
    }
    let reason = if same {
        Reason::SecretChanged
    } else {
        default_reason.unwrap_or_else(|| cause(resource, spec, live, record))
    };
    difference.changes.push(Change {
        address: address.clone(),
        action,
        reason,
        before: live.spec().map(|s| s.beside(spec).into_owned()),
        after: Some(spec.clone()),
        source: None,
        owned: record.is_some(),
        takes_along: Vec::new(),
    });
}

/// The fields that differ and cannot be changed.
fn fixed(have: &Spec, want: &Spec, kind: Kind) -> Vec<&'static str> {
    if let (Spec::Plugin(have), Spec::Plugin(want)) = (have, want) {
        return want
            .of_type()
            .filter(|of_type| have.of_type() != Some(*of_type))
            .map(|t| t.field())
            .into_iter()
            .collect();
    }
    let fields = kind.def().immutable;
    if fields.is_empty() {
        return Vec::new();
    }
    let (have, want) = (have.to_value(), want.to_value());
    fields.iter().copied().filter(|field| have.get(field) != want.get(field)).collect()
}

fn is_same(resource: &Resource, spec: &Spec, live: &Live) -> bool {
    match &live.state {
        State::Known(have) => *have.beside(spec) == *spec,
        State::Digest(digest) => Some(*digest) == resource.digest,
        State::Unread => true,
    }
}

/// Who changed it, by what was applied the last time.
fn cause(resource: &Resource, spec: &Spec, live: &Live, record: Option<&Owned>) -> Reason {
    let Some(applied) = record.and_then(|r| r.digest) else { return Reason::Differs };
    // What was applied may have left a field to the gateway that is wanted now.
    let by_hand = match live.spec() {
        Some(have) => {
            ![have.digest(), have.beside(spec).digest(), have.unclaimed().digest()].contains(&applied)
        }
        None => live.digest() != Some(applied),
    };
    let by_manifest = resource.digest != Some(applied);
    match (by_manifest, by_hand) {
        (true, true) => Reason::ChangedBoth,
        (false, _) => Reason::ChangedByHand,
        (true, false) => Reason::ManifestChanged,
    }
}

/// The manifest differs from what runs: because the draft was edited and never published, or for the usual reasons.
fn publication_reason(
    input: &Input<'_>,
    resource: &Resource,
    live: &Live,
    record: Option<&Owned>,
    rolled_back: bool,
) -> Option<Reason> {
    if rolled_back {
        return Some(Reason::RolledBack);
    }
    // Whatever was published from here and no longer runs was replaced by someone.
    if record.is_some_and(|r| r.digest.is_some() && r.digest == resource.digest) {
        return None;
    }
    let address = &resource.address;
    let draft = Address::new(Kind::Api, &[&address.part(0), &address.part(1)]);
    let draft = input.observed.get(&draft)?;
    let draft_is_wanted = draft.digest() == resource.digest;
    (draft_is_wanted && draft.digest() != live.digest()).then_some(Reason::NeverPublished)
}
