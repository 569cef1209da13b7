//! How V1.0 words what V2 words otherwise. Everything else is converted as for V2, so bodies are translated on their way out
//! and answers on their way in: members by [`NAMES`], and members that V1.0 has no place for are left out ([`ABSENT`]).
//!
//! What a manifest says in such a member is refused beforehand ([`super::support`]), so nothing is lost here but defaults.

use serde_json::{Map, Value, json};

use crate::address::Address;
use crate::kind::Kind;
use crate::kinds::api::ApiSpec;
use crate::kinds::authorizer::AuthorizerSpec;
use crate::kinds::channel::ChannelSpec;
use crate::kinds::domain::Domain;
use crate::kinds::signature::SignatureSpec;
use crate::kinds::throttle::ExceptionLimit;
use crate::plan::id_of;
use crate::provider::huawei::convert::{Names, Unreadable, api, authorizer, channel, signature, throttle};

/// Members by their names in V2 and in V1.0.
const NAMES: &[(&str, &str)] = &[
    ("vpc_channel_status", "vpc_status"),
    ("vpc_channel_info", "vpc_info"),
    ("vpc_channel_id", "vpc_id"),
    ("vpc_channel_proxy_host", "vpc_proxy_host"),
    ("members", "vpc_instances"),
    ("ecs_id", "instance_id"),
    ("ecs_name", "instance_name"),
];

/// The members of an exception, whose object is called an instance here, too.
const EXCEPTION: &[(&str, &str)] = &[("object_type", "instance_type"), ("object_id", "instance_id")];

/// The members of an authorization.
const AUTHORIZATION: &[(&str, &str)] = &[("app_id", "appid"), ("env_name", "envname")];

/// Members of V2 without a place in V1.0, by what they are in; `""` is the body itself.
const ABSENT: &[(&str, &[&str])] = &[
    ("", &["response_id", "sign_type", "sign_algorithm", "member_groups", "microservice_info"]),
    ("backend_api", &["retry_count", "enable_client_ssl"]),
    ("func_info", &["alias_urn", "network_type", "req_protocol", "authorizer_id"]),
    ("mock_info", &["authorizer_id"]),
    ("req_params", &["pass_through", "regular", "json_schema"]),
    ("policy_https", &["retry_count", "authorizer_id"]),
    ("policy_functions", &["alias_urn", "network_type", "req_protocol", "authorizer_id"]),
    ("policy_mocks", &["authorizer_id"]),
    ("members", &["host", "port", "is_backup", "status", "member_group_name"]),
    ("vpc_health_config", &["method", "enable_client_ssl", "timeout"]),
];

/// What describes a function, and what stands there for the way to it, which V1.0 does not tell: what a manifest says that
/// says nothing.
const FUNCTIONS: &[&str] = &["func_info", "policy_functions"];
const UNSAID_NETWORK: &str = "V2";

/// The members without a place in V1.0 of what is called `within`.
fn absent(within: &str) -> &'static [&'static str] {
    ABSENT.iter().find(|(name, _)| *name == within).map_or(&[], |(_, absent)| absent)
}

/// A body of V2 as V1.0 takes it.
fn out(value: Value, within: &str) -> Value {
    match value {
        Value::Array(items) => items.into_iter().map(|item| out(item, within)).collect(),
        Value::Object(fields) => {
            let absent = absent(within);
            let kept = fields.into_iter().filter(|(name, _)| !absent.contains(&&**name));
            let renamed = kept.map(|(name, value)| {
                let to = NAMES.iter().find(|(v2, _)| *v2 == name).map(|(_, v1)| (*v1).to_owned());
                let value = out(value, &name);
                (to.unwrap_or(name), value)
            });
            Value::Object(renamed.collect())
        }
        other => other,
    }
}

/// An answer of V1.0 as V2 would word it.
fn back(value: &Value, within: &str) -> Value {
    match value {
        Value::Array(items) => items.iter().map(|item| back(item, within)).collect(),
        Value::Object(fields) => {
            let renamed = fields.iter().map(|(name, value)| {
                let to = NAMES.iter().find(|(_, v1)| v1 == name).map_or(&**name, |(v2, _)| v2);
                (to.to_owned(), back(value, to))
            });
            let absent = absent(within);
            let mut known: Map<String, Value> =
                renamed.filter(|(name, _)| !absent.contains(&&**name)).collect();
            if FUNCTIONS.contains(&within) {
                known.insert("network_type".into(), UNSAID_NETWORK.into());
            }
            Value::Object(known)
        }
        other => other.clone(),
    }
}

