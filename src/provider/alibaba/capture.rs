//! Everything that is managed here and the gateway shows, in the form of the wire: for a snapshot. Secrets, which the gateway
//! shows in clear, are masked.

use std::collections::{BTreeMap, HashMap};

use serde_json::{Map, Value, json};

use super::convert::{plugin, unwrapped};
use super::links::LINKS;
use super::objects::{self, OBJECTS, When};
use super::observe::{ApiRow, FIFTY, HUNDRED, ask, list, of_groups, running};
use super::{certificates, domains, variables};
use crate::http::{Client, Request};
use crate::kind::Kind;
use crate::provider::reading::{self, List, Pages};
use crate::provider::wire::{mask_member, need};
use crate::provider::{Captured, ObserveError};

/// Reads all of it.
pub(super) async fn capture(client: &Client) -> Result<Captured, ObserveError> {
    let mut capture = Capture { client, collections: Map::new() };
    for object in OBJECTS.iter().filter(|object| object.read != When::Apart) {
        let pages = if object.page == FIFTY.size { FIFTY } else { HUNDRED };
        let rows = capture.all(pages, list(object.list, object.rows, &[])).await?;
        capture.put(object.snapshot, rows, object.shows);
    }
    capture.definitions();
    capture.groups().await?;
    capture.apis().await?;
    capture.apps().await?;
    capture.items().await?;
    capture.bindings().await?;
    capture.authorizations().await?;
    Ok(Captured { file: json!({ "alibaba": capture.collections }), notes: Vec::new() })
}

struct Capture<'a> {
    client: &'a Client,
    collections: Map<String, Value>,
}

