//! What was observed, in the form of the wire, for a rehearsal: whatever a plan touches, and what could be in its way.
//!
//! A name or a request path can only be taken by something in the same collection or group, so APIs of groups that the plan
//! does not touch are left out, and of the others only what the list shows is needed.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use super::objects::Object;
use super::tables::Tables;
use super::{convert, gateway, objects};
use crate::address::Address;
use crate::kind::Kind;
use crate::kinds::group_response::is_default;
use crate::kinds::spec::{Digest, Spec};
use crate::observed::{Detail, Live, Observed};
use crate::plan::Plan;
use crate::plan::build::{resolve, write_texts};

/// The collections of an engine's snapshot.
pub(in crate::provider) fn snapshot(tables: &Tables, root: &str, plan: &Plan, observed: &Observed) -> Value {
    let touched: BTreeSet<String> = plan
        .changes
        .iter()
        .map(|c| &c.address)
        .filter(|a| in_group(a.kind) || a.kind == Kind::Group)
        .map(|a| a.part(0))
        .collect();
    // Of an API no more than its place is told; that apps call it is what lets them be authorized.
    let granted =
        plan.changes.iter().filter(|c| c.address.kind == Kind::AppAuthorization && c.after.is_some());
    let called_by_apps: BTreeSet<Address> = granted.filter_map(|c| c.address.ancestor(Kind::Api)).collect();
    let mut collections = Map::new();
    let mut ordered: Vec<(&Address, &Live)> = observed.resources.iter().collect();
    ordered.sort_by_key(|(address, _)| *address);
    for (address, live) in ordered {
        // They stand in the rows of groups.
        let within = matches!(address.kind, Kind::Domain | Kind::DomainCertificate | Kind::OwnCertificate);
        if within || in_group(address.kind) && !touched.contains(&address.part(0)) {
            continue;
        }
        let Some((collection, mut object)) = object(tables, address, live, observed) else { continue };
        if called_by_apps.contains(address) {
            object["auth_type"] = "APP".into();
        }
        let list = collections.entry(collection).or_insert_with(|| Value::Array(Vec::new()));
        if let Some(list) = list.as_array_mut() {
            list.push(object);
        }
    }
    let own = observed.of_kind(Kind::OwnCertificate).into_iter().filter_map(|(_, live)| match live.spec() {
        Some(Spec::OwnCertificate(own)) => Some(convert::certificate::own_shown(own)),
        _ => None,
    });
    let own: Vec<Value> = own.collect();
    if !own.is_empty() {
        collections.insert("certificates".to_owned(), own.into());
    }
    // All of them: the name of a domain is taken in every group.
    let mut domains = domains(observed);
    for group in collections.get_mut("groups").and_then(Value::as_array_mut).into_iter().flatten() {
        if let Some(domains) = group["name"].as_str().and_then(|name| domains.remove(name)) {
            group["url_domains"] = domains.into();
        }
    }
    let mut snapshot = Value::Object(collections);
    objects::name_gateway(&mut snapshot, root);
    snapshot
}

fn in_group(kind: Kind) -> bool {
    kind.def().key.first() == Some(&"group")
}

