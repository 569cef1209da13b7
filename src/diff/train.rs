//! Release trains: what differs, cut down to some environments.
//!
//! What is held back here is still what the manifests ask for: a plan without a train shows it again.

use std::collections::{BTreeMap, BTreeSet};

use super::{Difference, Input, Refusal, is_same};
use crate::address::Address;
use crate::history::is_named;
use crate::kind::Kind;
use crate::kinds::api::{claim_parts, methods_clash};
use crate::kinds::spec::{Spec, is_given};
use crate::observed::{Detail, Live, Observed};
use crate::plan::{Action, Change, Note};

/// How far a plan may go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Train {
    /// Everything, but nothing that stands in other environments than these.
    Publish(BTreeSet<String>),
    /// Only what stands in one environment, where another one shows already what the manifests say.
    Promote {
        /// Where it was tried out.
        from: String,
        /// Where it is to run.
        to: String,
        /// Groups, and APIs as `GROUP/API`; all where none are named.
        only: Vec<String>,
    },
}

impl Train {
    /// The environments that it does not go beyond.
    #[must_use]
    pub fn environments(&self) -> BTreeSet<String> {
        match self {
            Self::Publish(environments) => environments.clone(),
            Self::Promote { to, .. } => BTreeSet::from([to.clone()]),
        }
    }
}

/// Takes out of `difference` what the train leaves behind, and says so.
pub fn restrict(train: &Train, input: &Input<'_>, difference: &mut Difference) {
    let unknown = unknown(train, input);
    if !unknown.is_empty() {
        difference.refusals = unknown;
        return;
    }
    let mut cut = Cut { input, kept: std::mem::take(&mut difference.changes), held: Vec::new() };
    match train {
        Train::Publish(environments) => {
            let elsewhere = |a: &Address| a.environment().is_some_and(|e| !environments.contains(&e));
            difference.refusals.retain(|refusal| !elsewhere(&refusal.address));
            cut.hold(|change| elsewhere(&change.address) || change.takes_along.iter().any(elsewhere));
            cut.hold_what_is_needed();
            difference.refusals.extend(cut.taken());
            difference.notes.extend(everywhere(&cut.kept, input.observed, environments));
        }
        Train::Promote { from, to, only } => {
            let there = |a: &Address| {
                a.environment().is_some_and(|e| e == *to) && (only.is_empty() || is_named(a, only))
            };
            difference.refusals.retain(|refusal| there(&refusal.address));
            cut.hold(|change| !there(&change.address));
            cut.promote(from, to, difference);
            cut.hold_what_is_needed();
            difference.refusals.extend(cut.lacking());
        }
    }
    difference.notes.extend(cut.notes(train));
    difference.changes = cut.kept;
}

/// Environments that neither the manifests nor the gateway know, and names that fit nothing.
fn unknown(train: &Train, input: &Input<'_>) -> Vec<Refusal> {
    let of_kind = |kind: Kind| {
        let desired = input.desired.resources().map(|resource| &resource.address);
        let all = desired.chain(input.observed.resources.keys()).filter(move |a| a.kind == kind);
        all.map(|a| a.path().to_owned()).collect::<BTreeSet<String>>()
    };
    let lacks = |kind: Kind, name: &str, parts: &[&str], known: &BTreeSet<String>| {
        let near = crate::problem::did_you_mean(name, known.iter().map(String::as_str));
        let message = format!("neither the manifests nor the gateway have the {} `{name}`", kind.def().noun);
        let help = near.map_or_else(
            || format!("one of {}", known.iter().take(20).cloned().collect::<Vec<_>>().join(", ")),
            |near| format!("did you mean `{near}`?"),
        );
        refuse("unknown-name", &Address::new(kind, parts), message, help)
    };
    let environments: Vec<&String> = match train {
        Train::Publish(environments) => environments.iter().collect(),
        Train::Promote { from, to, .. } => vec![from, to],
    };
    let known = of_kind(Kind::Environment);
    let is_there = |name: &str| known.contains(name) || is_given(&Address::new(Kind::Environment, &[name]));
    let missing = environments.into_iter().filter(|name| !is_there(name));
    let mut refusals: Vec<Refusal> =
        missing.map(|name| lacks(Kind::Environment, name, &[name], &known)).collect();
    if let Train::Promote { only, .. } = train {
        let (groups, apis) = (of_kind(Kind::Group), of_kind(Kind::Api));
        for name in only {
            match name.split_once('/') {
                None if !groups.contains(name) => refusals.push(lacks(Kind::Group, name, &[name], &groups)),
                Some((group, api)) if !apis.contains(name) => {
                    refusals.push(lacks(Kind::Api, name, &[group, api], &apis));
                }
                _ => {}
            }
        }
    }
    refusals
}

