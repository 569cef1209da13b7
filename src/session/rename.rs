//! Renames that documents declare with `metadata.was`, before the diff: what is there under the old name is taken as if it
//! had the new one already, so that everything that belongs to it stays as it is, and only the name is a change.

use std::collections::{BTreeMap, BTreeSet};

use crate::address::Address;
use crate::desired::Desired;
use crate::diff::Record;
use crate::document::{Document, Finding};
use crate::kind::Kind;
use crate::kinds::spec::Spec;
use crate::observed::{Detail, Live, Observed, State};
use crate::plan::Note;
use crate::plan::build::Lower;
use crate::provider::Want;

/// A rename that a document asks for.
#[derive(Debug)]
pub(super) struct Wish {
    document: usize,
    from: Address,
    to: Address,
    /// Why the gateway can do it only by making the resource anew.
    anew: Option<&'static str>,
}

/// What became of the wishes.
#[derive(Debug, Default)]
pub(super) struct Renames {
    /// Renamed by this plan: what they are to be called, and what they are called.
    pub(super) renamed: BTreeMap<Address, Address>,
    /// To be made anew, under both names.
    pub(super) remade: BTreeSet<Address>,
    /// Renamed before, but the ledger does not know it: the old and the new name.
    pub(super) known: Vec<(Address, Address)>,
    pub(super) notes: Vec<Note>,
    pub(super) findings: Vec<Finding>,
}

/// The renames that documents ask for, groups first: what is in them is found under their new names.
pub(super) fn wishes(documents: &[Document], desired: &Desired, lower: &dyn Lower) -> Vec<Wish> {
    let mut found = Vec::new();
    for resource in desired.resources().filter(|resource| resource.spec.is_some()) {
        let document = &documents[resource.document];
        let Some(was) = document.metadata.was.as_ref().filter(|_| document.kind == resource.address.kind)
        else {
            continue;
        };
        let mut parts: Vec<String> = resource.address.parts().collect();
        let Some(last) = parts.last_mut() else { continue };
        last.clone_from(was);
        let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
        found.push(Wish {
            document: resource.document,
            from: Address::new(document.kind, &parts),
            to: resource.address.clone(),
            anew: lower.can_rename(document.kind).err(),
        });
    }
    found.sort_by(|a, b| a.to.cmp(&b.to));
    found
}

/// Wants to see what is there under old names, too.
pub(super) fn widen(want: &mut Want, wishes: &[Wish]) {
    let pairs: Vec<_> = wishes.iter().map(|wish| (&wish.from, &wish.to)).collect();
    former(want, &pairs);
}

/// Wants to see what a saved plan renames.
pub(super) fn former(want: &mut Want, renames: &[(&Address, &Address)]) {
    for (from, to) in renames.iter().rev() {
        let old: Vec<(Address, Address)> =
            want.addresses.iter().filter_map(|a| Some((a.renamed(to, from)?, a.clone()))).collect();
        for (old, new) in old {
            if let Some(digest) = want.digests.get(&new).copied() {
                want.digests.insert(old.clone(), digest);
            }
            want.addresses.insert(old);
        }
    }
}

/// Moves what is renamed in place to its new name, in what is there and on record.
pub(super) fn settle(wishes: Vec<Wish>, observed: &mut Observed, record: &mut Record) -> Renames {
    let mut renames = Renames::default();
    for Wish { document, from, to, anew } in wishes {
        let noun = from.kind.def().noun;
        let there = observed.get(&to).map(|live| live.id.clone());
        match (observed.get(&from).is_some(), there) {
            (true, None) => match anew {
                None => {
                    record.rename(&from, &to);
                    moved(observed, &from, &to);
                    renames.renamed.insert(to, from);
                }
                Some(why) => {
                    let message = format!("`{}` gets its new name by being made anew: {why}", from.name());
                    renames.notes.push(Note {
                        code: "renamed-anew".into(),
                        address: Some(to.clone()),
                        message,
                    });
                    renames.remade.extend([from, to]);
                }
            },
            // By an apply that was killed before it could write that down, or by hand.
            (false, Some(id)) if record.owned.get(&from).is_some_and(|owned| owned.id == id) => {
                record.rename(&from, &to);
                renames.known.push((from, to));
            }
            (false, Some(_)) => {}
            (false, None) => {
                let message = format!("the gateway has no {noun} `{}` that could be renamed", from.name());
                renames.findings.push(
                    Finding::warning(document, "rename-dangling", "metadata.was", message)
                        .help("a new one is made; remove `was` where no gateway has the old name any more"),
                );
            }
            (true, Some(_)) if record.owned.contains_key(&from) => {
                let message = format!(
                    "the gateway has both the {noun} `{}` and the {noun} `{}`",
                    from.name(),
                    to.name()
                );
                renames.findings.push(
                    Finding::error(document, "rename-conflict", "metadata.was", message)
                        .help("remove `was`: then the old one, which left the manifests, is deleted"),
                );
            }
            // The old name is someone else's.
            (true, Some(_)) => {}
        }
    }
    renames
}

/// Gives what is observed its new name, with all that belongs to it or names it.
pub(super) fn moved(observed: &mut Observed, from: &Address, to: &Address) {
    let resources = std::mem::take(&mut observed.resources);
    observed.resources = resources
        .into_iter()
        .map(|(address, mut live)| {
            names(address.kind, &mut live, from, to);
            (address.renamed(from, to).unwrap_or(address), live)
        })
        .collect();
}

/// Names within a live resource: the policy that a binding is to, the group in what an API claims.
fn names(kind: Kind, live: &mut Live, from: &Address, to: &Address) {
    if let State::Known(Spec::Bound(bound)) = &mut live.state
        && kind.attaches() == Some(from.kind)
        && bound.to == from.name()
    {
        bound.to = to.name();
    }
    if let Detail::Api { claim, .. } = &mut live.detail
        && from.kind == Kind::Group
        && let Some(rest) = claim.strip_prefix(&format!("{}|", from.name()))
    {
        *claim = format!("{}|{rest}", to.name());
    }
}