impl Capture<'_> {
    async fn all(&self, pages: Pages, list: List) -> Result<Vec<Value>, ObserveError> {
        let rows = reading::all::<Value>(self.client.clone(), pages, list).await?;
        Ok(rows.into_iter().map(unwrapped).collect())
    }

    fn put(&mut self, collection: &str, mut rows: Vec<Value>, secret: &str) {
        rows.iter_mut().for_each(|row| mask_member(row, secret));
        self.collections.insert(collection.to_owned(), rows.into());
    }

    /// The ids of a kind that was read.
    fn ids(&self, kind: Kind) -> Vec<String> {
        let Some(object) = objects::object(kind) else { return Vec::new() };
        let rows = self.collections.get(object.snapshot).and_then(Value::as_array).into_iter().flatten();
        rows.filter_map(|row| need(row, object.id).ok()).collect()
    }

    /// A list for each of `ids`, whose rows name it as `member`.
    async fn of_each(
        &self,
        ids: Vec<String>,
        member: &str,
        call: impl Fn(&str) -> List,
    ) -> Result<Vec<Value>, ObserveError> {
        let lists = ids.into_iter().map(|id| (id.clone(), call(&id))).collect();
        let lists = reading::several::<Value, String>(self.client, HUNDRED, lists).await?;
        let row = |id: &str, mut row: Value| {
            row[member] = id.into();
            row
        };
        Ok(lists.into_iter().flat_map(|(id, rows)| rows.into_iter().map(move |r| row(&id, r))).collect())
    }

    /// Answers in the order of their keys.
    async fn ordered(
        &self,
        calls: Vec<(String, Request)>,
        what: &'static str,
    ) -> Result<Vec<(String, Value)>, ObserveError> {
        let found: HashMap<String, Value> = reading::fetch(self.client, calls, what).await?;
        let mut ordered: Vec<(String, Value)> = found.into_iter().collect();
        ordered.sort_by(|(a, _), (b, _)| a.cmp(b));
        Ok(ordered)
    }

    /// What is secret in the definitions of plug-ins.
    fn definitions(&mut self) {
        let rows = self.collections.get_mut("plugins").and_then(Value::as_array_mut);
        for row in rows.into_iter().flatten() {
            *row = plugin::masked(row.take());
        }
    }

    /// What the details of groups show: their stages with the variables, and their domains.
    async fn groups(&mut self) -> Result<(), ObserveError> {
        let ids = self.ids(Kind::Group);
        let details = of_groups(self.client, ids.iter().map(String::as_str)).await?;
        let (mut domains, mut stages) = (Vec::new(), BTreeMap::new());
        for (id, detail) in &details {
            domains.push((id.clone(), domains::shown(detail)));
            let own = variables::stages(detail).into_iter();
            stages.extend(own.map(|(name, stage)| ((id.clone(), stage), name)));
        }
        let found = variables::shown(self.client, stages.keys().cloned().collect()).await?;
        let mut all = Vec::new();
        for (place, rows) in found {
            for mut row in rows {
                row["GroupId"] = place.0.as_str().into();
                row["StageName"] = stages[&place].as_str().into();
                all.push(row);
            }
        }
        self.put("variables", all, "");
        let of_group = |(id, rows): (String, Vec<Value>)| {
            let named = move |mut row: Value| {
                row["GroupId"] = id.as_str().into();
                row
            };
            rows.into_iter().map(named)
        };
        certificates::detailed(self.client, &mut domains, &|_, _, _| true).await?;
        self.put("domains", domains.into_iter().flat_map(of_group).collect(), "");
        for row in self.collections.get_mut("groups").and_then(Value::as_array_mut).into_iter().flatten() {
            if let Some(detail) = need(row, "GroupId").ok().and_then(|id| details.get(&id)) {
                row["StageItems"] = json!({ "StageInfo": detail["StageItems"] });
            }
        }
        Ok(())
    }

    /// Drafts, and what runs.
    async fn apis(&mut self) -> Result<(), ObserveError> {
        let rows = list("DescribeApis", "ApiSummarys.ApiSummary", &[]);
        let apis = reading::all::<ApiRow>(self.client.clone(), HUNDRED, rows).await?;
        let (mut drafts, mut online) = (Vec::new(), Vec::new());
        for api in &apis {
            let query = [("ApiId", &*api.api_id), ("GroupId", &*api.group_id)];
            drafts.push((api.api_id.clone(), ask("DescribeApi", &query)));
            for info in api.deployed() {
                let key = format!("{}/{}/{}", api.api_id, info.stage_name, info.effective_version);
                online.push((key, running(api, info)));
            }
        }
        let drafts = self.ordered(drafts, "API").await?.into_iter().map(|(_, draft)| draft).collect();
        self.put("apis", drafts, "");
        let versioned = |(key, mut definition): (String, Value)| {
            definition["HistoryVersion"] = key.rsplit('/').next().unwrap_or_default().into();
            definition
        };
        let online = self.ordered(online, "publication").await?.into_iter().map(versioned).collect();
        self.put("deployed", online, "");
        Ok(())
    }

    /// Keys and codes.
    async fn apps(&mut self) -> Result<(), ObserveError> {
        let call = |id: String| (id.clone(), ask("DescribeAppSecurities", &[("AppId", &id)]));
        let calls = self.ids(Kind::App).into_iter().map(call).collect();
        let (mut keys, mut codes) = (Vec::new(), Vec::new());
        for (app, answer) in self.ordered(calls, "app").await? {
            for row in unwrapped(answer)["AppSecuritys"].as_array().into_iter().flatten() {
                if let Ok(key) = need(row, "AppKey") {
                    keys.push(json!({ "AppKey": key, "AppSecret": row["AppSecret"], "AppId": app }));
                }
                if let Ok(code) = need(row, "AppCode") {
                    codes.push(json!({ "AppCode": code, "AppId": app }));
                }
            }
        }
        self.put("app_keys", keys, "AppSecret");
        // A code is all that a caller needs.
        self.put("app_codes", codes, "AppCode");
        Ok(())
    }

    async fn items(&mut self) -> Result<(), ObserveError> {
        let rows = "IpControlPolicyItems.IpControlPolicyItem";
        let call = |id: &str| list("DescribeIpControlPolicyItems", rows, &[("IpControlId", id)]);
        let items = self.of_each(self.ids(Kind::AccessControl), "IpControlId", call).await?;
        self.put("ip_control_items", items, "");
        Ok(())
    }

    async fn bindings(&mut self) -> Result<(), ObserveError> {
        let mut all = Vec::new();
        for link in LINKS {
            let Some(policy) = link.kind.attaches() else { continue };
            let (action, rows) = link.of_policy;
            let call = |id: &str| list(action, rows, &[(link.policy, id)]);
            for row in self.of_each(self.ids(policy), "PolicyId", call).await? {
                all.push(json!({
                    "Policy": link.snapshot, "PolicyId": row["PolicyId"], "ApiId": row["ApiId"],
                    "GroupId": row["GroupId"], "StageName": row["StageName"], "BoundTime": row["BoundTime"],
                }));
            }
        }
        let rows = "GroupSummarys.GroupPluginSummary";
        let call = |id: &str| list("DescribePluginGroups", rows, &[("PluginId", id)]);
        for row in self.of_each(self.ids(Kind::Plugin), "PolicyId", call).await? {
            all.push(json!({
                "Policy": "groupPlugin", "PolicyId": row["PolicyId"], "GroupId": row["GroupId"],
                "StageName": row["StageName"],
            }));
        }
        self.put("bindings", all, "");
        Ok(())
    }

    async fn authorizations(&mut self) -> Result<(), ObserveError> {
        let rows = "AuthorizedApis.AuthorizedApi";
        let call = |id: &str| list("DescribeAuthorizedApis", rows, &[("AppId", id)]);
        let rows = self.of_each(self.ids(Kind::App), "AppId", call).await?;
        self.put("authorizations", rows, "");
        Ok(())
    }
}
