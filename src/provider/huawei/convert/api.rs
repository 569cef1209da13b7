//! APIs (3.5): the definition that 3.5.1 and 3.5.2 write, and that 3.5.5 (draft) and 3.5.13 (one version) show.
//!
//! What the server adds and [`spec`] drops: ids, times, `status`, `group_*`, `run_env_*`, `publish_*`, `arrange_necessary`,
//! `api_group_info`. Three fields that can be written are dropped, too, because a spec does not have them: `version` of a web
//! backend or mock, which is a label without effect, and the discarded `tag`.

use serde_json::{Map, Value, json};

use super::backend::{self, Place};
use super::wire::{
    Words, element, list, need, need_word, object, optional, put, read_word, switch, text, word,
};
use super::{Names, Unreadable, id_of, name_of, parameter, policy};
use crate::address::Address;
use crate::kind::Kind;
use crate::kinds::api::{
    ApiSpec, Auth, AuthType, DEFAULT_VERSION, MatchMode, Protocol, Request, Samples, Visibility,
};
use crate::kinds::backend::Backend;
use crate::kinds::value::Method;

/// The name of the group response that every group has, and that an API without one shows.
pub const DEFAULT_RESPONSE: &str = "default";

const VISIBILITIES: &Words<Visibility> = &[(Visibility::Public, "1"), (Visibility::Private, "2")];

const PROTOCOLS: &Words<Protocol> = &[
    (Protocol::Http, "HTTP"),
    (Protocol::Https, "HTTPS"),
    (Protocol::Both, "BOTH"),
    (Protocol::Grpcs, "GRPCS"),
];

const MATCH_MODES: &Words<MatchMode> = &[(MatchMode::Exact, "NORMAL"), (MatchMode::Prefix, "SWA")];

const AUTH_TYPES: &Words<AuthType> = &[
    (AuthType::None, "NONE"),
    (AuthType::App, "APP"),
    (AuthType::Iam, "IAM"),
    (AuthType::Authorizer, "AUTHORIZER"),
];

const APP_CODE: &Words<bool> = &[(true, "HEADER"), (false, "DISABLE")];

#[derive(Clone, Copy, PartialEq)]
enum BackendType {
    Http,
    Grpc,
    Function,
    Mock,
}

/// Each type with the object that describes it.
const BACKEND_OBJECTS: [(BackendType, &str); 4] = [
    (BackendType::Http, "backend_api"),
    (BackendType::Grpc, "backend_api"),
    (BackendType::Function, "func_info"),
    (BackendType::Mock, "mock_info"),
];

const BACKEND_TYPES: &Words<BackendType> = &[
    (BackendType::Http, "HTTP"),
    (BackendType::Grpc, "GRPC"),
    (BackendType::Function, "FUNCTION"),
    (BackendType::Mock, "MOCK"),
];

/// Brings a desired definition into the form that [`spec`] gives: normalised, policy backends in the order of [`policy`], no
/// mention of the default group response, nothing that the auth type has no use for, no environments.
#[must_use]
pub fn canonical(spec: &ApiSpec) -> ApiSpec {
    let mut spec = spec.clone();
    spec.normalise();
    policy::sort(&mut spec.policies);
    spec.response = spec.response.filter(|name| name != DEFAULT_RESPONSE);
    if spec.version.is_empty() {
        DEFAULT_VERSION.clone_into(&mut spec.version);
    }
    spec.auth.app_code &= spec.auth.kind == AuthType::App;
    if spec.auth.kind != AuthType::Authorizer {
        spec.auth.authorizer = None;
    }
    spec.publish.clear();
    spec
}

/// The body of 3.5.1 and 3.5.2. What is not available for gRPC (samples, parameters) is left out there.
#[must_use]
pub fn body(address: &Address, spec: &ApiSpec) -> Value {
    let spec = canonical(spec);
    let group = address.part(0);
    let mut body = Map::new();
    body.insert("name".into(), address.name().into());
    body.insert("group_id".into(), id_of(Kind::Group, &[&group]));
    body.insert("type".into(), if spec.visibility == Visibility::Public { 1 } else { 2 }.into());
    body.insert("version".into(), json!(spec.version));
    body.insert("remark".into(), json!(spec.description));
    body.insert("req_protocol".into(), word(PROTOCOLS, &spec.request.protocol).into());
    body.insert("req_method".into(), spec.request.method.as_str().into());
    body.insert("req_uri".into(), json!(spec.request.path));
    body.insert("match_mode".into(), word(MATCH_MODES, &spec.request.match_mode).into());
    body.insert("auth_type".into(), word(AUTH_TYPES, &spec.auth.kind).into());
    body.insert("auth_opt".into(), json!({ "app_code_auth_type": word(APP_CODE, &spec.auth.app_code) }));
    let authorizer = spec.auth.authorizer.as_deref();
    put(&mut body, "authorizer_id", authorizer.map(|name| id_of(Kind::Authorizer, &[name])));
    body.insert("cors".into(), spec.cors.into());
    body.insert("tags".into(), json!(spec.tags));
    body.insert("body_remark".into(), json!(spec.body_description));
    let response = spec.response.as_deref();
    put(&mut body, "response_id", response.map(|name| id_of(Kind::GroupResponse, &[&group, name])));
    if spec.request.protocol != Protocol::Grpcs || !is_bare(&spec) {
        body.insert("result_normal_sample".into(), json!(spec.samples.success));
        body.insert("result_failure_sample".into(), json!(spec.samples.failure));
        body.insert("req_params".into(), spec.parameters.iter().map(parameter::request_body).collect());
        let parameters = spec.backend.parameters().iter().map(parameter::backend_body);
        body.insert("backend_params".into(), parameters.collect());
    }
    put_backend(&mut body, &spec.backend);
    policy::put_lists(&mut body, &spec.policies);
    Value::Object(body)
}

