//! What others hung on something that is to go, and that any gateway would remove with it.

use crate::address::Address;
use crate::kind::Kind;
use crate::kinds::spec::Spec;
use crate::observed::{Holder, Observed};
use crate::provider::Want;

/// Says of what was observed which of it hangs on resources that leave.
pub(in crate::provider) fn hanging(want: &Want, observed: &mut Observed) {
    if want.leaving.is_empty() {
        return;
    }
    let mut found: Vec<(Address, Holder)> = Vec::new();
    for (address, live) in &observed.resources {
        let bound = live.spec().and_then(Spec::bound).unwrap_or_default();
        let Some(what) = named(address, bound) else { continue };
        let owners = address.kind.def().owners.iter().map(|owner| owner.of(address));
        let named = live.spec().map(|spec| spec.references(address)).unwrap_or_default();
        let mut on: Vec<Address> = owners.chain(named.into_iter().map(|reference| reference.to)).collect();
        on.retain(|on| holds(on.kind) && want.leaving.contains(on));
        on.sort();
        on.dedup();
        let holder = Holder { what, on: Some(address.clone()) };
        found.extend(on.into_iter().map(|on| (on, holder.clone())));
    }
    found.sort_by(|(a, x), (b, y)| (a, &x.on).cmp(&(b, &y.on)));
    for (on, holder) in found {
        observed.holders.entry(on).or_default().push(holder);
    }
}

/// Whether what hangs on resources of this kind is told. What a policy is attached to is counted instead.
fn holds(kind: Kind) -> bool {
    matches!(kind, Kind::Environment | Kind::Api | Kind::App)
}

/// What hangs there, for people; none for kinds that are a part of what they hang on.
fn named(address: &Address, bound: &str) -> Option<String> {
    let api = || Address::new(Kind::Api, &[&address.part(0), &address.part(1)]);
    match address.kind {
        Kind::AppAuthorization => Some(format!("the authorization of the app {bound} on {}", api())),
        Kind::PluginBinding => Some(format!("the plug-in {bound} on {}", api())),
        Kind::QuotaBinding => Some(format!("its quota {bound}")),
        Kind::ThrottleException => Some(format!("its exception in the throttle {}", address.part(0))),
        _ => None,
    }
}
