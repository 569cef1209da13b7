//! The parameters of a request: read from query and form, checked against the protocol data.
//!
//! A text stays a text, a number becomes a number, a list a list. A JSON text whose shape an answer shows is brought into
//! that shape: keys in upper camel case, lists wrapped, values of the shown type.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde_json::Value;

use super::super::model::Doc;
use super::super::time::parse;
use super::fault::Fault;
use super::protocol::{Form, Kind, Member, Operation, Param, Protocol, Shape};

/// The parameters as they came, by name.
#[derive(Debug, Default)]
pub(crate) struct Raw(BTreeMap<String, String>);

impl Raw {
    /// Reads query and form. A name that comes twice is refused.
    pub(crate) fn read(query: &str, form: &str) -> Result<Self, Fault> {
        let mut all = BTreeMap::new();
        for part in query.split('&').chain(form.split('&')).filter(|part| !part.is_empty()) {
            let (name, value) = part.split_once('=').unwrap_or((part, ""));
            let name = decode(name);
            if all.insert(name.clone(), decode(value)).is_some() {
                return Err(Fault::repeated(&name));
            }
        }
        Ok(Self(all))
    }

    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// All of them, in the order of their names.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// True when something begins with the name and a dot.
    fn has_below(&self, name: &str) -> bool {
        let from = format!("{name}.");
        self.0.range(from.clone()..).next().is_some_and(|(key, _)| key.starts_with(&from))
    }
}

/// Undoes percent encoding; a plus is a blank.
pub(crate) fn decode(text: &str) -> String {
    let bytes = text.as_bytes();
    let digit = |at: usize| bytes.get(at).and_then(|byte| char::from(*byte).to_digit(16));
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        match (bytes[at], digit(at + 1), digit(at + 2)) {
            (b'%', Some(high), Some(low)) => {
                out.push(u8::try_from(high * 16 + low).unwrap_or(b'?'));
                at += 2;
            }
            (b'+', ..) => out.push(b' '),
            (byte, ..) => out.push(byte),
        }
        at += 1;
    }
    String::from_utf8(out).unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned())
}

/// Checks all parameters of an operation.
pub(crate) fn check(operation: &Operation, raw: &Raw) -> Result<Doc, Fault> {
    object(&operation.params, raw, "")
}

fn object(params: &[Param], raw: &Raw, above: &str) -> Result<Doc, Fault> {
    let mut out = Doc::new();
    for param in params {
        let name = format!("{above}{}", param.name);
        match value(param, raw, &name)? {
            Some(value) => {
                out.insert(param.name.clone(), value);
            }
            None if param.required && name.starts_with("Tag.") => return Err(tag_key(&name)),
            None if param.required => return Err(Fault::missing(&name)),
            None => {}
        }
    }
    Ok(out)
}

/// The document gives this one case a code of its own (TagResources).
fn tag_key(name: &str) -> Fault {
    if name.ends_with(".Key") {
        return Fault::new("InvalidParameter.Format").coded("InvalidParameter.TagKey");
    }
    Fault::missing(name)
}

fn value(param: &Param, raw: &Raw, name: &str) -> Result<Option<Value>, Fault> {
    match param.kind {
        Kind::Text | Kind::Integer | Kind::Boolean => {
            let Some(text) = raw.get(name) else { return Ok(None) };
            let takes_away = param.kind == Kind::Text && param.form == Form::Plain && !param.required;
            if text.is_empty() && !takes_away {
                return Ok(None);
            }
            scalar(param, name, text).map(Some)
        }
        Kind::Texts | Kind::Integers | Kind::Objects => list(param, raw, name),
        Kind::Object | Kind::Map => match raw.get(name).filter(|text| !text.is_empty()) {
            Some(text) => match serde_json::from_str(text) {
                Ok(value @ Value::Object(_)) => Ok(Some(value)),
                _ => Err(Fault::malformed(name)),
            },
            None if raw.has_below(name) => {
                object(&param.members, raw, &format!("{name}.")).map(|doc| Some(Value::Object(doc)))
            }
            None => Ok(None),
        },
    }
}

