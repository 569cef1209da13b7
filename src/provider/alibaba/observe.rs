//! Reads a gateway with few calls: lists of as many rows as the gateway gives, details only where a list cannot show a field and
//! the cache does not know better.

mod apis;
mod authorizations;
mod group_plugins;
mod links;
mod rows;

use std::collections::{BTreeMap, HashMap};

use serde_json::Value;

use super::convert::{self, unwrapped};
use super::objects::{self, More, Object, STAGES, When};
use super::{channels, domains, variables};
use crate::address::{Address, RemoteId};
use crate::cache::Cache;
use crate::http::{Client, Request};
use crate::kind::Kind;
use crate::kinds::environment::EnvironmentSpec;
use crate::kinds::spec::Spec;
use crate::observed::{Detail, Gap, Live, Observed, Shown, State};
use crate::provider::reading::{self, List, Pages};
use crate::provider::wire::{Unreadable, need as text};
use crate::provider::{ObserveError, Want};
pub(super) use apis::running;
pub(super) use rows::ApiRow;

/// Rows of lists, by kind; ordered, so that what is asked next is asked in the same order every time.
pub(super) type Lists = BTreeMap<Kind, Vec<Value>>;

/// The pages of lists that show at most 100 rows.
pub(super) const HUNDRED: Pages = Pages {
    size: 100,
    total: "TotalCount",
    query: |offset| [("PageNumber", (offset / 100 + 1).to_string()), ("PageSize", "100".to_owned())],
};

/// Those of the list of groups.
pub(super) const FIFTY: Pages = Pages {
    size: 50,
    total: "TotalCount",
    query: |offset| [("PageNumber", (offset / 50 + 1).to_string()), ("PageSize", "50".to_owned())],
};

/// A list, by its action.
pub(super) fn list(action: &str, rows: &'static str, query: &[(&str, &str)]) -> List {
    let query = query.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    List { path: format!("/{action}"), rows, query }
}

/// A read, by its action.
pub(super) fn ask(action: &str, query: &[(&str, &str)]) -> Request {
    let query = query.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    Request::get(format!("/{action}"), query)
}

pub(super) async fn observe(
    client: &Client,
    want: &Want,
    cache: &mut Cache,
) -> Result<Observed, ObserveError> {
    if let Some(observed) = observe_once(client, want, cache).await? {
        return Ok(observed);
    }
    // What the cache said was not so: it is empty now, and everything is read.
    cache.clear();
    let again = observe_once(client, want, &mut Cache::off()).await?;
    Ok(again.unwrap_or_default())
}

/// `None`: the cache turned out to be wrong.
async fn observe_once(
    client: &Client,
    want: &Want,
    cache: &mut Cache,
) -> Result<Option<Observed>, ObserveError> {
    let mut observed = Observed::default();
    let kinds = want.kinds();
    let wanted = |kind: Kind| want.all || kinds.contains(&kind);
    let leaves = |kind: Kind| want.leaving.iter().any(|address| address.kind == kind);
    let (mut lists, mut apis) = tokio::try_join!(
        objects(client, |object| {
            // What others attached to an API goes with it.
            let hangs = object.kind == Kind::Plugin && leaves(Kind::Api);
            object.read == When::Always || hangs || is_wanted(&wanted, object.kind)
        }),
        reading::all::<ApiRow>(client.clone(), HUNDRED, list("DescribeApis", "ApiSummarys.ApiSummary", &[])),
    )?;
    // Exceptions name apps by their ids.
    let specials = |row: &Value| row["SpecialPolicies"].as_array().is_some_and(|all| !all.is_empty());
    let named = |kind: Kind, names: &dyn Fn(&Value) -> bool| {
        lists.get(&kind).is_some_and(|rows| rows.iter().any(names))
    };
    let names_apps = named(Kind::Throttle, &specials) || named(Kind::Plugin, &convert::plugin::names_apps);
    if names_apps && !lists.contains_key(&Kind::App) {
        lists.extend(objects(client, |object| object.kind == Kind::App).await?);
    }
    more(client, want, &mut lists).await?;
    let names = names(&lists);
    environments(&mut observed);
    for (kind, rows) in &lists {
        whole(*kind, rows, want, &mut observed)?;
    }
    plugins(&names, &mut observed);
    exceptions(lists.get(&Kind::Throttle).map(Vec::as_slice).unwrap_or_default(), &names, &mut observed)?;
    for api in &mut apis {
        if let Some(name) = names.get(&(Kind::Group, api.group_id.clone())) {
            api.group_name.clone_from(name);
        }
    }
    if !apis::read(client, want, &apis, cache, &mut observed).await? {
        return Ok(None);
    }
    links::read(client, want, &lists, &apis, &names, &mut observed).await?;
    group_plugins::read(client, want, &mut observed).await?;
    let details = details(client, want, &lists).await?;
    domains::read(client, want, &names, &details, &mut observed).await?;
    variables::read(client, want, &lists, &details, &mut observed).await?;
    if wanted(Kind::AppAuthorization) || leaves(Kind::App) {
        authorizations::read(client, want, &apis, &names, &mut observed).await?;
    }
    channels::users(client, want, &apis, &mut observed).await?;
    // DeleteApp takes along what others authorized and excepted.
    crate::provider::holders::hanging(want, &mut observed);
    observed.staying.extend([Kind::ThrottleBinding, Kind::SignatureBinding, Kind::AccessBinding]);
    Ok(Some(observed))
}

