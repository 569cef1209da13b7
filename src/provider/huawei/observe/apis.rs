//! APIs and publications: the list tells that they are there and when they changed; the definitions come from the cache where
//! it knows them, from details and versions otherwise.
//!
//! What runs in an environment is the effective version (3.5.10 tells which, 3.5.13 what it is). Where the newest version runs
//! and the draft was last edited before it was published, the version equals the draft and is not read.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use serde_json::Value;

use super::super::convert::Names;
use super::super::tables::Tables;
use super::pages::{ListCall, Reader};
use super::rows::{ApiRow, PublishedIn, text};
use super::{Known, definition, shape};
use crate::address::{Address, RemoteId};
use crate::cache::{Cache, Seen};
use crate::history::{History, Query, Version, is_named};
use crate::http::Request;
use crate::kind::Kind;
use crate::kinds::api::ApiSpec;
use crate::kinds::spec::{Digest, Spec};
use crate::observed::{Detail, Live, Observed, State};
use crate::provider::reading::{self, sample, settled};
use crate::provider::{ObserveError, Want};

/// Reads APIs and publications into `observed`. False: the cache was wrong.
pub(super) async fn read(
    reader: &Reader<'_>,
    want: &Want,
    rows: &[ApiRow],
    known: &mut Known,
    cache: &mut Cache,
    observed: &mut Observed,
) -> Result<bool, ObserveError> {
    responses(reader, want, rows, known, cache, observed).await?;
    let mut drafts: HashMap<&str, Read> = HashMap::new();
    let mut missing: Vec<&ApiRow> = Vec::new();
    let mut hits: Vec<&ApiRow> = Vec::new();
    for row in rows {
        let address = row.address();
        let wanted = want.digests.get(&address);
        if wanted.is_none() && !want.all {
            continue;
        }
        match cache.get(&draft_key(row), &row.update_time) {
            Some(seen) if !want.all && (Some(&seen.digest) == wanted || !want.details) => {
                drafts.insert(&row.id, Read::Digest(seen.digest));
                hits.push(row);
            }
            _ => missing.push(row),
        }
    }
    let verify: Vec<&ApiRow> = sample(&hits);
    let calls = missing
        .iter()
        .chain(&verify)
        .map(|row| (row.id.clone(), format!("/apis/{}", crate::http::encode(&row.id))));
    let details = fetch(reader, calls.collect(), "API").await?;
    learn(reader, &details, known).await?;
    for row in missing.iter().chain(&verify) {
        let Some(value) = details.get(&row.id) else { continue };
        let spec = definition(reader.tables, value, known)?;
        let digest = Spec::api_digest(&spec);
        if let Some(Read::Digest(seen)) = drafts.get(&*row.id)
            && *seen != digest
        {
            return Ok(false);
        }
        // The detail may be newer than the list: it is remembered under its own mark.
        if settled(reader.client, text(value, "update_time")) && text(value, "update_time") == row.update_time
        {
            cache.put(draft_key(row), Seen { mark: row.update_time.clone(), digest, detail: String::new() });
        }
        drafts.insert(&row.id, Read::Spec(spec));
    }
    publications(reader, want, rows, known, cache, &drafts, observed).await?;
    for row in rows {
        let state = match drafts.remove(&*row.id) {
            Some(Read::Spec(spec)) => State::Known(Spec::Api(spec)),
            Some(Read::Digest(digest)) => State::Digest(digest),
            None => State::Unread,
        };
        let detail = Detail::Api { claim: row.claim(), kept: None };
        observed.insert(row.address(), Live { id: RemoteId::from(&*row.id), state, detail });
    }
    let alive: HashSet<&str> = rows.iter().map(|r| &*r.id).collect();
    cache.retain(|key| {
        key.split('/').nth(1).is_none_or(|id| key.starts_with("response/") || alive.contains(id))
    });
    Ok(true)
}

/// A definition, as far as it was read.
#[derive(Debug, Clone)]
enum Read {
    Spec(Arc<ApiSpec>),
    Digest(Digest),
}

impl Read {
    fn digest(&self) -> Digest {
        match self {
            Self::Spec(spec) => Spec::api_digest(spec),
            Self::Digest(digest) => *digest,
        }
    }
}

fn draft_key(row: &ApiRow) -> String {
    format!("api/{}", row.id)
}

/// Reads several objects at once.
pub(super) async fn fetch(
    reader: &Reader<'_>,
    calls: Vec<(String, String)>,
    what: &'static str,
) -> Result<HashMap<String, Value>, ObserveError> {
    let call = |(key, path): (String, String)| (key, Request::get(reader.path(&path), Vec::new()));
    reading::fetch(reader.client, calls.into_iter().map(call).collect(), what).await
}

