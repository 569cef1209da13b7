//! What others hung on something that is to go, and that the gateway would remove with it: domains of a group (3.1.3),
//! authorizations and plug-ins of an environment, an API or an app (3.5.3), limits of an app. Read only where something leaves.

use std::collections::HashMap;

use serde_json::Value;

use super::rows::{ApiRow, Named, text};
use crate::address::Address;
use crate::kind::Kind;
use crate::observed::{Holder, Observed};
use crate::provider::{ObserveError, Want};

/// Says what hangs on what leaves; all but domains was read as resources of their own.
pub(super) fn read(want: &Want, groups: &[Value], observed: &mut Observed) -> Result<(), ObserveError> {
    if want.leaving.is_empty() {
        return Ok(());
    }
    domains(want, groups, observed)?;
    crate::provider::holders::hanging(want, observed);
    Ok(())
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
