//! Checks a request against the protocol data and returns it cleaned.
//!
//! Cleaned means: members the operation does not know, members without effect and nulls are gone, defaults of the
//! tables are in, names and words are those of the handlers. So the code behind never meets a wrong type.

use bytes::Bytes;
use http::Request;
use http::header::CONTENT_TYPE;
use serde_json::{Map, Value};

use super::fault::Fault;
use super::protocol::{Edition, Field, Kind, Operation};

/// A JSON object.
pub(crate) type Doc = Map<String, Value>;

/// The query of a request: decoded and checked.
#[derive(Clone, Debug, Default)]
pub(crate) struct Query {
    pairs: Vec<(String, String)>,
    pub(crate) offset: usize,
    pub(crate) limit: usize,
}

impl Query {
    /// Decodes and checks a query string.
    pub(crate) fn parse(operation: &Operation, query: &str) -> Result<Self, Fault> {
        let mut pairs = decode_query(query);
        for field in &operation.query {
            let value = pairs.iter().find(|(name, _)| *name == field.name).map(|(_, value)| value.as_str());
            match value {
                None if field.required => return Err(Fault::missing(operation, &field.name)),
                Some("") if field.required => return Err(Fault::missing(operation, &field.name)),
                Some("") | None => {}
                Some(text) => check_query(operation, field, text)?,
            }
        }
        let (offset, limit) = page(operation, &pairs);
        if operation.edition == Edition::V1 {
            pairs = shared(operation, pairs);
        }
        Ok(Self { pairs, offset, limit })
    }

    /// A parameter that was given and is not empty.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.pairs.iter().find(|(n, _)| n == name).map(|(_, value)| value.as_str()).filter(|v| !v.is_empty())
    }

    /// True when `precise_search` names the field.
    pub(crate) fn precise(&self, name: &str) -> bool {
        self.get("precise_search").is_some_and(|names| names.split(',').any(|n| n.trim() == name))
    }
}

/// Where the page begins and how long it is: told by offset and limit, or by number and size.
fn page(operation: &Operation, pairs: &[(String, String)]) -> (usize, usize) {
    let number = |name: &str| {
        let text = pairs.iter().find(|(n, _)| n == name).map(|(_, value)| value.as_str());
        text.and_then(|text| text.parse::<i64>().ok())
    };
    let size = if operation.edition == Edition::V1 { "page_size" } else { "limit" };
    let all = operation.query.iter().any(|field| field.name == size && field.unpaged);
    let limit = match number(size).unwrap_or(20) {
        0 if all => return (0, usize::MAX),
        ..=0 => 20,
        501.. => 500,
        limit => usize::try_from(limit).unwrap_or(20),
    };
    let offset = match operation.edition {
        Edition::V1 => {
            let before = number("page_no").unwrap_or(1).saturating_sub(1);
            usize::try_from(before).unwrap_or(0).saturating_mul(limit)
        }
        Edition::V2 => usize::try_from(number("offset").unwrap_or(0)).unwrap_or(0),
    };
    (offset, limit)
}

/// The parameters under the handlers' names, with the defaults of those that are absent.
fn shared(operation: &Operation, pairs: Vec<(String, String)>) -> Vec<(String, String)> {
    let named = |name: &str| operation.query.iter().find(|field| field.name == name);
    let mut out: Vec<(String, String)> = Vec::with_capacity(pairs.len());
    for (name, value) in pairs {
        let field = named(&name);
        let value = field.and_then(|field| field.words.get(&value)).cloned().unwrap_or(value);
        let name = field.map_or(name.as_str(), Field::shared).to_owned();
        if !out.iter().any(|(known, _)| *known == name) {
            out.push((name, value));
        }
    }
    for field in &operation.query {
        let given = out.iter().any(|(name, value)| name == field.shared() && !value.is_empty());
        if let Some(default) = field.default.as_ref().and_then(Value::as_str).filter(|_| !given) {
            out.retain(|(name, _)| name != field.shared());
            let meant = field.words.get(default).map_or(default, String::as_str);
            out.push((field.shared().to_owned(), meant.to_owned()));
        }
    }
    out
}

/// The parameters of a page are corrected when out of range, never refused; a text is neither.
const PAGING: [&str; 4] = ["offset", "limit", "page_no", "page_size"];

