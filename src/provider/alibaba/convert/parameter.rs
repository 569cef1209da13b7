//! Request parameters and what backends get.
//!
//! A parameter of a manifest is handed on as it came unless it says `passThrough: false`; here every backend parameter is
//! declared, and mapped to the request parameter that it comes from. So one that is handed on becomes a backend parameter of the
//! same name and place. Placeholders of paths are no matter of `passThrough`: the backend's path names them or does not.
//!
//! The gateway checks what it is told of a parameter always: `validate` is whether it is told anything.

use serde_json::{Map, Value, json};

use crate::kinds::api::{Location, Parameter, ParameterType};
use crate::kinds::backend::{BackendParameter, Origin};
use crate::provider::wire::{Unreadable, Words, list, need, need_word, number, read_word, text, word};

/// Places as the gateway calls them.
pub(in crate::provider::alibaba) const LOCATIONS: &Words<Location> = &[
    (Location::Path, "PATH"),
    (Location::Query, "QUERY"),
    (Location::Header, "HEAD"),
    (Location::Header, "HEADER"),
];

/// Places that no manifest can say.
pub(super) const UNSAID: [&str; 3] = ["BODY", "FORMDATA", "HOST"];

/// The first of each type is written, all are read.
const TYPES: &Words<ParameterType> = &[
    (ParameterType::String, "String"),
    (ParameterType::Number, "Double"),
    (ParameterType::Number, "Int"),
    (ParameterType::Number, "Integer"),
    (ParameterType::Number, "Long"),
    (ParameterType::Number, "Float"),
    (ParameterType::Number, "Number"),
];

const REQUIRED: &Words<bool> = &[(true, "REQUIRED"), (false, "OPTIONAL")];

/// What the gateway knows of a request, by the words of manifests.
pub(in crate::provider::alibaba) const SYSTEM: [(&str, &str); 5] = [
    ("sourceIp", "CaClientIp"),
    ("appId", "CaAppId"),
    ("requestId", "CaRequestId"),
    ("handleTime", "CaRequestHandleTime"),
    ("serverName", "CaDomain"),
];

/// Whether a parameter has anything to be checked.
pub(in crate::provider::alibaba) fn is_checked(p: &Parameter) -> bool {
    !p.values.is_empty()
        || p.minimum.is_some()
        || p.maximum.is_some()
        || p.min_length.is_some()
        || p.max_length.is_some()
        || !p.pattern.is_empty()
        || !p.json_schema.is_empty()
}

/// Whether a manifest can say where something stands.
pub(super) fn is_said(item: &Value) -> bool {
    let location = item.get("Location").and_then(Value::as_str).unwrap_or_default();
    !UNSAID.iter().any(|unsaid| unsaid.eq_ignore_ascii_case(location))
}

/// The lists of parameters of a call that makes or changes an API.
pub(super) fn put_lists(
    body: &mut Map<String, Value>,
    parameters: &[Parameter],
    backend: &[BackendParameter],
) {
    let (mut service, mut map) = (Vec::new(), Vec::new());
    let (mut constants, mut systems) = (Vec::new(), Vec::new());
    let mut mapped = |name: &str, location: Location, kind: ParameterType, from: &str| {
        service.push(json!({
            "ServiceParameterName": name, "Location": word(LOCATIONS, &location), "ParameterType": word(TYPES, &kind),
        }));
        map.push(json!({ "ServiceParameterName": name, "RequestParameterName": from }));
    };
    for p in parameters.iter().filter(|p| p.pass_through && p.location != Location::Path) {
        mapped(&p.name, p.location, p.kind, &p.name);
    }
    for p in backend {
        let location = word(LOCATIONS, &p.location);
        match &p.from {
            Origin::Request(from) => {
                let kind = parameters.iter().find(|p| p.name == *from).map(|p| p.kind).unwrap_or_default();
                mapped(&p.name, p.location, kind, from);
            }
            Origin::Constant(value) => constants.push(json!({
                "ServiceParameterName": p.name, "Location": location, "ConstantValue": value,
                "Description": p.description,
            })),
            Origin::System(name) => {
                let known =
                    SYSTEM.iter().find(|(said, _)| said == name).map_or(name.as_str(), |(_, known)| known);
                systems.push(json!({
                    "ServiceParameterName": p.name, "Location": location, "ParameterName": known,
                    "Description": p.description,
                }));
            }
            // Refused before: there are no authorizers.
            Origin::FrontendAuthorizer(_) | Origin::BackendAuthorizer(_) => {}
        }
    }
    body.insert("RequestParameters".into(), parameters.iter().map(request_body).collect());
    body.insert("ServiceParameters".into(), service.into());
    body.insert("ServiceParametersMap".into(), map.into());
    body.insert("ConstantParameters".into(), constants.into());
    body.insert("SystemParameters".into(), systems.into());
}