/// The collection and the object, where the kind has one.
fn object(
    tables: &Tables,
    address: &Address,
    live: &Live,
    observed: &Observed,
) -> Option<(&'static str, Value)> {
    let id = |kind: Kind, parts: &[&str]| {
        observed.get(&Address::new(kind, parts)).map(|l| Value::from(l.id.as_str())).unwrap_or_default()
    };
    let (group, second, third) = (address.part(0), address.part(1), address.part(2));
    let own = live.id.as_str();
    let publication = || id(Kind::Publication, &[&group, &second, &third]);
    if address.kind == Kind::PluginBinding {
        let plugin = id(Kind::Plugin, &[live.spec().and_then(Spec::bound)?]);
        let (api, env) = (id(Kind::Api, &[&group, &second]), id(Kind::Environment, &[&third]));
        let held = json!({ "id": own, "plugin_id": plugin, "api_id": api, "env_id": env });
        return Some(("plugin_attachments", held));
    }
    if address.kind == Kind::AppAuthorization {
        let (api, env) = (id(Kind::Api, &[&group, &second]), id(Kind::Environment, &[&third]));
        // An app that was not read is none that matters here.
        let app = id(Kind::App, &[&address.part(3)]);
        app.as_str()?;
        return Some(("app_auths", json!({ "id": own, "app_id": app, "api_id": api, "env_id": env })));
    }
    if address.kind == Kind::QuotaBinding {
        let quota = id(Kind::Quota, &[live.spec().and_then(Spec::bound)?]);
        quota.as_str()?;
        return Some(("app_quota_apps", json!({ "app_id": own, "app_quota_id": quota })));
    }
    match (address.kind, live.spec()) {
        (Kind::Gateway, Some(Spec::Gateway(spec))) => {
            return Some(("instances", with_id(gateway::body(address, spec), own)));
        }
        (Kind::GatewayTag, Some(Spec::GatewayTag(tag))) => {
            return Some(("instance_tags", json!({ "id": own, "key": second, "value": tag.value })));
        }
        (Kind::EndpointPermission, _) => {
            return Some(("endpoint_permissions", json!({ "id": own, "permission": second })));
        }
        _ => {}
    }
    if let Some(link) = tables.link(address.kind) {
        let policy = id(address.kind.attaches()?, &[live.spec().and_then(Spec::bound)?]);
        let (collection, field) = link.snapshot;
        return Some((collection, json!({ "id": own, field: policy, "publish_id": publication() })));
    }
    Some(match address.kind {
        Kind::Api => {
            let Detail::Api { claim, .. } = &live.detail else { return None };
            let mut parts = claim.split('|').skip(1);
            let mut part = || parts.next().unwrap_or_default().to_owned();
            let (method, path) = (part(), part());
            let mode = if part() == "prefix" { "SWA" } else { "NORMAL" };
            let group_id = id(Kind::Group, &[&group]);
            let stub = json!({
                "id": own, "name": second, "group_id": group_id, "req_method": method,
                "req_uri": numbered(&path), "match_mode": mode, "req_protocol": "HTTPS",
            });
            ("apis", stub)
        }
        Kind::Publication => {
            let api = id(Kind::Api, &[&group, &second]);
            let env = id(Kind::Environment, &[&third]);
            let version = match &live.detail {
                Detail::Publication { version: Some(version), .. } => version.as_str(),
                _ => own,
            };
            ("versions", json!({ "api_id": api, "env_id": env, "publish_id": own, "version_id": version }))
        }
        kind => {
            let object = tables.object(kind)?;
            let (collection, owner) = object.snapshot;
            let mut body = body(object, address, live, observed);
            // The gateway marks the one that it made with the group.
            if is_default(address) {
                body["default"] = Value::Bool(true);
            }
            if let Some(to) = object.owner(address).filter(|_| !owner.is_empty()) {
                body[owner] = observed.get(&to).map(|l| Value::from(l.id.as_str())).unwrap_or_default();
            }
            (collection, body)
        }
    })
}

fn with_id(mut object: Value, id: &str) -> Value {
    object["id"] = id.into();
    object
}

/// The body of a create call with its id and without secrets; the name alone, where nothing more is known.
fn body(object: &Object, address: &Address, live: &Live, observed: &Observed) -> Value {
    let show = object.shown.unwrap_or(object.create);
    let made = live.spec().and_then(|spec| show(address, spec));
    let mut body = made.unwrap_or_else(|| json!({ object.keys[0].0: address.name() }));
    resolve(&mut body, &|to| observed.get(to).map(|l| Value::from(l.id.as_str())));
    drop_secrets(&mut body);
    write_texts(&mut body);
    body["id"] = Value::from(live.id.as_str());
    // What is shown in clear was not kept: any text of its length that no other has stands for it.
    if !object.shows.is_empty() {
        body[object.shows] = Digest::of(live.id.as_str().as_bytes()).to_hex().repeat(2).into();
    }
    body
}

/// The domains of each group, as its row shows them.
fn domains(observed: &Observed) -> BTreeMap<String, Vec<Value>> {
    let mut found: BTreeMap<String, Vec<Value>> = BTreeMap::new();
    for (address, live) in observed.of_kind(Kind::Domain) {
        if let Some(Spec::Domain(spec)) = live.spec() {
            let domain = convert::domain::shown(address, live.id.as_str(), spec);
            found.entry(address.part(0)).or_default().push(domain);
        }
    }
    for (address, _) in observed.of_kind(Kind::DomainCertificate) {
        let certificate = observed.get(&Address::new(Kind::Certificate, &[&address.part(2)]));
        let mut domains = found.get_mut(&address.part(0)).into_iter().flatten();
        let domain = domains.find(|domain| domain["domain"] == address.part(1));
        if let (Some(domain), Some(certificate)) = (domain, certificate) {
            domain["ssl_id"] = certificate.id.as_str().into();
            domain["ssl_name"] = address.part(2).into();
        }
    }
    for (address, live) in observed.of_kind(Kind::OwnCertificate) {
        let mut domains = found.get_mut(&address.part(0)).into_iter().flatten();
        let domain = domains.find(|domain| domain["domain"] == address.part(1));
        if let (Some(domain), Some(Spec::OwnCertificate(own))) = (domain, live.spec()) {
            domain["ssl_id"] = own.handle.as_str().into();
            domain["ssl_name"] = own.certificate.as_str().into();
        }
    }
    found
}

fn drop_secrets(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            fields.retain(|_, value| value.get("$secret").is_none());
            fields.values_mut().for_each(drop_secrets);
        }
        Value::Array(items) => items.iter_mut().for_each(drop_secrets),
        _ => {}
    }
}

/// A claim's path has lost the names of its placeholders; any names do.
fn numbered(path: &str) -> String {
    let mut numbered = String::new();
    for (i, part) in path.split('{').enumerate() {
        if i > 0 {
            numbered.push_str(&format!("{{p{i}"));
        }
        numbered.push_str(part);
    }
    numbered
}
