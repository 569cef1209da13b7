//! The law of the YAML writer: what is written reads back equal, whatever the reader.

use apigctl::kind::Kind;
use apigctl::kinds::api::ApiSpec;
use apigctl::kinds::group::GroupSpec;
use apigctl::kinds::metadata::Metadata;
use apigctl::kinds::spec::DocumentSpec;
use apigctl::manifest::write::{Options, document, value};
use proptest::prelude::*;
use serde_json::{Value, json};

/// Words and characters that YAML readers trip over.
const PIECES: [&str; 64] = [
    "",
    " ",
    "  ",
    "\n",
    "\n\n",
    "\t",
    "\r\n",
    "\r",
    "a",
    "b c",
    "no",
    "NO",
    "y",
    "On",
    "true",
    "null",
    "~",
    "=",
    "<<",
    "1",
    "1.0",
    "1e3",
    "0x1f",
    "0o17",
    "017",
    "1_000",
    "1:30",
    "2024-01-01",
    ".inf",
    ".nan",
    "-",
    "- ",
    "--- ",
    "...",
    "+1",
    "?",
    "? ",
    ":",
    ": ",
    "#",
    " #",
    "&a",
    "*a",
    "!a",
    "!!str",
    "|",
    ">-",
    "%",
    "@",
    "`",
    "'",
    "\"",
    "\\",
    "\\d",
    "{",
    "}",
    "[",
    "],",
    ",",
    "ü",
    "中",
    "\u{85}",
    "\u{feff}\u{2028}\u{202e}",
    "\u{0}\u{1b}\u{7f}\u{a0}😀",
];

fn ugly() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => prop::collection::vec(prop::sample::select(PIECES.to_vec()), 0..7).prop_map(|p| p.concat()),
        1 => any::<String>(),
        1 => "[0-9a-fxob_:.eTZ+-]{1,12}",
        1 => "([a-z ]{0,40}\n){1,5}[a-z]{0,9}",
    ]
}

fn tree() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        6 => ugly().prop_map(Value::from),
        1 => any::<i64>().prop_map(Value::from),
        1 => any::<bool>().prop_map(Value::from),
        1 => Just(Value::Null),
    ];
    leaf.prop_recursive(4, 40, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::vec((ugly(), inner), 0..6)
                .prop_map(|entries| Value::Object(entries.into_iter().collect())),
        ]
    })
}

/// Reads without any conversion: with scalars as the reader resolves them.
fn readers(text: &str) -> [Result<Value, String>; 2] {
    [
        serde_yaml::from_str(text).map_err(|e| e.to_string()),
        // By default this one takes `yes`, `on` and octal numbers as YAML 1.1 does.
        serde_saphyr::from_str(text).map_err(|e| e.to_string()),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_written_reads_back_equal(tree in tree()) {
        let text = value(&tree);
        for read in readers(&text) {
            prop_assert_eq!(read.as_ref(), Ok(&tree), "{}", text);
        }
    }

    #[test]
    fn every_text_is_safe_everywhere(text in ugly()) {
        let tree = json!({ "block": text, "flow": [text], "key": { text.clone(): { text.clone(): 1 } }, "list": [{ "a": text, "b": { "c": {} } }] });
        let written = value(&tree);
        for read in readers(&written) {
            prop_assert_eq!(read.as_ref(), Ok(&tree), "{}", written);
        }
    }
}

#[test]
fn a_document_looks_as_a_person_would_write_it() {
    let spec: ApiSpec = serde_json::from_value(json!({
        "description": "Pay",
        "request": { "method": "POST", "path": "/payments/{account}", "protocol": "HTTPS", "match": "exact" },
        "parameters": [
            { "name": "account", "in": "path", "required": true },
            { "name": "dry", "in": "query", "enum": ["yes", "no"], "validate": true },
        ],
        "auth": { "type": "app" },
        "backend": { "http": { "url": "https://payments.internal/v1/{account}", "method": "POST", "timeout": "5s", "retries": 2 } },
        "samples": { "success": "{\n  \"id\": 1\n}" },
        "publish": ["RELEASE", "TEST"],
    })).unwrap();
    let mut normal = spec.clone();
    normal.normalise();
    let labels = [("tier".to_owned(), "public".to_owned())].into_iter().collect();
    let metadata = Metadata {
        name: "create-payment".into(),
        group: Some("payments".into()),
        labels,
        ..Metadata::default()
    };
    let options = Options { schema: Some("../apigctl.schema.json"), comment: Some("From the old console.") };
    let text = document(Kind::Api, &metadata, &DocumentSpec::Api(Box::new(spec)), options);
    insta::assert_snapshot!(text, @r#"
    # yaml-language-server: $schema=../apigctl.schema.json
    # From the old console.
    apiVersion: apigctl/v1
    kind: Api
    metadata:
      name: create-payment
      group: payments
      labels: { tier: public }
    spec:
      description: Pay
      request: { method: POST, path: "/payments/{account}" }
      parameters:
        - { name: account, in: path, required: true }
        - { name: dry, in: query, enum: ["yes", "no"], validate: true }
      auth: { type: app }
      backend:
        http: { url: "https://payments.internal/v1/{account}", method: POST, retries: 2 }
      samples:
        success: |-
          {
            "id": 1
          }
      publish: [RELEASE, TEST]
    "#);
    assert_eq!(text, document(Kind::Api, &metadata, &DocumentSpec::Api(Box::new(normal)), options));
}

#[test]
fn an_empty_spec_is_written_as_such() {
    let metadata = Metadata { name: "no".into(), ..Metadata::default() };
    let text =
        document(Kind::Group, &metadata, &DocumentSpec::Group(GroupSpec::default()), Options::default());
    insta::assert_snapshot!(text, @r#"
    apiVersion: apigctl/v1
    kind: Group
    metadata: { name: "no" }
    spec: {}
    "#);
}
