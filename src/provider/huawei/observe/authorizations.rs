//! Which apps may call which APIs (3.10.5). The list can be asked for all, for an app, an API or an environment; an app's row
//! tells how many it has. Asked is for what is wanted in the way that is likely to take the fewest calls, and only what is
//! wanted, or hangs on something that leaves, is taken: what others authorized is not our affair.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde_json::Value;

use super::super::convert::Names;
use super::super::tables::Paging;
use super::pages::{ListCall, Reader};
use super::rows::{ApiRow, Named, text};
use super::{Known, Lists};
use crate::address::{Address, RemoteId};
use crate::kind::Kind;
use crate::kinds::binding::Bound;
use crate::kinds::spec::Spec;
use crate::observed::{Detail, Live, Observed, State};
use crate::provider::{ObserveError, Want};

const PATH: &str = "/app-auths/binded-apps";

/// Reads what is wanted, and what hangs on apps, APIs and environments that leave.
pub(super) async fn read(
    reader: &Reader<'_>,
    want: &Want,
    lists: &Lists,
    apis: &HashMap<&str, &ApiRow>,
    known: &Known,
    observed: &mut Observed,
) -> Result<(), ObserveError> {
    let mut calls = Vec::new();
    for filter in questions(want, lists, apis)? {
        let call = ListCall::new(PATH, "auths", ());
        calls.push(match filter {
            Some((parameter, id)) => call.filtered(parameter, id),
            None => call,
        });
    }
    // An authorization may be in the answers to several questions.
    let mut found: BTreeMap<Address, Live> = BTreeMap::new();
    for ((), rows) in reader.lists::<Value, ()>(calls).await? {
        for row in rows {
            // One of an API that the list did not show was made a moment ago; the next plan sees both.
            let Some(api) = apis.get(text(&row, "api_id")) else { continue };
            let named = |kind, id: &str, name: &str| {
                let id = text(&row, id);
                let said = || Some(text(&row, name).to_owned()).filter(|name| !name.is_empty());
                known.name(kind, id).or_else(said).unwrap_or_else(|| format!("id:{id}"))
            };
            let environment = named(Kind::Environment, "env_id", "env_name");
            let app = named(Kind::App, "app_id", "app_name");
            let address = api.address().child(Kind::AppAuthorization, &environment);
            let address = address.child(Kind::AppAuthorization, &app);
            if !want.wants(&address) && !hangs_on_leaving(want, &address) {
                continue;
            }
            let state = State::Known(Spec::Bound(Bound { to: app }));
            let id = RemoteId::from(text(&row, "id"));
            found.insert(address, Live { id, state, detail: Detail::None });
        }
    }
    for (address, live) in found {
        observed.insert(address, live);
    }
    Ok(())
}

fn hangs_on_leaving(want: &Want, address: &Address) -> bool {
    address.kind.def().owners.iter().any(|owner| want.leaving.contains(&owner.of(address)))
}

/// Ids of the rows of a kind by their names, and how many authorizations rows of apps have.
struct Index {
    ids: HashMap<String, (String, Option<usize>)>,
}

impl Index {
    fn of(rows: &[Value]) -> Result<Self, ObserveError> {
        let mut ids = HashMap::new();
        for row in rows {
            let named = Named::of(row, "name")?;
            let count = row.get("bind_num").and_then(Value::as_u64).and_then(|n| usize::try_from(n).ok());
            ids.insert(named.name, (named.id, count));
        }
        Ok(Self { ids })
    }

    /// How many calls the list of one takes: none where there is nothing.
    fn cost(&self, name: &str) -> usize {
        self.ids.get(name).map_or(0, |(_, count)| count.map_or(1, |count| count.div_ceil(Paging::SIZE)))
    }

    fn id(&self, name: &str) -> Option<String> {
        self.ids.get(name).map(|(id, _)| id.clone())
    }
}

/// What the list is filtered by, for each time it is asked; `None`: by nothing.
fn questions(
    want: &Want,
    lists: &Lists,
    apis: &HashMap<&str, &ApiRow>,
) -> Result<Vec<Option<(&'static str, String)>>, ObserveError> {
    if want.all {
        return Ok(vec![None]);
    }
    if want.leaving.is_empty() && !want.kind(Kind::AppAuthorization) {
        return Ok(Vec::new());
    }
    let of = |kind| lists.get(&kind).map(Vec::as_slice).unwrap_or_default();
    let (apps, envs) = (Index::of(of(Kind::App))?, Index::of(of(Kind::Environment))?);
    // Where all apps were listed and have none, there is none.
    if lists.contains_key(&Kind::App) && apps.ids.values().all(|(_, count)| *count == Some(0)) {
        return Ok(Vec::new());
    }
    let api_ids: HashMap<Address, &str> = apis.values().map(|row| (row.address(), &*row.id)).collect();
    let wanted = || want.addresses.iter().filter(|a| a.kind == Kind::AppAuthorization);
    let leaving = |kind: Kind| want.leaving.iter().filter(move |a| a.kind == kind);
    // Of apps that leave everything is asked; what is wanted of others by app or by API.
    let mut by_app: BTreeSet<String> = leaving(Kind::App).map(Address::name).collect();
    let open: Vec<&Address> = wanted().filter(|a| !by_app.contains(&a.part(3))).collect();
    let open_apps: BTreeSet<String> =
        open.iter().map(|a| a.part(3)).filter(|name| apps.cost(name) > 0).collect();
    let open_apis: BTreeSet<Address> = open
        .iter()
        .filter(|a| open_apps.contains(&a.part(3)))
        .filter_map(|a| a.ancestor(Kind::Api))
        .filter(|api| api_ids.contains_key(api))
        .collect();
    let mut by_api: BTreeSet<Address> =
        leaving(Kind::Api).filter(|api| api_ids.contains_key(*api)).cloned().collect();
    let more: BTreeSet<Address> = open_apis.difference(&by_api).cloned().collect();
    if more.len() < open_apps.iter().map(|name| apps.cost(name)).sum() {
        by_api.extend(more);
    } else {
        by_app.extend(open_apps);
    }
    by_app.retain(|name| apps.cost(name) > 0);
    let by_env: BTreeSet<String> =
        leaving(Kind::Environment).map(Address::name).filter(|name| envs.cost(name) > 0).collect();
    let few = by_app.iter().map(|name| apps.cost(name)).sum::<usize>() + by_api.len() + by_env.len();
    let every: usize = apps.ids.values().filter_map(|(_, count)| *count).sum();
    if few > every.div_ceil(Paging::SIZE).max(1) {
        return Ok(vec![None]);
    }
    let by = |parameter, id: Option<String>| id.map(|id| Some((parameter, id)));
    let app = by_app.iter().filter_map(|name| by("app_id", apps.id(name)));
    let api = by_api.iter().filter_map(|api| by("api_id", api_ids.get(api).map(|id| (*id).to_owned())));
    let env = by_env.iter().filter_map(|name| by("env_id", envs.id(name)));
    Ok(app.chain(api).chain(env).collect())
}