fn check_query(operation: &Operation, field: &Field, text: &str) -> Result<(), Fault> {
    let bad = || Err(Fault::parameter(operation, &field.name));
    match field.kind {
        Kind::Integer => {
            let Ok(number) = text.parse::<i64>() else { return bad() };
            let corrected = PAGING.contains(&field.name.as_str());
            let allowed = field.values.is_empty() || field.values.contains(&number.into());
            let fits = allowed && in_range(field, number);
            if !corrected && !fits {
                return bad();
            }
        }
        Kind::Boolean if text != "true" && text != "false" => return bad(),
        Kind::Text if !field.ignored => {
            if !text.is_empty() && !length_fits(field, text) {
                return bad();
            }
            if !field.values.is_empty() && !field.values.iter().any(|value| value == text) {
                let names: Vec<String> = field.values.iter().map(Value::to_string).collect();
                let choice = names.join(" or ");
                let text = format!("Invalid parameter value: parameter {} should be {choice}", field.name);
                return Err(Fault::parameter(operation, &field.name).saying(text));
            }
        }
        _ => {}
    }
    Ok(())
}

fn decode_query(query: &str) -> Vec<(String, String)> {
    let parts = query.split('&').filter(|part| !part.is_empty());
    parts
        .map(|part| {
            let (name, value) = part.split_once('=').unwrap_or((part, ""));
            (decode(name, true), decode(value, true))
        })
        .collect()
}

/// Percent-decodes; what is not valid UTF-8 afterwards is replaced.
pub(crate) fn decode(text: &str, plus: bool) -> String {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let hex = |index: usize| bytes.get(index).and_then(|b| char::from(*b).to_digit(16));
        match bytes[at] {
            b'%' => match (hex(at + 1), hex(at + 2)) {
                (Some(high), Some(low)) => {
                    out.push(u8::try_from(high * 16 + low).unwrap_or(b'?'));
                    at += 2;
                }
                _ => out.push(b'%'),
            },
            b'+' if plus => out.push(b' '),
            byte => out.push(byte),
        }
        at += 1;
    }
    String::from_utf8(out).unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned())
}

/// Parses and checks the body of an operation.
pub(crate) fn body(operation: &Operation, bytes: &[u8]) -> Result<Doc, Fault> {
    if operation.body.is_empty() {
        return Ok(Doc::new());
    }
    // A field without a name is the whole body.
    if let [whole] = operation.body.as_slice()
        && whole.name.is_empty()
    {
        let value = serde_json::from_slice(bytes).map_err(|error| malformed(operation, &error))?;
        return object(operation, &operation.body, Doc::from_iter([(String::new(), value)]));
    }
    let blank = bytes.iter().all(u8::is_ascii_whitespace);
    let value = if blank && !operation.body.iter().any(|field| field.required) {
        Value::Object(Doc::new())
    } else {
        serde_json::from_slice(bytes).map_err(|error| malformed(operation, &error))?
    };
    let Value::Object(doc) = value else {
        return Err(Fault::new("APIG.2000").saying("Parameter error: the body is not a JSON object"));
    };
    object(operation, &operation.body, doc)
}

/// Checks the body of an operation that did not come from a client.
pub(crate) fn members(operation: &Operation, doc: Doc) -> Result<Doc, Fault> {
    object(operation, &operation.body, doc)
}

/// Refuses a body that says it is something else than JSON. One that says nothing is read as JSON.
pub(crate) fn check_type(request: &Request<Bytes>) -> Result<(), Fault> {
    let Some(kind) = request.headers().get(CONTENT_TYPE).filter(|_| !request.body().is_empty()) else {
        return Ok(());
    };
    let kind = kind.to_str().unwrap_or("").split(';').next().unwrap_or("").trim().to_ascii_lowercase();
    if kind.is_empty() || kind == "application/json" || kind.ends_with("+json") {
        return Ok(());
    }
    Err(Fault::new("APIG.2000")
        .saying("Parameter error: the content type of the body is not application/json"))
}

fn malformed(operation: &Operation, error: &serde_json::Error) -> Fault {
    let code = if operation.bad.starts_with("APIC") { &operation.bad } else { "APIG.2000" };
    if error.is_eof() && error.line() <= 1 && error.column() == 0 {
        return Fault::new(code);
    }
    Fault::new(code).saying(format!("Parameter error: Serialization error: {error}"))
}

fn object(operation: &Operation, fields: &[Field], mut doc: Doc) -> Result<Doc, Fault> {
    let mut out = Doc::with_capacity(fields.len());
    for field in fields {
        let value = doc.remove(&field.name).filter(|value| !value.is_null());
        match value {
            _ if field.ignored => {}
            Some(value) => {
                out.insert(field.shared().to_owned(), check(operation, field, &field.kind, value)?);
            }
            None if field.required => return Err(Fault::missing(operation, field.shown_name())),
            None => {
                if let Some(default) = &field.default {
                    out.insert(field.shared().to_owned(), meant(field, default.clone()));
                }
            }
        }
    }
    Ok(out)
}