/// Reads the lists of what definitions name by id, where they were not needed so far: one and the same definition must have one
/// fingerprint, whatever else is asked for.
async fn learn(
    reader: &Reader<'_>,
    definitions: &HashMap<String, Value>,
    known: &mut Known,
) -> Result<(), ObserveError> {
    // V1.0 calls a channel's id by another name.
    let fields =
        [(Kind::Channel, "vpc_channel_id"), (Kind::Channel, "vpc_id"), (Kind::Authorizer, "authorizer_id")];
    for (kind, field) in fields {
        let unknown = |id: &str| known.name(kind, id).is_none();
        if !definitions.values().any(|definition| says(definition, field, &unknown)) {
            continue;
        }
        for (kind, rows) in super::objects(reader, |object| object.kind == kind).await? {
            super::names(reader.tables, kind, &rows, known)?;
        }
    }
    Ok(())
}

/// Whether `field` stands anywhere within with an id that fits.
fn says(value: &Value, field: &str, fits: &dyn Fn(&str) -> bool) -> bool {
    match value {
        Value::Object(map) => map.iter().any(|(key, value)| match value.as_str() {
            Some(id) => key == field && !id.is_empty() && fits(id),
            None => says(value, field, fits),
        }),
        Value::Array(items) => items.iter().any(|item| says(item, field, fits)),
        _ => false,
    }
}

/// One publication whose running definition the cache does not know.
struct Open<'a> {
    row: &'a ApiRow,
    place: PublishedIn<'a>,
    address: Address,
}

async fn publications(
    reader: &Reader<'_>,
    want: &Want,
    rows: &[ApiRow],
    known: &mut Known,
    cache: &mut Cache,
    drafts: &HashMap<&str, Read>,
    observed: &mut Observed,
) -> Result<(), ObserveError> {
    let mut open: Vec<Open<'_>> = Vec::new();
    for row in rows {
        for place in row.published() {
            let environment =
                known.name(Kind::Environment, place.env_id).unwrap_or_else(|| format!("id:{}", place.env_id));
            let address = row.address().child(Kind::Publication, &environment);
            let wanted = want.digests.get(&address);
            let id = RemoteId::from(place.publish_id);
            if want.history.as_ref().is_some_and(|query| query.asks(&address)) {
                open.push(Open { row, place, address });
                continue;
            }
            if wanted.is_none() && !want.all {
                observed.insert(address, Live { id, state: State::Unread, detail: Detail::None });
                continue;
            }
            let marked = !place.publish_time.is_empty();
            match cache.get(&publication_key(row, place), &publication_mark(place)).filter(|_| marked) {
                Some(seen) if !want.all && (Some(&seen.digest) == wanted || !want.details) => {
                    let (version, rolled_back) =
                        seen.detail.split_once(' ').unwrap_or((&seen.detail, "newest"));
                    let detail = Detail::Publication {
                        version: Some(RemoteId::from(version)),
                        rolled_back: rolled_back == "older",
                    };
                    observed.insert(address, Live { id, state: State::Digest(seen.digest), detail });
                }
                _ => open.push(Open { row, place, address }),
            }
        }
    }
    let running = versions(reader, &open, want.history.is_some()).await?;
    let mut unread = Vec::new();
    for (publication, running) in open.iter().zip(&running) {
        let (id, version) = (&*publication.row.id, &running.version);
        let is_draft = equals_draft(reader.tables, publication, running);
        if is_draft && drafts.contains_key(id) {
            continue;
        }
        // Where versions are not whole, the draft that one equals tells all of it, whatever else was asked for.
        let path = match is_draft && !reader.tables.versions_are_whole {
            true => format!("/apis/{}", crate::http::encode(id)),
            false => format!("/apis/versions/{}", crate::http::encode(version)),
        };
        unread.push((version.clone(), path));
    }
    let mut histories = match &want.history {
        Some(query) => histories(query, &open, &running),
        None => BTreeMap::new(),
    };
    let picked = histories.values().filter_map(|(history, at)| Some(&history.versions[(*at)?].id));
    unread.extend(
        picked.map(|id| (id.to_string(), format!("/apis/versions/{}", crate::http::encode(id.as_str())))),
    );
    let definitions = fetch(reader, unread, "version").await?;
    learn(reader, &definitions, known).await?;
    for (address, (mut history, at)) in std::mem::take(&mut histories) {
        if let Some(at) = at
            && let Some(value) = definitions.get(history.versions[at].id.as_str())
        {
            history.picked = Some((at, Spec::Publication(definition(reader.tables, value, known)?)));
        }
        observed.histories.insert(address, history);
    }
    for (publication, running) in open.into_iter().zip(running) {
        let read = match definitions.get(&running.version) {
            Some(value) => Read::Spec(definition(reader.tables, value, known)?),
            None => match drafts.get(&*publication.row.id) {
                Some(draft) => draft.clone(),
                None => continue,
            },
        };
        let digest = read.digest();
        let time = publication.place.publish_time;
        if !time.is_empty() && settled(reader.client, time) {
            let word = if running.newest { "newest" } else { "older" };
            cache.put(
                publication_key(publication.row, publication.place),
                Seen {
                    mark: publication_mark(publication.place),
                    digest,
                    detail: format!("{} {word}", running.version),
                },
            );
        }
        let state = match read {
            Read::Spec(spec) => State::Known(Spec::Publication(spec)),
            Read::Digest(digest) => State::Digest(digest),
        };
        let detail = Detail::Publication {
            version: Some(RemoteId::from(&*running.version)),
            rolled_back: !running.newest,
        };
        let id = RemoteId::from(publication.place.publish_id);
        observed.insert(publication.address, Live { id, state, detail });
    }
    Ok(())
}

