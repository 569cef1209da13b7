//! A plan in the order in which people read it: sections of rows, with what is alike folded into one row.

use std::collections::{BTreeMap, HashMap};

use super::{environment, fields, group};
use crate::address::Address;
use crate::diff::FieldChange;
use crate::kind::Kind;
use crate::kinds::spec::Spec;
use crate::plan::{Action, Change, Plan, Reason, Switch};

/// The changes of one kind, in one group where the kind lives in groups.
pub(super) struct Section<'a> {
    /// The kind.
    pub(super) kind: Kind,
    /// The group; none for kinds without, and for links of many APIs.
    pub(super) group: Option<String>,
    /// What changes.
    pub(super) rows: Vec<Row<'a>>,
}

/// One change, or several that are alike.
pub(super) struct Row<'a> {
    /// What happens.
    pub(super) action: Action,
    /// Why.
    pub(super) reason: Reason,
    /// The resources; never empty.
    pub(super) members: Vec<&'a Change>,
    /// The fields that differ, the same for all members. Empty for creations and removals.
    pub(super) fields: Vec<FieldChange>,
    /// For links: the environment, and the policy where there is one (`RELEASE: silver -> gold`).
    pub(super) link: String,
}

impl Section<'_> {
    /// The title.
    pub(super) fn title(&self) -> String {
        let nouns = self.kind.def().nouns();
        let mut title = nouns[..1].to_uppercase() + &nouns[1..];
        if let Some(group) = &self.group {
            title = format!("{title} in {group}");
        }
        title
    }

    /// How many resources change.
    pub(super) fn len(&self) -> usize {
        self.rows.iter().map(|r| r.members.len()).sum()
    }

    /// `3 to create, 1 to update`.
    pub(super) fn counts(&self) -> String {
        let mut counts = BTreeMap::new();
        for row in &self.rows {
            *counts.entry(row.action).or_insert(0) += row.members.len();
        }
        words(&counts)
    }
}

/// `3 to create, 1 to update`.
pub(super) fn words(counts: &BTreeMap<Action, usize>) -> String {
    counts.iter().map(|(action, n)| format!("{n} to {}", action.word())).collect::<Vec<_>>().join(", ")
}

impl Row<'_> {
    /// The names of the members by group, ordered.
    pub(super) fn by_group(&self) -> BTreeMap<String, Vec<String>> {
        let mut found: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for change in &self.members {
            found.entry(change.address.part(0)).or_default().push(change.address.part(1));
        }
        found
    }

    /// What goes away with the members.
    pub(super) fn takes_along(&self) -> Vec<&Address> {
        self.members.iter().flat_map(|c| &c.takes_along).collect()
    }
}

/// Whether a kind hangs on publications: such changes come in bulk.
pub(super) fn is_link(kind: Kind) -> bool {
    kind.def().bulk
}

/// The name of a resource within its section.
pub(super) fn name(change: &Change, in_group: bool) -> String {
    let path = change.address.path();
    let own = if in_group { path.split_once('/').map_or(path, |(_, own)| own) } else { path };
    // What is attached to something that is no publication is told with it.
    let bound = |spec: &Option<Spec>| spec.as_ref().and_then(Spec::bound).map(str::to_owned);
    match (bound(&change.before), bound(&change.after)) {
        _ if is_link(change.address.kind) => own.to_owned(),
        (_, Some(bound)) => format!("{bound} to {own}"),
        (Some(bound), None) => format!("{bound} from {own}"),
        (None, None) => own.to_owned(),
    }
}

/// The outline of a plan.
pub(super) fn outline(plan: &Plan) -> Vec<Section<'_>> {
    let mut sections: BTreeMap<(Kind, Option<String>), Vec<&Change>> = BTreeMap::new();
    for change in &plan.changes {
        let kind = change.address.kind;
        let group = if is_link(kind) { None } else { group(change) };
        sections.entry((kind, group)).or_default().push(change);
    }
    let drafts: HashMap<(String, String), &Change> = plan
        .changes
        .iter()
        .filter(|c| c.address.kind == Kind::Api)
        .map(|c| ((c.address.part(0), c.address.part(1)), c))
        .collect();
    sections
        .into_iter()
        .map(|((kind, group), changes)| Section { kind, group, rows: rows(kind, &changes, &drafts) })
        .collect()
}

