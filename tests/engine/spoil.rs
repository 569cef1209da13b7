//! One thing wrong with a valid request, for every field, parameter and limit that the protocol data knows.

use serde_json::{Map, Value, json};

use crate::engine::requests::{Case, fields as of};
use crate::engine::support::protocol;

/// A request with one thing done to it.
pub(crate) struct Spoilt {
    pub(crate) case: Case,
    /// The field it was done to: what a refusal has to name.
    pub(crate) field: String,
    pub(crate) what: String,
    /// True where the field was taken away.
    pub(crate) absent: bool,
}

/// The way to a value in a body.
#[derive(Clone, Debug)]
enum Step {
    Member(String),
    First,
}

/// A field somewhere in a body: the way to it, and what the data says of it.
struct Site {
    way: Vec<Step>,
    field: &'static Value,
    kind: String,
}

/// Every field of the body, however deep: once as a whole, and the elements of lists and maps of texts, too.
fn sites(operation: &'static Value) -> Vec<Site> {
    let mut out = Vec::new();
    // A field without a name is the whole body.
    for field in of(operation, "b").filter(|field| field["n"] != "") {
        collect(vec![Step::Member(text(&field["n"]))], field, text(&field["t"]), &mut out);
    }
    out
}

fn collect(way: Vec<Step>, field: &'static Value, kind: String, out: &mut Vec<Site>) {
    let deeper = |step: Step| way.iter().cloned().chain([step]).collect::<Vec<_>>();
    if let Some(inner) = inside(&kind, "array<") {
        collect(deeper(Step::First), field, inner, out);
    } else if let Some(inner) = inside(&kind, "map<string,") {
        let key = field["k"][0].as_str().unwrap_or("x-key");
        collect(deeper(Step::Member(key.to_owned())), field, inner, out);
    } else if let Some(members) = members(&kind) {
        for member in members.iter().filter(|member| member["x"] != true) {
            collect(deeper(Step::Member(text(&member["n"]))), member, text(&member["t"]), out);
        }
    }
    out.push(Site { way, field, kind });
}

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

fn inside(kind: &str, open: &str) -> Option<String> {
    Some(kind.strip_prefix(open)?.strip_suffix('>')?.to_owned())
}

fn members(kind: &str) -> Option<&'static Vec<Value>> {
    protocol()["schemas"].get(kind.trim_start_matches("object:"))?.as_array()
}

/// A value of a type that fits a field.
fn sample(field: &Value, kind: &str) -> Value {
    if let Some(inner) = inside(kind, "array<") {
        let least = usize::try_from(field["lo"].as_u64().unwrap_or(1).max(1)).unwrap();
        return json!(vec![sample(field, &inner); least]);
    }
    if let Some(inner) = inside(kind, "map<string,") {
        return json!({field["k"][0].as_str().unwrap_or("x-key"): sample(field, &inner)});
    }
    if let Some(members) = members(kind) {
        let needed = members.iter().filter(|member| member["r"] == true && member["x"] != true);
        return Value::Object(
            needed
                .map(|member| (text(&member["n"]), sample(member, member["t"].as_str().unwrap())))
                .collect(),
        );
    }
    if let Some(first) = field["v"].get(0) {
        return first.clone();
    }
    let least = field["min"].as_i64().unwrap_or(1).max(if field["n"] == "time_interval" { 2 } else { 1 });
    match kind {
        "string" => long(least).into(),
        "integer" | "long" | "number" => json!(least),
        "boolean" => json!(true),
        _ => json!({}),
    }
}

fn long(length: i64) -> String {
    "a".repeat(usize::try_from(length).unwrap())
}

/// Puts a value at a place of a body; what is not there on the way is made. None takes the value away.
fn put(body: &mut Value, operation: &Value, way: &[Step], value: Option<Value>) {
    let mut fields: &[Value] = operation["b"].as_array().unwrap();
    let (mut at, mut field, mut kind) = (body, &Value::Null, String::new());
    for (index, step) in way.iter().enumerate() {
        let last = index + 1 == way.len();
        match step {
            Step::Member(name) => {
                if let Some(found) = fields.iter().find(|f| f["n"] == *name) {
                    (field, kind) = (found, text(&found["t"]));
                } else {
                    kind = inside(&kind, "map<string,").unwrap();
                }
                let object = at.as_object_mut().unwrap();
                if last {
                    match value {
                        Some(value) => object.insert(name.clone(), value),
                        None => object.shift_remove(name),
                    };
                    return;
                }
                at = object.entry(name.clone()).or_insert_with(|| sample(field, &kind));
            }
            Step::First => {
                kind = inside(&kind, "array<").unwrap();
                let list = at.as_array_mut().unwrap();
                if list.is_empty() {
                    list.push(sample(field, &kind));
                }
                if last {
                    list[0] = value.unwrap_or(Value::Null);
                    return;
                }
                at = &mut list[0];
            }
        }
        fields = members(&kind).map_or(&[][..], Vec::as_slice);
    }
}

