//! APIs and publications: the list tells that they are there, when they changed and which version runs where; the definitions
//! come from the cache where it knows them, from `DescribeApi` and `DescribeApiHistory` otherwise.
//!
//! A version never changes, so what the cache knows of one is so for good.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use serde_json::Value;

use super::super::convert::{api, unwrapped};
use super::rows::{ApiRow, Info};
use super::{HUNDRED, ask, gap, list};
use crate::address::{Address, RemoteId};
use crate::cache::{Cache, Seen};
use crate::history::{History, Query, Version};
use crate::http::{Client, Request};
use crate::kind::Kind;
use crate::kinds::api::ApiSpec;
use crate::kinds::spec::Spec;
use crate::observed::{Detail, Live, Observed, State};
use crate::provider::reading::{self, sample, settled};
use crate::provider::{ObserveError, Want};

/// Reads APIs and publications into `observed`. False: the cache was wrong.
pub(super) async fn read(
    client: &Client,
    want: &Want,
    rows: &[ApiRow],
    cache: &mut Cache,
    observed: &mut Observed,
) -> Result<bool, ObserveError> {
    let Some(mut drafts) = drafts(client, want, rows, cache, observed).await? else { return Ok(false) };
    publications(client, want, rows, cache, observed).await?;
    for row in rows {
        let (state, kept) = drafts.remove(&*row.api_id).unwrap_or((State::Unread, None));
        let detail = Detail::Api { claim: row.claim(), kept };
        observed.insert(row.address(), Live { id: RemoteId::from(&*row.api_id), state, detail });
    }
    let alive: HashSet<&str> = rows.iter().map(|row| &*row.api_id).collect();
    cache.retain(|key| key.split('/').nth(1).is_none_or(|id| alive.contains(id)));
    Ok(true)
}

/// What is known of a draft, and all of it where it was read.
type Draft = (State, Option<Box<Value>>);

/// What APIs are, by their ids. `None`: the cache was wrong.
async fn drafts<'r>(
    client: &Client,
    want: &Want,
    rows: &'r [ApiRow],
    cache: &mut Cache,
    observed: &mut Observed,
) -> Result<Option<HashMap<&'r str, Draft>>, ObserveError> {
    let mut drafts: HashMap<&str, Draft> = HashMap::new();
    let (mut missing, mut hits): (Vec<&ApiRow>, Vec<&ApiRow>) = (Vec::new(), Vec::new());
    for row in rows {
        let address = row.address();
        let wanted = want.digests.get(&address);
        if wanted.is_none() && !want.all {
            continue;
        }
        // One that gets another name is written, so that all of it is needed.
        let renamed = want.leaving.contains(&address);
        match cache.get(&draft_key(row), &row.modified_time) {
            Some(seen) if !want.all && !renamed && (Some(&seen.digest) == wanted || !want.details) => {
                drafts.insert(&row.api_id, (State::Digest(seen.digest), None));
                hits.push(row);
            }
            _ => missing.push(row),
        }
    }
    missing.extend(sample(&hits));
    let call = |row: &&ApiRow| {
        (row.api_id.clone(), ask("DescribeApi", &[("ApiId", &row.api_id), ("GroupId", &row.group_id)]))
    };
    let details = reading::fetch(client, missing.iter().map(call).collect(), "API").await?;
    let mut details: HashMap<String, Value> =
        details.into_iter().map(|(id, answer)| (id, unwrapped(answer))).collect();
    for row in missing {
        let Some(detail) = details.remove(&row.api_id) else { continue };
        let mark = detail["ModifiedTime"].as_str().unwrap_or_default().to_owned();
        let read = match api::spec(&detail) {
            Ok(spec) => spec,
            Err(error) => {
                observed.gaps.push(gap(&row.address(), error));
                drafts.insert(&row.api_id, (State::Unread, None));
                continue;
            }
        };
        let digest = Spec::api_digest(&read);
        if let Some((State::Digest(seen), _)) = drafts.get(&*row.api_id)
            && *seen != digest
        {
            return Ok(None);
        }
        // The detail may be newer than the list: it is remembered under its own mark.
        if settled(client, &mark) && mark == row.modified_time {
            cache.put(draft_key(row), Seen { mark, digest, detail: String::new() });
        }
        drafts.insert(&row.api_id, (State::Known(Spec::Api(Arc::new(read))), Some(Box::new(detail))));
    }
    Ok(Some(drafts))
}

