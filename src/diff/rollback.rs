//! What differs when an earlier version is to run again: not from the manifests, but because somebody said so.

use super::{Difference, Input, is_same, standing};
use crate::address::Address;
use crate::history::{History, Version};
use crate::kinds::spec::{Digest, Spec};
use crate::observed::Live;
use crate::plan::{Action, Change, Note, Reason, Switch};

/// The switches to the versions that were picked.
#[must_use]
pub fn rollback(input: &Input<'_>) -> Difference {
    let mut difference = Difference::default();
    for (address, history) in &input.observed.histories {
        let Some(live) = input.observed.get(address) else { continue };
        let note =
            |code: &str, message: String| Note { code: code.into(), address: Some(address.clone()), message };
        let (Some((at, spec)), Some(running)) =
            (&history.picked, history.versions.iter().find(|version| version.runs))
        else {
            difference.unchanged += 1;
            difference.notes.push(note("no-such-version", stays(history)));
            continue;
        };
        difference.refusals.extend(standing::refusal(input, address, live, "switched"));
        let hold = hold(input, address, spec, live);
        if hold.is_some() {
            let message = "what runs now is not published again by `apply` until the manifest changes";
            difference.notes.push(note("held", message.to_owned()));
        }
        difference.changes.push(change(input, address, live, (running, &history.versions[*at]), spec, hold));
    }
    difference.changes.sort_by(|a, b| a.address.cmp(&b.address));
    difference
}

/// Why nothing is switched.
fn stays(history: &History) -> String {
    match history.versions.as_slice() {
        [only] if only.runs => format!("it has only the version {}, which runs: it stays", only.number),
        versions => {
            let runs = versions.iter().find(|version| version.runs).map_or("none", |v| v.number.as_str());
            format!("it has no other version that fits: {runs} runs, and stays")
        }
    }
}

fn change(
    input: &Input<'_>,
    address: &Address,
    live: &Live,
    (from, to): (&Version, &Version),
    spec: &Spec,
    hold: Option<Digest>,
) -> Change {
    Change {
        address: address.clone(),
        action: Action::Switch,
        reason: Reason::Rollback,
        before: live.spec().cloned(),
        after: Some(spec.clone()),
        source: None,
        owned: input.record.owned.contains_key(address),
        adopted: false,
        was: None,
        switch: Some(Switch {
            to: to.id.clone(),
            number: to.number.clone(),
            from: from.number.clone(),
            hold: hold.map(Digest::to_hex),
        }),
        takes_along: Vec::new(),
    }
}

/// What `apply` must not publish again: what the manifest asks for, where that is what runs now; else what was held before,
/// or simply what runs. Nothing where the version is what the manifest asks for.
fn hold(input: &Input<'_>, address: &Address, to: &Spec, live: &Live) -> Option<Digest> {
    let wanted = input.desired.get(address).and_then(|resource| Some((resource, resource.spec.as_ref()?)));
    if let Some((resource, spec)) = wanted {
        if *to.beside(spec) == *spec {
            return None;
        }
        if is_same(resource, spec, live) {
            return resource.digest;
        }
    }
    input.record.owned.get(address).and_then(|owned| owned.hold).or_else(|| live.digest())
}
