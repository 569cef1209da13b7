//! What others hung on something that is to go, and that the gateway would remove with it: domains of a group (3.1.3),
//! authorizations and plug-ins of an environment, an API or an app (3.5.3), limits of an app. Read only where something leaves.

use std::collections::HashMap;

use serde_json::Value;

use super::rows::{ApiRow, Named, text};
use crate::address::Address;
use crate::kind::Kind;
use crate::kinds::spec::Spec;
use crate::observed::{Holder, Observed};
use crate::provider::{ObserveError, Want};

/// Says what hangs on what leaves; all but domains was read as resources of their own.
pub(super) fn read(want: &Want, groups: &[Value], observed: &mut Observed) -> Result<(), ObserveError> {
    if want.leaving.is_empty() {
        return Ok(());
    }
    domains(want, groups, observed)?;
    let mut found: Vec<(Address, Holder)> = Vec::new();
    for (address, live) in &observed.resources {
        let bound = live.spec().and_then(Spec::bound).unwrap_or_default();
        let Some(what) = hanging(address, bound) else { continue };
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
    Ok(())
}

/// Whether what hangs on resources of this kind is told. What a policy is attached to is counted instead.
fn holds(kind: Kind) -> bool {
    matches!(kind, Kind::Environment | Kind::Api | Kind::App)
}

/// What hangs there, for people; none for kinds that are a part of what they hang on.
fn hanging(address: &Address, bound: &str) -> Option<String> {
    let api = || Address::new(Kind::Api, &[&address.part(0), &address.part(1)]);
    match address.kind {
        Kind::AppAuthorization => Some(format!("the authorization of the app {bound} on {}", api())),
        Kind::PluginBinding => Some(format!("the plug-in {bound} on {}", api())),
        Kind::QuotaBinding => Some(format!("its quota {bound}")),
        Kind::ThrottleException => Some(format!("its exception in the throttle {}", address.part(0))),
        _ => None,
    }
}

/// Whether something leaves that app authorizations and plug-ins would go with.
pub(super) fn wanted(want: &Want, envs: &[Value], apis: &[ApiRow]) -> Result<bool, ObserveError> {
    let leaves = |kind: Kind| want.leaving.iter().any(|address| address.kind == kind);
    Ok(leaves(Kind::Environment) && !leaving(want, envs)?.is_empty()
        || leaves(Kind::Api) && apis.iter().any(|row| want.leaving.contains(&row.address())))
}

/// A group's row shows its domains (3.1.5).
fn domains(want: &Want, groups: &[Value], observed: &mut Observed) -> Result<(), ObserveError> {
    for row in groups {
        let group = Address::new(Kind::Group, &[&Named::of(row, "name")?.name]);
        if !want.leaving.contains(&group) {
            continue;
        }
        for domain in row.get("url_domains").and_then(Value::as_array).into_iter().flatten() {
            let name = text(domain, "domain");
            let holder =
                Holder { what: format!("the domain {name}"), on: Some(group.child(Kind::Domain, name)) };
            observed.holders.entry(group.clone()).or_default().push(holder);
        }
    }
    Ok(())
}

/// Environments that are to go, by their ids.
fn leaving(want: &Want, envs: &[Value]) -> Result<HashMap<String, Address>, ObserveError> {
    let mut found = HashMap::new();
    for row in envs {
        let named = Named::of(row, "name")?;
        let address = Address::new(Kind::Environment, &[&named.name]);
        if want.leaving.contains(&address) {
            found.insert(named.id, address);
        }
    }
    Ok(found)
}