fn draft_key(row: &ApiRow) -> String {
    format!("api/{}", row.api_id)
}

/// One publication whose running definition the cache does not know.
struct Open<'a> {
    row: &'a ApiRow,
    info: &'a Info,
    address: Address,
}

impl Open<'_> {
    fn key(&self) -> String {
        publication_key(self.row, self.info)
    }
}

fn publication_key(row: &ApiRow, info: &Info) -> String {
    format!("publication/{}/{}", row.api_id, info.stage_name)
}

async fn publications(
    client: &Client,
    want: &Want,
    rows: &[ApiRow],
    cache: &mut Cache,
    observed: &mut Observed,
) -> Result<(), ObserveError> {
    let mut open: Vec<Open<'_>> = Vec::new();
    for row in rows {
        for info in row.deployed() {
            let address = row.address().child(Kind::Publication, &info.stage_name);
            let wanted = want.digests.get(&address);
            let asked = want.history.as_ref().is_some_and(|query| query.asks(&address));
            if wanted.is_none() && !want.all && !asked {
                observed.insert(address, live(row, info, State::Unread, false));
                continue;
            }
            let seen = cache
                .get(&publication_key(row, info), &info.effective_version)
                .filter(|_| !info.effective_version.is_empty() && !want.all && !asked);
            match seen.filter(|seen| Some(&seen.digest) == wanted || !want.details) {
                Some(seen) => {
                    let older = seen.detail == "older";
                    observed.insert(address, live(row, info, State::Digest(seen.digest), older));
                }
                None => open.push(Open { row, info, address }),
            }
        }
    }
    let call = |open: &Open<'_>| (open.key(), running(open.row, open.info));
    let definitions = reading::fetch(client, open.iter().map(call).collect(), "publication").await?;
    let mut read: HashMap<String, Result<ApiSpec, _>> =
        definitions.into_iter().map(|(key, answer)| (key, api::spec(&unwrapped(answer)))).collect();
    // Whether an older version was switched to is told where what runs is not what is wanted.
    let differs = |open: &&Open<'_>| {
        let digest = read.get(&open.key()).and_then(|read| read.as_ref().ok()).map(Spec::api_digest);
        digest.as_ref() != want.digests.get(&open.address) && want.details && !want.all
    };
    let asks = |open: &&Open<'_>| want.history.as_ref().is_some_and(|query| query.asks(&open.address));
    let told: Vec<&Open<'_>> = open.iter().filter(|open| differs(open) || asks(open)).collect();
    let versions = versions(client, &told).await?;
    if let Some(query) = &want.history {
        histories(client, query, &open, &versions, observed).await?;
    }
    for open in open {
        let Some(read) = read.remove(&open.key()) else { continue };
        let newest = versions.get(&open.key()).and_then(|versions| versions.first());
        let older = newest.is_some_and(|newest| !newest.runs);
        let state = match read {
            Ok(spec) => {
                let digest = Spec::api_digest(&spec);
                let word = if older { "older" } else { "newest" };
                let mark = open.info.effective_version.clone();
                if !mark.is_empty() {
                    cache.put(open.key(), Seen { mark, digest, detail: word.to_owned() });
                }
                State::Known(Spec::Publication(Arc::new(spec)))
            }
            Err(error) => {
                observed.gaps.push(gap(&open.address, error));
                State::Unread
            }
        };
        observed.insert(open.address, live(open.row, open.info, state, older));
    }
    Ok(())
}

/// Asks what runs. `DescribeDeployedApi` leaves out more of a definition than the history does (whether an app's code is enough,
/// say), so it is asked only where the list does not tell the version.
pub(in crate::provider::alibaba) fn running(row: &ApiRow, info: &Info) -> Request {
    let query = [("ApiId", &*row.api_id), ("GroupId", &*row.group_id), ("StageName", &*info.stage_name)];
    match &*info.effective_version {
        "" => ask("DescribeDeployedApi", &query),
        version => ask("DescribeApiHistory", &[&query[..], &[("HistoryVersion", version)]].concat()),
    }
}

