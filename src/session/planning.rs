//! From manifests and a target to a plan.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use super::busy;
use super::certificates;
use super::codes;
use super::rename::{self, Renames};
use super::{Books, Manifests, Rules, SessionError, Target, taking};
use crate::address::Address;
use crate::apply::SecretReader;
use crate::cache::Cache;
use crate::desired::{Desired, Resource};
use crate::diff::train::{self, Train};
use crate::diff::{self, Input, SecretState};
use crate::document::{Document, Finding};
use crate::kind::Kind;
use crate::kinds::spec::is_given;
use crate::kinds::value::sealed;
use crate::manifest;
use crate::observed::{Detail, Live, Observed};
use crate::plan::{self, Base, Note, Plan, bound, build, check};
use crate::problem::{Problem, any_error};
use crate::provider::Want;
use crate::rehearse;

/// A plan with what it was made from.
#[derive(Debug)]
pub struct Planned {
    /// The plan.
    pub plan: Plan,
    /// Warnings.
    pub problems: Vec<Problem>,
}

impl Planned {
    /// Makes a plan.
    ///
    /// # Errors
    /// When the gateway cannot be read, the manifests ask for what it does not have, or the rehearsal fails.
    pub async fn make(
        manifests: Manifests,
        target: &Target,
        books: &Books,
        secrets: &SecretReader,
        rules: Rules,
    ) -> Result<Self, SessionError> {
        let Manifests { documents, desired, mut problems, left_out } = manifests;
        let wishes = rename::wishes(&documents, &desired, &*target.provider);
        let mut want = want(&desired, books);
        rename::widen(&mut want, &wishes);
        let mut observed = observe(target, &want, rules.no_cache).await?;
        let reads = target.client.calls();
        problems.extend(manifest::problems(&documents, &missing(&desired, &observed)));
        let mut record = books.record.clone();
        record.settle(&observed);
        let mut renames = rename::settle(wishes, &mut observed, &mut record);
        let codes = codes::settle(&desired, &mut observed, &mut record, secrets);
        renames.known.extend(codes.known);
        problems.extend(manifest::problems(&documents, &renames.findings));
        problems.extend(manifest::problems(&documents, &other_gateways(&desired, &observed)));
        let keys = certificates::keys(&desired, &|source| secrets(source).ok());
        problems.extend(manifest::problems(&documents, &keys));
        if any_error(&problems) {
            return Err(SessionError::Problems(problems));
        }
        let (states, mut notes) = secret_states(&desired, &observed, target, books, &renames, secrets);
        notes.extend(renames.notes);
        notes.extend(taking::notes(left_out));
        notes.extend(certificates::expiring(&desired, target.client.server_time()));
        let protected = protected(&documents, &desired);
        let input = Input {
            desired: &desired,
            observed: &observed,
            record: &record,
            secrets: &states,
            prune: rules.prune,
            adopt: rules.adopt,
            destroy: rules.destroy,
            protected: &protected,
            renamed: &renames.renamed,
            remade: &renames.remade,
            rotated: &codes.rotated,
        };
        let mut difference = diff::diff(&input);
        if let Some(train) = &rules.train {
            train::restrict(train, &input, &mut difference);
        }
        problems.extend(refusals(&documents, &desired, std::mem::take(&mut difference.refusals)));
        if any_error(&problems) {
            return Err(SessionError::Problems(problems));
        }
        if rules.refresh_only {
            only_drift(&mut difference);
        }
        notes.append(&mut difference.notes);
        problems.extend(manifest::problems(&documents, &fixed(&desired, &difference.fixed)));
        if any_error(&problems) {
            return Err(SessionError::Problems(problems));
        }
        for change in &mut difference.changes {
            change.source = desired.get(&change.address).map(|resource| {
                let document = &documents[resource.document];
                patched_place(document, change)
                    .unwrap_or_else(|| manifest_place(document, resource.field.path()))
            });
        }
        notes.extend(unprotected(&difference.changes));
        if !rules.refresh_only {
            let provider = &*target.provider;
            notes.extend(build::succession::notes(&difference.changes, &observed, provider));
        }
        notes.extend(bare(&difference.changes));
        difference.notes = notes;
        let found = Found { desired: &desired, observed: &observed, owned: record.owned.len(), reads };
        let mut plan = assemble(difference, &found, target, &rules)
            .map_err(|e| taking::placed(e, &documents, &desired))?;
        plan.renamed = renames.known;
        plan.protected = protected;
        if rules.traffic && !rules.refresh_only && !target.is_within() {
            plan.busy = busy::busy(&plan.changes, &observed, target).await?;
            plan.notes.extend(busy::notes(&plan.busy));
            plan.reads = target.client.calls();
        }
        let plan = Arc::new(checked(plan, &observed)?);
        if rules.rehearse && plan.has_calls() {
            let findings = rehearse::rehearse(&plan, &desired, &observed, target, secrets).await;
            problems.extend(rehearsal_problems(&documents, findings));
            if any_error(&problems) {
                return Err(SessionError::Problems(problems));
            }
        }
        Ok(Self { plan: Arc::unwrap_or_clone(plan), problems })
    }
}