fn publication_key(row: &ApiRow, place: PublishedIn<'_>) -> String {
    format!("publication/{}/{}", row.id, place.env_id)
}

fn publication_mark(place: PublishedIn<'_>) -> String {
    format!("{} {}", place.publish_id, place.publish_time)
}

/// The version that runs in an environment.
#[derive(Debug, Clone)]
struct Running {
    version: String,
    published_at: String,
    newest: bool,
    /// All versions in this environment, newest first, where they are asked for.
    versions: Vec<Version>,
}

/// What ran where it is asked for, with the index of the version that is meant, unless it runs.
fn histories(
    query: &Query,
    open: &[Open<'_>],
    running: &[Running],
) -> BTreeMap<Address, (History, Option<usize>)> {
    let asked = open.iter().zip(running).filter(|(publication, _)| query.asks(&publication.address));
    let history = |(publication, running): (&Open<'_>, &Running)| {
        let versions = running.versions.clone();
        let at = query.pick.of(&versions).filter(|at| !versions[*at].runs);
        (publication.address.clone(), (History { versions, picked: None }, at))
    };
    asked.map(history).collect()
}

/// One call for each API tells the effective versions in all environments (3.5.10).
async fn versions(reader: &Reader<'_>, open: &[Open<'_>], all: bool) -> Result<Vec<Running>, ObserveError> {
    let mut ids: Vec<&str> = open.iter().map(|o| &*o.row.id).collect();
    ids.dedup();
    let calls = ids
        .iter()
        .map(|id| {
            ListCall::new(
                &format!("/apis/publish/{}", crate::http::encode(id)),
                "api_versions",
                (*id).to_owned(),
            )
        })
        .collect();
    let lists: HashMap<String, Vec<Value>> =
        reader.lists::<Value, String>(calls).await?.into_iter().collect();
    open.iter()
        .map(|publication| {
            let mut here: Vec<&Value> = lists
                .get(&publication.row.id)
                .into_iter()
                .flatten()
                .filter(|v| text(v, "env_id") == publication.place.env_id)
                .collect();
            let effective = here.iter().copied().find(|v| v.get("status").and_then(Value::as_u64) == Some(1));
            let effective = effective.ok_or_else(|| {
                shape(Kind::Publication, &format!("{} has no effective version", publication.address))
            })?;
            // Times are whole seconds: of versions made within one, any may be the newest.
            let made = |v: &Value| (text(v, "publish_time").to_owned(), text(v, "version_no").to_owned());
            here.sort_by_key(|v| std::cmp::Reverse(made(v)));
            let said = |v: &Value, field: &str| text(v, field).to_owned();
            let version = |v: &&Value| Version {
                id: RemoteId::from(text(v, "version_id")),
                number: said(v, "version_no"),
                published: said(v, "publish_time"),
                remark: said(v, "remark"),
                runs: text(v, "version_id") == text(effective, "version_id"),
            };
            Ok(Running {
                versions: here.iter().filter(|_| all).map(version).collect(),
                newest: here.iter().all(|v| made(v) <= made(effective)),
                published_at: text(effective, "publish_time").to_owned(),
                version: text(effective, "version_id").to_owned(),
            })
        })
        .collect()
}

