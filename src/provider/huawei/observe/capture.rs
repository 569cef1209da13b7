//! Everything a gateway shows of itself, in the form of the wire: for a snapshot.
//!
//! What is read is data: [`Collections`]. A part that the gateway refuses to show, such as one behind
//! a feature it lacks, becomes a note; only what every gateway has must be readable. Secrets that gateways show in clear
//! are masked here.

use serde_json::{Map, Value, json};
use tokio::task::JoinSet;

use super::super::convert::feature::secret_field;
use super::super::tables::Tables;
use super::pages::{ListCall, Reader};
use super::rows::text;
use crate::http::{CallError, Class, Client, Request};
use crate::kind::Kind;
use crate::provider::wire::mask_member;
use crate::provider::{Captured, ObserveError};

/// What is read of a gateway.
pub(in crate::provider) struct Collections {
    pub(in crate::provider) lists: &'static [List],
    pub(in crate::provider) children: &'static [Child],
    /// What only a detail shows: collection, and the path, in which `{}` stands for the id and `{group_id}` for that member.
    pub(in crate::provider) details: &'static [(&'static str, &'static str)],
    /// Whether the gateway is one that was made, with settings, tags and certificates of its project.
    pub(in crate::provider) dedicated: bool,
    /// A row of a collection in the words of snapshots.
    pub(in crate::provider) worded: fn(&str, Value) -> Value,
}

/// A list of the gateway: collection, path, name of the rows, whether every gateway has it.
pub(in crate::provider) struct List(
    pub(in crate::provider) &'static str,
    pub(in crate::provider) &'static str,
    pub(in crate::provider) &'static str,
    pub(in crate::provider) bool,
);

/// A list per row of another collection.
pub(in crate::provider) struct Child {
    pub(in crate::provider) collection: &'static str,
    pub(in crate::provider) parent: &'static str,
    /// The id of the parent's rows.
    pub(in crate::provider) id: &'static str,
    /// The path; `{}` stands for the id of the parent.
    pub(in crate::provider) path: &'static str,
    /// The parameter of the query that names the parent, where the path does not.
    pub(in crate::provider) query: &'static str,
    pub(in crate::provider) rows: &'static str,
    /// The member by which a row in a snapshot names the parent.
    pub(in crate::provider) member: &'static str,
    /// Whether a row of the parent has any.
    pub(in crate::provider) has: fn(&Value) -> bool,
}

/// What most have in common.
pub(in crate::provider) const ANY: Child =
    Child { collection: "", parent: "", id: "id", path: "", query: "", rows: "", member: "", has: |_| true };

/// Whether a policy is attached to anything.
pub(in crate::provider) fn is_bound(row: &Value) -> bool {
    row["bind_num"].as_i64() != Some(0)
}

struct Capture<'a> {
    reader: Reader<'a>,
    file: Map<String, Value>,
    notes: Vec<String>,
}

/// Reads all of a gateway.
pub(in crate::provider) async fn capture(
    tables: &'static Tables,
    root: &str,
    client: &Client,
) -> Result<Captured, ObserveError> {
    let reader = Reader::new(client, root, tables);
    let mut capture = Capture { reader, file: Map::new(), notes: Vec::new() };
    let Collections { lists, children, details, dedicated, worded } = tables.collections;
    for List(collection, path, rows, always) in *lists {
        let read = capture.reader.list::<Value>(path, rows, &[]).await;
        let rows = if *always { read? } else { capture.tolerate(collection, read)?.unwrap_or_default() };
        capture.put(collection, rows);
    }
    for child in *children {
        capture.children(child).await?;
    }
    for (collection, path) in *details {
        let rows = capture.take(collection);
        let rows = capture.details(path, rows).await?;
        capture.put(collection, rows);
    }
    capture.versions().await?;
    if *dedicated {
        capture.singles().await?;
    }
    if tables.has(Kind::OwnCertificate) {
        capture.own_certificates().await?;
    }
    capture.quotas().await?;
    capture.word(*worded);
    capture.mask();
    Ok(Captured { file: Value::Object(capture.file), notes: capture.notes })
}