/// A word in the handlers' language.
fn meant(field: &Field, value: Value) -> Value {
    let word = value.as_str().and_then(|word| field.words.get(word));
    word.map_or(value.clone(), |word| word.as_str().into())
}

/// The listed spelling of a value that may come in any case.
fn listed(field: &Field, value: Value) -> Value {
    let Some(text) = value.as_str().filter(|_| field.any_case) else { return value };
    let known =
        field.values.iter().find(|known| known.as_str().is_some_and(|it| it.eq_ignore_ascii_case(text)));
    known.cloned().unwrap_or(value)
}

fn check(operation: &Operation, field: &Field, kind: &Kind, value: Value) -> Result<Value, Fault> {
    let bad = || Fault::parameter(operation, field.shown_name());
    let value = listed(field, value);
    if let (true, Some(number)) = (field.corrected, value.as_i64()) {
        let default = field.default.clone().filter(|_| !in_range(field, number));
        return Ok(default.unwrap_or(value));
    }
    let fits = match (kind, &value) {
        (Kind::Text, Value::String(text)) => length_fits(field, text) && pattern_fits(field, text),
        (Kind::Integer, Value::Number(number)) => number.as_i64().is_some_and(|n| in_range(field, n)),
        (Kind::Number, Value::Number(_)) | (Kind::Boolean, Value::Bool(_)) => true,
        (Kind::Object(None), _) => true,
        (Kind::List(_), Value::Array(items)) => {
            field.items_min.is_none_or(|min| items.len() >= min)
                && field.items_max.is_none_or(|max| items.len() <= max)
        }
        (Kind::Map(_), Value::Object(map)) => {
            field.keys.is_empty() || map.keys().all(|key| field.keys.contains(key))
        }
        (Kind::Object(Some(_)), Value::Object(_)) => true,
        _ => false,
    };
    if !fits {
        return Err(bad());
    }
    let scalar = !matches!(kind, Kind::List(_) | Kind::Map(_) | Kind::Object(_));
    if scalar && !field.values.is_empty() && !field.values.contains(&value) {
        // An empty text stands for an absent one in what clients send back.
        return if value == "" && !field.required { Ok(value) } else { Err(bad()) };
    }
    let value = meant(field, value);
    match (kind, value) {
        (Kind::List(inner), Value::Array(items)) => {
            let items: Result<Vec<Value>, Fault> =
                items.into_iter().map(|item| check(operation, field, inner, item)).collect();
            Ok(Value::Array(items?))
        }
        (Kind::Map(inner), Value::Object(map)) => {
            let mut out = Doc::with_capacity(map.len());
            for (key, item) in map {
                out.insert(key, check(operation, field, inner, item)?);
            }
            Ok(Value::Object(out))
        }
        (Kind::Object(Some(name)), Value::Object(map)) => {
            Ok(Value::Object(object(operation, operation.edition.protocol().schema(name), map)?))
        }
        (_, value) => Ok(value),
    }
}

fn in_range(field: &Field, number: i64) -> bool {
    field.min.is_none_or(|min| number >= min) && field.max.is_none_or(|max| number <= max)
}

fn length_fits(field: &Field, text: &str) -> bool {
    let length = i64::try_from(text.chars().count()).unwrap_or(i64::MAX);
    let least = field.min.unwrap_or(0).max(i64::from(field.required));
    // An optional text may be empty: that is how clients take it away.
    (length >= least || (length == 0 && !field.required)) && field.max.is_none_or(|max| length <= max)
}

fn pattern_fits(field: &Field, text: &str) -> bool {
    let Some(pattern) = &field.pattern else { return true };
    if text.is_empty() {
        return !field.required;
    }
    let (first, special) = pattern.split_at(1);
    if first == "^" {
        return !text.contains(|c| special.contains(c));
    }
    let start_fits = text.chars().next().is_some_and(|c| match first {
        "A" | "a" => c.is_alphabetic(),
        "N" | "n" => c.is_alphanumeric(),
        "b" => c.is_alphabetic() || "+/".contains(c),
        _ => true,
    });
    // The small classes know no other scripts.
    let ascii = first.chars().all(|c| c.is_ascii_lowercase());
    let letter = |c: char| if ascii { c.is_ascii_alphanumeric() } else { c.is_alphanumeric() };
    start_fits && text.chars().all(|c| letter(c) || special.contains(c))
}