/// What a plan is made from, besides what differs.
pub(super) struct Found<'a> {
    pub(super) desired: &'a Desired,
    pub(super) observed: &'a Observed,
    /// How many resources are owned.
    pub(super) owned: usize,
    /// How many calls it took to observe.
    pub(super) reads: usize,
}

/// A plan from what differs.
pub(super) fn assemble(
    difference: diff::Difference,
    found: &Found<'_>,
    target: &Target,
    rules: &Rules,
) -> Result<Plan, SessionError> {
    let Found { desired, observed, owned, reads } = *found;
    let built = match rules.refresh_only {
        true => build::Built::default(),
        false => build::steps(&difference.changes, desired, observed, &*target.provider)?,
    };
    Ok(Plan {
        format: plan::FORMAT,
        target: target.identity.clone(),
        calls_bound: match rules.refresh_only {
            true => 0,
            false => bound::calls(&difference.changes, observed, &*target.provider),
        },
        base: base(&built, &difference, observed),
        changes: difference.changes,
        steps: built.steps,
        notes: difference.notes,
        gaps: observed.gaps.clone(),
        reads,
        managed: desired.managed().count(),
        unchanged: difference.unchanged,
        adopt: difference.adopt,
        forget: difference.forget,
        renamed: Vec::new(),
        protected: BTreeSet::new(),
        owned,
        refresh_only: rules.refresh_only,
        environments: rules.train.as_ref().map(Train::environments).unwrap_or_default(),
        busy: Vec::new(),
        destroy: rules.destroy,
    })
}

/// A plan that keeps all rules.
pub(super) fn checked(plan: Plan, observed: &Observed) -> Result<Plan, SessionError> {
    let mut violations = check::violations(&plan);
    violations.extend(check::against(&plan, observed));
    if violations.is_empty() { Ok(plan) } else { Err(SessionError::Violations(violations)) }
}

/// What is there of what a plan uses and touches.
fn base(
    built: &build::Built,
    difference: &diff::Difference,
    observed: &Observed,
) -> BTreeMap<Address, Option<Base>> {
    let used = built.used.iter().map(|address| (address.clone(), based(observed, address, false)));
    let touched = difference.changes.iter().map(|change| &change.address).chain(&difference.adopt);
    let touched = touched.map(|address| (address.clone(), based(observed, address, true)));
    let is_beside = codes::beside(difference.changes.iter().map(|change| &change.address));
    let beside = observed.resources.keys().filter(|address| is_beside(address));
    let beside = beside.map(|address| (address.clone(), based(observed, address, false)));
    // Of what is used and touched, the fingerprint counts.
    beside.chain(used).chain(touched).collect()
}

/// What the documents protect. An exception is a field of its throttle, and may come and go.
fn protected(documents: &[Document], desired: &Desired) -> BTreeSet<Address> {
    let of = desired.managed().map(|(resource, _)| resource);
    of.filter(|r| documents[r.document].metadata.protect && r.address.kind != Kind::ThrottleException)
        .map(|resource| resource.address.clone())
        .collect()
}

/// Why a plan cannot be made, each reason once for a document.
pub(super) fn refusals(
    documents: &[Document],
    desired: &Desired,
    refusals: Vec<diff::Refusal>,
) -> Vec<Problem> {
    let mut told = BTreeSet::new();
    let mut problems = Vec::new();
    for refusal in refusals {
        if !told.insert((refusal.code, refusal.address.clone())) {
            continue;
        }
        let error = match desired.get(&refusal.address).filter(|r| r.spec.is_some()) {
            Some(resource) => {
                let field = if refusal.code == "protected-resource" {
                    "metadata.protect"
                } else {
                    resource.field.path()
                };
                let finding = Finding::error(resource.document, refusal.code, field, refusal.message);
                manifest::problems(documents, &[finding.help(refusal.help)])
            }
            None => vec![Problem::error(refusal.code, None, refusal.message).help(refusal.help)],
        };
        problems.extend(error);
    }
    problems
}