/// Values that do not fit, each with what is wrong.
fn wrong(field: &Value, kind: &str) -> Vec<(&'static str, Value)> {
    let mut out = Vec::new();
    let bound = |name: &str| field[name].as_i64();
    match kind {
        "string" => {
            out.extend([("a number", json!(7)), ("a flag", json!(true)), ("a list", json!(["a"]))]);
            out.push(("an object", json!({"a": "b"})));
            out.extend(bound("max").map(|max| ("one too long", long(max + 1).into())));
            out.extend(
                bound("min").filter(|min| *min > 1).map(|min| ("one too short", long(min - 1).into())),
            );
            if field["r"] == true {
                out.push(("empty", json!("")));
            }
            if field["v"].is_array() {
                out.push(("no allowed value", json!("never-a-value")));
            }
            if let Some(pattern) = field["p"].as_str() {
                let bad = pattern.strip_prefix('^').and_then(|bad| bad.chars().next()).unwrap_or('\u{7}');
                out.push(("a bad character", format!("ab{bad}cdefgh").into()));
            }
        }
        "integer" | "long" => {
            out.extend([("a text", json!("7")), ("a fraction", json!(1.5)), ("a flag", json!(false))]);
            out.extend([("a list", json!([1])), ("beyond 64 bits", json!(1e30))]);
            // Some are corrected where they are out of range.
            let bound = |name: &str| bound(name).filter(|_| field["c"] != true);
            out.extend(bound("max").map(|max| ("one too large", json!(max + 1))));
            out.extend(bound("min").map(|min| ("one too small", json!(min - 1))));
            if field["v"].is_array() {
                out.push(("no allowed value", json!(77)));
            }
        }
        "boolean" => out.extend([("a text", json!("true")), ("a number", json!(1))]),
        "object" => {}
        _ if kind.starts_with("array<") => {
            out.extend([("a text", json!("x")), ("an object", json!({})), ("a number", json!(1))]);
            let item = sample(field, &inside(kind, "array<").unwrap());
            let items = |n: u64| json!(vec![item.clone(); usize::try_from(n).unwrap()]);
            out.extend(field["hi"].as_u64().map(|most| ("one item too many", items(most + 1))));
            out.extend(field["lo"].as_u64().filter(|n| *n > 0).map(|n| ("one item too few", items(n - 1))));
        }
        _ => {
            out.extend([("a list", json!([])), ("a text", json!("x")), ("a flag", json!(true))]);
            if field["k"].is_array() && kind.starts_with("map<") {
                out.push(("an unknown key", json!({"never-a-key": {}})));
            }
        }
    }
    out
}

/// A text of a length in the form that a field asks for.
fn formed(name: &str, length: i64) -> Value {
    let (before, after) = match name {
        "req_uri" | "path" => ("/", ""),
        "plugin_content" => ("{\"allow_origin\": \"*\", \"x\": \"", "\"}"),
        _ => ("", ""),
    };
    let around = i64::try_from(before.len() + after.len()).unwrap();
    format!("{before}{}{after}", long(length - around)).into()
}

/// Values that just fit, each with the limit it reaches.
fn right(field: &Value, kind: &str) -> Vec<(&'static str, Value)> {
    let bound = |name: &str| field[name].as_i64().filter(|_| field["v"].is_null());
    let (mut min, max) = (bound("min"), bound("max"));
    let name = field["n"].as_str().unwrap();
    // Of a health check, the interval has to be longer than the timeout, which is 1 at least.
    if name == "time_interval" && max == Some(300) {
        min = None;
    }
    match kind {
        "string" => min
            .map(|n| ("the least length", formed(name, n)))
            .into_iter()
            .chain(max.map(|n| ("the most length", formed(name, n))))
            .collect(),
        "integer" | "long" => min
            .map(|n| ("the least", json!(n)))
            .into_iter()
            .chain(max.map(|n| ("the most", json!(n))))
            .collect(),
        _ => field["v"]
            .as_array()
            .map_or(&[][..], Vec::as_slice)
            .iter()
            .map(|v| ("a value", v.clone()))
            .collect(),
    }
}

