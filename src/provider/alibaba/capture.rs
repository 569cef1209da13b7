//! Everything the gateway shows of itself, in the form of the wire: for a snapshot.

use serde_json::{Map, Value, json};

use super::convert::unwrapped;
use super::objects::{OBJECTS, When};
use super::observe::{ApiRow, HUNDRED, ask, list};
use crate::http::Client;
use crate::provider::reading::{self, Pages};
use crate::provider::{Captured, ObserveError};

/// Reads all of it.
pub(super) async fn capture(client: &Client) -> Result<Captured, ObserveError> {
    let mut collections = Map::new();
    for object in OBJECTS.iter().filter(|object| object.read != When::Apart) {
        let rows =
            reading::all::<Value>(client.clone(), pages(object.page), list(object.list, object.rows, &[]));
        let rows: Vec<Value> = rows.await?.into_iter().map(unwrapped).collect();
        collections.insert(object.snapshot.to_owned(), rows.into());
    }
    let drafts = list("DescribeApis", "ApiSummarys.ApiSummary", &[]);
    let apis = reading::all::<ApiRow>(client.clone(), HUNDRED, drafts).await?;
    let (mut drafts, mut running) = (Vec::new(), Vec::new());
    for api in &apis {
        let query = [("ApiId", &*api.api_id), ("GroupId", &*api.group_id)];
        drafts.push((api.api_id.clone(), ask("DescribeApi", &query)));
        for info in api.deployed() {
            let query = [query[0], query[1], ("StageName", &*info.stage_name)];
            let key = format!("{}/{}/{}", api.api_id, info.stage_name, info.effective_version);
            running.push((key, ask("DescribeDeployedApi", &query)));
        }
    }
    let drafts = reading::fetch(client, drafts, "API").await?;
    let running = reading::fetch(client, running, "publication").await?;
    let rows = |found: std::collections::HashMap<String, Value>| {
        let mut ordered: Vec<(String, Value)> = found.into_iter().collect();
        ordered.sort_by(|(a, _), (b, _)| a.cmp(b));
        ordered
    };
    let drafts: Vec<Value> = rows(drafts).into_iter().map(|(_, draft)| draft).collect();
    collections.insert("apis".into(), drafts.into());
    let versioned = |(key, mut definition): (String, Value)| {
        definition["HistoryVersion"] = key.rsplit('/').next().unwrap_or_default().into();
        definition
    };
    let running: Vec<Value> = rows(running).into_iter().map(versioned).collect();
    collections.insert("deployed".into(), running.into());
    Ok(Captured { file: json!({ "alibaba": collections }), notes: Vec::new() })
}

/// The pages of lists that show at most so many rows.
fn pages(size: usize) -> Pages {
    if size == HUNDRED.size { HUNDRED } else { super::observe::FIFTY }
}