fn refuse(code: &'static str, address: &Address, message: String, help: String) -> Refusal {
    Refusal { address: address.clone(), code, message, help }
}

/// The changes of a plan, in two heaps.
struct Cut<'a> {
    input: &'a Input<'a>,
    kept: Vec<Change>,
    held: Vec<Change>,
}

impl Cut<'_> {
    /// Holds back what fits; whether anything did.
    fn hold(&mut self, fits: impl Fn(&Change) -> bool) -> bool {
        let before = self.held.len();
        self.held.extend(self.kept.extract_if(.., |change| fits(change)));
        self.held.len() > before
    }

    /// What stays because a change is held back may name something: then that must not go either.
    fn hold_what_is_needed(&mut self) {
        loop {
            let mut named = BTreeSet::new();
            // What runs and was not read may name whatever APIs name.
            let mut unread = false;
            for change in &self.held {
                // What would have gone along stays, and goes on naming what it names.
                for stays in std::iter::once(&change.address).chain(&change.takes_along) {
                    named.extend(stays.kind.def().owners.iter().map(|owner| owner.of(stays)));
                    let live = self.input.observed.get(stays).and_then(Live::spec);
                    let uses = change.before.as_ref().filter(|_| *stays == change.address).or(live);
                    named.extend(uses.into_iter().flat_map(|spec| spec.uses(stays)).map(|r| r.to));
                }
                unread |= change.address.kind == Kind::Publication
                    && change.before.is_none()
                    && self.input.observed.get(&change.address).is_some();
            }
            let needed = |change: &Change| {
                change.after.is_none()
                    && (named.contains(&change.address) || unread && change.address.kind.def().lookup)
            };
            if !self.hold(needed) {
                return;
            }
        }
    }

    /// Holds back what `from` does not show yet as the manifests say it, with the reason.
    fn promote(&mut self, from: &str, to: &str, difference: &mut Difference) {
        let mut behind: BTreeSet<Address> = BTreeSet::new();
        for change in self.kept.iter().filter(|change| change.address.kind == Kind::Publication) {
            let Some(api) = change.address.ancestor(Kind::Api) else { continue };
            let tried = api.child(Kind::Publication, from);
            let live = self.input.observed.get(&tried);
            let wanted = self.input.desired.get(&tried);
            let note =
                |message: String| Note { code: "not-promoted".into(), address: Some(api.clone()), message };
            let unripe = |why: &str| {
                refuse(
                    "not-promotable",
                    &change.address,
                    format!("`{}` cannot be promoted: {why}", api.path()),
                    format!(
                        "`apply --publish {from}` brings {from} up to date first; `promote {from} {to} NAME…` promotes others"
                    ),
                )
            };
            if change.after.is_none() {
                if live.is_some() {
                    difference
                        .notes
                        .push(note(format!("it runs in {from}, so it is not taken offline in {to}")));
                    behind.insert(change.address.clone());
                }
                continue;
            }
            let spec = wanted.and_then(|wanted| Some((wanted, wanted.spec.as_ref()?)));
            match (spec, live) {
                (None, _) => {
                    let message =
                        format!("the manifests do not publish it in {from}, so it is not promoted to {to}");
                    difference.notes.push(note(message));
                    behind.insert(change.address.clone());
                }
                (Some(_), None) => difference.refusals.push(unripe(&format!("{from} does not run it yet"))),
                (Some((wanted, spec)), Some(live)) if !is_same(wanted, spec, live) => {
                    difference.refusals.push(unripe(&format!("{from} does not run what the manifest says")));
                }
                _ if self.held.iter().any(|held| held.address == api) => {
                    let why = "its draft at the gateway is not what the manifest says";
                    difference.refusals.push(unripe(why));
                }
                _ => {}
            }
        }
        // What is attached to a publication waits with it.
        self.hold(|change| {
            let publication = change.address.ancestor(Kind::Publication);
            behind.contains(&change.address) || publication.is_some_and(|of| behind.contains(&of))
        });
    }

    /// What is to be made and needs something that is not made by this plan.
    fn lacking(&self) -> Vec<Refusal> {
        let made: BTreeMap<&Address, &Change> = self
            .held
            .iter()
            .filter(|held| held.after.is_some() && self.input.observed.get(&held.address).is_none())
            .map(|held| (&held.address, held))
            .collect();
        let mut refusals = Vec::new();
        for change in &self.kept {
            let owners = change.address.kind.def().owners.iter().map(|owner| owner.of(&change.address));
            let named = change.after.iter().flat_map(|spec| spec.uses(&change.address)).map(|r| r.to);
            let lacks = owners.chain(named).find(|name| made.contains_key(name));
            refusals.extend(lacks.map(|name| {
                let (noun, name) = (name.kind.def().noun, name.path());
                refuse(
                    "not-applied",
                    &change.address,
                    format!(
                        "{} needs the {noun} `{name}`, which the gateway does not have yet",
                        change.address
                    ),
                    "`apply --publish` with the environment before makes what is shared first".to_owned(),
                )
            }));
        }
        refusals
    }

    /// What would answer a request that an API answers which stays because it still runs elsewhere.
    fn taken(&self) -> Vec<Refusal> {
        let stays = self.held.iter().filter(|held| held.after.is_none());
        let claims: Vec<(&Address, (&str, String))> = stays
            .filter_map(|held| match &self.input.observed.get(&held.address)?.detail {
                Detail::Api { claim, .. } => Some((&held.address, claim_parts(claim))),
                _ => None,
            })
            .collect();
        let mut refusals = Vec::new();
        for change in self.kept.iter().filter(|_| !claims.is_empty()) {
            let Some(Spec::Api(spec)) = &change.after else { continue };
            let wanted = spec.request_claim(&change.address.part(0));
            let (method, place) = claim_parts(&wanted);
            let holder = claims.iter().find(|(_, (held, at))| *at == place && methods_clash(held, method));
            refusals.extend(holder.map(|(holder, _)| {
                refuse(
                    "request-taken",
                    &change.address,
                    format!(
                        "{holder} answers this request, and stays as long as it runs in other environments"
                    ),
                    "name those environments too, or give the request another path for the time being"
                        .to_owned(),
                )
            }));
        }
        refusals
    }

    /// What is left for later, by environment.
    fn notes(&self, train: &Train) -> Vec<Note> {
        let mut counts: BTreeMap<Option<String>, usize> = BTreeMap::new();
        for change in &self.held {
            *counts.entry(change.address.environment()).or_default() += 1;
        }
        let note = |(environment, count): (Option<String>, usize)| {
            let changes = if count == 1 { "change is" } else { "changes are" };
            let message = match (environment, train) {
                (Some(environment), _) => format!("{count} {changes} held back in {environment}"),
                (None, Train::Publish(_)) => {
                    format!("{count} {changes} held back: what would go is still used in other environments")
                }
                (None, Train::Promote { .. }) => {
                    format!("{count} {changes} held back outside of environments")
                }
            };
            Note { code: "held-back".into(), address: None, message }
        };
        counts.into_iter().map(note).collect()
    }
}

/// Policies are shared: where one changes that is attached elsewhere, it changes there too, at once.
fn everywhere(kept: &[Change], observed: &Observed, environments: &BTreeSet<String>) -> Vec<Note> {
    let updated: BTreeSet<&Address> =
        kept.iter().filter(|c| c.action == Action::Update).map(|c| &c.address).collect();
    let mut touched: BTreeMap<Address, BTreeSet<String>> = BTreeMap::new();
    if updated.is_empty() {
        return Vec::new();
    }
    for (address, live) in &observed.resources {
        let Some(environment) = address.environment().filter(|e| !environments.contains(e)) else { continue };
        for reference in live.spec().into_iter().flat_map(|spec| spec.references(address)) {
            if updated.contains(&reference.to) {
                touched.entry(reference.to).or_default().insert(environment.clone());
            }
        }
    }
    let note = |(address, there): (Address, BTreeSet<String>)| Note {
        code: "shared".into(),
        message: format!(
            "it is in use in {} too, and changes there at once",
            there.into_iter().collect::<Vec<_>>().join(", ")
        ),
        address: Some(address),
    };
    touched.into_iter().map(note).collect()
}