fn list(param: &Param, raw: &Raw, name: &str) -> Result<Option<Value>, Fault> {
    let mut items = Vec::new();
    match raw.get(name).filter(|text| !text.is_empty()) {
        Some(text) if param.form == Form::Ids => {
            for item in text.split(',').map(str::trim).filter(|item| !item.is_empty()) {
                items.push(item_of(param, name, item)?);
            }
        }
        Some(text) => {
            let Ok(Value::Array(all)) = serde_json::from_str(text) else {
                return Err(Fault::malformed(name));
            };
            items = all;
        }
        None => {
            for number in 1.. {
                let name = format!("{name}.{number}");
                if param.kind == Kind::Objects {
                    if !raw.has_below(&name) {
                        break;
                    }
                    items.push(Value::Object(object(&param.members, raw, &format!("{name}."))?));
                } else {
                    let Some(text) = raw.get(&name) else { break };
                    items.push(item_of(param, &name, text)?);
                }
            }
        }
    }
    if items.is_empty() {
        return Ok(None);
    }
    if param.items_max.is_some_and(|most| items.len() > most) {
        return Err(Fault::invalid(name));
    }
    Ok(Some(Value::Array(items)))
}

fn item_of(param: &Param, name: &str, text: &str) -> Result<Value, Fault> {
    if param.kind == Kind::Integers {
        return text.parse::<i64>().map(Value::from).map_err(|_| Fault::malformed(name));
    }
    Ok(text.into())
}

fn scalar(param: &Param, name: &str, text: &str) -> Result<Value, Fault> {
    match param.kind {
        Kind::Integer => {
            let number: i64 = text.parse().map_err(|_| Fault::malformed(name))?;
            let fits = param.min.is_none_or(|min| number >= min) && param.max.is_none_or(|max| number <= max);
            return if fits { Ok(number.into()) } else { Err(Fault::invalid(name)) };
        }
        Kind::Boolean => return boolean(text).map(Value::Bool).ok_or_else(|| Fault::malformed(name)),
        _ => {}
    }
    match param.form {
        Form::Time => {
            let fits = text.len() == 20 && text.ends_with('Z') && parse(text).is_some();
            if fits { Ok(text.into()) } else { Err(Fault::malformed(name)) }
        }
        Form::Ids => {
            let items: Vec<Value> =
                text.split(',').map(str::trim).filter(|item| !item.is_empty()).map(Value::from).collect();
            let fits = param.items_max.is_none_or(|most| items.len() <= most) && !items.is_empty();
            if fits { Ok(Value::Array(items)) } else { Err(Fault::invalid(name)) }
        }
        Form::Json => json(name, text),
        Form::Plain | Form::JsonList => {
            if text.is_empty() {
                return Ok(Value::String(String::new()));
            }
            let known = param.values.is_empty() || param.values.iter().any(|value| value == text);
            if known && length_fits(param, text) && pattern_fits(param, text) {
                Ok(text.into())
            } else {
                Err(Fault::invalid(name))
            }
        }
    }
}

/// Clients write `true`, `True` and `TRUE`.
fn boolean(text: &str) -> Option<bool> {
    match text {
        "true" | "True" | "TRUE" => Some(true),
        "false" | "False" | "FALSE" => Some(false),
        _ => None,
    }
}

fn length_fits(param: &Param, text: &str) -> bool {
    let length = i64::try_from(text.chars().count()).unwrap_or(i64::MAX);
    param.min.is_none_or(|min| length >= min) && param.max.is_none_or(|max| length <= max)
}

/// Letters are those of English, and Chinese characters.
fn is_letter(c: char) -> bool {
    c.is_ascii_alphabetic() || matches!(c, '\u{3400}'..='\u{9fff}' | '\u{20000}'..='\u{3ffff}')
}

fn pattern_fits(param: &Param, text: &str) -> bool {
    let Some(pattern) = &param.pattern else { return true };
    let (first, special) = pattern.split_at(1);
    let start_fits = text.chars().next().is_some_and(|c| match first {
        "A" => is_letter(c),
        "N" => is_letter(c) || c.is_ascii_digit(),
        _ => true,
    });
    start_fits && text.chars().all(|c| is_letter(c) || c.is_ascii_digit() || special.contains(c))
}