fn request_body(p: &Parameter) -> Value {
    let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    json!({
        "ApiParameterName": p.name,
        "Location": word(LOCATIONS, &p.location),
        "ParameterType": word(TYPES, &p.kind),
        "Required": word(REQUIRED, &p.required),
        "DefaultValue": some(&p.default),
        "DemoValue": some(&p.example),
        "Description": some(&p.description),
        "EnumValue": some(&p.values.join(",")),
        "MinValue": p.minimum,
        "MaxValue": p.maximum,
        "MinLength": p.min_length,
        "MaxLength": p.max_length,
        "RegularExpression": some(&p.pattern),
        "JsonScheme": some(&p.json_schema),
    })
}

/// Reads the request parameters; those that manifests cannot say are left out.
pub(super) fn requests(wire: &Value) -> Result<Vec<Parameter>, Unreadable> {
    let service = said(wire, "ServiceParameters");
    let passes_all = wire["RequestConfig"]["RequestMode"] == "PASSTHROUGH";
    let read = |item: &Value| {
        if !is_said(item) {
            return Ok(None);
        }
        let mut p = request(item)?;
        let same = |s: &&Value| is_handed_on(s, &p.name, p.location) && source(wire, s) == Some(&p.name);
        p.pass_through = passes_all || p.location == Location::Path || service.iter().any(same);
        Ok(Some(p))
    };
    Ok(list(wire, "RequestParameters", read)?.into_iter().flatten().collect())
}

fn request(wire: &Value) -> Result<Parameter, Unreadable> {
    let location = need_word(wire, "Location", LOCATIONS)?;
    let values = text(wire, "EnumValue")?;
    let mut p = Parameter {
        name: need(wire, "ApiParameterName")?,
        location,
        kind: read_word(wire, "ParameterType", TYPES)?.unwrap_or_default(),
        required: location == Location::Path || read_word(wire, "Required", REQUIRED)?.unwrap_or(false),
        default: text(wire, "DefaultValue")?,
        example: text(wire, "DemoValue")?,
        description: text(wire, "Description")?,
        values: values.split(',').map(str::trim).filter(|v| !v.is_empty()).map(str::to_owned).collect(),
        minimum: number(wire, "MinValue")?,
        maximum: number(wire, "MaxValue")?,
        min_length: number(wire, "MinLength")?,
        max_length: number(wire, "MaxLength")?,
        pattern: text(wire, "RegularExpression")?,
        json_schema: text(wire, "JsonScheme")?,
        validate: false,
        pass_through: true,
    };
    p.validate = is_checked(&p);
    Ok(p)
}

/// Reads what the backend gets besides what is handed on to it.
pub(super) fn backends(wire: &Value) -> Result<Vec<BackendParameter>, Unreadable> {
    let mut found = Vec::new();
    for item in said(wire, "ServiceParameters") {
        let (name, location) = (need(item, "ServiceParameterName")?, need_word(item, "Location", LOCATIONS)?);
        let Some(from) = source(wire, item) else { continue };
        let handed_on = location != Location::Path
            && from == name
            && said(wire, "RequestParameters").iter().any(|p| {
                p["ApiParameterName"] == name.as_str()
                    && read_word(p, "Location", LOCATIONS) == Ok(Some(location))
            });
        if !handed_on {
            let from = Origin::Request(from.to_owned());
            found.push(BackendParameter { name, location, from, description: String::new() });
        }
    }
    for (field, value) in [("ConstantParameters", "ConstantValue"), ("SystemParameters", "ParameterName")] {
        for item in said(wire, field) {
            let text = text(item, value)?;
            let from = match field {
                "ConstantParameters" => Origin::Constant(text),
                _ => {
                    let said =
                        SYSTEM.iter().find(|(_, known)| *known == text).map(|(said, _)| (*said).to_owned());
                    Origin::System(said.unwrap_or(text))
                }
            };
            found.push(BackendParameter {
                name: need(item, "ServiceParameterName")?,
                location: need_word(item, "Location", LOCATIONS)?,
                from,
                description: self::text(item, "Description")?,
            });
        }
    }
    Ok(found)
}

/// The items of a list that a manifest can say.
fn said<'a>(wire: &'a Value, field: &str) -> Vec<&'a Value> {
    wire[field].as_array().into_iter().flatten().filter(|item| is_said(item)).collect()
}

fn is_handed_on(service: &Value, name: &str, location: Location) -> bool {
    service["ServiceParameterName"] == name && read_word(service, "Location", LOCATIONS) == Ok(Some(location))
}

/// The request parameter that a backend parameter comes from.
fn source<'a>(wire: &'a Value, service: &Value) -> Option<&'a str> {
    let name = &service["ServiceParameterName"];
    let pairs = wire["ServiceParametersMap"].as_array()?;
    pairs.iter().find(|pair| pair["ServiceParameterName"] == *name)?["RequestParameterName"].as_str()
}
