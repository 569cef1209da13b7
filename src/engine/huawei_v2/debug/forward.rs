//! From a request to what the backend gets: the path is matched, policies choose the backend, parameters are mapped (3.5.1).

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::Value;

use super::super::super::model::{Coll, Definition, Doc};
use super::super::super::store::Gateway;
use super::super::rules::{POLICIES, list, text};
use super::super::validate::decode;
use super::{Call, Outcome, Trial, member};

/// What gateways do not hand on.
const HOP_BY_HOP: [&str; 5] = ["Host", "Connection", "Transfer-Encoding", "Content-Length", "Upgrade"];

/// The values of the declared request parameters, by name.
type Values = BTreeMap<String, Vec<String>>;

pub(super) fn outcome(trial: &Trial, definition: &Definition, doc: &Doc, gateway: &Gateway) -> Outcome {
    let absent = "The API does not exist or has not been published in the environment";
    let method = definition.method.as_ref();
    if method != "ANY" && method != trial.method {
        return Outcome::Refused(404, "APIG.0101", absent.to_owned());
    }
    let whole = definition.match_mode.as_ref() == "NORMAL";
    let Some(path) = matched(&definition.uri, &trial.path, whole) else {
        return Outcome::Refused(404, "APIG.0101", absent.to_owned());
    };
    let values = parameters(trial, list(doc, "req_params"), &path);
    let (part, backend) = chosen(trial, doc, &values);
    match part {
        "mock_info" | "policy_mocks" => Outcome::Mock(text(backend, "result_content").to_owned()),
        "func_info" | "policy_functions" => {
            Outcome::Refused(502, "APIG.0203", "Functions cannot be called from here".to_owned())
        }
        _ => http(trial, doc, backend, &values, gateway),
    }
}

/// The values of the names in braces; none when the path is another.
fn matched<'p>(template: &str, path: &'p str, whole: bool) -> Option<BTreeMap<String, &'p str>> {
    let mut out = BTreeMap::new();
    let mut parts = path.trim_end_matches('/').split('/').skip(1);
    let mut rest = path.trim_end_matches('/');
    for piece in template.trim_end_matches('/').split('/').skip(1) {
        rest = rest.strip_prefix('/')?;
        let (before, braced) = piece.split_once('{').unwrap_or((piece, ""));
        let (name, after) = braced.split_once('}').unwrap_or(("", ""));
        if let Some(name) = name.strip_suffix('+') {
            out.insert(name.to_owned(), rest.strip_prefix(before)?);
            return Some(out);
        }
        let part = parts.next()?;
        rest = &rest[part.len()..];
        if name.is_empty() {
            if part != piece {
                return None;
            }
            continue;
        }
        let value = part.strip_prefix(before)?.strip_suffix(after).filter(|value| !value.is_empty())?;
        out.insert(name.to_owned(), value);
    }
    if whole && !rest.is_empty() { None } else { Some(out) }
}

fn parameters(trial: &Trial, declared: &[Value], path: &BTreeMap<String, &str>) -> Values {
    let mut out = Values::new();
    for parameter in declared {
        let name = member(parameter, "name");
        let of = |pairs: &[(String, String)], same: &dyn Fn(&str) -> bool| -> Vec<String> {
            pairs.iter().filter(|(n, _)| same(n)).map(|(_, value)| value.clone()).collect()
        };
        let mut values = match member(parameter, "location") {
            "PATH" => path.get(name).map(|value| decode(value, false)).into_iter().collect(),
            "QUERY" => of(&trial.query, &|n| n == name),
            _ => of(&trial.headers, &|n| n.eq_ignore_ascii_case(name)),
        };
        let default = member(parameter, "default_value");
        if values.is_empty() && !default.is_empty() {
            values.push(default.to_owned());
        }
        out.entry(name.to_owned()).or_default().extend(values);
    }
    out
}

/// The first policy whose conditions hold, else the backend of the API; with the member it stands in.
fn chosen<'d>(trial: &Trial, doc: &'d Doc, values: &Values) -> (&'static str, &'d Doc) {
    for part in POLICIES {
        for policy in list(doc, part).iter().filter_map(Value::as_object) {
            let mut conditions = list(policy, "conditions").iter().map(|it| holds(trial, it, values));
            let all = text(policy, "effect_mode") == "ALL";
            if if all { conditions.all(|it| it) } else { conditions.any(|it| it) } {
                return (part, policy);
            }
        }
    }
    let own = ["mock_info", "func_info", "backend_api"];
    let found =
        own.into_iter().find_map(|part| doc.get(part).and_then(Value::as_object).map(|it| (part, it)));
    found.unwrap_or(("mock_info", doc))
}

fn holds(trial: &Trial, condition: &Value, values: &Values) -> bool {
    let wanted = member(condition, "condition_value");
    let found: Vec<String> = match member(condition, "condition_origin") {
        "param" => values.get(member(condition, "req_param_name")).cloned().unwrap_or_default(),
        "system" => match member(condition, "sys_param_name") {
            "req_method" | "reqMethod" => vec![trial.method.clone()],
            _ => vec![decode(&trial.path, false)],
        },
        "cookie" => cookies(trial, member(condition, "cookie_param_name")),
        // Whoever debugs calls from this machine.
        "source" => return wanted.split(',').any(|address| address.trim() == "127.0.0.1"),
        _ => return false,
    };
    let fits = |value: &String| match member(condition, "condition_type") {
        "enum" => wanted.split(',').any(|one| one == value),
        "pattern" => regex_lite::Regex::new(wanted).is_ok_and(|pattern| pattern.is_match(value)),
        _ => value == wanted,
    };
    found.iter().any(fits)
}

