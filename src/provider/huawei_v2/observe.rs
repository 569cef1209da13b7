//! Reads a gateway with few calls: lists at 500 a page, details only where a list cannot show a field and the cache does not
//! know better (3.5.5 against 3.5.6).

mod apis;
pub(super) mod capture;
mod holders;
mod links;
mod pages;
mod rows;

use std::collections::HashMap;

use super::convert::{self, Names};
use crate::address::{Address, RemoteId};
use crate::cache::Cache;
use crate::http::Client;
use crate::kind::Kind;
use crate::kinds::spec::Spec;
use crate::observed::{Detail, Live, Observed, State};
use crate::provider::{ObserveError, Want};
use pages::Reader;
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

pub(super) async fn observe(
    root: String,
    client: &Client,
    want: &Want,
    cache: &mut Cache,
) -> Result<Observed, ObserveError> {
    if let Some(observed) = observe_once(&root, client, want, cache).await? {
        return Ok(observed);
    }
    // What the cache said was not so: it is empty now, and everything is read.
    cache.clear();
    let again = observe_once(&root, client, want, &mut Cache::off()).await?;
    Ok(again.unwrap_or_default())
}

/// `None`: the cache turned out to be wrong.
async fn observe_once(
    root: &str,
    client: &Client,
    want: &Want,
    cache: &mut Cache,
) -> Result<Option<Observed>, ObserveError> {
    let reader = Reader::new(client, root);
    let mut observed = Observed::default();
    let mut known = Known::default();
    let (groups, envs, throttles, signs, apis) = tokio::try_join!(
        reader.list::<Value>("/api-groups", "groups", &[]),
        reader.list::<Value>("/envs", "envs", &[]),
        reader.list::<Value>("/throttles", "throttles", &[]),
        reader.list::<Value>("/signs", "signs", &[]),
        reader.list::<ApiRow>("/apis", "apis", &[]),
    )?;
    externals(&reader, want, &apis, &mut known, &mut observed).await?;
    for (kind, rows) in [
        (Kind::Group, &groups),
        (Kind::Environment, &envs),
        (Kind::Throttle, &throttles),
        (Kind::Signature, &signs),
    ] {
        for row in rows {
            let named = Named::of(row, "name")?;
            known.add(kind, &named.id, &named.name);
            let spec = convert::spec(kind, row, &known).map_err(|e| shape(kind, &e.to_string()))?;
            let detail = match row.get("bind_num").and_then(Value::as_u64) {
                Some(count) => Detail::Bound { count },
                None => Detail::None,
            };
            let live = Live { id: RemoteId::from(&*named.id), state: State::Known(spec), detail };
            observed.insert(Address::new(kind, &[&named.name]), live);
        }
    }
    variables(&reader, want, &groups, &known, &mut observed).await?;
    links::exceptions(&reader, want, &throttles, &mut observed).await?;
    if !apis::read(&reader, want, &apis, &mut known, cache, &mut observed).await? {
        return Ok(None);
    }
    let by_id: HashMap<&str, &ApiRow> = apis.iter().map(|row| (&*row.id, row)).collect();
    links::bindings(&reader, &throttles, &signs, &by_id, &known, &mut observed).await?;
    holders::read(&reader, want, &groups, &envs, &by_id, &mut observed).await?;
    quotas(&reader, want, &mut observed).await?;
    Ok(Some(observed))
}

fn shape(kind: Kind, message: &str) -> ObserveError {
    ObserveError::Shape { what: kind.def().noun.to_owned(), message: message.to_owned() }
}

/// What is only looked up by name, where anything names it.
async fn externals(
    reader: &Reader<'_>,
    want: &Want,
    apis: &[ApiRow],
    known: &mut Known,
    observed: &mut Observed,
) -> Result<(), ObserveError> {
    let lists = [
        (Kind::App, "/apps", "apps", false),
        (
            Kind::Authorizer,
            "/authorizers",
            "authorizer_list",
            apis.iter().any(|a| !a.authorizer_id.is_empty()),
        ),
        (Kind::Channel, "/vpc-channels", "vpc_channels", false),
    ];
    for (kind, path, list, seen) in lists {
        if !seen && !want.kind(kind) {
            continue;
        }
        for row in reader.list::<Value>(path, list, &[]).await? {
            let named = Named::of(&row, "name")?;
            known.add(kind, &named.id, &named.name);
            let live = Live { id: RemoteId::from(&*named.id), state: State::Unread, detail: Detail::None };
            observed.insert(Address::new(kind, &[&named.name]), live);
        }
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
            calls.push((
                "/env-variables".to_owned(),
                vec![("group_id".to_owned(), group.id.clone())],
                group.name,
            ));
        }
    }
    for (group, rows) in reader.lists::<Value>(calls, "variables").await? {
        for row in rows {
            let named = Named::of(&row, "variable_name")?;
            let environment = rows::text(&row, "env_id");
            let environment =
                known.name(Kind::Environment, environment).unwrap_or_else(|| format!("id:{environment}"));
            let spec = convert::spec(Kind::Variable, &row, known)
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
        Kind::Signature => true,
        _ => observed.get(address).is_none_or(|live| live.digest() != Some(*digest)),
    });
    if !changes || want.all {
        return Ok(());
    }
    for row in reader.list::<Value>("/project/configs", "configs", &[]).await? {
        let value = rows::text(&row, "config_value").parse();
        if let (name, Ok(value)) = (rows::text(&row, "config_name"), value) {
            observed.limits.insert(name.to_owned(), value);
        }
    }
    Ok(())
}

/// The spec of an API from a detail or a version, both of the same shape (3.5.5, 3.5.13).
fn definition(
    value: &Value,
    known: &Known,
) -> Result<std::sync::Arc<crate::kinds::api::ApiSpec>, ObserveError> {
    match convert::spec(Kind::Api, value, known).map_err(|e| shape(Kind::Api, &e.to_string()))? {
        Spec::Api(spec) => Ok(spec),
        _ => Err(shape(Kind::Api, "it is no API")),
    }
}
