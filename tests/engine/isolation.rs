//! Several gateways and several projects in one engine: an id of one is, to every other, an id of nothing.
//!
//! Driven by the protocol data: every operation, with each id in its valid request taken from another gateway.

use std::collections::BTreeMap;

use apigctl::engine::Snapshot;
use serde_json::{Value, json};

use crate::engine::requests::{Case, operations, ready, slots};
use crate::engine::support::{Answer, Gate, NOBODY};
use crate::engine::world::World;

/// What is the same everywhere, or no id.
const COMMON: [&str; 6] =
    ["release_id", "response_type", "leaf_certificate", "leaf_key", "openapi", "app_code"];

/// A second gateway of the same project, and one of another project, each with something in every collection.
fn neighbours(one: &Gate) -> [World; 2] {
    let wanted = json!({"instance_name": "second", "spec_id": "BASIC", "vpc_id": "v", "subnet_id": "s",
        "security_group_id": "g", "available_zone_ids": ["az-1"]});
    let made = one.project("POST", "/instances", wanted);
    let second = one.beside(&one.project_id, made.body["instance_id"].as_str().unwrap());
    while second.get("/progress").body["progress"] != 100 {}
    let (project, gateway) = ("1123456789abcdef0123456789abcdef", "1edcba9876543210fedcba9876543210");
    one.engine.load(project, gateway, Snapshot::default()).unwrap();
    let third = one.beside(project, gateway);
    [World::furnish(second, "two"), World::furnish(third, "three")]
}

/// What an answer says, with the id it speaks of left out; of a task, what became of it.
fn said(home: &World, answer: &Answer, id: &str) -> (u16, String) {
    let Some(task) = answer.body["task_id"].as_str() else {
        return (answer.status, answer.body.to_string().replace(id, "ID"));
    };
    let path = format!("/async-tasks/{task}");
    while home.gate.get(&path).body["task_status"] == "processing" {}
    let done = home.gate.get(&path).body;
    assert_eq!(done["task_status"], "failed", "{done}");
    (answer.status, done["task_result"].to_string().replace(id, "ID"))
}

/// True for an id that may be spoken of from a gateway of the same project: gateways themselves, and above gateways the
/// certificates of the project.
fn is_shared(name: &str, case: &Case) -> bool {
    name.ends_with("instance_id")
        || (name.ends_with("certificate_id") && !case.template.contains("{instance_id}"))
}

/// All there is but tasks, which are made even where they fail.
fn rows(world: &World) -> BTreeMap<String, Vec<u8>> {
    let mut rows = world.gate.engine.rows();
    rows.retain(|_, row| !String::from_utf8_lossy(row).contains("\"task_type\""));
    rows
}

/// The valid request with the nth id exchanged.
fn exchanged(home: &World, operation: &'static Value, nth: usize, id: &str) -> Case {
    let mut count = 0;
    Case::with(operation, &mut |name| {
        count += 1;
        if count == nth + 1 { id.to_owned() } else { home.id(name).to_owned() }
    })
}

#[test]
fn ids_of_others_are_unknown() {
    let (mut tried, mut wrong) = (0, Vec::new());
    let shared = World::new();
    let around = neighbours(&shared.gate);
    for operation in operations() {
        let own = (!operation_is_plain(operation)).then(|| ready(operation));
        let around_own = own.as_ref().map(|own| neighbours(&own.gate));
        let home = own.as_ref().unwrap_or(&shared);
        let neighbours = around_own.as_ref().unwrap_or(&around);
        let before = rows(home);
        for (nth, name) in slots(operation).iter().enumerate() {
            if COMMON.contains(&name.as_str()) || name == "project_id" {
                continue;
            }
            let case = exchanged(home, operation, nth, NOBODY);
            let nobody = said(home, &case.send(home), NOBODY);
            for other in neighbours {
                if other.id("project_id") == home.id("project_id") && is_shared(name, &case) {
                    continue;
                }
                tried += 1;
                let id = other.id(name);
                let answer = exchanged(home, operation, nth, id).send(home);
                let got = said(home, &answer, id);
                if got != nobody {
                    wrong.push(format!(
                        "{} {name} (no. {nth}): {got:?}, but nobody's {nobody:?}",
                        operation["s"]
                    ));
                }
            }
            if rows(home) != before {
                wrong.push(format!("{} {name} (no. {nth}): something changed", operation["s"]));
                break;
            }
        }
    }
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
    assert!(tried > 500, "{tried}");
}

/// True for what needs nothing to go before.
fn operation_is_plain(operation: &Value) -> bool {
    crate::engine::requests::seed(operation)["before"].is_null()
}

#[test]
fn filters_find_nothing_of_others() {
    let home = World::new();
    let (mut tried, mut wrong) = (0, Vec::new());
    for other in &neighbours(&home.gate) {
        for operation in operations().filter(|operation| operation["m"] == "GET") {
            let valid = Case::of(&home, operation);
            let filters = operation["q"].as_array().map_or(&[][..], Vec::as_slice).iter();
            for name in filters.filter_map(|field| field["n"].as_str()) {
                let Some(id) =
                    other.ids.get(name).filter(|_| !COMMON.contains(&name) && name != "instance_id")
                else {
                    continue;
                };
                let answer = valid.with_query(name, Some(id)).send(&home);
                let section = &operation["s"];
                let empty = answer.status == 404 || (answer.status == 200 && answer.body["total"] == 0);
                if !empty {
                    wrong.push(format!("{section} {name}: {} {}", answer.status, answer.body));
                }
                tried += 1;
            }
        }
    }
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
    assert!(tried > 60, "{tried}");
}

#[test]
fn a_gateway_is_not_reached_through_another_project() {
    let home = World::new();
    let others = neighbours(&home.gate);
    let before = home.gate.engine.rows();
    for operation in
        operations().filter(|operation| operation["p"].as_str().unwrap().contains("{instance_id}"))
    {
        let case = Case::of(&home, operation).with_path("project_id", others[1].id("project_id"));
        let answer = case.send(&home);
        let code =
            if operation["auth"].as_str().unwrap().starts_with("APIC") { "APIC.7302" } else { "APIG.3030" };
        assert_eq!((answer.status, answer.code()), (404, code), "{}: {}", operation["s"], answer.body);
    }
    assert_eq!(home.gate.engine.rows(), before);
}

#[test]
fn lists_show_what_is_of_this_gateway() {
    let home = World::new();
    let others = neighbours(&home.gate);
    for operation in operations().filter(|operation| operation["m"] == "GET") {
        let case = Case::of(&home, operation);
        let shown = case.send(&home).body.to_string();
        for other in &others {
            let same_project = other.id("project_id") == home.id("project_id");
            for (name, id) in &other.ids {
                let own = COMMON.contains(&name.as_str())
                    || (same_project && (name == "project_id" || is_shared(name, &case)));
                let section = &operation["s"];
                assert!(own || !shown.contains(id.as_str()), "{section} shows {name} of another: {shown}");
            }
        }
    }
}