fn spoilt(valid: &Case, operation: &'static Value, site: &Site, what: &str, value: Option<Value>) -> Spoilt {
    let mut case = valid.clone();
    if case.body.is_null() {
        case.body = Value::Object(Map::new());
    }
    let absent = value.is_none() || value == Some(Value::Null);
    let what = format!("{:?}: {what}", site.way);
    put(&mut case.body, operation, &site.way, value);
    Spoilt { case, field: text(&site.field["n"]), what, absent }
}

/// Every field with every wrong value, and every required one absent.
pub(crate) fn fields(valid: &Case, operation: &'static Value) -> Vec<Spoilt> {
    let mut out = Vec::new();
    for site in sites(operation) {
        for (what, value) in wrong(site.field, &site.kind) {
            out.push(spoilt(valid, operation, &site, what, Some(value)));
        }
        let whole = matches!(site.way.last(), Some(Step::Member(name)) if site.field["n"] == *name);
        if site.field["r"] == true && whole {
            out.push(spoilt(valid, operation, &site, "absent", None));
            out.push(spoilt(valid, operation, &site, "null", Some(Value::Null)));
        }
    }
    out
}

/// Every field at each of its limits.
pub(crate) fn limits(valid: &Case, operation: &'static Value) -> Vec<Spoilt> {
    let one = |site: Site| {
        let values = right(site.field, &site.kind).into_iter();
        values.map(|(what, value)| spoilt(valid, operation, &site, what, Some(value))).collect::<Vec<_>>()
    };
    sites(operation).into_iter().flat_map(one).collect()
}

/// Every parameter of the query with every wrong value, and every required one absent.
pub(crate) fn queries(valid: &Case, operation: &'static Value) -> Vec<Spoilt> {
    let mut out = Vec::new();
    for field in of(operation, "q") {
        let (name, kind) = (text(&field["n"]), field["t"].as_str().unwrap());
        let mut values: Vec<(&str, String)> = Vec::new();
        // What tells a page is corrected where it is out of range.
        let corrected = ["offset", "limit", "page_no", "page_size"].contains(&name.as_str());
        let numeric = matches!(kind, "integer" | "long");
        if numeric {
            values.extend([("a word", "x".to_owned()), ("a fraction", "1.5".to_owned())]);
            values.push(("beyond 64 bits", "9".repeat(30)));
        }
        let bound = |side: &str| field[side].as_i64().filter(|_| !corrected);
        match (bound("min"), bound("max")) {
            (min, max) if numeric => {
                values.extend(min.map(|n| ("one too small", (n - 1).to_string())));
                values.extend(max.map(|n| ("one too large", (n + 1).to_string())));
            }
            (min, max) => {
                values.extend(min.filter(|n| *n > 1).map(|n| ("one too short", long(n - 1))));
                values.extend(max.map(|n| ("one too long", long(n + 1))));
            }
        }
        if kind == "boolean" {
            values.push(("no flag", "maybe".to_owned()));
        }
        if field["v"].is_array() {
            values.push(("no allowed value", "7777".to_owned()));
        }
        for (what, value) in values {
            let case = valid.with_query(&name, Some(&value));
            out.push(Spoilt { case, field: name.clone(), what: format!("{name}: {what}"), absent: false });
        }
        if field["r"] == true {
            for (what, value) in [("absent", None), ("empty", Some(""))] {
                let case = valid.with_query(&name, value);
                out.push(Spoilt { case, field: name.clone(), what: format!("{name}: {what}"), absent: true });
            }
        }
    }
    out
}

/// Every field of a form with a value that does not fit, and the required ones absent.
pub(crate) fn forms(valid: &Case) -> Vec<Case> {
    let operation = crate::engine::support::operation(valid.section);
    let mut out = Vec::new();
    for field in of(operation, "form") {
        let name = field["n"].as_str().unwrap();
        let mut with = |value: Option<&str>| {
            let mut case = valid.clone();
            let fields = case.body.as_object_mut().unwrap();
            match value {
                Some(value) => fields.insert(name.to_owned(), value.into()),
                None => fields.shift_remove(name),
            };
            out.push(case);
        };
        if field["t"] == "boolean" || field["v"].is_array() {
            with(Some("never-a-value"));
        }
        if field["r"] == true {
            with(None);
            with(Some(""));
        }
    }
    out
}
