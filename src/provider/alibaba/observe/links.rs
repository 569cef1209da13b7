//! What policies are attached to. There are two ways to ask: each policy where it is attached, or each group in each environment
//! what its APIs have. The one with fewer calls is gone, but for policies that leave, which are asked themselves.
//!
//! Bindings stay when an API goes offline. Of one that is not online they are left out, because nothing is planned by them, but
//! for plug-ins, which go after it.

use std::collections::{BTreeSet, HashMap};

use serde_json::Value;

use super::super::convert::plugin;
use super::super::links::{LINKS, Link};
use super::super::objects;
use super::rows::ApiRow;
use super::{HUNDRED, Lists, Names, list};
use crate::address::{Address, RemoteId};
use crate::http::Client;
use crate::kind::Kind;
use crate::kinds::binding::Bound;
use crate::kinds::spec::Spec;
use crate::observed::{Detail, Live, Observed, State};
use crate::provider::reading;
use crate::provider::{ObserveError, Want};

pub(super) async fn read(
    client: &Client,
    want: &Want,
    lists: &Lists,
    apis: &[ApiRow],
    names: &Names,
    observed: &mut Observed,
) -> Result<(), ObserveError> {
    let by_id: HashMap<&str, &ApiRow> = apis.iter().map(|row| (&*row.api_id, row)).collect();
    let places = places(want, apis);
    // A plug-in's type is a part of the key: an API has one of each.
    let plugins = lists.get(&Kind::Plugin).into_iter().flatten();
    let types: HashMap<&str, String> =
        plugins.filter_map(|row| Some((row["PluginId"].as_str()?, plugin::of_type(row).ok()?))).collect();
    for link in LINKS {
        let Some(policy) = link.kind.attaches() else { continue };
        let Some(rows) = lists.get(&policy).filter(|rows| !rows.is_empty()) else { continue };
        let leaves = want.leaving.iter().any(|address| address.kind == policy);
        let found = match link.of_group.filter(|_| !want.all && !leaves && rows.len() > places.len()) {
            Some(list) => of_places(client, link, list, &places).await?,
            None => of_policies(client, link, policy, rows).await?,
        };
        count(want, policy, &found, observed);
        for (id, stage, row) in found {
            // A binding of an API that the list did not show was made a moment ago; the next plan sees both.
            let Some(api) = row["ApiId"].as_str().and_then(|id| by_id.get(id)) else { continue };
            let address = api.address();
            let outlives = link.kind.def().outlives == Some(Kind::Publication);
            if !outlives && observed.get(&address.child(Kind::Publication, &stage)).is_none() {
                continue;
            }
            let to = names.get(&(policy, id.clone())).cloned().unwrap_or_else(|| format!("id:{id}"));
            let mut address = address.child(link.kind, &stage);
            if link.kind == Kind::PluginBinding {
                let Some(of_type) = types.get(id.as_str()) else { continue };
                address = address.child(link.kind, of_type);
            }
            let state = State::Known(Spec::Bound(Bound { to }));
            let live = Live { id: RemoteId::from(&*api.api_id), state, detail: Detail::None };
            observed.insert(address, live);
        }
    }
    Ok(())
}

/// What a policy that leaves is attached to, whoever attached it: it cannot go before (`DeleteTrafficControl` and others).
fn count(want: &Want, policy: Kind, found: &Found, observed: &mut Observed) {
    for address in want.leaving.iter().filter(|address| address.kind == policy) {
        if let Some(live) = observed.resources.get_mut(address) {
            let places = found.iter().filter(|(id, ..)| id == live.id.as_str());
            live.detail = Detail::Bound { count: places.count() as u64 };
        }
    }
}

/// The groups and environments in which anything managed here runs: id of the group, and environment.
fn places(want: &Want, apis: &[ApiRow]) -> BTreeSet<(String, String)> {
    let groups: BTreeSet<String> = want
        .addresses
        .iter()
        .filter(|a| a.kind == Kind::Publication || a.kind.def().attached)
        .map(|a| a.part(0))
        .collect();
    let wanted = apis.iter().filter(|api| groups.contains(&api.group_name));
    let place = |api: &ApiRow, stage: &str| (api.group_id.clone(), stage.to_owned());
    wanted
        .flat_map(|api| api.deployed().map(|info| place(api, &info.stage_name)).collect::<Vec<_>>())
        .collect()
}

/// Rows, each with the id of the policy and the environment.
type Found = Vec<(String, String, Value)>;

async fn of_policies(
    client: &Client,
    link: &Link,
    policy: Kind,
    rows: &[Value],
) -> Result<Found, ObserveError> {
    let id = objects::object(policy).map_or("", |object| object.id);
    let ids = rows.iter().filter_map(|row| row[id].as_str());
    let (action, apis) = link.of_policy;
    let lists = ids.map(|id| (id.to_owned(), list(action, apis, &[(link.policy, id)])));
    let lists = reading::several::<Value, String>(client, HUNDRED, lists.collect()).await?;
    let row =
        |id: &String, row: Value| (id.clone(), row["StageName"].as_str().unwrap_or_default().to_owned(), row);
    Ok(lists.into_iter().flat_map(|(id, rows)| rows.into_iter().map(move |r| row(&id, r))).collect())
}

async fn of_places(
    client: &Client,
    link: &Link,
    (action, rows): (&str, &'static str),
    places: &BTreeSet<(String, String)>,
) -> Result<Found, ObserveError> {
    let lists = places.iter().map(|(group, stage)| {
        (stage.clone(), list(action, rows, &[("GroupId", group), ("StageName", stage)]))
    });
    let lists = reading::several::<Value, String>(client, HUNDRED, lists.collect()).await?;
    let row = |stage: &String, row: Value| {
        (row[link.policy].as_str().unwrap_or_default().to_owned(), stage.clone(), row)
    };
    Ok(lists.into_iter().flat_map(|(stage, rows)| rows.into_iter().map(move |r| row(&stage, r))).collect())
}

/// The address of what an exception of a throttle is for.
pub(super) fn exception_of(throttle: &Address, of: &str, key: &str, names: &Names) -> Address {
    let name = match of {
        "app" => names.get(&(Kind::App, key.to_owned())).cloned().unwrap_or_else(|| format!("id:{key}")),
        _ => key.to_owned(),
    };
    Address::new(Kind::ThrottleException, &[&throttle.name(), of, &name])
}