/// The body of an API.
pub(super) fn api(address: &Address, spec: &ApiSpec) -> Value {
    out(api::body(address, spec), "")
}

/// Reads the detail of an API, or of one of its versions.
pub(super) fn read_api(wire: &Value, names: &dyn Names) -> Result<ApiSpec, Unreadable> {
    api::spec(&back(wire, ""), names)
}

/// The body of a signature key: HMAC is the only type.
pub(super) fn signature(address: &Address, spec: &SignatureSpec) -> Value {
    out(signature::body(address, spec), "")
}

/// The body of a custom authorizer.
pub(super) fn authorizer(address: &Address, spec: &AuthorizerSpec) -> Value {
    let mut body = authorizer::body(address, spec);
    for absent in ["network_type", "authorizer_version", "need_body"] {
        drop(body.as_object_mut().and_then(|body| body.shift_remove(absent)));
    }
    body
}

/// Reads an entry of the list of custom authorizers.
pub(super) fn read_authorizer(wire: &Value) -> Result<AuthorizerSpec, Unreadable> {
    let mut wire = wire.clone();
    wire["network_type"] = UNSAID_NETWORK.into();
    authorizer::spec(&wire)
}

/// The body of a channel: its members are servers of the cloud.
pub(super) fn channel(address: &Address, spec: &ChannelSpec) -> Value {
    let v2 = channel::body(address, spec);
    let timeout = v2["vpc_health_config"]["timeout"].clone();
    let mut body = out(v2, "");
    body["member_type"] = "instance".into();
    if let Some(check) = body.get_mut("vpc_health_config") {
        check["time_out"] = timeout;
    }
    body
}

/// Reads the detail of a channel.
pub(super) fn read_channel(wire: &Value) -> Result<ChannelSpec, Unreadable> {
    channel::spec(&channel_row(wire))
}

fn channel_row(wire: &Value) -> Value {
    let mut wire = back(wire, "");
    wire["member_type"] = "ecs".into();
    if let Some(check) = wire.get_mut("vpc_health_config").filter(|check| check.is_object()) {
        check["timeout"] = check["time_out"].clone();
        // The examples write it in either case.
        check["protocol"] = check["protocol"].as_str().unwrap_or_default().to_ascii_uppercase().into();
    }
    wire
}

/// A row of a collection of a snapshot, which are in the words of V2.
pub(super) fn row(collection: &str, wire: Value) -> Value {
    let renamed = |names: &[(&str, &str)]| {
        let mut row = wire.clone();
        for (name, v1) in names {
            if let Some(value) = row.as_object_mut().and_then(|row| row.shift_remove(*v1)) {
                row[*name] = value;
            }
        }
        row
    };
    match collection {
        "apis" | "versions" => back(&wire, ""),
        "vpc_channels" => channel_row(&wire),
        "throttle_specials" => renamed(EXCEPTION),
        "app_auths" => renamed(AUTHORIZATION),
        _ => wire,
    }
}

/// The body of an exception, which names its policy.
pub(super) fn exception(address: &Address, spec: &ExceptionLimit) -> Value {
    let mut body = Map::new();
    body.insert("strategy_id".into(), id_of(&Address::new(Kind::Throttle, &[&address.part(0)])));
    if let Value::Object(v2) = throttle::create_exception(address, spec) {
        body.extend(v2.into_iter().map(|(name, value)| {
            let to = EXCEPTION.iter().find(|(v2, _)| *v2 == name).map(|(_, v1)| (*v1).to_owned());
            (to.unwrap_or(name), value)
        }));
    }
    Value::Object(body)
}

/// The address of an exception in the list of its policy.
pub(super) fn exception_of(wire: &Value, throttle: &Address) -> Address {
    let mut v2 = wire.clone();
    for (name, v1) in EXCEPTION {
        v2[*name] = wire[*v1].clone();
    }
    v2["object_name"] = wire["instance_name"].clone();
    throttle::exception_of(&v2, throttle)
}

/// The body that binds a domain name to a group.
pub(super) fn domain(address: &Address, _: &Domain) -> Value {
    json!({ "url_domain": address.name() })
}
