//! OpenAPI documents: importing them, trying that out, and exporting.
//!
//! An operation becomes an API with the same parameters on both sides. What the document cannot say stands in extensions
//! that begin with `x-aliyun-apigateway-`.

mod export;
mod import;

pub(crate) use export::export;

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::super::model::{Coll, Doc, Record};
use super::super::store::{Gateway, Tx};
use super::answer::Reply;
use super::apis::{check_free, write};
use super::context::Ctx;
use super::definition::{make, path_key};
use super::deploy::note;
use super::fault::Fault;
use super::groups;
use super::models::{MODEL, check_schema};
use super::records::{self, need};

/// The prefix of the vendor's extensions.
const X: &str = "x-aliyun-apigateway-";

/// What becomes of one operation or model of a document.
struct Outcome<T> {
    item: T,
    /// The id of what is there already, and is replaced.
    old: Option<String>,
    error: Option<String>,
}

/// The API of the group with the same method and path.
fn existing<'g>(gateway: &'g Gateway, group: &str, method: &str, path: &str) -> Option<&'g Record> {
    let mut same = gateway.records_by(Coll::CloudApi, "GroupId,PathKey", &[group, &path_key(path)]);
    same.find(|api| api.text("ApiMethod") == method)
}

/// What would become of the operations of a document. Nothing is changed.
fn plan_apis(
    gateway: &Gateway,
    group: &str,
    found: Vec<import::Found>,
    overwrite: bool,
) -> Vec<Outcome<import::Found>> {
    let mut names = BTreeSet::new();
    let mut one = |item: import::Found| {
        let old = existing(gateway, group, &item.method, &item.path);
        let name = item.params.get("ApiName").cloned().unwrap_or_default().to_string();
        let error = match old {
            Some(old) if !overwrite => Some(format!("api already exists : apiUid ===> {}", old.id)),
            _ if !names.insert(name) => Some("The name of the API is repeated in the document.".to_owned()),
            _ => make(gateway, &item.params)
                .and_then(|doc| check_free(gateway, &doc, old))
                .err()
                .map(|fault| format!("{}: {}", fault.code, fault.message)),
        };
        Outcome { old: old.map(|old| old.id.to_string()), item, error }
    };
    found.into_iter().map(&mut one).collect()
}

/// The same for its models.
fn plan_models(
    gateway: &Gateway,
    group: &str,
    root: &Value,
    overwrite: bool,
) -> Vec<Outcome<(String, String)>> {
    let one = |(name, schema): (String, String)| {
        let old = gateway.records_by(Coll::CloudModel, "GroupId,ModelName", &[group, &name]).next();
        let error = match old {
            Some(_) if !overwrite => Some("model already exists".to_owned()),
            _ => check_schema(&schema).err().map(|fault| format!("{}: {}", fault.code, fault.message)),
        };
        Outcome { old: old.map(|old| old.id.to_string()), item: (name, schema), error }
    };
    import::models(root).into_iter().map(one).collect()
}

/// What an import did, or would do.
struct Report {
    success: Vec<Value>,
    failed: Vec<Value>,
    models: Vec<Value>,
    failed_models: Vec<Value>,
}

/// An empty id stands for what a trial would make.
fn line(item: &import::Found, operation: &str, id: &str) -> Value {
    json!({"HttpMethod": item.method, "Path": item.path, "ApiOperation": operation, "ApiUid": id, "ApiId": id,
        "ApiName": item.params.get("ApiName"), "ApiSwagger": item.source.to_string(), "UpdateStatus": "OVER"})
}

fn model_line(name: &str, group: &str, operation: &str, id: &str) -> Value {
    json!({"ModelName": name, "GroupId": group, "ModelOperation": operation, "ModelUid": id, "ModelId": id,
        "UpdateStatus": "OVER"})
}

/// The operations and models of a document, each with what would become of it.
type Planned = (Vec<Outcome<import::Found>>, Vec<Outcome<(String, String)>>);