fn cookies(trial: &Trial, name: &str) -> Vec<String> {
    let of = trial.headers.iter().filter(|(header, _)| header == "Cookie");
    let pairs = of.flat_map(|(_, value)| value.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.filter(|(n, _)| *n == name).map(|(_, value)| value.to_owned()).collect()
}

fn http(trial: &Trial, doc: &Doc, backend: &Doc, values: &Values, gateway: &Gateway) -> Outcome {
    let Some(authority) = authority(backend, gateway) else {
        return Outcome::Refused(502, "APIG.0203", "The VPC channel has no server".to_owned());
    };
    let declared = |name: &str, location: &str| {
        list(doc, "req_params")
            .iter()
            .any(|it| member(it, "location") == location && member(it, "name").eq_ignore_ascii_case(name))
    };
    // What is not declared is handed on as it is.
    let loose = |pairs: &[(String, String)], location: &str| -> Vec<(String, String)> {
        pairs.iter().filter(|(name, _)| !declared(name, location)).cloned().collect()
    };
    let mut query = loose(&trial.query, "QUERY");
    let mut headers = loose(&trial.headers, "HEADER");
    let mut target = text(backend, "req_uri").to_owned();
    let mapped = match list(backend, "backend_params") {
        [] => list(doc, "backend_params"),
        own => own,
    };
    for parameter in mapped {
        let name = member(parameter, "name");
        for value in mapped_values(trial, parameter, values) {
            match member(parameter, "location") {
                "PATH" => {
                    for form in [format!("{{{name}}}"), format!("{{{name}+}}")] {
                        target = target.replace(&form, &encode(&value));
                    }
                }
                "QUERY" => query.push((name.to_owned(), value)),
                _ => headers.push((name.to_owned(), value)),
            }
        }
    }
    headers.retain(|(name, _)| !HOP_BY_HOP.iter().any(|hop| hop.eq_ignore_ascii_case(name)));
    let method = match text(backend, "req_method") {
        "ANY" | "" => trial.method.clone(),
        method => method.to_owned(),
    };
    let wait = backend.get("timeout").and_then(Value::as_u64).unwrap_or(5000);
    Outcome::Call(Call {
        method,
        https: text(backend, "req_protocol") != "HTTP",
        authority,
        target: format!("{target}{}", query_text(&query)),
        headers,
        body: trial.body.clone(),
        timeout: Duration::from_millis(wait),
    })
}

fn mapped_values(trial: &Trial, parameter: &Value, values: &Values) -> Vec<String> {
    let value = member(parameter, "value");
    match member(parameter, "origin") {
        "REQUEST" => values.get(value).cloned().unwrap_or_default(),
        "SYSTEM" => {
            let known = match value.trim_start_matches("$context.") {
                "sourceIp" | "serverAddr" => "127.0.0.1",
                "stage" => &trial.stage,
                "apiId" => &trial.api_id,
                "requestId" => &trial.request_id,
                "serverName" => "api-gateway",
                _ => "",
            };
            vec![known.to_owned()]
        }
        _ => vec![value.to_owned()],
    }
}

/// Where the backend is: its address, or the first server of its channel that is up.
fn authority(backend: &Doc, gateway: &Gateway) -> Option<String> {
    if backend.get("vpc_channel_status").and_then(Value::as_i64) != Some(1) {
        return Some(text(backend, "url_domain").to_owned());
    }
    let channel =
        gateway.record(Coll::Channel, backend.get("vpc_channel_info")?["vpc_channel_id"].as_str()?)?;
    let up = |it: &&Value| it["status"].as_i64().unwrap_or(1) == 1 && !member(it, "host").is_empty();
    let server = list(&channel.doc, "members").iter().find(up)?;
    let port = server["port"].as_i64().or_else(|| channel.number("port"))?;
    Some(format!("{}:{port}", member(server, "host")))
}

pub(super) fn query_text(pairs: &[(String, String)]) -> String {
    let all: Vec<String> =
        pairs.iter().map(|(name, value)| format!("{}={}", encode(name), encode(value))).collect();
    if all.is_empty() { String::new() } else { format!("?{}", all.join("&")) }
}

fn encode(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => out.push(char::from(byte)),
            _ => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_matched() {
        let fits = |template, path, whole| {
            matched(template, path, whole)
                .map(|found| found.iter().map(|(k, v)| format!("{k}={v}")).collect::<Vec<_>>().join(","))
        };
        assert_eq!(fits("/a/{b}/c", "/a/1%2F2/c", true), Some("b=1%2F2".to_owned()));
        assert_eq!(fits("/a/{b}", "/a/1/c", true), None);
        assert_eq!(fits("/a/{b}", "/a/1/c", false), Some("b=1".to_owned()));
        assert_eq!(fits("/a/v{b}.json", "/a/v1.json", true), Some("b=1".to_owned()));
        assert_eq!(fits("/a/{b+}", "/a/1/2/3", true), Some("b=1/2/3".to_owned()));
        assert_eq!(fits("/", "/", true), Some(String::new()));
        assert_eq!(fits("/a", "/ab", false), None);
        assert_eq!(fits("/a", "/a/", true), Some(String::new()));
    }
}
