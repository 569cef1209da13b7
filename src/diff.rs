//! What differs between desired and observed, and why: generic over kinds, pure.
//!
//! Deletes happen only to what is owned. Everything that is left alone although it is not in the manifests is named in a
//! [`Note`].

#![deny(clippy::disallowed_methods)]

mod fields;
mod removal;
pub mod rollback;
mod standing;
pub mod train;

use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::address::{Address, RemoteId};
use crate::desired::{Desired, Resource};
use crate::kind::Kind;
use crate::kinds::group_response::is_default;
use crate::kinds::spec::{Digest, Spec, is_given};
use crate::observed::{Detail, Live, Observed, State};
use crate::plan::{Action, Change, Note, Reason};
use standing::Standing;

pub use fields::{FieldChange, changed_fields};

/// What is on record of earlier applies.
#[derive(Debug, Clone, Default)]
pub struct Record {
    /// What is owned.
    pub owned: BTreeMap<Address, Owned>,
    /// What an apply that was cut off was about to create.
    pub pending: BTreeSet<Address>,
    /// What other scopes own or are about to create, by the name of the scope.
    pub foreign: BTreeMap<Address, String>,
}

/// One owned resource.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Owned {
    /// The gateway's id.
    pub id: RemoteId,
    /// The fingerprint of what was applied.
    pub digest: Option<Digest>,
    /// Whether it must not be removed.
    pub protect: bool,
    /// Of a publication that was rolled back: the fingerprint of what is not published again.
    pub hold: Option<Digest>,
}

impl Record {
    /// What an apply that was cut off was about to create, and is there now, was created by it.
    pub fn settle(&mut self, observed: &Observed) {
        for address in &self.pending {
            if let Some(live) = observed.get(address) {
                let owned = Owned { id: live.id.clone(), digest: None, protect: false, hold: None };
                self.owned.entry(address.clone()).or_insert(owned);
            }
        }
    }

