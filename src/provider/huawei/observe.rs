//! Reads a gateway with few calls: lists at 500 a page, details only where a list cannot show a field and the cache does not
//! know better (3.5.5 against 3.5.6).

mod apis;
mod app_quotas;
mod attachments;
mod authorizations;
pub(in crate::provider) mod capture;
mod children;
mod details;
mod domains;
mod gateway;
mod holders;
mod links;
mod pages;
mod rows;
mod users;

use std::collections::{BTreeMap, HashMap};

use super::convert::{self, Names};
use super::objects::{Object, When};
use super::tables::Tables;
use crate::address::{Address, RemoteId};
use crate::cache::Cache;
use crate::http::Client;
use crate::kind::Kind;
use crate::observed::{Detail, Gap, Live, Observed, State};
use crate::provider::{ObserveError, Want};
use pages::{ListCall, Reader};
pub(in crate::provider) use rows::text;
use rows::{ApiRow, Named};
use serde_json::Value;

/// Ids to names, of all kinds.
#[derive(Debug, Default)]
struct Known {
    names: HashMap<(Kind, String), String>,
}

impl Names for Known {
    fn name(&self, kind: Kind, id: &str) -> Option<String> {
        self.names.get(&(kind, id.to_owned())).cloned()
    }
}

impl Known {
    fn add(&mut self, kind: Kind, id: &str, name: &str) {
        self.names.insert((kind, id.to_owned()), name.to_owned());
    }
}

pub(in crate::provider) async fn observe(
    tables: &'static Tables,
    root: String,
    client: &Client,
    want: &Want,
    cache: &mut Cache,
) -> Result<Observed, ObserveError> {
    if let Some(observed) = observe_once(tables, &root, client, want, cache).await? {
        return Ok(observed);
    }
    // What the cache said was not so: it is empty now, and everything is read.
    cache.clear();
    let again = observe_once(tables, &root, client, want, &mut Cache::off()).await?;
    Ok(again.unwrap_or_default())
}

/// `None`: the cache turned out to be wrong.
async fn observe_once(
    tables: &'static Tables,
    root: &str,
    client: &Client,
    want: &Want,
    cache: &mut Cache,
) -> Result<Option<Observed>, ObserveError> {
    let reader = Reader::new(client, root, tables);
    let mut observed = Observed::default();
    let mut known = Known::default();
    let kinds = want.kinds();
    let wanted = |kind: Kind| want.all || kinds.contains(&kind);
    let (mut lists, apis) = tokio::try_join!(
        objects(&reader, |object| object.read == When::Always || is_wanted(&wanted, object.kind)),
        reader.list::<ApiRow>("/apis", "apis", &[]),
    )?;
    // What APIs name is needed for their names, even when no manifest does.
    if !lists.contains_key(&Kind::Authorizer) && apis.iter().any(|api| !api.authorizer_id.is_empty()) {
        lists.extend(objects(&reader, |object| object.kind == Kind::Authorizer).await?);
    }
    let holders = holders::wanted(want, lists.get(&Kind::Environment).map_or(&[], Vec::as_slice), &apis)?;
    if holders && !lists.contains_key(&Kind::Plugin) {
        lists.extend(objects(&reader, |object| object.kind == Kind::Plugin).await?);
    }
    // So is what plug-ins name.
    let plugins = lists.get(&Kind::Plugin).map(Vec::as_slice).unwrap_or_default();
    let mut named: Vec<Kind> = plugins.iter().flat_map(convert::plugin::kinds_named).collect();
    named.retain(|kind| !lists.contains_key(kind));
    lists.extend(objects(&reader, |object| named.contains(&object.kind)).await?);
    let shown = details::read(&reader, want, &mut lists).await?;
    for (kind, rows) in &lists {
        names(tables, *kind, rows, &mut known)?;
    }
    for (kind, rows) in &lists {
        whole(tables, *kind, rows, want, &shown, &known, &mut observed)?;
    }
    let of = |kind| lists.get(&kind).map(Vec::as_slice).unwrap_or_default();
    domains::read(&reader, want, of(Kind::Group), of(Kind::Certificate), &mut observed).await?;
    variables(&reader, want, of(Kind::Group), &known, &mut observed).await?;
    children::read(&reader, want, &lists, &known, &mut observed).await?;
    if !apis::read(&reader, want, &apis, &mut known, cache, &mut observed).await? {
        return Ok(None);
    }
    let by_id: HashMap<&str, &ApiRow> = apis.iter().map(|row| (&*row.id, row)).collect();
    links::bindings(&reader, &lists, &by_id, &known, &mut observed).await?;
    attachments::read(&reader, want, holders, of(Kind::Plugin), &by_id, &known, &mut observed).await?;
    authorizations::read(&reader, want, &lists, &by_id, &known, &mut observed).await?;
    app_quotas::read(&reader, want, &lists, &known, &mut observed).await?;
    holders::read(want, of(Kind::Group), &mut observed)?;
    users::read(&reader, want, &apis, &mut observed).await?;
    gateway::read(&reader, want, &mut observed).await?;
    quotas(&reader, want, &mut observed).await?;
    Ok(Some(observed))
}

