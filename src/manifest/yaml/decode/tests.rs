use std::borrow::Cow;
use std::fmt;
use std::num::NonZeroU16;

use indexmap::IndexMap;
use insta::assert_snapshot;
use serde::de::{self, Deserialize, Deserializer, Visitor};

use super::super::{Limits, parse};
use super::*;
use crate::problem::any_error;

#[derive(Debug, PartialEq, serde::Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Api {
    kind: String,
    metadata: Metadata,
    spec: Spec,
}

#[derive(Debug, PartialEq, serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Metadata {
    name: Name,
    #[serde(default)]
    labels: BTreeMap<String, String>,
}

/// At least three characters.
#[derive(Debug, PartialEq, serde::Deserialize)]
#[serde(try_from = "String")]
struct Name(String);

impl TryFrom<String> for Name {
    type Error = String;

    fn try_from(name: String) -> Result<Self, String> {
        if name.len() < 3 {
            return Err(format!("the name `{name}` is too short\u{1f}use at least 3 characters"));
        }
        Ok(Self(name))
    }
}

// Without `deny_unknown_fields`: unknown fields are problems nonetheless.
#[derive(Debug, PartialEq, serde::Deserialize)]
#[serde(rename_all = "camelCase")]
struct Spec {
    method: Method,
    path: String,
    #[serde(default)]
    timeout: Option<Seconds>,
    #[serde(default)]
    retries: u8,
    #[serde(default)]
    cors: bool,
    #[serde(default)]
    weight: Option<f64>,
    #[serde(default)]
    parameters: Vec<Parameter>,
    #[serde(default)]
    secret: Option<Secret>,
    #[serde(default)]
    limits: IndexMap<Method, u32>,
    #[serde(default)]
    port: Option<NonZeroU16>,
    #[serde(default)]
    pair: Option<(u8, String)>,
    #[serde(default)]
    extra: serde_json::Value,
}

#[derive(Debug, PartialEq, Eq, Hash, serde::Deserialize)]
#[serde(rename_all = "UPPERCASE")]
enum Method {
    Get,
    Post,
    Delete,
}

#[derive(Debug, PartialEq, serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Parameter {
    name: Cow<'static, str>,
    #[serde(rename = "in")]
    place: Place,
    #[serde(default)]
    required: bool,
}

#[derive(Debug, PartialEq, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
enum Place {
    Path,
    Query,
}

#[derive(Debug, PartialEq, serde::Deserialize)]
#[serde(rename_all = "camelCase")]
enum Secret {
    FromEnv(String),
    FromFile(String),
    Inline { value: String },
    None,
}

/// `5s`: a type with a syntax of its own.
#[derive(Debug, PartialEq)]
struct Seconds(u64);

impl<'de> Deserialize<'de> for Seconds {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct SecondsVisitor;
        impl Visitor<'_> for SecondsVisitor {
            type Value = Seconds;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a duration such as `5s`")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Seconds, E> {
                text.strip_suffix('s').and_then(|digits| digits.parse().ok()).map(Seconds).ok_or_else(|| {
                    E::custom(format!("`{text}` is not a duration\u{1f}write it with a unit, such as `5s`"))
                })
            }
        }
        deserializer.deserialize_str(SecondsVisitor)
    }
}

const DOCUMENT: &str = "kind: Api
metadata: { name: create, labels: { tier: public, since: 2024-01-01 } }
spec:
  method: POST
  path: \"/payments/{account}\"
  timeout: 5s
  retries: 2
  cors: true
  weight: 1
  parameters: [{ name: account, in: path, required: true }]
  secret: { fromEnv: X }
  limits: { GET: 5, POST: 0x10 }
  port: 443
  pair: [1, a]
  extra: { a: [1, -1, 1.5, yes, true, ~, 0755, '5'], id: 12345678901234567890123 }
";

fn source(text: &str) -> Arc<Source> {
    Arc::new(Source::new("a.yaml", text))
}