/// Whether all that gRPC has no place for is absent.
fn is_bare(spec: &ApiSpec) -> bool {
    spec.samples == Samples::default() && spec.parameters.is_empty() && spec.backend.parameters().is_empty()
}

fn put_backend(body: &mut Map<String, Value>, backend: &Backend) {
    let kind = match backend {
        Backend::Http(_) => BackendType::Http,
        Backend::Grpc(_) => BackendType::Grpc,
        Backend::Function(_) => BackendType::Function,
        Backend::Mock(_) => BackendType::Mock,
    };
    body.insert("backend_type".into(), word(BACKEND_TYPES, &kind).into());
    body.insert(object_of(kind).to_owned(), backend::body(backend, Place::Api).into());
}

fn object_of(kind: BackendType) -> &'static str {
    word(&BACKEND_OBJECTS, &kind)
}

/// Reads the answer of 3.5.5 or 3.5.13. An entry of the list (3.5.6) does not do: it has no parameters and no policies, and a
/// function or mock is missing there.
///
/// # Errors
///
/// When a mandatory field is missing, or a word is not documented.
pub fn spec(wire: &Value, names: &dyn Names) -> Result<ApiSpec, Unreadable> {
    let mut spec = ApiSpec {
        description: text(wire, "remark")?,
        visibility: need_word(wire, "type", VISIBILITIES)?,
        version: optional(wire, "version")?.unwrap_or_else(|| DEFAULT_VERSION.into()),
        request: request(wire)?,
        parameters: list(wire, "req_params", parameter::request)?,
        auth: auth(wire, names)?,
        backend: read_backend(wire, names)?,
        policies: policy::read_lists(wire, names)?,
        cors: switch(wire, "cors", false)?,
        tags: list(wire, "tags", element)?,
        samples: Samples {
            success: text(wire, "result_normal_sample")?,
            failure: text(wire, "result_failure_sample")?,
        },
        body_description: text(wire, "body_remark")?,
        response: optional(wire, "response_id")?.map(|id| name_of(names, Kind::GroupResponse, &id)),
        publish: Vec::new(),
    };
    spec.response = spec.response.filter(|name| name != DEFAULT_RESPONSE);
    spec.normalise();
    Ok(spec)
}

fn request(wire: &Value) -> Result<Request, Unreadable> {
    let method = need(wire, "req_method")?;
    let found = Method::parse(&method.to_ascii_uppercase());
    Ok(Request {
        method: found
            .ok_or_else(|| Unreadable::new("req_method", format!("`{method}`, which is not a method")))?,
        path: need(wire, "req_uri")?,
        protocol: read_word(wire, "req_protocol", PROTOCOLS)?.unwrap_or_default(),
        match_mode: read_word(wire, "match_mode", MATCH_MODES)?.unwrap_or_default(),
    })
}

fn auth(wire: &Value, names: &dyn Names) -> Result<Auth, Unreadable> {
    let kind = need_word(wire, "auth_type", AUTH_TYPES)?;
    let authorizer = match kind {
        AuthType::Authorizer => Some(name_of(names, Kind::Authorizer, &need(wire, "authorizer_id")?)),
        _ => None,
    };
    Ok(Auth { kind, authorizer, app_code: kind == AuthType::App && app_code(wire)? })
}

/// Whether AppCodes are taken. The examples of 3.5.1 and 3.5.6 also spell the field `auth_code_auth_type`, and that of 3.5.13
/// wraps the object in a list.
fn app_code(wire: &Value) -> Result<bool, Unreadable> {
    let options = match wire.get("auth_opt") {
        Some(Value::Array(items)) => items.first(),
        other => other,
    };
    let Some(options) = options else { return Ok(false) };
    for field in ["app_code_auth_type", "auth_code_auth_type"] {
        if let Some(on) = read_word(options, field, APP_CODE).map_err(|e| e.within("auth_opt"))? {
            return Ok(on);
        }
    }
    Ok(false)
}

fn read_backend(wire: &Value, names: &dyn Names) -> Result<Backend, Unreadable> {
    let kind = need_word(wire, "backend_type", BACKEND_TYPES)?;
    let parameters = list(wire, "backend_params", parameter::backend)?;
    object(wire, object_of(kind), |inner| match kind {
        BackendType::Http | BackendType::Grpc => backend::web(inner, parameters, names),
        BackendType::Function => backend::function(inner, parameters, names),
        BackendType::Mock => backend::mock(inner, parameters, names),
    })
}
