//! Every action of the vendor's catalogue is known: it does something, or says that it does not.

use std::collections::BTreeSet;

use apigctl::engine::{Access, Coverage};
use bytes::Bytes;
use http::Request;

use super::refusals::valid;
use super::{Cloud, operations, query};

/// The actions of the catalogue (`operations.json`), made apart from the data the engine is driven by.
const ACTIONS: &str = include_str!("actions.txt");

fn listed() -> Vec<Coverage> {
    apigctl::engine::operations().filter(|it| it.path == "/").collect()
}

#[test]
fn every_action_of_the_catalogue_is_listed() {
    let documented: BTreeSet<&str> = ACTIONS.lines().collect();
    assert_eq!(documented.len(), 221);
    let known: BTreeSet<&str> = listed().into_iter().map(|it| it.section).collect();
    let missing: Vec<_> = documented.difference(&known).collect();
    assert!(missing.is_empty(), "not known: {missing:?}");
    let more: Vec<_> = known.difference(&documented).collect();
    assert_eq!(more, [&"DescribeApiStage"], "what the older client alone calls");
}

#[test]
fn what_is_not_implemented_says_so_and_changes_nothing() {
    let cloud = Cloud::new();
    let before = cloud.rows();
    let absent: BTreeSet<&str> =
        listed().into_iter().filter(|it| !it.implemented).map(|it| it.section).collect();
    for operation in operations() {
        let action = operation["a"].as_str().unwrap();
        let parameters = valid(operation);
        let all: Vec<(&str, &str)> = parameters.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
        if absent.contains(action) {
            let answer = cloud.call(action, &all);
            assert_eq!((answer.status, answer.code()), (501, "NotImplemented"), "{action}: {}", answer.body);
            assert!(answer.body["Message"].as_str().unwrap().contains(action));
            assert_eq!(answer.body["HostId"], "here");
        } else {
            let answer = Cloud::new().call(action, &all);
            assert!(answer.status < 500, "{action}: {}", answer.body);
        }
    }
    assert_eq!(cloud.rows(), before);
}

#[test]
fn nobody_gets_in_unsigned() {
    let cloud = Cloud::new();
    let before = cloud.rows();
    for operation in operations() {
        let action = operation["a"].as_str().unwrap();
        let parameters = valid(operation);
        let all = parameters.iter().map(|(n, v)| (n.as_str(), v.as_str()));
        let all = query([("Action", action), ("Version", "2016-07-14")].into_iter().chain(all));
        for method in ["GET", "POST"] {
            let request =
                Request::builder().method(method).uri(format!("/?{all}")).body(Bytes::new()).unwrap();
            let answer = cloud.ask(request, Access::Signed);
            assert_eq!((answer.status, answer.code()), (400, "MissingAccessKeyId"), "{action}");
        }
    }
    assert_eq!(cloud.rows(), before);
}

#[test]
fn the_other_protocols_cannot_name_this_gateway() {
    let cloud = Cloud::new();
    cloud.group("Weather");
    for path in ["/v2//apigw/instances/cloudapi/api-groups", "/v2/%20/apigw/instances/cloudapi/api-groups"] {
        let request = Request::builder().uri(path).body(Bytes::new()).unwrap();
        let response = cloud.engine.handle(request, Access::Trusted);
        assert!(response.status().is_client_error(), "{path}: {response:?}");
    }
    let request = Request::builder().uri("/v3/projects").body(Bytes::new()).unwrap();
    let response = cloud.engine.handle(request, Access::Trusted);
    let body: serde_json::Value = serde_json::from_slice(response.body()).unwrap();
    assert_eq!(body["projects"].as_array().unwrap().len(), 1);
}