/// Finds out what a document would make. Nothing is changed.
fn plan(ctx: &Ctx, gateway: &Gateway, root: &Value) -> Result<Planned, Fault> {
    let group = groups::named(ctx, gateway)?.id.to_string();
    let overwrite = ctx.flag("Overwrite") == Some(true);
    let backend = match ctx.given("BackendName") {
        Some(name) => {
            let backend = gateway.records_by(Coll::CloudBackend, "BackendName", &[name]).next();
            Some(backend.ok_or_else(|| Fault::absent("Backend"))?.id.to_string())
        }
        None => None,
    };
    let defaults = import::Defaults {
        group: &group,
        auth: ctx.given("AuthType").unwrap_or("APP"),
        mode: ctx.given("RequestMode").unwrap_or("MAPPING"),
        backend: backend.as_deref(),
    };
    let found = import::apis(root, &defaults);
    let apis = plan_apis(gateway, &group, found, overwrite);
    Ok((apis, plan_models(gateway, &group, root, overwrite)))
}

/// A trial: what would be made, without ids.
fn trial(ctx: &Ctx, gateway: &Gateway, root: &Value) -> Result<Report, Fault> {
    let (apis, models) = plan(ctx, gateway, root)?;
    let mut report = Report { success: vec![], failed: vec![], models: vec![], failed_models: vec![] };
    for it in &apis {
        report.note_api(it, it.old.as_deref().unwrap_or(""));
    }
    for it in &models {
        report.note_model(it, ctx.text("GroupId"), it.old.as_deref().unwrap_or(""));
    }
    Ok(report)
}

/// Makes what can be made; the rest is reported.
fn apply(ctx: &Ctx, tx: &mut Tx, root: &Value) -> Result<Report, Fault> {
    let (apis, models) = plan(ctx, tx, root)?;
    let mut report = Report { success: vec![], failed: vec![], models: vec![], failed_models: vec![] };
    for mut it in apis {
        let mut id = String::new();
        if it.error.is_none() {
            let old = it.old.as_deref().and_then(|id| tx.record(Coll::CloudApi, id)).cloned();
            match write(ctx, tx, &it.item.params, old.as_ref()) {
                Ok(made) => id = made,
                Err(fault) => it.error = Some(format!("{}: {}", fault.code, fault.message)),
            }
        }
        report.note_api(&it, &id);
    }
    for mut it in models {
        let mut id = it.old.clone().unwrap_or_default();
        if it.error.is_none() {
            match write_model(ctx, tx, &it) {
                Ok(made) => id = made,
                Err(fault) => it.error = Some(format!("{}: {}", fault.code, fault.message)),
            }
        }
        report.note_model(&it, ctx.text("GroupId"), &id);
    }
    Ok(report)
}

fn write_model(ctx: &Ctx, tx: &mut Tx, it: &Outcome<(String, String)>) -> Result<String, Fault> {
    let mut own = ctx.clone();
    own.params = Doc::new();
    for (name, value) in [("GroupId", ctx.text("GroupId")), ("ModelName", &it.item.0), ("Schema", &it.item.1)]
    {
        own.params.insert(name.to_owned(), value.into());
    }
    if let Some(id) = &it.old {
        records::modify(&MODEL, &own.with("ModelId", id), tx)?;
        return Ok(id.clone());
    }
    match records::create(&MODEL, &own, tx)? {
        Reply::Doc(doc) => Ok(doc.get("ModelId").and_then(Value::as_str).unwrap_or("").to_owned()),
        Reply::Page(_) => Ok(String::new()),
    }
}

impl Report {
    fn note_api(&mut self, it: &Outcome<import::Found>, id: &str) {
        let operation = if it.old.is_some() { "MODIFY" } else { "CREATE" };
        let mut line = line(&it.item, operation, id);
        match &it.error {
            Some(error) => {
                line["ErrorMsg"] = error.as_str().into();
                self.failed.push(line);
            }
            None => self.success.push(line),
        }
    }