    /// A resource has another name now, and so have the addresses of what belongs to it.
    pub fn rename(&mut self, from: &Address, to: &Address) {
        let moved = |address: Address| address.renamed(from, to).unwrap_or(address);
        self.owned = std::mem::take(&mut self.owned).into_iter().map(|(a, o)| (moved(a), o)).collect();
        self.pending = std::mem::take(&mut self.pending).into_iter().map(moved).collect();
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
    /// Whether live resources of the manifests that are not owned become owned, whether they are as the manifests say or not.
    pub adopt: bool,
    /// Whether everything is to go because somebody said so, not because it left the manifests.
    pub destroy: bool,
    /// What must not be removed, by its document.
    pub protected: &'a BTreeSet<Address>,
    /// Resources that get another name: what they are called now in `observed` and `record` too, and what they were called.
    pub renamed: &'a BTreeMap<Address, Address>,
    /// Resources that take the place of others because a secret has changed, and those others.
    pub rotated: &'a BTreeSet<Address>,
    /// Resources whose new name the gateway can give them only by making them anew, under the old and the new name.
    pub remade: &'a BTreeSet<Address>,
}

/// Why a plan cannot be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// What it is about.
    pub address: Address,
    /// The rule.
    pub code: &'static str,
    /// What and why.
    pub message: String,
    /// What to do about it.
    pub help: String,
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
    /// How many of them other scopes own.
    pub elsewhere: BTreeMap<String, usize>,
    /// Live resources to be put on record.
    pub adopt: Vec<Address>,
    /// Records of resources that are gone from both sides.
    pub forget: Vec<Address>,
    /// Why it cannot be done.
    pub refusals: Vec<Refusal>,
    /// Fields that are to change and cannot, below `spec`.
    pub fixed: Vec<(Address, &'static str)>,
}

/// Compares.
#[must_use]
pub fn diff(input: &Input<'_>) -> Difference {
    let mut difference = Difference::default();
    for (resource, spec) in input.desired.managed() {
        match input.observed.get(&resource.address) {
            None if is_default(&resource.address) => {
                let message = "the gateway makes it together with its group; the next plan changes it";
                difference.notes.push(Note {
                    code: "next-plan".into(),
                    address: Some(resource.address.clone()),
                    message: message.into(),
                });
            }
            None => create(input, resource, spec, &mut difference),
            Some(live) => compare(input, resource, spec, live, &mut difference),
        }
    }
    removal::removals(input, &mut difference);
    notes(input, &mut difference);
    difference.changes.sort_by(|a, b| rank(a).cmp(&rank(b)).then_with(|| a.address.cmp(&b.address)));
    difference
}

/// What was found and is left alone.
fn notes(input: &Input<'_>, difference: &mut Difference) {
    if difference.unowned > 0 {
        let (are, them) =
            if difference.unowned == 1 { ("resource is", "it") } else { ("resources are", "them") };
        // With nothing on record at all, this is a project's first plan, or its ledger was lost.
        let lost = if input.record.owned.is_empty() {
            " (the ledger owns nothing here: is it the right one?)"
        } else {
            ""
        };
        let message = format!(
            "{} {are} on the gateway as the manifests say, but not in the ledger{lost}: nothing is made again, and removing the manifest would not delete {them}; `apply --adopt` makes {them} owned",
            difference.unowned
        );
        difference.notes.push(Note { code: "unowned".into(), address: None, message });
    }
    for (scope, count) in &difference.elsewhere {
        let are = if *count == 1 { "resource is" } else { "resources are" };
        let message =
            format!("{count} {are} as the manifests say, and the scope `{scope}` owns them: left alone");
        difference.notes.push(Note { code: "owned-elsewhere".into(), address: None, message });
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
}

/// Removals come last in lists that people read.
fn rank(change: &Change) -> bool {
    change.action.is_destructive()
}

fn create(input: &Input<'_>, resource: &Resource, spec: &Spec, difference: &mut Difference) {
    let whole = standing::whole(&resource.address).and_then(|w| Some((input.observed.get(&w)?, w)));
    if let Some((live, whole)) = whole {
        let doing = if whole.kind == Kind::Api { "published or bound" } else { "changed" };
        difference.refusals.extend(standing::refusal(input, &whole, live, doing));
    }
    difference.changes.push(creation(input, resource, spec));
}

fn creation(input: &Input<'_>, resource: &Resource, spec: &Spec) -> Change {
    let was_there = input.record.owned.contains_key(&resource.address);
    let action = match resource.address.kind {
        Kind::Publication => Action::Publish,
        kind if kind.def().attached => Action::Bind,
        // It is there, and was never set.
        _ if is_given(&resource.address) => Action::Update,
        _ => Action::Create,
    };
    Change {
        address: resource.address.clone(),
        action,
        reason: match was_there {
            true => Reason::RemovedByHand,
            false if action == Action::Update => Reason::Differs,
            false if input.remade.contains(&resource.address) => Reason::RenamedAnew,
            false if input.rotated.contains(&resource.address) => Reason::SecretChanged,
            false => Reason::New,
        },
        before: None,
        after: Some(spec.clone()),
        source: None,
        owned: was_there,
        adopted: false,
        was: None,
        switch: None,
        takes_along: Vec::new(),
    }
}

fn compare(input: &Input<'_>, resource: &Resource, spec: &Spec, live: &Live, difference: &mut Difference) {
    let address = &resource.address;
    let record = input.record.owned.get(address);
    let secret = input.secrets.get(address).copied();
    let same = is_same(resource, spec, live);
    // What was put there from here was not switched to by hand.
    let rolled_back = matches!(&live.detail, Detail::Publication { rolled_back: true, .. })
        && record.is_none_or(|r| r.digest.is_none() || r.digest != live.digest());
    let was = input.renamed.get(address);
    beyond(address, spec, live, difference);
    let standing = standing::standing(input, address, live);
    if same && was.is_none() && secret != Some(SecretState::Changed) {
        difference.unchanged += 1;
        // A manifest that leaves a field to the gateway is the same as what was applied with it.
        let applied = |digest: Option<Digest>| {
            digest == resource.digest || (digest.is_some() && digest == live.digest())
        };
        let protect = input.protected.contains(address);
        // How much a gateway shows of a domain depends on its certificate, and so does the fingerprint of what was found.
        let known =
            |digest: Option<Digest>| applied(digest) || digest.is_some() && matches!(spec, Spec::Domain(_));
        let on_record = record.is_some_and(|r| r.id == live.id && known(r.digest) && r.protect == protect);
        match standing {
            _ if on_record => {}
            Standing::Ours => difference.adopt.push(address.clone()),
            Standing::Unowned if input.adopt => difference.adopt.push(address.clone()),
            Standing::Unowned => difference.unowned += 1,
            Standing::Foreign(scope) => *difference.elsewhere.entry(scope.to_owned()).or_default() += 1,
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
    if record.is_some_and(|r| {
        r.hold.is_some() && r.hold == resource.digest && r.id == live.id && r.digest == live.digest()
    }) {
        difference.unchanged += 1;
        let message = "it was rolled back: what the manifest says is not published again until the manifest changes, or `rollback --to` switches to it";
        difference.notes.push(Note {
            code: "held".into(),
            address: Some(address.clone()),
            message: message.into(),
        });
        return;
    }
    difference.refusals.extend(standing::refusal(input, address, live, "changed"));
    let (action, default_reason) = match address.kind {
        Kind::Publication => {
            (Action::Publish, publication_reason(input, resource, live, record, rolled_back))
        }
        kind if kind.def().attached => (Action::Bind, None),
        _ => (Action::Update, None),
    };
    for field in live.spec().map(|have| fixed(have, spec, address.kind)).unwrap_or_default() {
        difference.fixed.push((address.clone(), field));
    }
    let reason = if same && was.is_some() {
        Reason::Renamed
    } else if same && spec.unseen().is_some() {
        Reason::UnseenChanged
    } else if same {
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
        owned: standing == Standing::Ours,
        adopted: standing == Standing::Unowned,
        was: was.cloned(),
        switch: None,
        takes_along: Vec::new(),
    });
}

/// What the gateway has besides and stays as it is.
fn beyond(address: &Address, spec: &Spec, live: &Live, difference: &mut Difference) {
    let (Some(Spec::Plugin(have)), Spec::Plugin(want)) = (live.spec(), spec) else { return };
    if let beyond @ [_, ..] = have.beyond(want) {
        let members = beyond.join("`, `");
        let message = format!(
            "at the gateway it has `{members}` besides, which `{}` does not say: that stays as it is",
            want.block().unwrap_or_default()
        );
        difference.notes.push(Note { code: "kept-members".into(), address: Some(address.clone()), message });
    }
}

/// The fields that differ and cannot be changed.
fn fixed(have: &Spec, want: &Spec, kind: Kind) -> Vec<&'static str> {
    if let (Spec::Plugin(have), Spec::Plugin(want)) = (have, want) {
        return want.block().filter(|_| have.of_type() != want.of_type()).into_iter().collect();
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
            ![have.digest(), have.beside(spec).digest()].contains(&applied)
                && !have.claims().contains(&applied)
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
    let draft = input.observed.get(&resource.address.ancestor(Kind::Api)?)?;
    let draft_is_wanted = draft.digest() == resource.digest;
    (draft_is_wanted && draft.digest() != live.digest()).then_some(Reason::NeverPublished)
}
