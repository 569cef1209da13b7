//! Every operation with every kind of bad request, made from the protocol data: always a refusal in the documented form,
//! never a failure of the server, never a change.
//!
//! Each case is the valid request of its operation with one thing spoilt, so that what is refused is that one thing.

use apigctl::engine::Access;
use bytes::Bytes;
use http::Request;
use serde_json::{Value, json};

use crate::engine::requests::{Case, Content, all_operations, ready, seed, spellings};
use crate::engine::spoil::{self, Spoilt};
use crate::engine::support::{Gate, NOBODY, api, is_shared, operation};
use crate::engine::world::World;

/// Tries something with every operation, each in a world where its valid request would succeed; what goes wrong is
/// collected, and nothing may change.
fn each(mut attempt: impl FnMut(&World, &'static Value, &mut Vec<String>)) {
    let mut wrong = Vec::new();
    let (dedicated, shared) = (World::new(), World::shared());
    for operation in all_operations() {
        let own = seed(operation)["before"].is_array().then(|| ready(operation));
        let common = if is_shared(operation) { &shared } else { &dedicated };
        let world = own.as_ref().unwrap_or(common);
        let before = world.gate.engine.rows();
        attempt(world, operation, &mut wrong);
        if world.gate.engine.rows() != before {
            wrong.push(format!("{}: something changed", operation["s"]));
            break;
        }
    }
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
}

/// The code for a parameter that is absent.
fn missing_code(operation: &Value) -> &str {
    let bad = operation["bad"].as_str().unwrap();
    if bad.starts_with("APIC") { bad } else { "APIG.2001" }
}

#[test]
fn every_operation_has_a_request_that_succeeds() {
    let implemented: Vec<_> = apigctl::engine::operations().collect();
    let mut wrong = Vec::new();
    for operation in all_operations() {
        for spelling in spellings(operation) {
            let world = ready(operation);
            let case = Case { template: spelling.to_owned(), ..Case::of(&world, operation) };
            let answer = case.send(&world);
            let there = implemented.iter().any(|it| operation["s"] == it.section && it.implemented);
            let good = match seed(operation)["refused"].as_str() {
                Some(code) => answer.code() == code,
                None if !there => answer.status == 501,
                None => operation["ok"] == answer.status,
            };
            if !good {
                wrong.push(format!("{} {spelling}: {} {}", operation["s"], answer.status, answer.body));
            }
        }
    }
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
}

/// Tries every way to spoil the valid request of every operation; each refusal names the field. Returns how many there were.
fn each_spoilt(spoil: impl Fn(&Case, &'static Value) -> Vec<Spoilt>) -> usize {
    let mut tried = 0;
    each(|world, operation, wrong| {
        for spoilt in spoil(&Case::of(world, operation), operation) {
            tried += 1;
            let answer = spoilt.case.send(world);
            let code =
                if spoilt.absent { missing_code(operation) } else { operation["bad"].as_str().unwrap() };
            let text = answer.body["error_msg"].as_str().unwrap_or("");
            if answer.status != 400 || answer.code() != code || !text.contains(&spoilt.field) {
                wrong.push(format!("{} {}: {} {}", operation["s"], spoilt.what, answer.status, answer.body));
            }
        }
    });
    tried
}

#[test]
fn every_field_refuses_what_does_not_fit() {
    let tried = each_spoilt(spoil::fields);
    assert!(tried > 2000, "{tried}");
}

#[test]
fn queries_that_do_not_fit() {
    let tried = each_spoilt(spoil::queries);
    assert!(tried > 300, "{tried}");
}

#[test]
fn every_limit_can_be_reached() {
    let mut tried = 0;
    let mut wrong = Vec::new();
    for operation in all_operations() {
        let mut world = ready(operation);
        for reached in spoil::limits(&Case::of(&world, operation), operation) {
            tried += 1;
            let answer = reached.case.send(&world);
            let text = answer.body["error_msg"].as_str().unwrap_or("");
            if answer.code() == operation["bad"].as_str().unwrap() && text.contains(&reached.field) {
                wrong.push(format!("{} {}: {} {}", operation["s"], reached.what, answer.status, answer.body));
            }
            assert!(answer.status < 500 || answer.status == 501, "{} {}", operation["s"], reached.what);
            if answer.status < 300 && operation["m"] != "GET" {
                world = ready(operation);
            }
        }
    }
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
    assert!(tried > 300, "{tried}");
}

#[test]
fn forms_that_do_not_fit() {
    let mut tried = 0;
    each(|world, operation, wrong| {
        if operation["form"].is_null() {
            return;
        }
        let valid = Case::of(world, operation);
        let whole = valid.bytes();
        let torn = |at: usize| valid.with_raw(Content::Form, whole.slice(..at));
        let odd = Content::Other("multipart/form-data");
        let cases = (0..whole.len()).step_by(7).map(torn).chain([
            valid.with_raw(odd, whole.clone()),
            valid.with_raw(Content::Json, json!({"file_name": "x"}).to_string()),
            valid.with_raw(Content::Form, "--Y--"),
        ]);
        for case in cases.chain(spoil::forms(&valid)) {
            tried += 1;
            let answer = case.send(world);
            if answer.status != 400 || answer.code().is_empty() {
                wrong.push(format!("{} {case:?}: {} {}", operation["s"], answer.status, answer.body));
            }
        }
    });
    assert!(tried > 50, "{tried}");
}

#[test]
fn bodies_that_are_not_json() {
    // A nest of brackets must not end the process.
    let deep = format!("{{\"name\":{}", "[".repeat(100_000));
    let broken: [&[u8]; 9] = [
        b"{",
        b"[]",
        b"null",
        b"\"x\"",
        b"{\"a\":}",
        b"\xff\xfe",
        b"{\"name\": \"x\"} tail",
        b"{\"name\": 1e999}",
        deep.as_bytes(),
    ];
    each(|world, operation, wrong| {
        let valid = Case::of(world, operation);
        for body in broken {
            let case = valid.with_raw(Content::Json, Bytes::copy_from_slice(body));
            let takes_a_body = ["b", "form"].iter().any(|part| operation[*part].is_array());
            // A list of ids, or a document that can be YAML as well.
            if operation["raw"] == true || operation["b"][0]["n"] == "" {
                continue;
            }
            // What takes no body looks at none: only where that changes nothing can it be tried here.
            if !takes_a_body && operation["m"] != "GET" {
                continue;
            }
            let answer = case.send(world);
            let good = answer.code() == seed(operation)["refused"].as_str().unwrap_or("")
                && (answer.status >= 400 || operation["ok"] == answer.status);
            let wanted = if takes_a_body { answer.status == 400 } else { good };
            if !wanted {
                let body = String::from_utf8_lossy(&body[..body.len().min(20)]);
                wrong.push(format!("{} {body}: {} {}", operation["s"], answer.status, answer.body));
            }
        }
    });
}

#[test]
fn contents_of_another_type() {
    each(|world, operation, wrong| {
        let valid = Case::of(world, operation);
        if operation["raw"] == true {
            return;
        }
        let body = if valid.body.is_null() { "{}".into() } else { valid.bytes() };
        for kind in ["text/xml", "text/plain; charset=UTF-8", "application/x-www-form-urlencoded", "json"] {
            let answer = valid.with_raw(Content::Other(kind), body.clone()).send(world);
            if answer.status != 400 || answer.code() != "APIG.2000" {
                wrong.push(format!("{} {kind:?}: {} {}", operation["s"], answer.status, answer.body));
            }
        }
    });
}

#[test]
fn unknown_ids_are_not_found() {
    let odd = ["%00", "..%2f..", "%F0%9F%92%A9", &"x".repeat(5000), "a|b", "%", "%zz", "%ff"];
    each(|world, operation, wrong| {
        let valid = Case::of(world, operation);
        let names: Vec<&String> = valid.path.iter().map(|(name, _)| name).collect();
        for name in names {
            for unknown in std::iter::once(NOBODY).chain(odd) {
                for spelling in spellings(operation) {
                    let case = Case { template: spelling.to_owned(), ..valid.with_path(name, unknown) };
                    let answer = case.send(world);
                    let known = apigctl::engine::operations()
                        .any(|it| operation["s"] == it.section && it.implemented);
                    let wanted = match name.as_str() {
                        "project_id" => answer.status == 403,
                        // One of a few words.
                        "response_type" => answer.status == 400,
                        _ => answer.status == if known || name == "instance_id" { 404 } else { 501 },
                    };
                    if !wanted || answer.code().is_empty() {
                        let shown = &unknown[..unknown.len().min(20)];
                        wrong.push(format!(
                            "{} {name}={shown}: {} {}",
                            operation["s"], answer.status, answer.body
                        ));
                    }
                }
            }
        }
    });
}

#[test]
fn nobody_gets_in_without_proof() {
    each(|world, operation, wrong| {
        for spelling in spellings(operation) {
            let case = Case { template: spelling.to_owned(), ..Case::of(world, operation) };
            for header in [None, Some(("x-auth-token", "wrong")), Some(("authorization", "Basic QTpC"))] {
                let mut request = case.request();
                if let Some((name, value)) = header {
                    request.headers_mut().insert(name, value.parse().unwrap());
                }
                let answer = world.gate.ask(request, Access::Signed);
                // The shared gateway has a code of its own for no proof at all.
                let none = header.is_none() && is_shared(operation);
                let code = if none { "APIG.1000" } else { operation["auth"].as_str().unwrap() };
                if answer.status != 401 || code != answer.code() {
                    wrong.push(format!("{} {header:?}: {} {}", operation["s"], answer.status, answer.body));
                }
            }
        }
    });
}

#[test]
fn what_is_not_there() {
    let gate = Gate::new();
    let status = |method: &str, uri: &str| {
        let request = Request::builder().method(method).uri(uri).body(Bytes::new()).unwrap();
        let response = gate.engine.handle(request, Access::Trusted);
        let body: Value = serde_json::from_slice(response.body()).unwrap();
        (response.status().as_u16(), body["error_code"].as_str().unwrap().to_owned())
    };
    let root = gate.root();
    assert_eq!(status("GET", "/nothing"), (404, "APIG.0101".to_owned()));
    assert_eq!(status("GET", &format!("{root}/nothing")), (404, "APIG.0101".to_owned()));
    assert_eq!(status("PATCH", &format!("{root}/api-groups")), (405, "APIG.0101".to_owned()));
    let elsewhere = format!("/v2/{NOBODY}/apigw/instances/{}/api-groups", gate.engine.instance_id());
    assert_eq!(status("GET", &elsewhere), (403, "APIG.1005".to_owned()));
    let unknown = format!("/v2/{}/apigw/instances/{NOBODY}/api-groups", gate.engine.project_id());
    assert_eq!(status("GET", &unknown), (404, "APIG.3030".to_owned()));
    assert_eq!(gate.get("/api-groups/").status, 200, "a slash at the end changes nothing");
}

#[test]
fn rules_beyond_types() {
    let gate = Gate::new();
    let group = gate.group("group_1");
    let before = gate.dump();
    let refused = |change: Value, code: &str| {
        let mut body = api(&group, "api_1", "/one");
        for (name, value) in change.as_object().unwrap() {
            body[name] = value.clone();
        }
        let answer = gate.post("/apis", body);
        assert_eq!(answer.code(), code, "{change}: {}", answer.body);
    };
    refused(json!({"req_uri": "no-slash"}), "APIG.2011");
    refused(json!({"req_uri": "/a/{b"}), "APIG.2011");
    refused(json!({"req_uri": "/a/{b}"}), "APIG.2026");
    refused(json!({"group_id": NOBODY}), "APIG.3001");
    refused(json!({"auth_type": "AUTHORIZER"}), "APIG.2001");
    refused(json!({"auth_type": "AUTHORIZER", "authorizer_id": NOBODY}), "APIG.3081");
    refused(json!({"backend_type": "MOCK"}), "APIG.2001");
    refused(json!({"backend_type": "FUNCTION"}), "APIG.2001");
    refused(json!({"tags": ["a", "a"]}), "APIG.3213");
    refused(json!({"response_id": NOBODY}), "APIG.2011");
    refused(json!({"req_protocol": "GRPCS"}), "APIG.2011");
    let function =
        json!({"function_urn": "nothing", "invocation_type": "sync", "network_type": "V2", "timeout": 5000});
    refused(json!({"backend_type": "FUNCTION", "func_info": function}), "APIG.3019");
    let backend = |change: Value| {
        let mut backend = api(&group, "x", "/x")["backend_api"].clone();
        for (name, value) in change.as_object().unwrap() {
            backend[name] = value.clone();
        }
        json!({"backend_api": backend})
    };
    refused(backend(json!({"req_uri": "/{b}"})), "APIG.2027");
    refused(backend(json!({"timeout": 60001})), "APIG.2011");
    refused(backend(json!({"retry_count": "11"})), "APIG.2011");
    refused(backend(json!({"url_domain": ""})), "APIG.2001");
    refused(
        backend(json!({"vpc_channel_status": 1, "vpc_channel_info": {"vpc_channel_id": NOBODY}})),
        "APIG.3023",
    );
    refused(backend(json!({"enable_client_ssl": true, "req_protocol": "HTTP"})), "APIG.3717");
    let parameter = |origin: &str, value: &str| json!({"backend_params": [{"origin": origin, "name": "n", "location": "HEADER", "value": value}]});
    refused(parameter("REQUEST", "nothing"), "APIG.2028");
    refused(parameter("SYSTEM", "nothing"), "APIG.2011");
    refused(parameter("SYSTEM", "$context.authorizer.frontend.x"), "APIG.2036");
    assert_eq!(gate.dump(), before);
    assert_eq!(operation("3.5.1")["bad"], "APIG.2011");
}