    fn note_model(&mut self, it: &Outcome<(String, String)>, group: &str, id: &str) {
        let operation = if it.old.is_some() { "MODIFY" } else { "CREATE" };
        let mut line = model_line(&it.item.0, group, operation, id);
        match &it.error {
            Some(error) => {
                line["ErrorMsg"] = error.as_str().into();
                self.failed_models.push(line);
            }
            None => self.models.push(line),
        }
    }

    /// In the words of the Swagger calls.
    fn swagger(self, ctx: &Ctx) -> Reply {
        let mut doc = Doc::new();
        doc.insert("Success".to_owned(), self.success.into());
        doc.insert("Failed".to_owned(), self.failed.into());
        doc.insert("ModelSuccess".to_owned(), self.models.into());
        doc.insert("ModelFailed".to_owned(), self.failed_models.into());
        let condition = ctx.params.get("GlobalCondition").map_or_else(|| "{}".to_owned(), Value::to_string);
        doc.insert("GlobalCondition".to_owned(), condition.into());
        Reply::Doc(doc)
    }
}

/// `DryRunSwagger`.
pub(crate) fn dry_run(ctx: &Ctx, gateway: &Gateway) -> Result<Reply, Fault> {
    let root = import::parse(ctx.text("Data"))?;
    Ok(trial(ctx, gateway, &root)?.swagger(ctx))
}

/// `ImportSwagger`.
pub(crate) fn import_swagger(ctx: &Ctx, tx: &mut Tx) -> Result<Reply, Fault> {
    let root = import::parse(ctx.text("Data"))?;
    let dry = ctx.flag("DryRun") == Some(true);
    let report = if dry { trial(ctx, tx, &root) } else { apply(ctx, tx, &root) };
    Ok(report?.swagger(ctx))
}

/// `ImportOAS`: the same, noted as a task.
pub(crate) fn import_oas(ctx: &Ctx, tx: &mut Tx) -> Result<Reply, Fault> {
    let root = import::parse(ctx.text("Data"))?;
    let report = apply(ctx, tx, &root)?;
    let group = ctx.text("GroupId").to_owned();
    let of_task = |lines: &[Value], failed: &[Value]| -> Vec<Value> {
        let done = lines.iter().cloned();
        let failed = failed.iter().cloned().map(|mut line| {
            line["UpdateStatus"] = "FAIL".into();
            line
        });
        let settle = |mut line: Value| {
            line["ErrorMessage"] = line["ErrorMsg"].as_str().unwrap_or("").into();
            line["Method"] = line["HttpMethod"].clone();
            line["GroupId"] = group.as_str().into();
            line
        };
        done.chain(failed).map(settle).collect()
    };
    let task = json!({
        "ApiResults": of_task(&report.success, &report.failed),
        "ModelResults": of_task(&report.models, &report.failed_models),
    });
    let mut doc = Doc::new();
    let id = note(ctx, tx, "DescribeImportOASTask", vec![task]);
    for (name, value) in [
        ("OperationId", Value::from(id)),
        ("SuccessApis", report.success.into()),
        ("FailedApis", report.failed.into()),
        ("SuccessModels", report.models.into()),
        ("FailedModels", report.failed_models.into()),
        ("ErrorMessages", json!([])),
        ("WarningMessages", json!([])),
    ] {
        doc.insert(name.to_owned(), value);
    }
    Ok(Reply::Doc(doc))
}

/// `DescribeImportOASTask`.
pub(crate) fn task(ctx: &Ctx, gateway: &Gateway) -> Result<Reply, Fault> {
    let task = need(gateway, Coll::CloudTask, ctx.text("OperationId"), "OperationId")?;
    if task.text("Kind") != ctx.operation.action {
        return Err(Fault::absent("OperationId"));
    }
    let mut doc = task.doc["Results"][0].as_object().cloned().unwrap_or_default();
    doc.insert("TaskStatus".to_owned(), "Finished".into());
    Ok(Reply::Doc(doc))
}
