//! What breaks a documented rule is refused with the code of the pattern, and changes nothing: generated for every action.

use serde_json::Value;

use super::{Cloud, operations, protocol};

type Parameters = Vec<(String, String)>;

/// A value that breaks no rule of its own.
fn good(parameter: &Value) -> String {
    let name = parameter["n"].as_str().unwrap();
    if let Some(values) = parameter["v"].as_array() {
        return values[0].as_str().unwrap().to_owned();
    }
    match (parameter["t"].as_str().unwrap(), parameter["f"].as_str()) {
        ("int", _) => parameter["min"].as_i64().unwrap_or(1).to_string(),
        ("bool", _) => "true".to_owned(),
        (_, Some("time")) => "2026-01-01T00:00:00Z".to_owned(),
        (_, Some("json")) => json_text(name),
        ("object" | "Dict[str, Any]", _) => "{}".to_owned(),
        _ => {
            let length = usize::try_from(parameter["min"].as_i64().unwrap_or(1)).unwrap().max(1);
            "a".repeat(length)
        }
    }
}

/// A JSON text with the members that must be there.
fn json_text(name: &str) -> String {
    let shape = &protocol()["texts"][name];
    if shape.is_null() {
        return "{}".to_owned();
    }
    let members = |shape: &Value| {
        let needed = shape["m"].as_array().unwrap().iter().filter(|m| m["r"] == true);
        let value = |m: &Value| m["v"][0].as_str().unwrap_or("/a").to_owned();
        let all: serde_json::Map<String, Value> =
            needed.map(|m| (m["n"].as_str().unwrap().to_owned(), value(m).into())).collect();
        Value::Object(all)
    };
    match shape["m"].as_array().unwrap().as_slice() {
        [list] if list["t"] == "a" => Value::Array(vec![members(list)]).to_string(),
        _ => members(shape).to_string(),
    }
}

fn put(parameter: &Value, above: &str, out: &mut Parameters) {
    let name = format!("{above}{}", parameter["n"].as_str().unwrap());
    let members = parameter["m"].as_array().map_or(&[][..], Vec::as_slice);
    match parameter["t"].as_str().unwrap() {
        "array<object>" if parameter["f"].is_null() => {
            let needed = |member: &&Value| member["r"] == true;
            let mut inner: Vec<&Value> = members.iter().filter(needed).collect();
            // An item of which nothing is needed still needs something to be there.
            if inner.is_empty() {
                inner.extend(members.first());
            }
            for member in inner {
                put(member, &format!("{name}.1."), out);
            }
        }
        "array<str>" | "array<int>" if parameter["f"].is_null() => {
            out.push((format!("{name}.1"), "1".to_owned()));
        }
        "array<object>" | "array<str>" if parameter["f"] == "json-list" => out.push((name, "[1]".to_owned())),
        "array<str>" | "array<int>" => out.push((name, "1".to_owned())),
        _ => out.push((name, good(parameter))),
    }
}

fn needed(operation: &Value) -> impl Iterator<Item = &Value> {
    operation["q"].as_array().unwrap().iter().filter(|parameter| parameter["r"] == true)
}

/// The parameters an action needs, each with a value that breaks no rule of its own.
pub(crate) fn valid(operation: &Value) -> Parameters {
    let mut out = Parameters::new();
    for parameter in needed(operation) {
        put(parameter, "", &mut out);
    }
    out
}

fn without(parameters: &[(String, String)], name: &str) -> Parameters {
    let below = format!("{name}.");
    let other = |it: &&(String, String)| it.0 != name && !it.0.starts_with(&below);
    parameters.iter().filter(other).cloned().collect()
}

fn refused(cloud: &Cloud, action: &str, parameters: &Parameters, code: &str) {
    let all: Vec<(&str, &str)> = parameters.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
    let before = cloud.rows();
    let answer = cloud.call(action, &all);
    assert_eq!((answer.status, answer.code()), (400, code), "{action} {all:?}: {}", answer.body);
    assert!(!answer.body["Message"].as_str().unwrap().is_empty(), "{action}: {}", answer.body);
    assert_eq!(cloud.rows(), before, "{action} {all:?}");
}

#[test]
fn every_needed_parameter_is_missed() {
    let (cloud, mut count) = (Cloud::new(), 0);
    for operation in operations() {
        let action = operation["a"].as_str().unwrap();
        for parameter in needed(operation) {
            let name = parameter["n"].as_str().unwrap();
            refused(&cloud, action, &without(&valid(operation), name), &format!("Missing{name}"));
            count += 1;
        }
    }
    assert!(count > 250, "{count}");
}

#[test]
fn values_of_another_type_are_malformed() {
    let (cloud, mut count) = (Cloud::new(), 0);
    for operation in operations() {
        let action = operation["a"].as_str().unwrap();
        for parameter in operation["q"].as_array().unwrap() {
            let name = parameter["n"].as_str().unwrap();
            let bad = match (parameter["t"].as_str().unwrap(), parameter["f"].as_str()) {
                ("int", _) => "1.5",
                ("bool", _) => "perhaps",
                (_, Some("time")) => "2026-01-01 00:00",
                (_, Some("json" | "json-list")) => "{\"a\":",
                _ => continue,
            };
            let mut parameters = without(&valid(operation), name);
            parameters.push((name.to_owned(), bad.to_owned()));
            refused(&cloud, action, &parameters, &format!("InvalidFormat{name}"));
            count += 1;
        }
    }
    assert!(count > 200, "{count}");
}

#[test]
fn values_beyond_the_limits_are_invalid() {
    let (cloud, mut count) = (Cloud::new(), 0);
    for operation in operations() {
        let action = operation["a"].as_str().unwrap();
        for parameter in operation["q"].as_array().unwrap() {
            let name = parameter["n"].as_str().unwrap();
            let number = parameter["t"] == "int";
            let mut bad = Vec::new();
            if parameter["v"].is_array() {
                bad.push("Nonsense".to_owned());
            }
            if let Some(most) = parameter["max"].as_i64() {
                let length = usize::try_from(most + 1).unwrap();
                bad.push(if number { (most + 1).to_string() } else { "a".repeat(length) });
            }
            if let Some(least) = parameter["min"].as_i64() {
                let length = usize::try_from(least - 1).unwrap();
                bad.push(if number { (least - 1).to_string() } else { "a".repeat(length) });
            }
            if parameter["p"].is_string() {
                bad.push("a b c d e f".to_owned());
            }
            if parameter["f"] == "ids" && parameter["t"] == "str" {
                bad.push(vec!["a"; 101].join(","));
            }
            for bad in bad.into_iter().filter(|bad| !bad.is_empty()) {
                let mut parameters = without(&valid(operation), name);
                parameters.push((name.to_owned(), bad));
                refused(&cloud, action, &parameters, &format!("Invalid{name}"));
                count += 1;
            }
        }
    }
    assert!(count > 200, "{count}");
}

#[test]
fn a_parameter_that_comes_twice_is_refused() {
    let cloud = Cloud::new();
    let twice = vec![("GroupName".to_owned(), "Weather".to_owned()); 2];
    refused(&cloud, "CreateApiGroup", &twice, "RepeatedGroupName");
}