fn json(name: &str, text: &str) -> Result<Value, Fault> {
    let value: Value = serde_json::from_str(text).map_err(|_| Fault::malformed(name))?;
    match Protocol::get().text(name) {
        Some(member) => shaped(member, value),
        // What no answer takes apart is kept as it came.
        None if value.is_object() || value.is_array() => Ok(text.into()),
        None => Err(Fault::malformed(name)),
    }
}

/// Brings a JSON value into the shape that answers show it in.
pub(crate) fn shaped(member: &Member, value: Value) -> Result<Value, Fault> {
    let malformed = || Fault::malformed(&member.name);
    match (member.kind, value) {
        (Shape::Text, Value::String(text)) => known(member, text).map(Value::String),
        (Shape::Text, Value::Number(number)) => known(member, number.to_string()).map(Value::String),
        (Shape::Text, Value::Bool(flag)) => known(member, flag.to_string()).map(Value::String),
        // A text that is itself a JSON text, as a client may nest it.
        (Shape::Text, value) => Ok(value.to_string().into()),
        (Shape::Integer, Value::Number(number)) if number.is_i64() => Ok(Value::Number(number)),
        (Shape::Integer, Value::String(text)) => {
            text.trim().parse::<i64>().map(Value::from).map_err(|_| malformed())
        }
        (Shape::Boolean, Value::Bool(flag)) => Ok(Value::Bool(flag)),
        (Shape::Boolean, Value::String(text)) => boolean(&text).map(Value::Bool).ok_or_else(malformed),
        (Shape::Object, Value::Array(items)) => {
            let list = member.wrapped().ok_or_else(malformed)?;
            let mut out = Doc::new();
            out.insert(list.name.clone(), shaped(list, Value::Array(items))?);
            Ok(Value::Object(out))
        }
        (Shape::Object, Value::Object(doc)) => members(&member.members, &member.name, doc),
        (Shape::Objects, Value::Array(items)) => {
            let one = |item: Value| match item {
                Value::Object(doc) => members(&member.members, &member.name, doc),
                _ => Err(malformed()),
            };
            items.into_iter().map(one).collect::<Result<Vec<Value>, Fault>>().map(Value::Array)
        }
        (Shape::Texts, value @ Value::Array(_)) => Ok(value),
        _ => Err(malformed()),
    }
}

fn known(member: &Member, text: String) -> Result<String, Fault> {
    if member.values.is_empty() || text.is_empty() {
        return Ok(text);
    }
    // Clients differ in the case of these words; the document's is kept.
    let same = |value: &&String| value.eq_ignore_ascii_case(&text);
    member.values.iter().find(same).cloned().ok_or_else(|| Fault::invalid(&member.name))
}

/// The members of an object, in the shown order. What no answer shows is let through without effect.
fn members(shape: &[Member], above: &str, doc: Doc) -> Result<Value, Fault> {
    let mut given: BTreeMap<String, Value> = BTreeMap::new();
    for (key, value) in doc {
        if !value.is_null() {
            given.insert(upper(&key).into_owned(), value);
        }
    }
    let mut out = Doc::new();
    for member in shape {
        let value =
            given.remove(&member.name).filter(|value| !(is_blank(value) && member.kind != Shape::Text));
        match value {
            Some(value) if member.required && is_blank(&value) => return Err(Fault::missing(&member.name)),
            Some(value) => {
                out.insert(member.name.clone(), shaped(member, value)?);
            }
            None if member.required => {
                let spoken = format!("{above}.{}", member.name);
                return Err(Fault::missing(&spoken));
            }
            None => {}
        }
    }
    Ok(Value::Object(out))
}

fn is_blank(value: &Value) -> bool {
    value.as_str().is_some_and(str::is_empty)
}

