//! Every answer shows all that the vendor's document says it shows.
//!
//! Once for each API; the files of the shared gateway's end in `-v1`.
//!
//! `answers.txt` has the members that the document gives to the answer of each operation (made by `answers.py`).
//! `showroom.json` has requests, in order, that bring each of them to light: `s` is the section, the rest as in
//! `requests.json`, and `note` gives names to what is at some place of the answer. `absent.json` has what is never shown,
//! and why. That each member has the documented type, and that no other is there, is checked with every answer, see
//! [`Gate::ask`](crate::engine::support::Gate::ask).

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::engine::requests::{Case, operations, ready, shared_operations};
use crate::engine::support::operation;
use crate::engine::world::World;

type Answers = BTreeMap<String, Vec<Value>>;

fn file(name: &str) -> String {
    let path = format!("{}/tests/engine/{name}", env!("CARGO_MANIFEST_DIR"));
    std::fs::read_to_string(path).unwrap()
}

fn data(name: &str) -> Vec<Value> {
    serde_json::from_str(&file(name)).unwrap()
}

/// Whether a value has something at a path.
fn shows(value: &Value, path: &[&str]) -> bool {
    let Some((first, rest)) = path.split_first() else { return true };
    match (*first, value) {
        ("[]", Value::Array(items)) => items.iter().any(|item| shows(item, rest)),
        ("*", Value::Object(members)) => members.values().any(|item| shows(item, rest)),
        (name, Value::Object(members)) => members.get(name).is_some_and(|item| shows(item, rest)),
        _ => false,
    }
}

/// The answers to the valid request of every operation.
fn plain(of: impl Iterator<Item = &'static Value>, answers: &mut Answers) {
    for operation in of {
        let world = ready(operation);
        let answer = Case::of(&world, operation).send(&world);
        if answer.status < 300 {
            answers.entry(operation["s"].as_str().unwrap().to_owned()).or_default().push(answer.body);
        }
    }
}

/// The answers to the requests of the showroom.
fn showroom(mut world: World, steps: Vec<Value>, answers: &mut Answers) {
    for step in steps {
        let section = step["s"].as_str().unwrap();
        let case = Case::from_seed(operation(section), &step, &mut |name| world.id(name).to_owned());
        let answer = case.send(&world);
        assert!(answer.status < 300, "{step}: {}", answer.body);
        for (name, place) in step["note"].as_object().into_iter().flatten() {
            let id = answer.body.pointer(place.as_str().unwrap()).and_then(Value::as_str);
            world.note(name, id.unwrap_or_else(|| panic!("{step}: {}", answer.body)).to_owned());
        }
        answers.entry(section.to_owned()).or_default().push(answer.body);
    }
}

/// Whether an exception speaks of a member: `3.5` stands for all of a chapter, and a path for all below it.
fn speaks_of(exception: &Value, section: &str, path: &str) -> bool {
    let below = |whole: &str, front: &str, mark: &[char]| {
        whole.strip_prefix(front).is_some_and(|rest| rest.is_empty() || rest.starts_with(mark))
    };
    let texts = |name: &str| {
        exception[name].as_array().unwrap().iter().map(|it| it.as_str().unwrap()).collect::<Vec<_>>()
    };
    texts("sections").iter().any(|it| below(section, it, &['.']))
        && texts("paths").iter().any(|it| below(path, it, &['.', '[']))
}

#[test]
fn every_documented_member_is_shown() {
    let mut answers = Answers::new();
    plain(operations(), &mut answers);
    showroom(World::new(), data("showroom.json"), &mut answers);
    let count = compare(&answers, &file("answers.txt"), &data("absent.json"));
    assert!(count > 2500, "{count}");
}

#[test]
fn every_documented_member_of_the_shared_gateway_is_shown() {
    let mut answers = Answers::new();
    plain(shared_operations(), &mut answers);
    showroom(World::shared(), data("showroom-v1.json"), &mut answers);
    let count = compare(&answers, &file("answers-v1.txt"), &data("absent-v1.json"));
    assert!(count > 1500, "{count}");
}

/// Compares what was shown with what is documented; how many members that is.
fn compare(answers: &Answers, documented: &str, exceptions: &[Value]) -> usize {
    let (mut used, mut missing, mut count) = (BTreeSet::new(), Vec::new(), 0);
    for line in documented.lines() {
        let mut words = line.split(' ');
        let (section, path) = (words.next().unwrap(), words.next().unwrap());
        let dotted = path.replace("[]", ".[]");
        let steps: Vec<&str> = dotted.trim_start_matches('.').split('.').collect();
        count += 1;
        if answers.get(section).is_some_and(|all| all.iter().any(|answer| shows(answer, &steps))) {
            continue;
        }
        match exceptions.iter().position(|exception| speaks_of(exception, section, path)) {
            Some(index) => {
                assert!(exceptions[index]["why"].as_str().is_some_and(|why| why.len() > 20));
                used.insert(index);
            }
            None => missing.push(line),
        }
    }
    assert!(missing.is_empty(), "{} of {count} are not shown:\n{}", missing.len(), missing.join("\n"));
    let needless: Vec<&Value> =
        exceptions.iter().enumerate().filter(|(index, _)| !used.contains(index)).map(|(_, it)| it).collect();
    assert!(needless.is_empty(), "these are shown, or not documented: {needless:?}");
    count
}