/// A publication goes by the id of its API.
fn live(row: &ApiRow, info: &Info, state: State, rolled_back: bool) -> Live {
    let version = Some(&*info.effective_version).filter(|version| !version.is_empty()).map(RemoteId::from);
    let detail = Detail::Publication { version, rolled_back };
    Live { id: RemoteId::from(&*row.api_id), state, detail }
}

/// The versions that the gateway keeps of publications, newest first.
async fn versions(
    client: &Client,
    open: &[&Open<'_>],
) -> Result<HashMap<String, Vec<Version>>, ObserveError> {
    let call = |open: &&Open<'_>| {
        let query = [
            ("GroupId", &*open.row.group_id),
            ("ApiId", &*open.row.api_id),
            ("StageName", &*open.info.stage_name),
        ];
        (open.key(), list("DescribeApiHistories", "ApiHisItems.ApiHisItem", &query))
    };
    let lists = reading::several::<Value, String>(client, HUNDRED, open.iter().map(call).collect()).await?;
    let text = |row: &Value, field: &str| row[field].as_str().unwrap_or_default().to_owned();
    let version = |row: Value| Version {
        id: RemoteId::from(text(&row, "HistoryVersion").as_str()),
        number: text(&row, "HistoryVersion"),
        published: text(&row, "DeployedTime"),
        remark: text(&row, "Description"),
        runs: text(&row, "Status") == "ONLINE",
    };
    let ordered = |rows: Vec<Value>| {
        let mut versions: Vec<Version> = rows.into_iter().map(version).collect();
        versions.sort_by(|a, b| b.number.cmp(&a.number));
        versions
    };
    Ok(lists.into_iter().map(|(key, rows)| (key, ordered(rows))).collect())
}

/// What ran before, where that is asked for, with the version that is meant.
async fn histories(
    client: &Client,
    query: &Query,
    open: &[Open<'_>],
    versions: &HashMap<String, Vec<Version>>,
    observed: &mut Observed,
) -> Result<(), ObserveError> {
    let mut found: BTreeMap<Address, (History, Option<usize>)> = BTreeMap::new();
    let mut calls = Vec::new();
    for open in open.iter().filter(|open| query.asks(&open.address)) {
        let versions = versions.get(&open.key()).cloned().unwrap_or_default();
        let at = query.pick.of(&versions).filter(|at| !versions[*at].runs);
        if let Some(at) = at {
            let query = [
                ("ApiId", &*open.row.api_id),
                ("GroupId", &*open.row.group_id),
                ("StageName", &*open.info.stage_name),
                ("HistoryVersion", versions[at].id.as_str()),
            ];
            calls.push((open.address.path().to_owned(), ask("DescribeApiHistory", &query)));
        }
        found.insert(open.address.clone(), (History { versions, picked: None }, at));
    }
    let definitions = reading::fetch(client, calls, "version").await?;
    for (address, (mut history, at)) in found {
        if let (Some(at), Some(answer)) = (at, definitions.get(address.path())) {
            let spec = api::spec(&unwrapped(answer.clone()));
            let spec = spec.map_err(|error| super::shape(Kind::Publication, &error.to_string()))?;
            history.picked = Some((at, Spec::Publication(Arc::new(spec))));
        }
        observed.histories.insert(address, history);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_tells_where_it_runs() {
        let row: ApiRow = serde_json::from_value(serde_json::json!({
            "ApiId": "a1", "ApiName": "pay", "GroupId": "g1", "GroupName": "shop", "ApiMethod": "GET",
            "ApiPath": "/pay/[id]", "ModifiedTime": "2026-01-01T00:00:00Z", "Visibility": "PRIVATE",
            "DeployedInfos": { "DeployedInfo": [
                { "StageName": "RELEASE", "DeployedStatus": "DEPLOYED", "EffectiveVersion": "20260101" },
                { "StageName": "TEST", "DeployedStatus": "NONDEPLOYED", "EffectiveVersion": null },
            ] },
        }))
        .unwrap();
        let running: Vec<&str> = row.deployed().map(|info| &*info.stage_name).collect();
        assert_eq!(running, ["RELEASE"]);
        assert_eq!(row.claim(), "shop|GET|/pay/{}|exact");
        assert_eq!(row.address(), Address::new(Kind::Api, &["shop", "pay"]));
    }
}
