//! Everything that the vendor's document and the vendor's own client know is routed, in both spellings.

use std::collections::BTreeSet;

use apigctl::engine::{Access, Trace, operations, undocumented};
use bytes::Bytes;
use http::Request;
use serde_json::Value;

use crate::engine::support::{Gate, NOBODY};

/// Section, method and path of each operation of the vendor's catalogue (`operations.json`), with the spelling of the
/// vendor's client where that is another, and the calls of that client that have no section. Made apart from the data the
/// engine is driven by.
const CATALOGUE: &str = include_str!("operations.txt");
/// The same for the shared gateway's API V1.0: each operation by the name of its page.
const CATALOGUE_V1: &str = include_str!("operations-v1.txt");

fn catalogue() -> BTreeSet<(String, String, String)> {
    lines(CATALOGUE)
}

fn lines(catalogue: &str) -> BTreeSet<(String, String, String)> {
    let line = |line: &str| {
        let mut words = line.split(' ').map(str::to_owned);
        (words.next().unwrap(), words.next().unwrap(), words.next().unwrap())
    };
    catalogue.lines().map(line).collect()
}

/// Calls something with ids that name nothing, and returns the section that answered and the status.
fn call(gate: &Gate, method: &str, path: &str, access: Access) -> (Option<&'static str>, u16, Value) {
    let mut uri = path
        .replace("{project_id}", gate.engine.project_id())
        .replace("{instance_id}", gate.engine.instance_id());
    while let Some((before, rest)) = uri.split_once('{') {
        let (_, after) = rest.split_once('}').unwrap();
        uri = format!("{before}{NOBODY}{after}");
    }
    let request = Request::builder().method(method).uri(uri).body(Bytes::new()).unwrap();
    let response = gate.engine.handle(request, access);
    let section = response.extensions().get::<Trace>().and_then(|trace| trace.operation);
    let body = serde_json::from_slice(response.body()).unwrap_or_default();
    (section, response.status().as_u16(), body)
}

#[test]
fn every_operation_of_the_catalogue_is_served() {
    let documented: BTreeSet<_> = catalogue().into_iter().filter(|(section, ..)| section != "SDK").collect();
    let mut served = BTreeSet::new();
    let v2 = || operations().filter(|it| it.path.starts_with("/v2/"));
    for it in v2() {
        assert!(it.implemented, "{} {} {}", it.section, it.method, it.path);
        for path in std::iter::once(it.path).chain(it.aliases.iter().map(String::as_str)) {
            served.insert((it.section.to_owned(), it.method.to_owned(), path.to_owned()));
        }
    }
    assert_eq!(v2().count(), 197);
    let missing: Vec<_> = documented.difference(&served).collect();
    assert!(missing.is_empty(), "not served: {missing:?}");
    // One more is served than any source spells: 3.7.4 in the way of its three sisters.
    let more: Vec<_> = served.difference(&documented).map(|(section, ..)| section.as_str()).collect();
    assert_eq!(more, ["3.7.4"]);
}

#[test]
fn every_operation_of_the_shared_gateway_is_served() {
    let documented = lines(CATALOGUE_V1);
    let mut served = BTreeSet::new();
    for it in operations().filter(|it| it.path.starts_with("/v1.0/")) {
        assert!(it.implemented, "{} {} {}", it.section, it.method, it.path);
        served.insert((it.section.to_owned(), it.method.to_owned(), it.path.to_owned()));
    }
    // One page spells its path with a slash at the end; both spellings work.
    let plain = |(section, method, path): &(String, String, String)| {
        (section.clone(), method.clone(), path.trim_end_matches('/').to_owned())
    };
    assert_eq!(served, documented.iter().map(plain).collect());
    assert_eq!(served.len(), 109);
    for (section, method, path) in documented {
        let gate = Gate::new();
        let (answered, status, body) = call(&gate, &method, &path, Access::Trusted);
        assert_eq!(answered, Some(section.as_str()), "{method} {path}");
        assert!(status != 501 && status < 500, "{section}: {status} {body}");
        let (answered, status, _) = call(&gate, &method, &path, Access::Signed);
        assert_eq!(
            (answered, status),
            (Some(section.as_str()), 401),
            "{method} {path} says nothing to strangers"
        );
    }
}

#[test]
fn every_spelling_leads_to_its_operation() {
    for (section, method, path) in catalogue() {
        // A gate each: some of the calls delete the gateway.
        let gate = Gate::new();
        let (answered, status, body) = call(&gate, &method, &path, Access::Trusted);
        if section == "SDK" {
            continue;
        }
        assert_eq!(answered, Some(section.as_str()), "{method} {path}");
        assert!(status != 501 && status < 500, "{section}: {status} {body}");
    }
}

#[test]
fn calls_that_only_the_client_knows_are_answered_with_501() {
    let gate = Gate::new();
    let known: BTreeSet<_> =
        undocumented().map(|(_, method, path)| (method.to_owned(), path.to_owned())).collect();
    let listed = catalogue().into_iter().filter(|(section, ..)| section == "SDK");
    assert_eq!(known, listed.map(|(_, method, path)| (method, path)).collect());
    let before = gate.dump();
    for (name, method, path) in undocumented() {
        let (section, status, body) = call(&gate, method, path, Access::Trusted);
        assert_eq!((section, status), (None, 501), "{name}");
        assert_eq!(body["error_code"], "APIG.9999");
        assert!(body["error_msg"].as_str().unwrap().contains(name), "{body}");
        let (_, status, _) = call(&gate, method, path, Access::Signed);
        assert_eq!(status, 401, "{name} says nothing to strangers");
        let (_, status, _) = call(&gate, "PATCH", path, Access::Trusted);
        assert_eq!(status, 405, "{name}");
    }
    assert_eq!(gate.dump(), before);
}