fn shape(kind: Kind, message: &str) -> ObserveError {
    ObserveError::Shape { what: kind.def().noun.to_owned(), message: message.to_owned() }
}

/// Rows of lists, by kind; ordered, so that what is asked next is asked in the same order every time.
type Lists = BTreeMap<Kind, Vec<Value>>;

/// Whether a plan needs the list of a kind: anything of it is wanted, or what it is attached or belongs to.
fn is_wanted(wanted: &dyn Fn(Kind) -> bool, kind: Kind) -> bool {
    wanted(kind)
        || crate::kinds::ALL.iter().any(|def| {
            let about =
                def.kind.attaches() == Some(kind) || def.owners.iter().any(|owner| owner.kind == kind);
            about && wanted(def.kind)
        })
}

/// Reads the lists of the kinds that belong to nothing else, those that are `needed`, at once.
async fn objects(reader: &Reader<'_>, needed: impl Fn(&Object) -> bool) -> Result<Lists, ObserveError> {
    let top = |object: &&Object| object.read != When::Apart && object.owner_kind().is_none();
    let wanted: Vec<&Object> =
        reader.tables.objects.iter().filter(top).filter(|object| needed(object)).collect();
    let call = |object: &&Object| {
        let call = ListCall::new(object.path, object.list, object.kind);
        match object.here {
            "" => call,
            here => call.filtered(here, reader.gateway().to_owned()),
        }
    };
    let calls = wanted.iter().map(call).collect();
    Ok(reader.lists::<Value, Kind>(calls).await?.into_iter().collect())
}

/// Takes the names of one kind into `known`: rows of other kinds may name it.
fn names(tables: &Tables, kind: Kind, rows: &[Value], known: &mut Known) -> Result<(), ObserveError> {
    let Some(object) = tables.object(kind) else { return Ok(()) };
    for row in rows {
        let named = Named::by(row, object.id, object.keys[0].0)?;
        known.add(kind, &named.id, &named.name);
    }
    Ok(())
}