/// Leaves what was changed by hand, and has the ledger follow it.
fn only_drift(difference: &mut diff::Difference) {
    difference.changes.retain(|change| change.reason.is_drift());
    for change in &difference.changes {
        match change.reason {
            plan::Reason::RemovedByHand => difference.forget.push(change.address.clone()),
            _ if change.owned => difference.adopt.push(change.address.clone()),
            _ => {}
        }
    }
}

/// A policy can be attached only to what is published (3.7.1, 3.8.1 of the V2 reference, and alike elsewhere), so an API that
/// goes live for the first time is without it for a moment. A swap of policies leaves no such gap.
fn unprotected(changes: &[plan::Change]) -> Option<Note> {
    let fresh: std::collections::HashSet<&Address> = changes
        .iter()
        .filter(|c| c.action == plan::Action::Publish && c.before.is_none() && c.reason == plan::Reason::New)
        .map(|c| &c.address)
        .collect();
    // An app that may call is no policy: until then it may not.
    let guards = |address: &Address| address.kind.attaches().is_some_and(|attached| attached != Kind::App);
    let is_fresh = |address: &Address| {
        guards(address) && address.kind.def().owners.iter().any(|owner| fresh.contains(&owner.of(address)))
    };
    let bound = changes.iter().filter(|c| c.action == plan::Action::Bind && is_fresh(&c.address)).count();
    let (are, go) = match bound {
        0 => return None,
        1 => ("1 policy is".to_owned(), "its API goes live"),
        _ => (format!("{bound} policies are"), "their APIs go live"),
    };
    Some(Note {
        code: "bound-after-publishing".into(),
        address: None,
        message: format!(
            "{are} attached right after {go}: the gateway attaches policies only to what is published"
        ),
    })
}

/// A domain has one certificate (APIG.2051 of the V2 reference), so that the old one is taken off before the new one is put on.
fn bare(changes: &[plan::Change]) -> Vec<Note> {
    let of = |action: plan::Action| {
        let changes =
            changes.iter().filter(move |c| c.action == action && c.address.kind == Kind::DomainCertificate);
        changes.map(|c| c.address.kind.def().owners[0].of(&c.address)).collect::<BTreeSet<_>>()
    };
    let note = |domain: &Address| {
        Note {
        code: "certificate-swapped".into(),
        address: Some(domain.clone()),
        message: "it has no certificate for a moment: the gateway takes a new one only after the old one is off; to renew a certificate without that, change its document".into(),
    }
    };
    of(plan::Action::Unbind).intersection(&of(plan::Action::Bind)).map(note).collect()
}

/// `file:line` of the patch that asks for a change, where every field that changes comes from patches.
fn patched_place(document: &Document, change: &plan::Change) -> Option<String> {
    let overlaid = document.origin.overlaid.as_ref().filter(|overlaid| !overlaid.patched.is_empty())?;
    let (before, after) = (change.before.as_ref()?.to_value(), change.after.as_ref()?.to_value());
    let fields = diff::changed_fields(Some(&before), Some(&after));
    let places: Option<Vec<_>> =
        fields.iter().map(|field| overlaid.patched(&format!("spec.{}", field.path))).collect();
    let first = places?.first().copied()?;
    Some(format!("{}:{}", first.source.path.display(), first.line_column().0))
}

/// `file:line`, without reading the file again for each of thousands of resources: the line of the document.
fn manifest_place(document: &Document, field: &str) -> String {
    if field == "metadata.name" || field == "spec.publish" || field == "spec.apis" {
        let (source, start) = (&document.origin.source, document.origin.start as usize);
        return format!("{}:{}", source.path.display(), source.line(start));
    }
    manifest::place(&document.origin, field)
}

/// Reads the gateway, with the cache of the target.
///
/// # Errors
/// When it cannot be read.
pub async fn observe(target: &Target, want: &Want, no_cache: bool) -> Result<Observed, SessionError> {
    let mut cache: Cache = target.read_cache(no_cache);
    let observed = target.provider.observe(&target.client, want, &mut cache).await?;
    if let Some(path) = &target.cache
        && let Err(error) = cache.write(path)
    {
        // Without the cache the next plan only reads more.
        drop(error);
    }
    Ok(observed)
}

