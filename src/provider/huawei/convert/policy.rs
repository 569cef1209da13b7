//! Policy backends: `policy_https`, `policy_functions` and `policy_mocks` of 3.5.1, and their conditions.
//!
//! The wire has one list per type, so the order between types cannot be kept. The canonical order is that of the lists
//! above: web backends, functions, mocks; within a type the order is that of the manifest.

use serde_json::{Map, Value, json};

use super::backend::{self, Place};
use super::parameter::{self, FRONTEND_AUTHORIZER, commas};
use super::wire::{Words, list, need, need_word, put, read_word, text, word};
use super::{Names, Unreadable};
use crate::kinds::backend::{Backend, BackendParameter, Condition, Effect, PolicyBackend, SystemParameter};

/// The three lists, in the canonical order.
pub const LISTS: [&str; 3] = ["policy_https", "policy_functions", "policy_mocks"];

type Reader = fn(&Value, Vec<BackendParameter>, &dyn Names) -> Result<Backend, Unreadable>;

const READERS: [Reader; 3] = [backend::web, backend::function, backend::mock];

const EFFECTS: &Words<Effect> = &[(Effect::All, "ALL"), (Effect::Any, "ANY")];

#[derive(Clone, Copy, PartialEq)]
enum Looked {
    Parameter,
    SourceIp,
    System,
    Cookie,
    FrontendAuthorizer,
}

const LOOKED_AT: &Words<Looked> = &[
    (Looked::Parameter, "param"),
    (Looked::SourceIp, "source"),
    (Looked::System, "system"),
    (Looked::Cookie, "cookie"),
    (Looked::FrontendAuthorizer, "frontend_authorizer"),
];

/// What is written comes first; the other two are old spellings that an answer may have.
const SYSTEM: &Words<SystemParameter> = &[
    (SystemParameter::Path, "req_path"),
    (SystemParameter::Method, "req_method"),
    (SystemParameter::Path, "reqPath"),
    (SystemParameter::Method, "reqMethod"),
];

#[derive(Clone, Copy, PartialEq)]
enum Compared {
    Equals,
    OneOf,
    Matches,
}

const COMPARED: &Words<Compared> =
    &[(Compared::Equals, "exact"), (Compared::OneOf, "enum"), (Compared::Matches, "pattern")];

/// Which of [`LISTS`] a backend stands in.
#[must_use]
pub fn list_of(backend: &Backend) -> usize {
    match backend {
        Backend::Http(_) | Backend::Grpc(_) => 0,
        Backend::Function(_) => 1,
        Backend::Mock(_) => 2,
    }
}

/// Brings policy backends into the canonical order.
pub fn sort(policies: &mut [PolicyBackend]) {
    policies.sort_by_key(|policy| list_of(&policy.backend));
}

/// Puts the three lists into the body of an API.
pub fn put_lists(body: &mut Map<String, Value>, policies: &[PolicyBackend]) {
    for (index, field) in LISTS.iter().enumerate() {
        let of_type = policies.iter().filter(|p| list_of(&p.backend) == index);
        body.insert((*field).to_owned(), of_type.map(policy_body).collect());
    }
}

fn policy_body(policy: &PolicyBackend) -> Value {
    let mut body = backend::body(&policy.backend, Place::Policy);
    body.insert("name".into(), json!(policy.name));
    body.insert("effect_mode".into(), word(EFFECTS, &policy.effect).into());
    body.insert("conditions".into(), policy.when.iter().map(condition_body).collect());
    let parameters = policy.backend.parameters().iter().map(parameter::backend_body);
    body.insert("backend_params".into(), parameters.collect());
    Value::Object(body)
}

/// Reads the three lists, in the canonical order.
///
/// # Errors
///
/// When a policy has no name, or something in it is not documented.
pub fn read_lists(wire: &Value, names: &dyn Names) -> Result<Vec<PolicyBackend>, Unreadable> {
    let mut policies = Vec::new();
    for (field, reader) in LISTS.iter().zip(READERS) {
        policies.extend(list(wire, field, |item| policy(item, reader, names))?);
    }
    Ok(policies)
}

fn policy(wire: &Value, reader: Reader, names: &dyn Names) -> Result<PolicyBackend, Unreadable> {
    let parameters = list(wire, "backend_params", parameter::backend)?;
    Ok(PolicyBackend {
        name: need(wire, "name")?,
        effect: need_word(wire, "effect_mode", EFFECTS)?,
        when: list(wire, "conditions", condition)?,
        backend: reader(wire, parameters, names)?,
    })
}

fn condition_body(c: &Condition) -> Value {
    let mut body = Map::new();
    let looked = if let Some(name) = &c.parameter {
        put(&mut body, "req_param_name", Some(name.as_str()));
        Looked::Parameter
    } else if let Some(system) = &c.system {
        put(&mut body, "sys_param_name", Some(word(SYSTEM, system)));
        Looked::System
    } else if let Some(name) = &c.cookie {
        put(&mut body, "cookie_param_name", Some(name.as_str()));
        Looked::Cookie
    } else if let Some(name) = &c.frontend_authorizer {
        put(&mut body, "frontend_authorizer_param_name", Some(format!("{FRONTEND_AUTHORIZER}{name}")));
        Looked::FrontendAuthorizer
    } else {
        Looked::SourceIp
    };
    body.insert("condition_origin".into(), word(LOOKED_AT, &looked).into());
    let (compared, value) = if let Some(text) = &c.equals {
        (Some(Compared::Equals), text.clone())
    } else if let Some(pattern) = &c.matches {
        (Some(Compared::Matches), pattern.clone())
    } else if looked == Looked::SourceIp {
        (None, c.source_ip.join(","))
    } else {
        (Some(Compared::OneOf), c.one_of.join(","))
    };
    put(&mut body, "condition_type", compared.map(|compared| word(COMPARED, &compared)));
    body.insert("condition_value".into(), value.into());
    Value::Object(body)
}

fn condition(wire: &Value) -> Result<Condition, Unreadable> {
    let value = text(wire, "condition_value")?;
    let mut found = Condition::default();
    match need_word(wire, "condition_origin", LOOKED_AT)? {
        Looked::SourceIp => {
            found.source_ip = commas(&value).iter().map(|ip| ip.trim().to_owned()).collect();
            return Ok(found);
        }
        Looked::Parameter => found.parameter = Some(need(wire, "req_param_name")?),
        Looked::System => found.system = Some(need_word(wire, "sys_param_name", SYSTEM)?),
        Looked::Cookie => found.cookie = Some(need(wire, "cookie_param_name")?),
        Looked::FrontendAuthorizer => {
            let name = need(wire, "frontend_authorizer_param_name")?;
            found.frontend_authorizer =
                Some(name.strip_prefix(FRONTEND_AUTHORIZER).unwrap_or(&name).to_owned());
        }
    }
    match read_word(wire, "condition_type", COMPARED)?.unwrap_or(Compared::Equals) {
        Compared::Equals => found.equals = Some(value),
        Compared::OneOf => found.one_of = commas(&value),
        Compared::Matches => found.matches = Some(value),
    }
    Ok(found)
}