/// Takes the rows of one kind into `observed`.
fn whole(
    tables: &Tables,
    kind: Kind,
    rows: &[Value],
    want: &Want,
    shown: &details::Shown,
    known: &Known,
    observed: &mut Observed,
) -> Result<(), ObserveError> {
    let Some(object) = tables.object(kind) else { return Ok(()) };
    for row in rows {
        let named = Named::by(row, object.id, object.keys[0].0)?;
        let address = Address::new(kind, &[&named.name]);
        let read = object.spec.filter(|_| shown.is_whole(object, &named.id));
        let state = match read.map(|read| read(row, known)) {
            Some(Ok(spec)) => State::Known(spec),
            Some(Err(e)) if object.lenient => {
                if want.wants(&address) {
                    let reason = format!("it is not compared and stays as it is, because {e}");
                    observed.gaps.push(Gap { address: address.clone(), field: e.field, reason });
                }
                State::Unread
            }
            Some(Err(e)) => return Err(shape(kind, &e.to_string())),
            None => State::Unread,
        };
        // What is authorized for an app is read by itself where it matters.
        let count = row.get("bind_num").or_else(|| row.get("bound_app_num"));
        let bound = count.and_then(Value::as_u64).filter(|_| kind != Kind::App);
        let detail = match bound {
            Some(count) => Detail::Bound { count },
            None => Detail::None,
        };
        let live = Live { id: RemoteId::from(&*named.id), state, detail };
        observed.insert(address, live);
    }
    Ok(())
}

/// 3.3.4 has no list over groups: one call for each group with variables that are wanted, or would go with their group or
/// environment.
async fn variables(
    reader: &Reader<'_>,
    want: &Want,
    groups: &[Value],
    known: &Known,
    observed: &mut Observed,
) -> Result<(), ObserveError> {
    let wanted: std::collections::HashSet<String> = want
        .addresses
        .iter()
        .filter(|a| a.kind == Kind::Variable || (a.kind == Kind::Group && want.leaving.contains(a)))
        .map(|a| a.part(0))
        .collect();
    let every = want.all || want.leaving.iter().any(|a| a.kind == Kind::Environment);
    let mut calls = Vec::new();
    for group in groups {
        let group = Named::of(group, "name")?;
        if every || wanted.contains(&group.name) {
            let call = ListCall::new("/env-variables", "variables", group.name);
            calls.push(call.filtered("group_id", group.id));
        }
    }
    for (group, rows) in reader.lists::<Value, String>(calls).await? {
        for row in rows {
            let named = Named::of(&row, "variable_name")?;
            let environment = rows::text(&row, "env_id");
            let environment =
                known.name(Kind::Environment, environment).unwrap_or_else(|| format!("id:{environment}"));
            let spec = reader
                .tables
                .spec(Kind::Variable, &row, known)
                .map_err(|e| shape(Kind::Variable, &e.to_string()))?;
            let live =
                Live { id: RemoteId::from(&*named.id), state: State::Known(spec), detail: Detail::None };
            observed.insert(Address::new(Kind::Variable, &[&group, &environment, &named.name]), live);
        }
    }
    Ok(())
}

/// 3.22.1, where something may be created or changed: the gateway's quotas and switches, so that a rehearsal knows them. A
/// signature may change by its secret alone, which cannot be seen here.
async fn quotas(reader: &Reader<'_>, want: &Want, observed: &mut Observed) -> Result<(), ObserveError> {
    let changes = want.digests.iter().any(|(address, digest)| match address.kind {
        Kind::Publication => false,
        Kind::Signature | Kind::App | Kind::Plugin | Kind::Certificate | Kind::Feature => true,
        _ => observed.get(address).is_none_or(|live| live.digest() != Some(*digest)),
    });
    if !changes || want.all {
        return Ok(());
    }
    for row in reader.list::<Value>(reader.tables.configs, "configs", &[]).await? {
        let value = rows::text(&row, "config_value").parse();
        if let (name, Ok(value)) = (rows::text(&row, "config_name"), value) {
            observed.limits.insert(name.to_owned(), value);
        }
    }
    Ok(())
}

/// The spec of an API from a detail or a version, both of the same shape (3.5.5, 3.5.13).
fn definition(
    tables: &Tables,
    value: &Value,
    known: &Known,
) -> Result<std::sync::Arc<crate::kinds::api::ApiSpec>, ObserveError> {
    match tables.spec(Kind::Api, value, known).map_err(|e| shape(Kind::Api, &e.to_string()))? {
        crate::kinds::spec::Spec::Api(spec) => Ok(spec),
        _ => Err(shape(Kind::Api, "it is no API")),
    }
}
