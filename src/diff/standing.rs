//! Whose a live resource is, and so what may be done to it.

use super::{Input, Refusal};
use crate::address::Address;
use crate::kind::{Form, Kind};
use crate::kinds::group_response::is_default;
use crate::observed::Live;
use crate::plan::Reason;

/// Whose a live resource is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Standing<'a> {
    /// This scope's: the ledger has it, or what it is part of.
    Ours,
    /// Nobody's, as far as the ledger knows.
    Unowned,
    /// Another scope's.
    Foreign(&'a str),
}

/// Whose the resource at `address` is.
pub(super) fn standing<'a>(input: &'a Input<'_>, address: &Address, live: &Live) -> Standing<'a> {
    let record = input.record;
    let ours = record.owned.get(address).is_some_and(|owned| owned.id == live.id);
    if ours || record.pending.contains(address) {
        return Standing::Ours;
    }
    if let Some(scope) = record.foreign.get(address) {
        return Standing::Foreign(scope);
    }
    // What every gateway has from the start was made by nobody, and is never deleted.
    if input.observed.is_given(address) && whole(address).is_none() {
        return Standing::Ours;
    }
    match whole(address).and_then(|whole| Some((input.observed.get(&whole)?, whole))) {
        Some((live, whole)) => standing(input, &whole, live),
        None => Standing::Unowned,
    }
}

/// What a derived resource is part of: whoever owns an API decides where it is published, and under which policies.
pub(super) fn whole(address: &Address) -> Option<Address> {
    let def = address.kind.def();
    // The default response is made with its group, and goes with it.
    if is_default(address) {
        return def.owners.first().map(|owner| owner.of(address));
    }
    if def.form != Form::Derived {
        return None;
    }
    // Of a binding it is the API, whose publication may be missing in between.
    let owner = def.owners.first()?.of(address);
    whole(&owner).or(Some(owner))
}

/// Why a live resource may not be changed; none where it may.
pub(super) fn refusal(input: &Input<'_>, address: &Address, live: &Live, doing: &str) -> Option<Refusal> {
    let noun = address.kind.def().noun;
    let refuse = |code, message, help: &str| Refusal {
        address: address.clone(),
        code,
        message,
        help: help.to_owned(),
    };
    match standing(input, address, live) {
        Standing::Ours => None,
        Standing::Foreign(scope) => Some(refuse(
            "owned-elsewhere",
            format!("the {noun} `{}` belongs to the scope `{scope}`: it is not {doing}", address.path()),
            "leave it to that scope: remove the document, or give it `metadata.external: true` and no spec",
        )),
        Standing::Unowned if input.adopt => None,
        Standing::Unowned => {
            let message = format!(
                "the gateway has the {noun} `{}` already, and it is not in the ledger: it is not {doing}",
                address.path()
            );
            let help = "`--adopt` takes it over (`plan --adopt` shows what would change); `metadata.external: true` without a spec leaves it alone";
            Some(refuse("not-owned", message, help))
        }
    }
}

/// Whether a resource must not be deleted, replaced or taken offline: by its document, or by the ledger where the document
/// is gone.
pub(super) fn is_protected(input: &Input<'_>, address: &Address) -> bool {
    if input.protected.contains(address) {
        return true;
    }
    let api = (address.kind == Kind::Publication).then(|| whole(address)).flatten();
    for said in [Some(address), api.as_ref()].into_iter().flatten() {
        if input.desired.get(said).is_some_and(|resource| resource.spec.is_some()) {
            return input.protected.contains(said);
        }
    }
    input.record.owned.get(address).is_some_and(|owned| owned.protect)
}

/// The refusal to let a protected resource go.
pub(super) fn protected(input: &Input<'_>, address: &Address, reason: Reason) -> Option<Refusal> {
    is_protected(input, address).then(|| {
        let noun = address.kind.def().noun;
        let why = match reason {
            Reason::Destroyed => "`destroy` would remove it",
            Reason::GoesWithParent => "it would go with what it belongs to",
            Reason::RenamedAnew => "this gateway can rename it only by making it anew",
            _ => "the manifests would have it removed",
        };
        let refuse = |code, message, help: &str| Refusal { address: address.clone(), code, message, help: help.to_owned() };
        refuse(
            "protected-resource",
            format!("the {noun} `{}` is protected, and {why}", address.path()),
            "apply its document with `protect: false` first; or keep it: restore the document, or plan with `--no-prune`",
        )
    })
}
