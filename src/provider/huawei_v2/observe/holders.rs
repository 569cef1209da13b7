//! What others hung on a group, an environment or an API that is to go, and that the gateway would remove with it: domains of
//! a group (3.1.3), app authorizations and plug-ins of an environment or an API (3.5.3). Read only where something leaves.

use std::collections::HashMap;

use serde_json::Value;

use super::pages::Reader;
use super::rows::{ApiRow, Named, text};
use crate::address::Address;
use crate::kind::Kind;
use crate::observed::{Holder, Observed};
use crate::provider::{ObserveError, Want};

pub(super) async fn read(
    reader: &Reader<'_>,
    want: &Want,
    groups: &[Value],
    envs: &[Value],
    apis: &HashMap<&str, &ApiRow>,
    observed: &mut Observed,
) -> Result<(), ObserveError> {
    domains(want, groups, observed)?;
    let envs = leaving(want, envs)?;
    let leaves = want.leaving.iter().any(|a| a.kind == Kind::Api)
        && apis.values().any(|row| want.leaving.contains(&row.address()));
    if envs.is_empty() && !leaves {
        return Ok(());
    }
    for row in reader.list::<Value>("/app-auths/binded-apps", "auths", &[]).await? {
        let what = format!("the authorization of the app {}", text(&row, "app_name"));
        hang(want, &envs, apis, &row, &what, observed);
    }
    plugins(want, observed);
    Ok(())
}

/// Whether something leaves that app authorizations and plug-ins would go with.
pub(super) fn wanted(want: &Want, envs: &[Value], apis: &[ApiRow]) -> Result<bool, ObserveError> {
    Ok(!leaving(want, envs)?.is_empty() || apis.iter().any(|row| want.leaving.contains(&row.address())))
}

/// Plug-ins were read as bindings of their own.
fn plugins(want: &Want, observed: &mut Observed) {
    let bindings: Vec<(Address, String)> = observed
        .of_kind(Kind::PluginBinding)
        .into_iter()
        .filter_map(|(address, live)| Some((address.clone(), live.spec()?.bound()?.to_owned())))
        .collect();
    for (binding, plugin) in bindings {
        let api = Address::new(Kind::Api, &[&binding.part(0), &binding.part(1)]);
        let environment = Address::new(Kind::Environment, &[&binding.part(2)]);
        let what = format!("the plug-in {plugin} on {api}");
        for owner in [environment, api].into_iter().filter(|owner| want.leaving.contains(owner)) {
            let holder = Holder { what: what.clone(), on: Some(binding.clone()) };
            observed.holders.entry(owner).or_default().push(holder);
        }
    }
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

fn hang(
    want: &Want,
    envs: &HashMap<String, Address>,
    apis: &HashMap<&str, &ApiRow>,
    row: &Value,
    what: &str,
    observed: &mut Observed,
) {
    let api = apis.get(text(row, "api_id")).map(|row| row.address());
    let what = match &api {
        Some(api) => format!("{what} on {api}"),
        None => what.to_owned(),
    };
    if let Some(environment) = envs.get(text(row, "env_id")) {
        let holder = Holder { what: what.clone(), on: api.clone() };
        observed.holders.entry(environment.clone()).or_default().push(holder);
    }
    if let Some(api) = api.filter(|api| want.leaving.contains(api)) {
        observed.holders.entry(api).or_default().push(Holder { what, on: None });
    }
}