/// The details of groups whose domains or variables matter, by the ids of the groups.
async fn details(
    client: &Client,
    want: &Want,
    lists: &Lists,
) -> Result<BTreeMap<String, Value>, ObserveError> {
    let (domains, variables) = (domains::wanted(want), variables::wanted(want, lists));
    let is_wanted = |name: &str| want.all || domains.contains(name) || variables.contains(name);
    let groups = lists.get(&Kind::Group).map(Vec::as_slice).unwrap_or_default();
    let groups = groups.iter().filter(|row| row["GroupName"].as_str().is_some_and(is_wanted));
    of_groups(client, groups.filter_map(|row| row["GroupId"].as_str())).await
}

/// The details of groups, by their ids.
pub(super) async fn of_groups(
    client: &Client,
    groups: impl Iterator<Item = &str>,
) -> Result<BTreeMap<String, Value>, ObserveError> {
    let calls = groups.map(|id| (id.to_owned(), ask("DescribeApiGroup", &[("GroupId", id)]))).collect();
    let details: HashMap<String, Value> = reading::fetch(client, calls, "group").await?;
    Ok(details.into_iter().map(|(id, answer)| (id, unwrapped(answer))).collect())
}

/// Names by kinds and ids.
pub(super) type Names = HashMap<(Kind, String), String>;

fn names(lists: &Lists) -> Names {
    let mut names = Names::new();
    for (kind, rows) in lists {
        let Some(object) = objects::object(*kind) else { continue };
        for row in rows {
            if let (Ok(id), Ok(name)) = (text(row, object.id), text(row, object.name)) {
                names.insert((*kind, id), name);
            }
        }
    }
    names
}

/// Asks for what rows lack of what is managed here.
async fn more(client: &Client, want: &Want, lists: &mut Lists) -> Result<(), ObserveError> {
    for (kind, rows) in lists {
        let Some(object) = objects::object(*kind) else { continue };
        let Some(more) = object.more else { continue };
        let mut asked: Vec<(usize, String)> = Vec::new();
        for (i, row) in rows.iter().enumerate() {
            let address = Address::new(*kind, &[&text(row, object.name).unwrap_or_default()]);
            let wanted = want.digests.get(&address);
            // One whose manifest says no more than the list shows needs no call.
            let shown = object.spec.and_then(|read| read(row).ok()).map(|spec| spec.digest());
            let shows_all = more == More::Security && wanted.is_some() && shown.as_ref() == wanted;
            if want.all && more == More::Items || wanted.is_some() && !shows_all {
                asked.push((i, text(row, object.id).unwrap_or_default()));
            }
        }
        match more {
            More::Items => {
                let items = |(i, id): (usize, String)| {
                    let rows = "IpControlPolicyItems.IpControlPolicyItem";
                    (i, list("DescribeIpControlPolicyItems", rows, &[(object.id, &id)]))
                };
                let lists = asked.into_iter().map(items).collect();
                for (i, items) in reading::several::<Value, usize>(client, HUNDRED, lists).await? {
                    rows[i]["Items"] = items.into();
                }
            }
            More::Security => {
                let call = |(i, id): &(usize, String)| {
                    (i.to_string(), ask("DescribeAppSecurity", &[(object.id, id)]))
                };
                let answers = reading::fetch(client, asked.iter().map(call).collect(), "app").await?;
                for (i, _) in asked {
                    let (Some(row), Some(answer)) = (rows.get_mut(i), answers.get(&i.to_string())) else {
                        continue;
                    };
                    for field in ["AppKey", "AppSecret"] {
                        row[field] = answer[field].clone();
                    }
                }
            }
        }
    }
    Ok(())
}

/// Apps that plug-ins name by their ids get their names.
fn plugins(names: &Names, observed: &mut Observed) {
    let name =
        |id: &str| names.get(&(Kind::App, id.to_owned())).cloned().unwrap_or_else(|| format!("id:{id}"));
    for live in observed.resources.values_mut() {
        if let State::Known(Spec::Plugin(spec)) = &mut live.state {
            convert::plugin::name_apps(spec, &name);
        }
    }
}

