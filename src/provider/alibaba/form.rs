//! Requests on the wire: everything goes to `/`, with the action in a header.
//!
//! In plans an action is a path (`POST /CreateApi`) and its parameters are a JSON object, so that they can be read. Here they
//! become what the vendor's clients send (`sdk-wire.md`): reads have their parameters in the query, writes in a form, which the
//! gateway takes for any parameter; so no secret stands in a URL. A member that is `null` is not sent.
//!
//! | a member that is | becomes |
//! | --- | --- |
//! | a list of texts | one text, with commas between |
//! | `Api`, `Tag` or `IpControlPolicys` | numbered from 1: `Api.1.ApiUid` |
//! | another list, an object | JSON text |

use bytes::Bytes;
use serde_json::Value;

use crate::http::{Encoded, Request, encode};

/// The version of the API that is spoken.
const VERSION: &str = "2016-07-14";

/// Lists whose items are numbered.
const NUMBERED: [&str; 3] = ["Api", "Tag", "IpControlPolicys"];

/// Puts a request into the vendor's form.
pub(super) fn encoded(request: &Request) -> Encoded {
    let action = request.path.trim_start_matches('/').to_owned();
    let mut headers = vec![("x-acs-action", action), ("x-acs-version", VERSION.to_owned())];
    let body: Option<Value> = request.body.as_ref().and_then(|body| serde_json::from_slice(body).ok());
    let form = body.map(|body| form(&body)).unwrap_or_default();
    if !form.is_empty() {
        headers.push(("content-type", "application/x-www-form-urlencoded".to_owned()));
    }
    Encoded { path: "/".to_owned(), query: request.query.clone(), headers, body: Bytes::from(form) }
}

fn form(body: &Value) -> String {
    let mut pairs = Vec::new();
    for (name, value) in body.as_object().into_iter().flatten() {
        put(name, value, &mut pairs);
    }
    pairs
        .iter()
        .map(|(name, value)| format!("{}={}", encode(name), encode(value)))
        .collect::<Vec<_>>()
        .join("&")
}

fn put(name: &str, value: &Value, pairs: &mut Vec<(String, String)>) {
    match value {
        Value::Null => {}
        Value::String(text) => pairs.push((name.to_owned(), text.clone())),
        Value::Array(items) if NUMBERED.contains(&name) => {
            for (i, item) in items.iter().enumerate() {
                for (member, value) in item.as_object().into_iter().flatten() {
                    put(&format!("{name}.{}.{member}", i + 1), value, pairs);
                }
            }
        }
        Value::Array(items) if items.iter().all(Value::is_string) && !items.is_empty() => {
            let texts: Vec<&str> = items.iter().filter_map(Value::as_str).collect();
            pairs.push((name.to_owned(), texts.join(",")));
        }
        other => pairs.push((name.to_owned(), other.to_string())),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn sent(body: &Value) -> String {
        let request = Request {
            method: http::Method::POST,
            path: "/BatchDeployApis".into(),
            query: Vec::new(),
            body: Some(Bytes::from(body.to_string())),
            idempotent: true,
        };
        let encoded = encoded(&request);
        assert_eq!(encoded.path, "/");
        assert_eq!(encoded.headers[0], ("x-acs-action", "BatchDeployApis".to_owned()));
        String::from_utf8(encoded.body.to_vec()).unwrap()
    }

    #[test]
    fn lists_are_numbered_or_joined() {
        let body = json!({
            "StageName": "TEST", "Api": [{ "ApiUid": "a", "GroupId": "g" }, { "ApiUid": "b", "GroupId": "g" }],
            "ApiIds": ["x", "y"], "Description": null,
        });
        let form =
            "StageName=TEST&Api.1.ApiUid=a&Api.1.GroupId=g&Api.2.ApiUid=b&Api.2.GroupId=g&ApiIds=x%2Cy";
        assert_eq!(sent(&body), form);
    }

    #[test]
    fn objects_are_json_texts_and_other_values_are_texts() {
        let body = json!({ "RequestConfig": { "RequestPath": "/a b" }, "ForceNonceCheck": true, "ApiDefault": 5,
            "RequestParameters": [] });
        let config = "RequestConfig=%7B%22RequestPath%22%3A%22%2Fa%20b%22%7D";
        assert_eq!(
            sent(&body),
            format!("{config}&ForceNonceCheck=true&ApiDefault=5&RequestParameters=%5B%5D")
        );
    }
}
