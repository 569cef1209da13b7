//! Group responses (3.19): a name and, per type of error, what the caller gets.
//!
//! Stored is only what was customized; reads show every type.

use serde_json::{Map, Value, json};

use super::super::model::{Coll, Doc, Record, Row};
use super::super::store::{Gateway, Tx};
use super::super::time::Nanos;
use super::context::{Ctx, Reply};
use super::fault::Fault;
use super::records::{Kind, PLAIN, Parent, find};

const BODY: &str = r#"{"error_code":"$context.error.code","error_msg":"$context.error.message","request_id":"$context.requestId"}"#;

/// The types of error and the status each has by default; two stand for many and have none.
const TYPES: [(&str, Option<u16>); 19] = [
    ("ACCESS_DENIED", Some(403)),
    ("AUTHORIZER_CONF_FAILURE", Some(500)),
    ("AUTHORIZER_FAILURE", Some(500)),
    ("AUTHORIZER_IDENTITIES_FAILURE", Some(401)),
    ("AUTH_FAILURE", Some(401)),
    ("AUTH_HEADER_MISSING", Some(401)),
    ("BACKEND_TIMEOUT", Some(504)),
    ("BACKEND_UNAVAILABLE", Some(502)),
    ("DEFAULT_4XX", None),
    ("DEFAULT_5XX", None),
    ("NOT_FOUND", Some(404)),
    ("REQUEST_PARAMETERS_FAILURE", Some(400)),
    ("THROTTLED", Some(429)),
    ("UNAUTHORIZED", Some(401)),
    ("THIRD_AUTH_FAILURE", Some(401)),
    ("THIRD_AUTH_IDENTITIES_FAILURE", Some(401)),
    ("THIRD_AUTH_CONF_FAILURE", Some(500)),
    ("ORCHESTRATION_PARAMETER_NOT_FOUND", Some(400)),
    ("ORCHESTRATION_FAILURE", Some(400)),
];

/// The member that holds what was customized.
pub(crate) const CUSTOM: &str = "custom";

pub(crate) static RESPONSE: Kind = Kind {
    coll: Coll::Response,
    param: "response_id",
    missing: "APIG.3007",
    parent: Some(Parent { param: "group_id", coll: Coll::Group, missing: "APIG.3001" }),
    times: (Some("create_time"), Some("update_time")),
    unique: &[("group_id,name", "APIG.3216")],
    quota: Some(("RESPONSE_NUM_LIMIT", "APIG.3136", Some("group_id"))),
    keep: &["default"],
    prepare: |ctx, _, draft, doc| {
        let renamed = |old: &&Record| doc.get("name").and_then(Value::as_str) != Some(old.text("name"));
        if draft.old.as_ref().filter(|old| is_default(old)).is_some_and(|old| renamed(&old)) {
            return Err(Fault::new("APIG.3492"));
        }
        doc.entry("default").or_insert(json!(false));
        if let Some(Value::Object(custom)) = doc.remove("responses") {
            for entry in custom.values() {
                check_status(ctx, entry)?;
            }
            doc.insert(CUSTOM.to_owned(), Value::Object(custom));
        }
        Ok(())
    },
    extra: |ctx, _, record| {
        if ctx.listing() { Vec::new() } else { vec![("responses", all_types(record))] }
    },
    leaving: |_, _, record| if is_default(record) { Err(Fault::new("APIG.3491")) } else { Ok(()) },
    ..PLAIN
};

fn is_default(record: &Record) -> bool {
    record.doc.get("default") == Some(&Value::Bool(true))
}

fn check_status(ctx: &Ctx, entry: &Value) -> Result<(), Fault> {
    if entry["status"] == json!(444) { Err(ctx.bad("status")) } else { Ok(()) }
}

/// The response a group has from its beginning.
pub(crate) fn default_row(id: String, group_id: &str, now: Nanos) -> Row {
    let mut doc = Doc::new();
    doc.insert("name".to_owned(), "default".into());
    doc.insert("default".to_owned(), json!(true));
    doc.insert("group_id".to_owned(), group_id.into());
    Row::Record(Record { id: id.into(), created: now, updated: now, doc })
}

/// The id of the response a group has from its beginning.
pub(crate) fn default_of<'g>(gateway: &'g Gateway, group_id: &str) -> Option<&'g str> {
    let mut all = gateway.records_by(Coll::Response, "group_id", &[group_id]);
    all.find(|record| is_default(record)).map(|record| record.id.as_ref())
}

fn one_type(record: &Record, name: &str, status: Option<u16>) -> Value {
    let custom = record.doc.get(CUSTOM).and_then(|custom| custom.get(name));
    let mut out = Map::new();
    let given = |member: &str| custom.and_then(|custom| custom.get(member)).cloned();
    if let Some(status) = given("status").or_else(|| status.map(|status| json!(status))) {
        out.insert("status".to_owned(), status);
    }
    out.insert("body".to_owned(), given("body").unwrap_or_else(|| BODY.into()));
    if let Some(headers) = given("headers") {
        out.insert("headers".to_owned(), headers);
    }
    out.insert("default".to_owned(), json!(custom.is_none()));
    Value::Object(out)
}

/// Every type of error as a read shows it.
pub(crate) fn all_types(record: &Record) -> Value {
    let types = TYPES.iter().map(|(name, status)| ((*name).to_owned(), one_type(record, name, *status)));
    Value::Object(types.collect())
}

fn known_type<'a>(ctx: &'a Ctx) -> Result<(&'a str, Option<u16>), Fault> {
    let name = ctx.path("response_type");
    let known = TYPES.iter().find(|(known, _)| *known == name);
    known.map(|(_, status)| (name, *status)).ok_or_else(|| ctx.bad("response_type"))
}

/// 3.19.5: one type of error.
pub(crate) fn read_type(ctx: &Ctx, gateway: &Gateway) -> Result<Reply, Fault> {
    let record = find(&RESPONSE, ctx, gateway)?;
    let (name, status) = known_type(ctx)?;
    Ok(Reply::value(&json!({name: one_type(record, name, status)})))
}

/// 3.19.6: customizes one type of error.
pub(crate) fn write_type(ctx: &Ctx, tx: &mut Tx) -> Result<Reply, Fault> {
    let (name, status) = known_type(ctx)?;
    let entry = Value::Object(ctx.body.clone());
    check_status(ctx, &entry)?;
    let record = change(ctx, tx, |custom| {
        custom.insert(name.to_owned(), entry);
    })?;
    Ok(Reply::value(&json!({name: one_type(&record, name, status)})))
}

/// 3.19.7: puts the default back.
pub(crate) fn reset_type(ctx: &Ctx, tx: &mut Tx) -> Result<Reply, Fault> {
    let (name, _) = known_type(ctx)?;
    change(ctx, tx, |custom| {
        custom.shift_remove(name);
    })?;
    Ok(Reply::Empty)
}

fn change(ctx: &Ctx, tx: &mut Tx, edit: impl FnOnce(&mut Doc)) -> Result<Record, Fault> {
    let mut record = find(&RESPONSE, ctx, tx)?.clone();
    let mut custom = match record.doc.shift_remove(CUSTOM) {
        Some(Value::Object(custom)) => custom,
        _ => Doc::new(),
    };
    edit(&mut custom);
    record.doc.insert(CUSTOM.to_owned(), Value::Object(custom));
    record.updated = ctx.now;
    tx.put(Coll::Response, Row::Record(record.clone()));
    Ok(record)
}
