//! What was observed, in the form of the wire, for a rehearsal: whatever a plan touches, and what could be in its way.
//!
//! A name or a request path can only be taken by something in the same collection or group, so APIs of groups that the plan
//! does not touch are left out, and of the others only what the list shows is needed.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::convert::{bracketed, throttle};
use super::{links, objects};
use crate::address::Address;
use crate::kind::Kind;
use crate::kinds::spec::Spec;
use crate::observed::{Detail, Live, Observed};
use crate::plan::Plan;
use crate::plan::build::{resolve, write_texts};

/// The collections of an engine's snapshot.
pub(super) fn snapshot(plan: &Plan, observed: &Observed) -> Value {
    let touched: BTreeSet<String> =
        plan.changes.iter().map(|c| &c.address).filter(|a| in_group(a.kind)).map(|a| a.part(0)).collect();
    let mut collections = Map::new();
    let mut ordered: Vec<(&Address, &Live)> = observed.resources.iter().collect();
    ordered.sort_by_key(|(address, _)| *address);
    for (address, live) in ordered {
        if address.kind != Kind::Group && in_group(address.kind) && !touched.contains(&address.part(0)) {
            continue;
        }
        for (collection, object) in object(address, live, observed).into_iter().chain(parts(live)) {
            let list = collections.entry(collection).or_insert_with(|| Value::Array(Vec::new()));
            if let Some(list) = list.as_array_mut() {
                list.push(object);
            }
        }
    }
    json!({ "alibaba": collections })
}

fn in_group(kind: Kind) -> bool {
    kind == Kind::Group || kind.def().key.first() == Some(&"group")
}

/// The collection and the object, where the kind has one.
fn object(address: &Address, live: &Live, observed: &Observed) -> Option<(&'static str, Value)> {
    let id = |kind: Kind, parts: &[&str]| {
        observed.get(&Address::new(kind, parts)).map(|l| Value::from(l.id.as_str())).unwrap_or_default()
    };
    let (group, second, third) = (address.part(0), address.part(1), address.part(2));
    let own = live.id.as_str();
    if let Some(link) = links::link(address.kind) {
        let policy = id(address.kind.attaches()?, &[live.spec().and_then(Spec::bound)?]);
        let (api, group) = (id(Kind::Api, &[&group, &second]), id(Kind::Group, &[&group]));
        let bound = json!({
            "Policy": link.snapshot, "PolicyId": policy, "ApiId": api, "GroupId": group, "StageName": third,
        });
        return Some(("bindings", bound));
    }
    match address.kind {
        Kind::ThrottleException => {
            let Some(Spec::ThrottleException(spec)) = live.spec() else { return None };
            let (_, word) = throttle::TYPES.iter().find(|(of, _)| *of == second)?;
            let special = json!({
                "TrafficControlId": id(Kind::Throttle, &[&group]), "SpecialType": word, "SpecialKey": own,
                "TrafficValue": spec.limit,
            });
            return Some(("traffic_specials", special));
        }
        Kind::Domain => {
            let Detail::Kept { kept } = &live.detail else { return None };
            let mut domain = (**kept).clone();
            domain["GroupId"] = id(Kind::Group, &[&group]);
            return Some(("domains", domain));
        }
        Kind::AppAuthorization => {
            // An app that was not read is none that matters here.
            let app = id(Kind::App, &[&address.part(3)]);
            app.as_str()?;
            let (api, group) = (id(Kind::Api, &[&group, &second]), id(Kind::Group, &[&group]));
            let held = json!({ "AppId": app, "ApiId": api, "GroupId": group, "StageName": third });
            return Some(("authorizations", held));
        }
        _ => {}
    }
    match &live.detail {
        Detail::Api { claim, .. } => {
            let mut parts = claim.split('|').skip(1);
            let (method, path) = (parts.next()?, numbered(parts.next()?));
            let stub = json!({
                "ApiId": own, "ApiName": second, "GroupId": id(Kind::Group, &[&group]), "ApiMethod": method,
                "ApiPath": bracketed(&path),
            });
            Some(("apis", stub))
        }
        Detail::Publication { version, .. } => {
            let api = id(Kind::Api, &[&group, &second]);
            let version = version.as_ref().map_or(own, |version| version.as_str());
            Some(("deployed", json!({ "ApiId": api, "StageName": third, "HistoryVersion": version })))
        }
        _ => {
            let object = objects::object(address.kind)?;
            let made = live.spec().and_then(|spec| (object.body)(address, spec));
            let mut body = made.unwrap_or_else(|| json!({ object.name: address.name() }));
            resolve(&mut body, &|to| observed.get(to).map(|l| Value::from(l.id.as_str())));
            drop_secrets(&mut body);
            write_texts(&mut body);
            if let Detail::Kept { kept } = &live.detail
                && object.keeps
            {
                body = (**kept).clone();
            }
            body[object.id] = own.into();
            if let Value::Object(fields) = &mut body {
                fields.retain(|name, _| !["IpControlPolicys", "AppKey"].contains(&name.as_str()));
            }
            Some((object.snapshot, body))
        }
    }
}

/// What is a row of its own in a snapshot: the items of an IP control, the key of an app.
fn parts(live: &Live) -> Vec<(&'static str, Value)> {
    let own = live.id.as_str();
    match (&live.detail, live.spec()) {
        (Detail::Kept { kept }, Some(Spec::AccessControl(_))) => {
            let items = kept["Items"].as_array().into_iter().flatten().cloned();
            let item = |mut item: Value| {
                item["IpControlId"] = own.into();
                ("ip_control_items", item)
            };
            items.map(item).collect()
        }
        (_, Some(Spec::App(app))) => {
            let key = app.key.as_ref().map(|key| json!({ "AppKey": key, "AppId": own, "AppSecret": key }));
            key.into_iter().map(|key| ("app_keys", key)).collect()
        }
        _ => Vec::new(),
    }
}

fn drop_secrets(value: &mut Value) {
    if let Value::Object(fields) = value {
        fields.retain(|_, value| value.get("$secret").is_none());
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