impl Capture<'_> {
    fn put(&mut self, collection: &str, rows: Vec<Value>) {
        self.file.insert(collection.to_owned(), Value::Array(rows));
    }

    fn take(&mut self, collection: &str) -> Vec<Value> {
        match self.file.get_mut(collection) {
            Some(Value::Array(rows)) => std::mem::take(rows),
            _ => Vec::new(),
        }
    }

    fn word(&mut self, worded: fn(&str, Value) -> Value) {
        for (collection, rows) in &mut self.file {
            for row in rows.as_array_mut().into_iter().flatten() {
                *row = worded(collection, row.take());
            }
        }
    }

    fn rows(&self, collection: &str) -> &[Value] {
        self.file.get(collection).and_then(Value::as_array).map_or(&[], Vec::as_slice)
    }

    /// Makes a note of a refusal; every other failure stays one.
    fn tolerate<T>(&mut self, what: &str, read: Result<T, ObserveError>) -> Result<Option<T>, ObserveError> {
        match read {
            Ok(read) => Ok(Some(read)),
            Err(ObserveError::Call(error @ CallError::Refused { .. }))
                if !matches!(error.class(), Class::Transient | Class::RateLimited) =>
            {
                self.notes.push(format!("{what}: not read: {error}"));
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }

    async fn children(&mut self, child: &Child) -> Result<(), ObserveError> {
        let calls: Vec<ListCall<String>> = self
            .rows(child.parent)
            .iter()
            .filter(|row| (child.has)(row))
            .map(|row| {
                let id = text(row, child.id).to_owned();
                let path = child.path.replace("{}", &crate::http::encode(&id));
                let call = ListCall::new(&path, child.rows, id.clone());
                if child.query.is_empty() { call } else { call.filtered(child.query, id) }
            })
            .collect();
        let read = self.reader.lists::<Value, _>(calls).await;
        let mut all = Vec::new();
        for (parent, rows) in self.tolerate(child.collection, read)?.unwrap_or_default() {
            for mut row in rows {
                row[child.member] = parent.as_str().into();
                all.push(row);
            }
        }
        self.put(child.collection, all);
        Ok(())
    }

    /// Replaces rows by their details. What has gone in between is left out.
    async fn details(&self, path: &str, rows: Vec<Value>) -> Result<Vec<Value>, ObserveError> {
        let mut tasks = JoinSet::new();
        for (index, row) in rows.into_iter().enumerate() {
            let group = text(&row, "group_id").to_owned();
            let path = path
                .replace("{}", &crate::http::encode(text(&row, "id")))
                .replace("{group_id}", &crate::http::encode(&group));
            let (client, path) = (self.reader.client.clone(), self.reader.path(&path));
            tasks.spawn(async move {
                let mut read = client.json(&Request::get(path, Vec::new())).await;
                if let (Ok(Value::Object(detail)), false) = (&mut read, group.is_empty()) {
                    detail.entry("group_id").or_insert(group.into());
                }
                (index, read)
            });
        }
        let mut found = Vec::with_capacity(tasks.len());
        while let Some(joined) = tasks.join_next().await {
            let (index, read) = joined.map_err(|e| broken(&e.to_string()))?;
            match read {
                Ok(detail) => found.push((index, detail)),
                Err(error) if error.class() == Class::NotFound => {}
                Err(error) => return Err(error.into()),
            }
        }
        found.sort_by_key(|(index, _)| *index);
        Ok(found.into_iter().map(|(_, detail)| detail).collect())
    }

    /// The definitions of the versions that are effective, and of newer ones, from which someone has gone back: the list is
    /// newest first. Older ones are left out.
    async fn versions(&mut self) -> Result<(), ObserveError> {
        let rows = self.take("versions");
        let mut past = std::collections::HashSet::new();
        let mut kept = Vec::new();
        for row in rows {
            let place = (text(&row, "api_id").to_owned(), text(&row, "env_id").to_owned());
            if past.contains(&place) {
                continue;
            }
            if row["status"].as_i64() == Some(1) {
                past.insert(place);
            }
            kept.push(row);
        }
        // An API that is offline in an environment has versions there, none of them effective.
        kept.retain(|row| past.contains(&(text(row, "api_id").to_owned(), text(row, "env_id").to_owned())));
        // Oldest first within a place; the order of places is no news, so that the same gateway gives the same file.
        kept.reverse();
        kept.sort_by(|a, b| {
            let place = |row: &Value| (text(row, "api_id").to_owned(), text(row, "env_id").to_owned());
            place(a).cmp(&place(b))
        });
        let ids = kept.iter().map(|row| json!({"id": row["version_id"]})).collect();
        let definitions = self.details("/apis/versions/{}", ids).await?;
        let mut known: std::collections::HashMap<String, Value> =
            definitions.into_iter().map(|it| (text(&it, "version_id").to_owned(), it)).collect();
        let publish_ids: std::collections::HashMap<(String, String), String> =
            self.rows("apis").iter().flat_map(places).collect();
        let mut out = Vec::new();
        for row in &kept {
            let (api, env) = (text(row, "api_id"), text(row, "env_id"));
            let effective = row["status"].as_i64() == Some(1);
            let publish_id = publish_ids.get(&(api.to_owned(), env.to_owned())).filter(|_| effective);
            let Some(mut definition) = known.remove(text(row, "version_id")) else { continue };
            without_places(&mut definition);
            out.push(json!({
                "api_id": api,
                "env_id": env,
                "version_id": row["version_id"],
                "publish_id": publish_id,
                "publish_time": row["publish_time"],
                "remark": row["remark"],
                "effective": effective,
                "definition": definition,
            }));
        }
        self.put("versions", out);
        let mut apis = self.take("apis");
        apis.iter_mut().for_each(without_places);
        self.put("apis", apis);
        Ok(())
    }

    /// What comes alone or above the gateway.
    async fn singles(&mut self) -> Result<(), ObserveError> {
        let client = self.reader.client;
        let gateway = client.json(&Request::get(self.reader.path(""), Vec::new())).await;
        let gateway = self.tolerate("instances", gateway.map_err(ObserveError::from))?;
        self.put("instances", gateway.into_iter().collect());
        let tags = client.json(&Request::get(self.reader.path("/instance-tags"), Vec::new())).await;
        let tags = self.tolerate("instance_tags", tags.map_err(ObserveError::from))?.unwrap_or_default();
        self.put("instance_tags", tags["tags"].as_array().cloned().unwrap_or_default());
        let mut acls = Vec::new();
        let apps: Vec<String> = self.rows("apps").iter().map(|app| text(app, "id").to_owned()).collect();
        for app in apps {
            let path = self.reader.path(&format!("/apps/{}/app-acl", crate::http::encode(&app)));
            let acl = client.json(&Request::get(path, Vec::new())).await;
            let Some(mut acl) = self.tolerate("app_acls", acl.map_err(ObserveError::from))? else { break };
            if !text(&acl, "app_acl_type").is_empty() {
                acl["app_id"] = app.into();
                acls.push(acl);
            }
        }
        self.put("app_acls", acls);
        let instance = self.reader.gateway().to_owned();
        let query = [("instance_id".to_owned(), instance)];
        let list = self.reader.list::<Value>("../../certificates", "certs", &query).await;
        let list = self.tolerate("certificates", list)?.unwrap_or_default();
        let list = self.details("../../certificates/{}", list).await?;
        self.put("certificates", list);
        Ok(())
    }

    /// What stands in the certificates that domains have to themselves.
    async fn own_certificates(&mut self) -> Result<(), ObserveError> {
        let mut all = Vec::new();
        for group in self.rows("groups") {
            for domain in group["url_domains"].as_array().into_iter().flatten() {
                let id = text(domain, "ssl_id");
                if id.is_empty() {
                    continue;
                }
                let [group, of, own] = [text(group, "id"), text(domain, "id"), id].map(crate::http::encode);
                let path = format!("/api-groups/{group}/domains/{of}/certificate/{own}");
                let request = Request::get(self.reader.path(&path), Vec::new());
                let mut certificate = self.reader.client.json(&request).await?;
                certificate["id"] = id.into();
                certificate["name"] = domain["ssl_name"].clone();
                all.push(certificate);
            }
        }
        self.put("certificates", all);
        Ok(())
    }

    async fn quotas(&mut self) -> Result<(), ObserveError> {
        let quotas = self.reader.list::<Value>(self.reader.tables.configs, "configs", &[]).await;
        let quotas = self.tolerate("quotas", quotas)?.unwrap_or_default();
        let pair = |row: &Value| (text(row, "config_name").to_owned(), text(row, "config_value").into());
        self.file.insert("quotas".to_owned(), Value::Object(quotas.iter().map(pair).collect()));
        Ok(())
    }

    fn mask(&mut self) {
        // An AppCode is all that a caller needs, and gateways show it.
        for row in self.file.get_mut("app_codes").and_then(Value::as_array_mut).into_iter().flatten() {
            mask_member(row, "app_code");
        }
        for (collection, member) in [("signs", "sign_secret"), ("apps", "app_secret")] {
            for row in self.file.get_mut(collection).and_then(Value::as_array_mut).into_iter().flatten() {
                mask_member(row, member);
            }
        }
        for row in self.file.get_mut("plugins").and_then(Value::as_array_mut).into_iter().flatten() {
            let Ok(mut content) = serde_json::from_str::<Value>(text(row, "plugin_content")) else {
                continue;
            };
            if content["sasl_config"]["sasl_password"].is_string() {
                mask_member(&mut content["sasl_config"], "sasl_password");
                row["plugin_content"] = content.to_string().into();
            }
        }
        for row in self.file.get_mut("features").and_then(Value::as_array_mut).into_iter().flatten() {
            let (Some(member), Ok(mut config)) =
                (secret_field(text(row, "name")), serde_json::from_str::<Value>(text(row, "config")))
            else {
                continue;
            };
            mask_member(&mut config, member);
            row["config"] = config.to_string().into();
        }
    }
}

/// API and environment, and the id of the publication there. The list joins several with bars (3.5.6).
fn places(api: &Value) -> Vec<((String, String), String)> {
    let envs = text(api, "run_env_id").split('|');
    let ids = text(api, "publish_id").split('|');
    envs.zip(ids).map(|(env, id)| ((text(api, "id").to_owned(), env.to_owned()), id.to_owned())).collect()
}

/// Where an API runs is said by the versions.
fn without_places(api: &mut Value) {
    if let Some(api) = api.as_object_mut() {
        for name in ["run_env_id", "run_env_name", "publish_id", "publish_time"] {
            api.shift_remove(name);
        }
    }
}

fn broken(message: &str) -> ObserveError {
    ObserveError::Shape { what: "a detail".to_owned(), message: message.to_owned() }
}