/// `requestProtocol` is `RequestProtocol`.
fn upper(key: &str) -> Cow<'_, str> {
    match key.chars().next() {
        Some(first) if first.is_ascii_lowercase() => {
            Cow::Owned(format!("{}{}", first.to_ascii_uppercase(), &key[1..]))
        }
        _ => Cow::Borrowed(key),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn checked(action: &str, query: &str) -> Result<Value, String> {
        let raw = Raw::read(query, "").map_err(|fault| fault.code)?;
        let operation = Protocol::get().find(action).unwrap();
        check(operation, &raw).map(Value::Object).map_err(|fault| fault.code)
    }

    #[test]
    fn scalars_are_typed() {
        let got = checked("DescribeApiGroups", "PageSize=20&EnableTagAuth=True&GroupName=a%20b+c");
        assert_eq!(
            got.unwrap(),
            serde_json::json!({"EnableTagAuth": true, "GroupName": "a b c", "PageSize": 20})
        );
        for (query, code) in [
            ("PageSize=x", "InvalidFormatPageSize"),
            ("PageSize=51", "InvalidPageSize"),
            ("Sort=up", "InvalidSort"),
            ("EnableTagAuth=1", "InvalidFormatEnableTagAuth"),
            ("PageSize=1&PageSize=2", "RepeatedPageSize"),
        ] {
            assert_eq!(checked("DescribeApiGroups", query), Err(code.to_owned()), "{query}");
        }
    }

    #[test]
    fn names_of_groups_follow_the_document() {
        let good = |name: &str| checked("CreateApiGroup", &format!("GroupName={name}")).is_ok();
        for name in ["Weather", "abcd", "%E5%A4%A9%E6%B0%94%E9%A2%84%E6%8A%A5", "a_1_"] {
            assert!(good(name), "{name}");
        }
        for name in ["abc", "1abc", "_abc", "ab-cd", "ab%20cd", &"a".repeat(51)] {
            assert!(!good(name), "{name}");
        }
    }

    #[test]
    fn lists_are_numbered_from_one() {
        let got =
            checked("CreateApiGroup", "GroupName=Weather&Tag.1.Key=a&Tag.1.Value=b&Tag.2.Key=c").unwrap();
        assert_eq!(got["Tag"], serde_json::json!([{"Key": "a", "Value": "b"}, {"Key": "c"}]));
        let got = checked("BatchDeployApis", "Description=x&StageName=TEST&Api.1.GroupId=g");
        assert_eq!(got, Err("MissingApiUid".to_owned()));
        let got = checked("TagResources", "ResourceType=app&ResourceId.1=1&Tag.1.Value=x");
        assert_eq!(got, Err("InvalidParameter.TagKey".to_owned()));
    }

    #[test]
    fn json_texts_take_the_shape_of_answers() {
        let query = "ApiName=Name&GroupId=g&Visibility=PRIVATE&ServiceConfig={\"serviceTimeout\":\"1000\"}&RequestConfig=\
            {\"requestProtocol\":\"HTTP\",\"RequestHttpMethod\":\"get\",\"requestPath\":\"/a\",\"bodyFormat\":null}\
            &RequestParameters=[{\"ApiParameterName\":\"x\",\"location\":\"QUERY\",\"ParameterType\":\"String\",\
            \"Required\":\"OPTIONAL\",\"MaxLength\":\"5\"}]";
        let got = checked("CreateApi", query).unwrap();
        assert_eq!(
            got["RequestConfig"],
            serde_json::json!({"RequestHttpMethod": "GET", "RequestPath": "/a", "RequestProtocol": "HTTP"})
        );
        assert_eq!(got["ServiceConfig"]["ServiceTimeout"], 1000);
        assert_eq!(got["RequestParameters"]["RequestParameter"][0]["MaxLength"], 5);
        for (config, code) in [
            ("{", "InvalidFormatRequestConfig"),
            ("[]", "InvalidFormatRequestConfig"),
            ("{\"RequestProtocol\":\"HTTP\",\"RequestHttpMethod\":\"GET\"}", "MissingRequestPath"),
            (
                "{\"RequestProtocol\":\"HTTP\",\"RequestHttpMethod\":\"FETCH\",\"RequestPath\":\"/\"}",
                "InvalidRequestHttpMethod",
            ),
        ] {
            let query = format!(
                "ApiName=Name&GroupId=g&Visibility=PRIVATE&ServiceConfig={{}}&RequestConfig={config}"
            );
            assert_eq!(checked("CreateApi", &query), Err(code.to_owned()), "{config}");
        }
    }
}