/// Whether the gateway still is what a saved plan was made from.
///
/// # Errors
/// When it is not, with what has moved; or when it cannot be read.
pub async fn fresh(plan: &Plan, target: &Target) -> Result<(), SessionError> {
    let mut want = Want::default();
    for (address, base) in &plan.base {
        want.addresses.insert(address.clone());
        let digest =
            base.as_ref().and_then(|b| b.digest.as_deref()).and_then(crate::kinds::spec::Digest::from_hex);
        if let Some(digest) = digest {
            want.digests.insert(address.clone(), digest);
        }
    }
    let renames: Vec<_> = plan.changes.iter().filter_map(|c| Some((c.was.as_ref()?, &c.address))).collect();
    rename::former(&mut want, &renames);
    let mut observed = observe(target, &want, true).await?;
    let mut moved = Vec::new();
    for (from, to) in renames {
        if observed.get(to).is_some() {
            moved.push(format!("{to} is there now"));
        }
        rename::moved(&mut observed, from, to);
    }
    codes::by_ids(&mut observed, &plan.base);
    let is_beside = codes::beside(plan.changes.iter().map(|change| &change.address));
    for address in observed.resources.keys().filter(|a| is_beside(a) && !plan.base.contains_key(*a)) {
        moved.push(format!("{address} is there now"));
    }
    for (address, base) in &plan.base {
        let live = observed.get(address);
        match (base, live) {
            (None, None) => {}
            (None, Some(_)) => moved.push(format!("{address} is there now")),
            (Some(_), None) => moved.push(format!("{address} is gone")),
            (Some(base), Some(live)) if base.id != live.id => moved.push(format!("{address} was made anew")),
            (Some(base), Some(live)) => {
                let digest = live.digest().map(crate::kinds::spec::Digest::to_hex);
                if base.digest.is_some() && digest.is_some() && base.digest != digest {
                    moved.push(format!("{address} has changed"));
                }
            }
        }
    }
    match moved.len() {
        0 => Ok(()),
        n => {
            let first = moved.iter().take(5).cloned().collect::<Vec<_>>().join(", ");
            let more = if n > 5 { format!(", and {} more", n - 5) } else { String::new() };
            Err(SessionError::Stale(format!("since it was made, {first}{more}")))
        }
    }
}

fn want(desired: &Desired, books: &Books) -> Want {
    let mut want = Want { details: true, ..Want::default() };
    for resource in desired.resources() {
        want.addresses.insert(resource.address.clone());
        if let Some(digest) = resource.digest {
            want.digests.insert(resource.address.clone(), digest);
        }
    }
    want.addresses.extend(books.record.owned.keys().cloned());
    want.addresses.extend(books.record.pending.iter().cloned());
    want.leaving = want.addresses.iter().filter(|a| desired.get(a).is_none()).cloned().collect();
    want
}

/// What the manifests name and the gateway does not have.
fn missing(desired: &Desired, observed: &Observed) -> Vec<Finding> {
    let mut findings = Vec::new();
    for resource in desired.resources().filter(|r| r.spec.is_none() && !is_given(&r.address)) {
        let address = &resource.address;
        if address.kind.def().selects || observed.get(address).is_some() {
            continue;
        }
        let noun = address.kind.def().noun;
        let names: Vec<String> = observed.of_kind(address.kind).iter().map(|(a, _)| a.name()).collect();
        let near = crate::problem::did_you_mean(&address.name(), names.iter().map(String::as_str));
        let help = match near {
            Some(near) => format!("did you mean `{near}`?"),
            None if address.kind.def().lookup => {
                format!(
                    "describe it in a document of the kind `{}`, or create it at the gateway first",
                    address.kind
                )
            }
            None => {
                "create it at the gateway first, or give the document a spec and remove `external`".to_owned()
            }
        };
        let message = format!("the gateway has no {noun} `{}`", address.name());
        findings.push(
            Finding::error(resource.document, "not-on-gateway", resource.field.path(), message).help(help),
        );
    }
    findings
}