/// The exceptions of throttles stand in their rows.
fn exceptions(rows: &[Value], names: &Names, observed: &mut Observed) -> Result<(), ObserveError> {
    for row in rows {
        let wrong = |e: Unreadable| shape(Kind::ThrottleException, &e.to_string());
        let throttle = Address::new(Kind::Throttle, &[&text(row, "TrafficControlName").map_err(wrong)?]);
        for (of, key, limit) in convert::throttle::exceptions(row).map_err(wrong)? {
            let address = links::exception_of(&throttle, of, &key, names);
            let state = State::Known(Spec::ThrottleException(limit));
            observed.insert(address, Live { id: RemoteId::from(&*key), state, detail: Detail::None });
        }
    }
    Ok(())
}

pub(super) fn shape(kind: Kind, message: &str) -> ObserveError {
    ObserveError::Shape { what: kind.def().noun.to_owned(), message: message.to_owned() }
}

/// The environments are there, whatever anyone does.
fn environments(observed: &mut Observed) {
    for stage in STAGES {
        let address = Address::new(Kind::Environment, &[stage]);
        let state = State::Known(Spec::Environment(EnvironmentSpec::default()));
        observed.insert(address.clone(), Live { id: RemoteId::from(stage), state, detail: Detail::None });
        observed.given.insert(address);
    }
}

/// Whether a plan needs the list of a kind: anything of it is wanted, or what it is attached or belongs to.
fn is_wanted(wanted: &dyn Fn(Kind) -> bool, kind: Kind) -> bool {
    wanted(kind)
        || crate::kinds::ALL.iter().any(|def| {
            let about =
                def.kind.attaches() == Some(kind) || def.owners.iter().any(|owner| owner.kind == kind);
            about && wanted(def.kind)
        })
}

/// Reads the lists of the kinds that are `needed`, at once.
async fn objects(client: &Client, needed: impl Fn(&Object) -> bool) -> Result<Lists, ObserveError> {
    let wanted = objects::OBJECTS.iter().filter(|object| object.read != When::Apart && needed(object));
    let (mut fifties, mut hundreds) = (Vec::new(), Vec::new());
    for object in wanted {
        let to = if object.page == FIFTY.size { &mut fifties } else { &mut hundreds };
        to.push((object.kind, list(object.list, object.rows, &[])));
    }
    let (fifties, hundreds) = tokio::try_join!(
        reading::several::<Value, Kind>(client, FIFTY, fifties),
        reading::several::<Value, Kind>(client, HUNDRED, hundreds),
    )?;
    let rows = |(kind, rows): (Kind, Vec<Value>)| (kind, rows.into_iter().map(unwrapped).collect());
    Ok(fifties.into_iter().chain(hundreds).map(rows).collect())
}

/// Takes the rows of one kind into `observed`.
fn whole(kind: Kind, rows: &[Value], want: &Want, observed: &mut Observed) -> Result<(), ObserveError> {
    let Some(object) = objects::object(kind) else { return Ok(()) };
    for row in rows {
        let text = |field| text(row, field).map_err(|e| shape(kind, &e.to_string()));
        let address = Address::new(kind, &[&text(object.name)?]);
        let id = RemoteId::from(text(object.id)?.as_str());
        // Without its items it would seem to have none.
        let read = object.spec.filter(|_| object.more != Some(More::Items) || row.get("Items").is_some());
        let state = match read.map(|read| read(row)) {
            Some(Ok(spec)) => State::Known(spec),
            Some(Err(error)) => {
                if want.wants(&address) {
                    observed.gaps.push(gap(&address, error));
                }
                State::Unread
            }
            None => State::Unread,
        };
        let secret = row.get(object.shows).and_then(Value::as_str).filter(|secret| !secret.is_empty());
        let detail = match (secret, object.more) {
            (Some(secret), _) => Detail::Secret { shown: Shown::of(secret) },
            (None, Some(More::Items)) if row.get("Items").is_some() => {
                Detail::Kept { kept: row.clone().into() }
            }
            _ if object.kept && object.kind == Kind::Plugin => {
                Detail::Kept { kept: convert::plugin::masked(row.clone()).into() }
            }
            _ if object.kept => Detail::Kept { kept: row.clone().into() },
            _ => Detail::None,
        };
        observed.insert(address, Live { id, state, detail });
    }
    Ok(())
}

/// What holds something that no manifest can say.
pub(super) fn gap(address: &Address, error: Unreadable) -> Gap {
    let reason = format!("it is not compared and stays as it is, because {error}");
    Gap { address: address.clone(), field: error.field, reason }
}
