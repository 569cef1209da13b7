//! What a gateway holds, in the words of whichever protocol: rows, and what they are told apart and counted by.

use std::collections::{BTreeMap, BTreeSet};

use apigctl::engine::{SHARED_GATEWAY, Snapshot};
use apigctl::kind::Kind;
use serde_json::{Value, json};

/// Rows by what tells them from others: their collection and their ids.
pub(super) type Rows = BTreeMap<String, Value>;

/// What a member is.
type Member = Option<(&'static str, &'static str)>;

/// Where the resources of a kind are: collection, and what a member of theirs is.
const COUNTED: &[(Kind, &str, Member)] = &[
    (Kind::Api, "apis", None),
    (Kind::ThrottleBinding, "throttle_bindings", None),
    (Kind::SignatureBinding, "sign_bindings", None),
    (Kind::AccessBinding, "acl_bindings", None),
    (Kind::PluginBinding, "plugin_attachments", None),
    (Kind::AppAuthorization, "app_auths", None),
    (Kind::AppCode, "app_codes", None),
    (Kind::QuotaBinding, "app_quota_apps", None),
    (Kind::Api, "alibaba.apis", None),
    (Kind::ThrottleBinding, "alibaba.bindings", Some(("Policy", "trafficControl"))),
    (Kind::SignatureBinding, "alibaba.bindings", Some(("Policy", "signature"))),
    (Kind::AccessBinding, "alibaba.bindings", Some(("Policy", "ipControl"))),
    (Kind::PluginBinding, "alibaba.bindings", Some(("Policy", "plugin"))),
    (Kind::AppAuthorization, "alibaba.authorizations", None),
    // One that is a part of a domain is there once for each, and for no domain that is gone.
    (Kind::OwnCertificate, "certificates", Some(("instance_id", SHARED_GATEWAY))),
    (Kind::OwnCertificate, "alibaba.domains", Some(("CertificateName", "cert_0"))),
    (Kind::OwnCertificate, "alibaba.domains", Some(("CertificateName", "cert_1"))),
];

/// The members that no two rows of a collection have in common.
const ONCE: &[(&str, &[&str])] = &[
    ("groups", &["name"]),
    ("envs", &["name"]),
    ("throttles", &["name"]),
    ("signs", &["name"]),
    ("acls", &["acl_name"]),
    ("plugins", &["plugin_name"]),
    ("apps", &["name"]),
    ("app_quotas", &["name"]),
    ("app_auths", &["app_id", "api_id", "env_id"]),
    ("certificates", &["name"]),
    ("vpc_channels", &["name"]),
    ("authorizers", &["name"]),
    ("apis", &["group_id", "name"]),
    ("variables", &["group_id", "env_id", "variable_name"]),
    ("alibaba.groups", &["GroupName"]),
    ("alibaba.traffic_controls", &["TrafficControlName"]),
    ("alibaba.signatures", &["SignatureName"]),
    ("alibaba.ip_controls", &["IpControlName"]),
    ("alibaba.plugins", &["PluginName"]),
    ("alibaba.apps", &["AppName"]),
    ("alibaba.apis", &["GroupId", "ApiName"]),
    ("alibaba.authorizations", &["AppId", "ApiId", "StageName"]),
    ("alibaba.variables", &["GroupId", "StageName", "VariableName"]),
    ("alibaba.vpc_accesses", &["Name"]),
];

/// What a row is known by in the protocol on `/`, besides its ids.
const MORE: [&str; 6] = ["StageName", "Policy", "SpecialType", "SpecialKey", "AppKey", "VariableName"];

/// All collections of a snapshot; those of the protocol on `/` have a prefix.
fn collections(snapshot: &Snapshot) -> BTreeMap<String, Vec<Value>> {
    let mut found = BTreeMap::new();
    for (name, rows) in json!(snapshot).as_object().unwrap() {
        match rows {
            Value::Array(rows) => drop(found.insert(name.clone(), rows.clone())),
            inner => {
                for (name, rows) in inner.as_object().unwrap() {
                    let mut rows = rows.as_array().unwrap().clone();
                    // It is masked, and what is masked is masked anew in a copy of the gateway.
                    for row in rows.iter_mut().filter(|_| name == "app_codes") {
                        row["AppCode"].take();
                    }
                    found.insert(format!("alibaba.{name}"), rows);
                }
            }
        }
    }
    found
}

/// The name of a row; none where it is a part of something else.
fn identity(collection: &str, row: &Value) -> Option<String> {
    let members = row.as_object().unwrap();
    if collection.starts_with("alibaba.") {
        let own = |name: &str| name.ends_with("Id") && name != "RegionId" || MORE.contains(&name);
        let ids: BTreeSet<String> = members
            .iter()
            .filter(|(name, _)| own(name))
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        return Some(format!("{collection} {ids:?}"));
    }
    let id = ["id", "version_id", "app_id"].iter().find_map(|name| members.get(*name)?.as_str())?;
    Some(format!("{collection} {id}"))
}

/// The rows of a gateway that can be told apart.
pub(super) fn rows(snapshot: &Snapshot) -> Rows {
    let all = collections(snapshot);
    let known = all.iter().flat_map(|(name, rows)| {
        rows.iter().filter_map(move |row| Some((identity(name, row)?, row.clone())))
    });
    known.collect()
}

/// The laws of a gateway whose `foreign` rows are other people's, on which there should be so many of a kind.
pub(super) fn check(snapshot: &Snapshot, foreign: &Rows, wanted: impl Fn(Kind) -> usize) {
    let now = rows(snapshot);
    for (id, row) in foreign {
        assert_eq!(now.get(id), Some(row), "what is not apigctl's was touched: {id}");
    }
    let mut counts: BTreeMap<Kind, usize> = BTreeMap::new();
    let all = collections(snapshot);
    for (kind, collection, member) in COUNTED {
        let of_kind = |row: &&Value| member.is_none_or(|(name, value)| row[name] == value);
        let ours = |row: &&Value| !foreign.contains_key(&identity(collection, row).unwrap());
        let here = all.get(*collection).into_iter().flatten();
        *counts.entry(*kind).or_default() += here.filter(of_kind).filter(ours).count();
    }
    for (kind, count) in counts {
        assert_eq!(count, wanted(kind), "{kind}: not as many as wanted");
    }
    for (collection, keys) in ONCE {
        let Some(list) = all.get(*collection) else { continue };
        // Of the shared gateway, several have one name.
        let labels = |row: &&Value| row["instance_id"] == SHARED_GATEWAY;
        let list: Vec<&Value> = list.iter().filter(|row| !labels(row)).collect();
        let names: BTreeSet<String> =
            list.iter().map(|row| keys.iter().map(|k| row[*k].to_string()).collect()).collect();
        assert_eq!(names.len(), list.len(), "something stands there twice: {list:#?}");
    }
}