/// Whether what runs must equal the draft: it is the newest version, and the draft was last edited before it was made.
fn equals_draft(tables: &Tables, publication: &Open<'_>, running: &Running) -> bool {
    let edited = publication.row.update_time.parse::<jiff::Timestamp>();
    let published = running.published_at.parse::<jiff::Timestamp>();
    running.newest
        && matches!((edited, published), (Ok(edited), Ok(published)) if match tables.versions_are_whole {
            true => edited.as_second() < published.as_second(),
            false => edited.as_second() <= published.as_second(),
        })
}

/// An API without a group response of its own shows its group's default one (3.5.1), so ids have to be known by name: one
/// call for each group with an id not seen before (3.19.8).
async fn responses(
    reader: &Reader<'_>,
    want: &Want,
    rows: &[ApiRow],
    known: &mut Known,
    cache: &mut Cache,
    observed: &mut Observed,
) -> Result<(), ObserveError> {
    if !reader.tables.has(Kind::GroupResponse) {
        return Ok(());
    }
    let named = want.addresses.iter().any(|a| a.kind == Kind::GroupResponse) || want.all;
    // A definition may be wanted although its draft is not: that of a publication alone.
    let running: HashSet<Address> = want
        .digests
        .keys()
        .filter(|a| a.kind == Kind::Publication)
        .filter_map(|a| a.ancestor(Kind::Api))
        .collect();
    let mut ask: HashMap<&str, &str> = HashMap::new();
    for row in rows.iter().filter(|r| !r.response_id.is_empty() || named) {
        let address = row.address();
        let asked = want.history.as_ref().is_some_and(|query| is_named(&address, &query.names));
        if !want.all && !asked && !want.digests.contains_key(&address) && !running.contains(&address) {
            continue;
        }
        match cache.get(&format!("response/{}", row.response_id), "") {
            Some(seen) if !named => {
                known.add(Kind::GroupResponse, &row.response_id, &seen.detail);
            }
            _ => {
                ask.insert(&row.group_id, &row.group_name);
            }
        }
    }
    let mut asked: Vec<(String, String)> =
        ask.into_iter().map(|(id, name)| (id.to_owned(), name.to_owned())).collect();
    let named = want.addresses.iter().filter(|a| a.kind == Kind::GroupResponse);
    let leaving = want.leaving.iter().filter(|a| a.kind == Kind::Group);
    for group in named.chain(leaving).map(|a| a.part(0)) {
        if let Some(live) = observed.get(&Address::new(Kind::Group, &[&group])) {
            asked.push((live.id.as_str().to_owned(), group));
        }
    }
    asked.sort_unstable();
    asked.dedup();
    let calls = asked
        .into_iter()
        .map(|(id, name)| {
            let path = format!("/api-groups/{}/gateway-responses", crate::http::encode(&id));
            ListCall::new(&path.clone(), "responses", (name, path))
        })
        .collect();
    let mut open = Vec::new();
    for ((group, path), responses) in reader.lists::<Value, (String, String)>(calls).await? {
        for response in responses {
            let (id, name) = (text(&response, "id"), text(&response, "name"));
            known.add(Kind::GroupResponse, id, name);
            let seen =
                Seen { mark: String::new(), digest: Digest::of(name.as_bytes()), detail: name.to_owned() };
            cache.put(format!("response/{id}"), seen);
            let live = Live { id: RemoteId::from(id), state: State::Unread, detail: Detail::None };
            let address = Address::new(Kind::GroupResponse, &[&group, name]);
            if want.all || want.digests.contains_key(&address) {
                open.push((id.to_owned(), format!("{path}/{}", crate::http::encode(id)), address.clone()));
            }
            observed.insert(address, live);
        }
    }
    answers(reader, open, known, observed).await
}

/// What the responses say that are managed here: lists show their names only.
async fn answers(
    reader: &Reader<'_>,
    open: Vec<(String, String, Address)>,
    known: &Known,
    observed: &mut Observed,
) -> Result<(), ObserveError> {
    let kind = Kind::GroupResponse;
    let calls = open.iter().map(|(id, path, _)| (id.clone(), path.clone())).collect();
    let details = fetch(reader, calls, kind.def().noun).await?;
    for (id, _, address) in open {
        let live = observed.resources.get_mut(&address).filter(|live| live.id.as_str() == id);
        if let (Some(live), Some(detail)) = (live, details.get(&id)) {
            let spec = reader.tables.spec(kind, detail, known);
            live.state = State::Known(spec.map_err(|e| super::shape(kind, &e.to_string()))?);
        }
    }
    Ok(())
}