fn rows<'a>(kind: Kind, changes: &[&'a Change], drafts: &HashMap<(String, String), &Change>) -> Vec<Row<'a>> {
    let mut rows: Vec<Row<'a>> = Vec::new();
    let mut alike: HashMap<String, usize> = HashMap::new();
    for change in changes {
        let both = change.before.is_some() && change.after.is_some();
        let fields = match kind {
            kind if kind.attaches().is_some() && is_link(kind) => Vec::new(),
            // What goes live is told with the draft, where the draft changes by this plan too.
            Kind::Publication if drafts.contains_key(&(change.address.part(0), change.address.part(1))) => {
                Vec::new()
            }
            _ if both => fields::of(change),
            _ => Vec::new(),
        };
        let link = if is_link(kind) { link(change) } else { String::new() };
        let folds = is_link(kind) || !fields.is_empty();
        if folds {
            let shown = serde_json::to_string(&fields).unwrap_or_default();
            let key = format!("{:?} {:?} {link} {shown}", change.action, change.reason);
            match alike.get(&key) {
                Some(row) => {
                    rows[*row].members.push(change);
                    continue;
                }
                None => _ = alike.insert(key, rows.len()),
            }
        }
        rows.push(Row { action: change.action, reason: change.reason, members: vec![change], fields, link });
    }
    rows
}

fn link(change: &Change) -> String {
    let environment = environment(change).unwrap_or_default();
    if let Some(Switch { from, number, .. }) = &change.switch {
        return format!("{environment} from {from} to {number}");
    }
    let policy = |spec: &Option<Spec>| spec.as_ref().and_then(Spec::bound).map(str::to_owned);
    match (policy(&change.before), policy(&change.after)) {
        (Some(before), Some(after)) if before != after => format!("{before} -> {after} on {environment}"),
        (_, Some(policy)) => format!("{policy} to {environment}"),
        (Some(policy), None) => format!("{policy} from {environment}"),
        (None, None) => environment,
    }
}

/// The changes that someone at the gateway caused.
pub(super) fn drift(plan: &Plan) -> Vec<&Change> {
    plan.changes.iter().filter(|c| c.reason.is_drift()).collect()
}

/// The changes by which something goes away that callers may depend on.
pub(super) fn destructive(plan: &Plan) -> Vec<&Change> {
    plan.changes.iter().filter(|c| c.action.is_destructive()).collect()
}

/// What goes, as one phrase: `deletes 1 API, takes 2 publications offline`.
pub(super) fn what_goes(changes: &[&Change]) -> String {
    let mut counts: BTreeMap<(Action, Kind), usize> = BTreeMap::new();
    let mut along = 0;
    for change in changes {
        *counts.entry((change.action, change.address.kind)).or_insert(0) += 1;
        along += change.takes_along.len();
    }
    let mut phrases: Vec<String> = counts
        .into_iter()
        .map(|((action, kind), n)| {
            let things = super::count(n, kind.def().noun);
            match action {
                Action::Unpublish => format!("takes {things} offline"),
                Action::Unbind => format!("detaches {things}"),
                action => format!("{}s {things}", action.word()),
            }
        })
        .collect();
    if along > 0 {
        phrases.push(format!("takes {along} more along"));
    }
    phrases.join(", ")
}

/// `Plan: 3 to create, 2 to publish (RELEASE 2).`
pub(super) fn summary(plan: &Plan) -> String {
    let mut parts = Vec::new();
    for (action, n) in crate::plan::summary(&plan.changes) {
        let mut environments: BTreeMap<String, usize> = BTreeMap::new();
        if !matches!(action, Action::Create | Action::Update | Action::Delete) {
            for change in plan.changes.iter().filter(|c| c.action == action) {
                if let Some(environment) = environment(change).filter(|name| !name.is_empty()) {
                    *environments.entry(environment).or_insert(0) += 1;
                }
            }
        }
        let mut part = format!("{n} to {}", action.word());
        if !environments.is_empty() {
            let list: Vec<_> = environments.iter().map(|(name, n)| format!("{name} {n}")).collect();
            part = format!("{part} ({})", list.join(", "));
        }
        parts.push(part);
    }
    parts.join(", ")
}

/// `Calls: 7 (lower bound 7), after 31 reads.`
pub(super) fn calls(plan: &Plan) -> String {
    format!("{} (lower bound {}), after {}", plan.calls(), plan.calls_bound, super::count(plan.reads, "read"))
}

/// Notes of one code and one wording, with the addresses they concern.
pub(super) struct Remark<'a> {
    /// The sort of note.
    pub(super) code: &'a str,
    /// The sentence.
    pub(super) message: &'a str,
    /// What it concerns.
    pub(super) about: Vec<&'a Address>,
}

/// Notes folded by code and wording, in order of first appearance. What is told as a gap is left out.
pub(super) fn remarks(plan: &Plan) -> Vec<Remark<'_>> {
    let gaps: HashMap<&Address, ()> = plan.gaps.iter().map(|g| (&g.address, ())).collect();
    let mut found: Vec<Remark<'_>> = Vec::new();
    let mut index: HashMap<(&str, &str), usize> = HashMap::new();
    for note in &plan.notes {
        if note.code == "not-readable" && note.address.as_ref().is_some_and(|a| gaps.contains_key(a)) {
            continue;
        }
        let at = *index.entry((&note.code, &note.message)).or_insert_with(|| {
            found.push(Remark { code: &note.code, message: &note.message, about: Vec::new() });
            found.len() - 1
        });
        found[at].about.extend(&note.address);
    }
    found
}