fn read<T: DeserializeOwned>(text: &str) -> (Option<T>, Vec<Problem>) {
    let source = source(text);
    let (documents, problems) = parse(&source, &Limits::default());
    assert!(problems.is_empty(), "{problems:?}");
    let mut problems = Vec::new();
    let value = decode(&documents[0], &source, &mut problems);
    (value, problems)
}

fn value<T: DeserializeOwned>(text: &str) -> T {
    let (value, problems) = read(text);
    assert!(problems.is_empty(), "{problems:#?}");
    value.expect("a value")
}

/// All problems as `line:column code "marked text": message (help)`.
fn problems<T: DeserializeOwned + fmt::Debug>(text: &str) -> String {
    let (value, problems) = read::<T>(text);
    // Never a value with a hole in it.
    let only_unknown_fields = problems.iter().all(|p| p.code == "unknown-field");
    assert!(value.is_none() || only_unknown_fields, "{value:?} {problems:#?}");
    let lines = problems.iter().map(|p| {
        let span = p.span.as_ref().expect("a span");
        let (line, column) = span.line_column();
        let marked = &text[span.start..span.end];
        format!("{line}:{column} {} {marked:?}: {} ({})", p.code, p.message, p.help.as_deref().unwrap_or("-"))
    });
    lines.collect::<Vec<_>>().join("\n")
}

fn spec_problems(lines: &str) -> String {
    problems::<Spec>(&format!("method: GET\npath: /\n{lines}"))
}

#[test]
fn a_whole_document() {
    let api: Api = value(DOCUMENT);
    assert_eq!(api.metadata.labels["since"], "2024-01-01");
    assert_eq!(api.spec.method, Method::Post);
    assert_eq!(api.spec.timeout, Some(Seconds(5)));
    assert_eq!(api.spec.weight, Some(1.0));
    assert_eq!(api.spec.parameters[0].place, Place::Path);
    assert_eq!(api.spec.secret, Some(Secret::FromEnv("X".into())));
    assert_eq!(api.spec.limits[&Method::Post], 16);
    assert_eq!(api.spec.pair, Some((1, "a".into())));
    assert_eq!(
        api.spec.extra.to_string(),
        r#"{"a":[1,-1,1.5,"yes",true,null,"0755","5"],"id":"12345678901234567890123"}"#
    );
}