/// A manifest of a gateway is of that of the target.
fn other_gateways(desired: &Desired, observed: &Observed) -> Vec<Finding> {
    let Some((here, _)) = observed.of_kind(Kind::Gateway).into_iter().next() else { return Vec::new() };
    let finding = |resource: &Resource| {
        let (name, here) = (resource.address.name(), here.name());
        let message = format!("the gateway of the target is called `{here}`, not `{name}`");
        let help = format!(
            "write `name: {here}`; to give it another name, add `was: {here}`; or choose another target"
        );
        Finding::error(resource.document, "other-gateway", "metadata.name", message).help(help)
    };
    let others = desired.resources().filter(|r| r.address.kind == Kind::Gateway && r.address != *here);
    others.map(finding).collect()
}

/// What the manifests ask to change and no gateway changes.
fn fixed(desired: &Desired, fields: &[(Address, &'static str)]) -> Vec<Finding> {
    let finding = |(address, field): &(Address, &'static str)| {
        let resource = desired.get(address)?;
        let noun = address.kind.def().noun;
        let message = format!("`{field}` of the {noun} `{}` cannot be changed", address.name());
        let help = "give it another name: a new one is made, what uses it moves over, and then the old one is removed";
        Some(
            Finding::error(resource.document, "immutable-field", format!("spec.{field}"), message).help(help),
        )
    };
    fields.iter().filter_map(finding).collect()
}

/// Compares secrets with what was sent the last time.
fn secret_states(
    desired: &Desired,
    observed: &Observed,
    target: &Target,
    books: &Books,
    renames: &Renames,
    secrets: &SecretReader,
) -> (HashMap<Address, SecretState>, Vec<Note>) {
    let mut states = HashMap::new();
    let mut notes = Vec::new();
    for (resource, spec) in desired.managed() {
        let address = &resource.address;
        let live = observed.get(address);
        let (secret, unseen) = (spec.secret(), spec.unseen_beside(live.and_then(Live::spec)));
        if secret.is_none() && unseen.is_none() {
            continue;
        }
        // What the gateway shows is compared with that.
        if let (Some(Detail::Secret { shown }), Some(Ok(text))) =
            (live.map(|live| &live.detail), secret.map(secrets.as_ref()))
        {
            let same = shown.fits(&text);
            states.insert(address.clone(), if same { SecretState::Same } else { SecretState::Changed });
            continue;
        }
        // The ledger knows what is being renamed by its old name.
        let known = renames.known.iter().find(|(_, to)| to == address).map(|(from, _)| from);
        let recorded_as = renames.renamed.get(address).or(known).unwrap_or(address);
        let recorded = books.ledger.secret(&books.owner, recorded_as).filter(|_| !target.is_imaginary());
        let hidden = live.and_then(|live| live.spec().unwrap_or(spec).hides(spec));
        let mut note = |code: &str, message: String| {
            notes.push(Note { code: code.into(), address: Some(address.clone()), message });
        };
        let text = secret.map(|source| secrets(source)).transpose();
        let text = text.map(|secret| sealed(secret.as_deref(), unseen.as_deref()));
        let state = match (text, recorded) {
            (Ok(text), Some(recorded)) if books.ledger.fingerprint(&text) == recorded => SecretState::Same,
            (Ok(_), Some(_)) => SecretState::Changed,
            (Ok(_), None) => {
                if let Some(what) = hidden {
                    let message = format!("{what} cannot be read back and none is on record: not compared");
                    note("secret-unknown", message);
                }
                SecretState::Unknown
            }
            (Err(why), _) => {
                note(
                    "secret-missing",
                    format!("{why}; its secret is not compared, and an apply that has to send it will stop"),
                );
                SecretState::Unknown
            }
        };
        states.insert(address.clone(), state);
    }
    (states, notes)
}

fn based(observed: &Observed, address: &Address, with_digest: bool) -> Option<Base> {
    let live = observed.get(address)?;
    let digest = live.digest().filter(|_| with_digest).map(crate::kinds::spec::Digest::to_hex);
    Some(Base { id: live.id.clone(), digest })
}

fn rehearsal_problems(documents: &[Document], findings: Vec<rehearse::Refusal>) -> Vec<Problem> {
    let mut problems = Vec::new();
    for refusal in findings {
        match refusal.place {
            Some((document, field)) => {
                let mut finding = Finding::error(document, "would-be-refused", field, refusal.message);
                finding.help = refusal.help;
                problems.extend(manifest::problems(documents, &[finding]));
            }
            None => problems
                .push(Problem::error("would-be-refused", None, refusal.message).maybe_help(refusal.help)),
        }
    }
    problems
}
