//! Codes of apps have names in the manifests only. Before the diff, each that the gateway shows is given the name of the one
//! that it is: by its text, else by the id on record. One that is on record under a name that another text has now is a code
//! that was rotated: it keeps its place on record by its id, until it is removed.

use std::collections::{BTreeMap, BTreeSet};

use crate::address::Address;
use crate::apply::SecretReader;
use crate::desired::Desired;
use crate::diff::Record;
use crate::kind::Kind;
use crate::observed::{Detail, Observed, Shown};
use crate::plan::Base;

/// What became of the codes on record.
#[derive(Debug, Default)]
pub(super) struct Codes {
    /// Entries of the ledger: the name that it has, and the one by the id.
    pub(super) known: Vec<(Address, Address)>,
    /// Codes that take the place of others, and those others.
    pub(super) rotated: BTreeSet<Address>,
}

/// Names the codes in `observed`, and follows with `record`.
pub(super) fn settle(
    desired: &Desired,
    observed: &mut Observed,
    record: &mut Record,
    secrets: &SecretReader,
) -> Codes {
    let mut open: BTreeMap<Address, (String, Option<Shown>)> = BTreeMap::new();
    for (address, live) in observed.resources.iter().filter(|(a, _)| a.kind == Kind::AppCode) {
        let shown = match &live.detail {
            Detail::Secret { shown } => Some(shown.clone()),
            _ => None,
        };
        open.insert(address.clone(), (live.id.as_str().to_owned(), shown));
    }
    // What each code on the gateway is called.
    let mut named: BTreeMap<Address, Address> = BTreeMap::new();
    let mut unread: Vec<&Address> = Vec::new();
    for (resource, spec) in desired.managed().filter(|(r, _)| r.address.kind == Kind::AppCode) {
        let Some(secret) = spec.secret() else { continue };
        let Ok(text) = secrets(secret) else {
            unread.push(&resource.address);
            continue;
        };
        let app = resource.address.part(0);
        let fits = |shown: &Option<Shown>| shown.as_ref().is_some_and(|shown| shown.fits(&text));
        let found = open.iter().find(|(a, (_, shown))| a.part(0) == app && fits(shown));
        if let Some(at) = found.map(|(address, _)| address.clone()) {
            open.remove(&at);
            named.insert(at, resource.address.clone());
        }
    }
    let mut codes = Codes::default();
    let owned: Vec<(Address, String)> = record
        .owned
        .iter()
        .filter(|(address, _)| address.kind == Kind::AppCode)
        .map(|(address, owned)| (address.clone(), owned.id.as_str().to_owned()))
        .collect();
    for (address, id) in owned {
        let app = address.part(0);
        let found = open.iter().find(|(a, (known, _))| a.part(0) == app && *known == id);
        let Some(at) = found.map(|(address, _)| address.clone()) else { continue };
        open.remove(&at);
        if at == address {
            continue;
        }
        if desired.get(&address).is_none() || unread.contains(&&address) {
            named.insert(at, address);
        } else {
            record.rename(&address, &at);
            codes.rotated.extend([address.clone(), at.clone()]);
            codes.known.push((address, at));
        }
    }
    rename(observed, &named);
    codes
}

/// Names the codes in `observed` by the ids that a plan was made from.
pub(super) fn by_ids(observed: &mut Observed, base: &BTreeMap<Address, Option<Base>>) {
    let mut names: BTreeMap<(String, String), Address> = BTreeMap::new();
    for (address, base) in base.iter().filter(|(a, _)| a.kind == Kind::AppCode) {
        if let Some(base) = base {
            names.insert((address.part(0), base.id.as_str().to_owned()), address.clone());
        }
    }
    let named =
        observed.resources.iter().filter(|(a, _)| a.kind == Kind::AppCode).filter_map(|(at, live)| {
            let name = names.get(&(at.part(0), live.id.as_str().to_owned()))?;
            Some((at.clone(), name.clone()))
        });
    let named = named.collect();
    rename(observed, &named);
}

fn rename(observed: &mut Observed, named: &BTreeMap<Address, Address>) {
    if named.is_empty() {
        return;
    }
    let resources = std::mem::take(&mut observed.resources);
    observed.resources = resources
        .into_iter()
        .map(|(address, live)| (named.get(&address).cloned().unwrap_or(address), live))
        .collect();
}

/// Whether a code belongs to an app of which a plan changes codes: whatever else is there then, the plan was made without it.
pub(super) fn beside<'a>(changes: impl Iterator<Item = &'a Address>) -> impl Fn(&Address) -> bool {
    let apps: BTreeSet<String> = changes.filter(|a| a.kind == Kind::AppCode).map(|a| a.part(0)).collect();
    move |address| address.kind == Kind::AppCode && apps.contains(&address.part(0))
}