#[test]
fn all_problems_at_once() {
    assert_snapshot!(problems::<Api>(
        "kind: Api
metadata: { name: x, lables: {} }
spec:
  method: PSOT
  pathh: /a
  timeout: 5
  retries: [1]
  parameters:
    - { name: a, in: quary, required: yes }
    - { in: path, foo: 1 }
    - b
colour: red
"
    ), @r#"
    2:19 invalid-value "x": the name `x` is too short (use at least 3 characters)
    2:22 unknown-field "lables": unknown field `lables` (did you mean `labels`?)
    4:11 unknown-value "PSOT": unknown value `PSOT` (did you mean `POST`? allowed values: `GET`, `POST`, `DELETE`)
    5:3 unknown-field "pathh": unknown field `pathh` (did you mean `path`?)
    6:12 invalid-value "5": `5` is not a duration (write it with a unit, such as `5s`)
    7:12 wrong-type "[1]": expected a whole number from 0 to 255, found a list (remove the `- ` or the brackets)
    9:22 unknown-value "quary": unknown value `quary` (did you mean `query`? allowed values: `path`, `query`)
    9:39 wrong-type "yes": expected `true` or `false`, found text `yes` (write `true`)
    10:7 missing-field "{ in: path, foo: 1 }": the field `name` is missing (add `name`)
    10:19 unknown-field "foo": unknown field `foo` (fields: `name`, `in`, `required`)
    11:7 wrong-type "b": expected a mapping, found text `b` (-)
    12:1 unknown-field "colour": unknown field `colour` (fields: `kind`, `metadata`, `spec`)
    "#);
}

#[test]
fn wrong_types() {
    assert_snapshot!(spec_problems("retries: 256\nport: 0\nweight: heavy\ncors: yes\n"), @r#"
    3:10 invalid-value "256": `256` does not fit: expected a whole number from 0 to 255 (-)
    4:7 invalid-value "0": `0` does not fit: expected a whole number from 1 to 65535 (-)
    5:9 wrong-type "heavy": expected a number, found text `heavy` (-)
    6:7 wrong-type "yes": expected `true` or `false`, found text `yes` (write `true`)
    "#);
    assert_snapshot!(spec_problems("retries: 1.5\nport: \"80\"\nweight: '1.5'\ncors: 'true'\n"), @r#"
    3:10 wrong-type "1.5": expected a whole number from 0 to 255, found the number `1.5` (-)
    4:7 wrong-type "\"80\"": expected a whole number from 1 to 65535, found text `"80"` (remove the quotes: 80)
    5:9 wrong-type "'1.5'": expected a number, found text `"1.5"` (remove the quotes: 1.5)
    6:7 wrong-type "'true'": expected `true` or `false`, found text `"true"` (remove the quotes: true)
    "#);
    assert_snapshot!(spec_problems("retries: 010\nport: 1_000\nparameters: { a: b }\nlimits: [a]\n"), @r#"
    3:10 wrong-type "010": expected a whole number from 0 to 255, found text `010` (write it without the leading zero: 10)
    4:7 wrong-type "1_000": expected a whole number from 1 to 65535, found text `1_000` (write it without `_`: 1000)
    5:13 wrong-type "{ a: b }": expected a list, found a mapping (begin each item with `- `)
    6:9 wrong-type "[a]": expected a mapping, found a list (-)
    "#);
    assert_snapshot!(spec_problems("retries:\nport: -1\nparameters: a\nlimits: GET:5\npair: [1]\n"), @r#"
    3:1 wrong-type "retries": expected a whole number from 0 to 255, found nothing (give it a value, or remove the key)
    4:7 invalid-value "-1": `-1` does not fit: expected a whole number from 1 to 65535 (-)
    5:13 wrong-type "a": expected a list, found text `a` (write a list of one item as `[a]`)
    6:9 wrong-type "GET:5": expected a mapping, found text `GET:5` (put a space after the colon: `GET: 5`)
    7:7 invalid-value "[1]": expected a list of 2, found 1 (-)
    "#);
    assert_snapshot!(spec_problems("retries: 99999999999999999999999\npair: [1, a, b]\nlimits: { GETT: 5 }\n"), @r#"
    3:10 invalid-value "99999999999999999999999": `99999999999999999999999` does not fit: expected a whole number from 0 to 255 (-)
    4:7 invalid-value "[1, a, b]": expected a list of 2, found 3 (-)
    5:11 unknown-value "GETT": unknown value `GETT` (did you mean `GET`? allowed values: `GET`, `POST`, `DELETE`)
    "#);
    assert_snapshot!(problems::<Spec>("method: [GET]\npath: {account}\n"), @r#"
    1:9 wrong-type "[GET]": expected one of `GET`, `POST`, `DELETE`, found a list (remove the `- ` or the brackets)
    2:7 wrong-type "{account}": expected text, found a mapping (if it is text, put it in quotes: "{account}")
    "#);
    assert_snapshot!(problems::<Metadata>("name: 12345\nlabels: { a: 5, b: true, c: , d: 1.5, e: [] }\n"), @r#"
    1:7 wrong-type "12345": expected text, found the number `12345` (if it is text, put it in quotes: "12345")
    2:14 wrong-type "5": expected text, found the number `5` (if it is text, put it in quotes: "5")
    2:20 wrong-type "true": expected text, found `true` (if it is text, put it in quotes: "true")
    2:26 wrong-type "c": expected text, found nothing (give it a value, or remove the key)
    2:34 wrong-type "1.5": expected text, found the number `1.5` (if it is text, put it in quotes: "1.5")
    2:42 wrong-type "[]": expected text, found a list (-)
    "#);
    assert_snapshot!(problems::<Metadata>("- a\n"), @r#"1:1 wrong-type "- a": expected a mapping, found a list (-)"#);
    assert_snapshot!(problems::<Metadata>("name:foo\n"), @r#"1:1 wrong-type "name:foo": expected a mapping, found text `name:foo` (put a space after the colon: `name: foo`)"#);
    assert_snapshot!(problems::<Vec<Metadata>>("{ a: b }\n"), @r#"1:1 wrong-type "{ a: b }": expected a list, found a mapping (begin each item with `- `)"#);
}

#[test]
fn unknown_fields() {
    assert_snapshot!(spec_problems("pathh: a\nzzz: b\nretrys:\n  - 1\n"), @r#"
    3:1 unknown-field "pathh": unknown field `pathh` (did you mean `path`?)
    4:1 unknown-field "zzz": unknown field `zzz` (fields: `method`, `path`, `timeout`, `retries`, `cors`, `weight`, `parameters`, `secret`, `limits`, `port`, `pair`, `extra`)
    5:1 unknown-field "retrys": unknown field `retrys` (did you mean `retries`?)
    "#);
    assert_snapshot!(problems::<Vec<Parameter>>("[{ name:account, in: path }]"), @r#"1:4 unknown-field "name:account": unknown field `name:account` (put a space after the colon: `name: account`)"#);
    let (value, problems) = read::<Metadata>("name: abc\nfoo: { bar: [] }\nbaz: 1\n");
    assert_eq!(value.unwrap().name, Name("abc".into()));
    assert_eq!(problems.len(), 2);
    assert!(any_error(&problems));
}

#[test]
fn missing_fields() {
    assert_snapshot!(problems::<Api>("{}\n"), @r#"
    1:1 missing-field "{}": the field `kind` is missing (add `kind`)
    1:1 missing-field "{}": the field `metadata` is missing (add `metadata`)
    1:1 missing-field "{}": the field `spec` is missing (add `spec`)
    "#);
    assert_snapshot!(problems::<Api>("kind: Api\nmetadata: {}\nspec:\n  cors: true\n"), @r#"
    2:1 missing-field "metadata": the field `name` is missing (add `name`)
    3:1 missing-field "spec": the field `method` is missing (add `method`)
    3:1 missing-field "spec": the field `path` is missing (add `path`)
    "#);
    // Not those that only follow from another problem.
    assert_snapshot!(problems::<Api>("kind: Api\nmetadata: { name: x }\nspec: 5\n"), @r#"
    2:19 invalid-value "x": the name `x` is too short (use at least 3 characters)
    3:7 wrong-type "5": expected a mapping, found the number `5` (-)
    "#);
}

#[test]
fn enums() {
    assert_snapshot!(spec_problems("secret: { fromEnvv: X }\n"), @r#"3:11 unknown-value "fromEnvv": unknown value `fromEnvv` (did you mean `fromEnv`? allowed values: `fromEnv`, `fromFile`, `inline`, `none`)"#);
    assert_snapshot!(spec_problems("secret: { fromEnv: X, fromFile: Y }\n"), @r#"3:9 wrong-type "{ fromEnv: X, fromFile: Y }": expected exactly one of `fromEnv`, `fromFile`, `inline`, `none`, found `fromEnv`, `fromFile` (keep one of them)"#);
    assert_snapshot!(spec_problems("secret: {}\n"), @r#"3:9 wrong-type "{}": expected exactly one of `fromEnv`, `fromFile`, `inline`, `none`, found nothing (write one of them)"#);
    assert_snapshot!(spec_problems("secret: fromEnv\n"), @r#"3:9 wrong-type "fromEnv": `fromEnv` needs a value (write it as `{ fromEnv: … }`)"#);
    assert_snapshot!(spec_problems("secret: { none: 5 }\nretries: x\n"), @r#"
    3:17 wrong-type "5": `none` takes no value (write just `none`)
    4:10 wrong-type "x": expected a whole number from 0 to 255, found text `x` (-)
    "#);
    assert_snapshot!(spec_problems("secret: { fromEnv: 5 }\n"), @r#"3:20 wrong-type "5": expected text, found the number `5` (if it is text, put it in quotes: "5")"#);
    assert_snapshot!(spec_problems("secret: { inline: { valu: 5 } }\n"), @r#"3:21 unknown-field "valu": unknown field `valu` (did you mean `value`?)"#);
    assert_snapshot!(spec_problems("secret: [a]\n"), @r#"3:9 wrong-type "[a]": expected one of `fromEnv`, `fromFile`, `inline`, `none`, found a list (remove the `- ` or the brackets)"#);
    assert_eq!(value::<Secret>("none"), Secret::None);
    assert_eq!(value::<Secret>("{ none: }"), Secret::None);
    assert_eq!(value::<Secret>("inline: { value: a }"), Secret::Inline { value: "a".into() });
}

#[test]
fn problems_within_aliases_are_reported_once() {
    assert_snapshot!(problems::<Vec<Metadata>>("- &a { name: abc, labels: { a: 5 } }\n- *a\n- *a\n"), @r#"1:32 wrong-type "5": expected text, found the number `5` (if it is text, put it in quotes: "5")"#);
}

#[test]
fn checks_of_a_value_with_holes_are_silent() {
    #[derive(Debug, serde::Deserialize)]
    #[serde(try_from = "Vec<u8>")]
    #[expect(dead_code, reason = "only decoded")]
    struct NotEmpty(Vec<u8>);

    impl TryFrom<Vec<u8>> for NotEmpty {
        type Error = &'static str;

        fn try_from(list: Vec<u8>) -> Result<Self, Self::Error> {
            if list.is_empty() { Err("the list must not be empty") } else { Ok(Self(list)) }
        }
    }
    assert_snapshot!(problems::<NotEmpty>("[]"), @r#"1:1 invalid-value "[]": the list must not be empty (-)"#);
    assert_snapshot!(problems::<NotEmpty>("[a]"), @r#"1:2 wrong-type "a": expected a whole number from 0 to 255, found text `a` (-)"#);
    assert_snapshot!(problems::<(u8, u8, u8)>("[a, 1, b]"), @r#"
    1:2 wrong-type "a": expected a whole number from 0 to 255, found text `a` (-)
    1:8 wrong-type "b": expected a whole number from 0 to 255, found text `b` (-)
    "#);
}

#[test]
fn header_with_ignored_rest() {
    #[derive(Debug, serde::Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Header {
        kind: String,
        #[expect(dead_code, reason = "checked by its kind")]
        spec: Option<de::IgnoredAny>,
    }
    assert_eq!(value::<Header>("kind: Api\nspec: { anything: [goes] }\n").kind, "Api");
    assert_snapshot!(problems::<Header>("kind: Api\nspecs: {}\n"), @r#"2:1 unknown-field "specs": unknown field `specs` (did you mean `spec`?)"#);
}

proptest::proptest! {
    /// Whatever someone types into a good document: there is a value, or a reason why not.
    #[test]
    fn no_value_without_a_reason(at in 0..DOCUMENT.len(), cut in 0..9_usize, typed in "[-\\[\\]{}:, \n a0'\"~]{0,5}") {
        let rest = (at + cut).min(DOCUMENT.len());
        let source = source(&[&DOCUMENT[..at], &typed, &DOCUMENT[rest..]].concat());
        let (documents, _) = parse(&source, &Limits::default());
        for document in &documents {
            let mut problems = Vec::new();
            let value: Option<Api> = decode(document, &source, &mut problems);
            proptest::prop_assert!(value.is_some() || !problems.is_empty());
            for span in problems.iter().filter_map(|p| p.span.as_ref()) {
                proptest::prop_assert!(source.text.get(span.start..span.end).is_some());
            }
        }
    }
}

#[test]
fn many_problems_take_bounded_time() {
    let text: String = (0..3000).map(|i| format!("- x{i}\n")).collect();
    let (value, problems) = read::<Vec<u8>>(&text);
    assert!(value.is_none());
    assert_eq!(problems.len(), PROBLEMS_MAX + 1);
    assert_eq!(problems.last().unwrap().code, "yaml-limit");

    let unknown: String = (0..3000).map(|i| format!("k{i}: 1\n")).collect();
    let (value, problems) = read::<Metadata>(&format!("name: abc\n{unknown}"));
    assert!(value.is_some());
    assert_eq!(problems.len(), PROBLEMS_MAX + 1);
}
