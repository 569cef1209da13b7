//! APIs: the definition that `CreateApi` and `ModifyApi` write, and that `DescribeApi` (draft), `DescribeDeployedApi` (what
//! runs) and `DescribeApiHistory` (a version) show.

use serde_json::{Map, Value, json};

use super::{backend, braced, bracketed, parameter};
use crate::address::Address;
use crate::kind::Kind;
use crate::kinds::api::{
    ApiSpec, Auth, AuthType, DEFAULT_VERSION, MatchMode, Protocol, Request, Samples, Visibility,
};
use crate::kinds::value::Method;
use crate::plan::id_of;
use crate::provider::wire::{Unreadable, Words, need, need_word, object, read_word, switch, text, word};

const VISIBILITIES: &Words<Visibility> = &[(Visibility::Public, "PUBLIC"), (Visibility::Private, "PRIVATE")];

const AUTH_TYPES: &Words<AuthType> = &[(AuthType::None, "ANONYMOUS"), (AuthType::App, "APP")];

/// `DEFAULT` leaves it to the group, which takes none unless it was told otherwise.
const APP_CODE: &Words<bool> =
    &[(true, "HEADER"), (false, "DISABLE"), (true, "HEADER_QUERY"), (false, "DEFAULT")];

/// Methods whose requests have a body, which is handed on as it comes.
const WITH_BODY: [Method; 4] = [Method::Post, Method::Put, Method::Patch, Method::Any];

/// The parameters that make an API, and that change it after [`super::kept`] has added what is there besides.
pub(in crate::provider::alibaba) fn body(address: &Address, spec: &ApiSpec) -> Value {
    let mut spec = spec.clone();
    spec.normalise();
    let mut body = Map::new();
    body.insert("GroupId".into(), id_of(&Address::new(Kind::Group, &[&address.part(0)])));
    body.insert("ApiName".into(), address.name().into());
    body.insert("Description".into(), json!(spec.description));
    body.insert("Visibility".into(), word(VISIBILITIES, &spec.visibility).into());
    body.insert("AuthType".into(), word(AUTH_TYPES, &spec.auth.kind).into());
    let app = spec.auth.kind == AuthType::App;
    body.insert("AppCodeAuthType".into(), json!(app.then(|| word(APP_CODE, &spec.auth.app_code))));
    body.insert("RequestConfig".into(), request_body(&spec));
    body.insert("BackendEnable".into(), false.into());
    body.insert("ServiceConfig".into(), backend::body(&spec.backend));
    parameter::put_lists(&mut body, &spec.parameters, spec.backend.parameters());
    body.insert("ResultSample".into(), json!(spec.samples.success));
    body.insert("FailResultSample".into(), json!(spec.samples.failure));
    Value::Object(body)
}

fn request_body(spec: &ApiSpec) -> Value {
    let protocol = match spec.request.protocol {
        Protocol::Http => "HTTP",
        Protocol::Https | Protocol::Grpcs => "HTTPS",
        Protocol::Both => "HTTP,HTTPS",
    };
    json!({
        "RequestProtocol": protocol,
        "RequestHttpMethod": spec.request.method.as_str(),
        "RequestPath": bracketed(&spec.request.path),
        "RequestMode": "MAPPING",
        "BodyFormat": WITH_BODY.contains(&spec.request.method).then_some("STREAM"),
        "PostBodyDescription": (!spec.body_description.is_empty()).then_some(&spec.body_description),
    })
}

/// Reads a definition, [`super::unwrapped`].
pub(in crate::provider::alibaba) fn spec(wire: &Value) -> Result<ApiSpec, Unreadable> {
    if switch(wire, "BackendEnable", false)? {
        return Err(Unreadable::new(
            "BackendEnable",
            "on: the backend is one of its own, which no manifest can say",
        ));
    }
    let parameters = parameter::backends(wire)?;
    let mut spec = ApiSpec {
        description: text(wire, "Description")?,
        visibility: need_word(wire, "Visibility", VISIBILITIES)?,
        version: DEFAULT_VERSION.to_owned(),
        request: object(wire, "RequestConfig", request)?,
        parameters: parameter::requests(wire)?,
        auth: auth(wire)?,
        backend: object(wire, "ServiceConfig", |config| backend::spec(config, parameters))?,
        policies: Vec::new(),
        cors: false,
        tags: Vec::new(),
        samples: Samples { success: text(wire, "ResultSample")?, failure: text(wire, "FailResultSample")? },
        body_description: text(&wire["RequestConfig"], "PostBodyDescription")?,
        response: None,
        publish: Vec::new(),
    };
    spec.normalise();
    Ok(spec)
}

fn request(wire: &Value) -> Result<Request, Unreadable> {
    let method = need(wire, "RequestHttpMethod")?.to_ascii_uppercase();
    // The documents call it both.
    let method = if method == "HEADER" { "HEAD".to_owned() } else { method };
    let said = need(wire, "RequestProtocol")?.to_ascii_uppercase();
    let mut words: Vec<&str> = said.split(',').map(str::trim).collect();
    words.sort_unstable();
    let protocol = match *words {
        ["HTTP"] => Protocol::Http,
        ["HTTPS"] => Protocol::Https,
        ["HTTP", "HTTPS"] => Protocol::Both,
        _ => return Err(Unreadable::new("RequestProtocol", format!("`{said}`, which no manifest can say"))),
    };
    Ok(Request {
        method: Method::parse(&method).ok_or_else(|| {
            Unreadable::new("RequestHttpMethod", format!("`{method}`, which no manifest can say"))
        })?,
        path: braced(&need(wire, "RequestPath")?),
        protocol,
        match_mode: MatchMode::Exact,
    })
}

fn auth(wire: &Value) -> Result<Auth, Unreadable> {
    let kind = need_word(wire, "AuthType", AUTH_TYPES)?;
    let app_code = kind == AuthType::App && read_word(wire, "AppCodeAuthType", APP_CODE)?.unwrap_or(false);
    Ok(Auth { kind, authorizer: None, app_code })
}

/// The method and path of a row as `ApiSpec::request_claim` writes them, in a group.
pub(in crate::provider::alibaba) fn claim(group: &str, method: &str, path: &str) -> String {
    let mut claimed = String::new();
    for (i, part) in path.split('[').enumerate() {
        match part.split_once(']') {
            Some((_, rest)) if i > 0 => {
                claimed.push_str("{}");
                claimed.push_str(rest);
            }
            _ => claimed.push_str(part),
        }
    }
    format!("{group}|{method}|{claimed}|exact")
}

#[cfg(test)]
mod tests;
