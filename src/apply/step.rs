//! One step: placeholders to values, the call, the answer to what became of each item.

mod task;

use std::collections::HashMap;
use std::sync::Mutex;

use bytes::Bytes;
use serde_json::Value;

use super::{Book, Context, Failure, Made, StepOutcome, lock};
use crate::address::Address;
use crate::http::{CallError, Class, Client, Request, encode};
use crate::kinds::spec::Spec;
use crate::kinds::value::{Secret, sealed};
use crate::plan::build::{resolve, resolve_call, resolve_recover, write_texts};
use crate::plan::{Call, Further, Plan, Recover, Reply, Step};

/// How often a call whose answer was lost is tried again after looking whether it was done.
const LOST_MAX: usize = 5;

/// Makes the call of a step for those of its items that are to be done.
pub(super) async fn run(
    plan: &Plan,
    index: usize,
    items: &[usize],
    context: &Context,
    ids: &Mutex<HashMap<Address, String>>,
    book: &Mutex<Book>,
) -> StepOutcome {
    let step = &plan.steps[index];
    let prepared = prepare(plan, step, items, context, ids, book);
    let Prepared { request, keys, secret, mut secrets } = match prepared {
        Ok(prepared) => prepared,
        Err(message) => return failed(step, items, &message, None),
    };
    let leaves = items.iter().all(|item| plan.changes[step.items[*item].change].after.is_none());
    let removes = leaves && items.len() == 1;
    let mut outcome = match call(&request, step.recover.as_ref(), removes, context, ids).await {
        // Some of it is gone, and the gateway does none of the rest: each is told by itself what became of it.
        Err(error) if leaves && items.len() > 1 && error.class() == Class::NotFound => {
            let mut whole = StepOutcome::default();
            for item in items {
                let one = Box::pin(run(plan, index, std::slice::from_ref(item), context, ids, book)).await;
                whole.made.extend(one.made);
                whole.failed.extend(one.failed);
                whole.unclear |= one.unclear;
            }
            whole
        }
        Ok(Answer::Body(body)) => match &step.reply {
            Reply::Task(task) => task::follow(step, task, items, &keys, &body, &context.client).await,
            Reply::Then { calls, .. } => match then(calls, context, ids, &mut secrets).await {
                Ok(()) => read(plan, step, items, &keys, &body, secret, &context.client),
                Err(failure) => StepOutcome { unclear: true, ..failed(step, items, &failure.0, failure.1) },
            },
            _ => read(plan, step, items, &keys, &body, secret, &context.client),
        },
        Ok(Answer::Gone) => StepOutcome {
            made: items.iter().map(|i| made(step, *i, None, None)).collect(),
            ..StepOutcome::default()
        },
        Ok(Answer::Recovered(id)) => {
            let rest = match &step.reply {
                Reply::Then { calls, .. } => then(calls, context, ids, &mut secrets).await,
                _ => Ok(()),
            };
            // What was found is what was made, or something of what was changed.
            let id = Some(id).filter(|_| matches!(step.reply, Reply::Object { .. }));
            match rest {
                Ok(()) => StepOutcome {
                    made: items.iter().map(|i| made(step, *i, id.clone(), secret.clone())).collect(),
                    ..StepOutcome::default()
                },
                Err(failure) => StepOutcome { unclear: true, ..failed(step, items, &failure.0, failure.1) },
            }
        }
        Err(error) => {
            let hint = context.client.hint(&error).map(str::to_owned);
            let unclear = matches!(error.class(), Class::Transient | Class::RateLimited);
            StepOutcome { unclear, ..failed(step, items, &error.to_string(), hint) }
        }
    };
    for failure in &mut outcome.failed {
        failure.message = without(&failure.message, &secrets);
    }
    outcome
}

/// Makes the calls that follow the first; of one that fails what is to be said, and what to do about it.
async fn then(
    calls: &[Further],
    context: &Context,
    ids: &Mutex<HashMap<Address, String>>,
    secrets: &mut Vec<String>,
) -> Result<(), (String, Option<String>)> {
    let plain = |message: String| (message, None);
    for Further { call: next, recover, removes } in calls {
        let mut next = next.clone();
        {
            let ids = lock(ids);
            resolve_call(&mut next, &|address| ids.get(address).map(|id| Value::from(id.as_str())));
        }
        if let Some(missing) = unresolved(&next) {
            return Err(plain(format!("the id of {missing} is not known")));
        }
        let mut read = |source: &Secret| {
            let text = (context.secrets)(source)?;
            secrets.push(text.clone());
            Ok(text)
        };
        put_secrets(&mut next.body, &mut read).map_err(plain)?;
        let request = request(&next, recover.is_none()).map_err(plain)?;
        if let Err(error) = call(&request, recover.as_ref(), *removes, context, ids).await {
            return Err((error.to_string(), context.client.hint(&error).map(str::to_owned)));
        }
    }
    Ok(())
}

/// A message without secrets: a gateway may name what it refuses.
fn without(message: &str, secrets: &[String]) -> String {
    let starred = |text: String, secret: &String| text.replace(secret.as_str(), "***");
    secrets.iter().filter(|secret| !secret.is_empty()).fold(message.to_owned(), starred)
}

fn failed(step: &Step, items: &[usize], message: &str, hint: Option<String>) -> StepOutcome {
    let failure = |i: &usize| Failure {
        change: step.items[*i].change,
        message: message.to_owned(),
        hint: hint.clone(),
    };
    StepOutcome { failed: items.iter().map(failure).collect(), ..StepOutcome::default() }
}

fn made(step: &Step, item: usize, id: Option<String>, secret: Option<String>) -> Made {
    Made { change: step.items[item].change, id, secret }
}

/// A step as a call.
struct Prepared {
    request: Request,
    /// How its items are told in the answer.
    keys: Vec<Key>,
    /// The fingerprint of what is sent and not shown again, if anything is.
    secret: Option<String>,
    /// The secrets sent.
    secrets: Vec<String>,
}

/// How an item is told in an answer.
struct Key {
    key: String,
    row: Vec<(String, String)>,
}

impl Key {
    /// Whether a row is about the item; `field` is where it says the key.
    fn fits(&self, row: &Value, field: &str) -> bool {
        let says = |field: &str, text: &str| row.get(field).and_then(Value::as_str) == Some(text);
        if self.row.is_empty() {
            return says(field, &self.key);
        }
        self.row.iter().all(|(field, text)| says(field, text))
    }
}

fn prepare(
    plan: &Plan,
    step: &Step,
    items: &[usize],
    context: &Context,
    ids: &Mutex<HashMap<Address, String>>,
    book: &Mutex<Book>,
) -> Result<Prepared, String> {
    let mut call = step.call.clone();
    let mut keys: Vec<Value> = items.iter().map(|i| step.items[*i].key.clone()).collect();
    let mut rows: Vec<Vec<(String, Value)>> = items.iter().map(|i| step.items[*i].row.clone()).collect();
    {
        let ids = lock(ids);
        let known = |address: &Address| ids.get(address).map(|id| Value::from(id.as_str()));
        resolve_call(&mut call, &known);
        keys.iter_mut().for_each(|key| resolve(key, &known));
        rows.iter_mut().flatten().for_each(|(_, value)| resolve(value, &known));
    }
    put_items(&mut call.body, &keys, &rows);
    if let Some(missing) = unresolved(&call) {
        return Err(format!("the id of {missing} is not known"));
    }
    let mut secrets: Vec<String> = Vec::new();
    put_secrets(&mut call.body, &mut |source| {
        let text = (context.secrets)(source)?;
        secrets.push(text.clone());
        Ok(text)
    })?;
    // What cannot be seen afterwards is sent by calls that make one change.
    let unseen = match items {
        [one] => plan.changes[step.items[*one].change].after.as_ref().and_then(Spec::unseen),
        _ => None,
    };
    if let Reply::Then { calls, .. } = &step.reply {
        for further in calls {
            put_secrets(&mut further.call.body.clone(), &mut |source| {
                let text = (context.secrets)(source)?;
                secrets.push(text.clone());
                Ok(text)
            })?;
        }
    }
    let secret = secrets.last();
    let sent =
        (secret.is_some() || unseen.is_some()).then(|| sealed(secret.map(String::as_str), unseen.as_deref()));
    let fingerprint = sent.map(|sent| lock(book).ledger.fingerprint(&sent));
    write_texts(&mut call.body);
    let text = |value: Value| value.as_str().unwrap_or_default().to_owned();
    let key = |(key, row): (Value, Vec<(String, Value)>)| Key {
        key: text(key),
        row: row.into_iter().map(|(field, value)| (field, text(value))).collect(),
    };
    let keys = keys.into_iter().zip(rows).map(key).collect();
    let again = step.recover.is_none() && !matches!(step.reply, Reply::Object { .. });
    Ok(Prepared { request: request(&call, again)?, keys, secret: fingerprint, secrets })
}

/// The first placeholder left.
fn unresolved(call: &Call) -> Option<String> {
    fn find(value: &Value) -> Option<String> {
        match value {
            Value::Array(items) => items.iter().find_map(find),
            Value::Object(map) => match map.get("$id") {
                Some(address) => Some(address.as_str().unwrap_or_default().to_owned()),
                None => map.values().find_map(find),
            },
            _ => None,
        }
    }
    call.args.values().chain(call.query.iter().map(|(_, v)| v)).chain([&call.body]).find_map(find)
}

fn put_items(value: &mut Value, keys: &[Value], rows: &[Vec<(String, Value)>]) {
    match value {
        Value::Object(map) => match map.get("$items") {
            Some(Value::String(field)) => *value = Value::Array(said(rows, field)),
            Some(_) => *value = Value::Array(keys.to_vec()),
            None => map.values_mut().for_each(|v| put_items(v, keys, rows)),
        },
        Value::Array(items) => items.iter_mut().for_each(|v| put_items(v, keys, rows)),
        _ => {}
    }
}

/// What the rows say in a field, each value once.
fn said(rows: &[Vec<(String, Value)>], field: &str) -> Vec<Value> {
    let mut found: Vec<Value> = Vec::new();
    let mut seen = std::collections::BTreeSet::new();
    for (_, value) in rows.iter().flatten().filter(|(name, _)| name == field) {
        if seen.insert(value.to_string()) {
            found.push(value.clone());
        }
    }
    found
}

fn put_secrets(
    value: &mut Value,
    read: &mut dyn FnMut(&Secret) -> Result<String, String>,
) -> Result<(), String> {
    match value {
        Value::Object(map) => match map.get("$secret") {
            Some(source) => {
                let source: Secret = serde_json::from_value(source.clone()).map_err(|e| e.to_string())?;
                *value = Value::from(read(&source)?);
            }
            None => {
                for inner in map.values_mut() {
                    put_secrets(inner, read)?;
                }
            }
        },
        Value::Array(items) => {
            for inner in items {
                put_secrets(inner, read)?;
            }
        }
        _ => {}
    }
    Ok(())
}

/// The request of a call without placeholders.
pub(super) fn request(call: &Call, idempotent: bool) -> Result<Request, String> {
    let mut path = call.path.clone();
    for (name, value) in &call.args {
        path = path.replace(&format!("{{{name}}}"), &encode(value.as_str().unwrap_or_default()));
    }
    let method: http::Method = call.method.parse().map_err(|_| format!("`{}` is no method", call.method))?;
    let query =
        call.query.iter().map(|(k, v)| (k.clone(), v.as_str().unwrap_or_default().to_owned())).collect();
    let body = match &call.body {
        Value::Null => None,
        body => Some(Bytes::from(serde_json::to_vec(body).map_err(|e| e.to_string())?)),
    };
    let idempotent = idempotent || method != http::Method::POST;
    Ok(Request { method, path, query, body, idempotent })
}

enum Answer {
    Body(Value),
    /// The answer was lost, but it had been done: the id.
    Recovered(String),
    /// The one thing that the call was to take away is not there: by a first try whose answer was lost, or by someone else.
    Gone,
}

/// Makes a call, which may be one that `removes` one thing; after a lost answer looks whether it was done before trying again.
async fn call(
    request: &Request,
    recover: Option<&Recover>,
    removes: bool,
    context: &Context,
    ids: &Mutex<HashMap<Address, String>>,
) -> Result<Answer, CallError> {
    let mut lost = 0;
    loop {
        let error = match context.client.json(request).await {
            Ok(body) => return Ok(Answer::Body(body)),
            Err(error) => error,
        };
        if removes && error.class() == Class::NotFound {
            return Ok(Answer::Gone);
        }
        let unclear = matches!(error.class(), Class::Transient) && !request.idempotent;
        let taken = lost > 0 && error.class() == Class::Conflict;
        let Some(recover) = recover.filter(|_| unclear || taken) else { return Err(error) };
        if let Some(id) = find(recover, context, ids).await? {
            return Ok(Answer::Recovered(id));
        }
        lost += 1;
        if taken || lost > LOST_MAX {
            return Err(error);
        }
    }
}

/// Looks for what a lost call may have made.
async fn find(
    recover: &Recover,
    context: &Context,
    ids: &Mutex<HashMap<Address, String>>,
) -> Result<Option<String>, CallError> {
    let mut recover = recover.clone();
    {
        let ids = lock(ids);
        resolve_recover(&mut recover, &|address| ids.get(address).map(|id| Value::from(id.as_str())));
    }
    let path = recover.call.path.clone();
    let lost = |message| CallError::Lost { method: "GET".into(), path: path.clone(), message };
    // What the gateway shows in clear is known by that; it never stands in the path or the query.
    for (_, value) in &mut recover.matches {
        put_secrets(value, &mut |secret| (context.secrets)(secret)).map_err(lost)?;
    }
    let answer = context.client.json(&request(&recover.call, true).map_err(lost)?).await?;
    let row = list(&answer, &recover.list)
        .into_iter()
        .flatten()
        .find(|row| recover.matches.iter().all(|(field, want)| row.get(field) == Some(want)));
    Ok(row.and_then(|row| said_id(row, &recover.id)))
}

/// A list of an answer; `outer.inner` is the list `inner` within `outer`.
fn list<'a>(answer: &'a Value, path: &str) -> Option<&'a Vec<Value>> {
    path.split('.').try_fold(answer, |value, name| value.get(name))?.as_array()
}

/// The id that a field holds; some gateways have numbers for ids.
fn said_id(row: &Value, field: &str) -> Option<String> {
    match row.get(field)? {
        Value::String(id) => Some(id.clone()),
        Value::Number(id) => Some(id.to_string()),
        _ => None,
    }
}

impl StepOutcome {
    /// It may have been done, for all that the answer says.
    fn not_said(&mut self, failure: Failure) {
        self.failed.push(failure);
        self.unclear = true;
    }

    /// Takes the verdict that a row holds on an item.
    fn judge(
        &mut self,
        step: &Step,
        item: usize,
        row: Option<&Value>,
        secret: Option<String>,
        client: &Client,
    ) {
        let Reply::Verdicts { id, verdict, failed: (at, word), .. } = &step.reply else { return };
        let change = step.items[item].change;
        let verdict = row.and_then(|row| row.get(verdict));
        let refused = verdict.filter(|v| v.get(at).unwrap_or(v).as_str() == Some(word));
        match (refused, row.and_then(|row| said_id(row, id))) {
            (None, Some(id)) => self.made.push(made(step, item, Some(id), secret)),
            (None, None) => self.not_said(not_told(change)),
            (Some(error), _) => {
                let (code, message, class) = client.error_within(error);
                let hint = client.hint_for(&code).map(str::to_owned);
                // It may be there already, by a first try whose answer was lost.
                self.unclear |= class == Class::Conflict;
                self.failed.push(Failure { change, message: format!("{code}: {message}"), hint });
            }
        }
    }
}

fn not_told(change: usize) -> Failure {
    Failure {
        change,
        message: "the gateway's answer does not say what became of it".to_owned(),
        hint: Some("run it again: the next plan sees what is there".to_owned()),
    }
}

/// Rows by what they say of items: there may be a thousand of both.
fn by_row<'a>(rows: Vec<&'a Value>, keys: &[Key]) -> HashMap<Vec<(String, String)>, &'a Value> {
    let Some(first) = keys.first() else { return HashMap::new() };
    let says = |row: &Value| {
        let field = |(name, _): &(String, String)| {
            (name.clone(), row.get(name).and_then(Value::as_str).unwrap_or_default().to_owned())
        };
        first.row.iter().map(field).collect()
    };
    rows.into_iter().map(|row| (says(row), row)).collect()
}

/// What became of each item.
fn read(
    plan: &Plan,
    step: &Step,
    items: &[usize],
    keys: &[Key],
    body: &Value,
    secret: Option<String>,
    client: &Client,
) -> StepOutcome {
    let mut outcome = StepOutcome::default();
    let rows = |names: &[String]| -> Vec<&Value> {
        let named = names.iter().find_map(|name| list(body, name));
        named.or(body.as_array()).into_iter().flatten().collect()
    };
    let (failures, failure_key) = match &step.reply {
        Reply::Rows { failures: Some((list, key)), .. } | Reply::Failures { list, key } => {
            (rows(std::slice::from_ref(list)), key.as_str())
        }
        _ => (Vec::new(), ""),
    };
    let reply = match &step.reply {
        Reply::Then { reply, .. } => reply,
        reply => reply,
    };
    let by_row = match reply {
        Reply::Verdicts { list, .. } => by_row(rows(std::slice::from_ref(list)), keys),
        _ => HashMap::new(),
    };
    for (position, item) in items.iter().enumerate() {
        let key = &keys[position];
        if let Some(row) = failures.iter().find(|row| key.fits(row, failure_key)) {
            let change = step.items[*item].change;
            let (code, message, class) = client.error_within(row);
            // What was to go is gone: by a first try whose answer was lost, or by someone else.
            if class == Class::NotFound && plan.changes[change].after.is_none() {
                outcome.made.push(made(step, *item, None, secret.clone()));
                continue;
            }
            let hint = client.hint_for(&code).map(str::to_owned);
            outcome.failed.push(Failure { change, message: format!("{code}: {message}"), hint });
            continue;
        }
        match reply {
            Reply::Ignore | Reply::Failures { .. } | Reply::Task(_) | Reply::Then { .. } => {
                outcome.made.push(made(step, *item, None, secret.clone()));
            }
            Reply::Known { id } => {
                let id = key.row.iter().find(|(field, _)| field == id).map(|(_, id)| id.clone());
                outcome.made.push(made(step, *item, id, secret.clone()));
            }
            Reply::Object { id } => match said_id(body, id) {
                Some(id) => outcome.made.push(made(step, *item, Some(id), secret.clone())),
                None => outcome.not_said(Failure {
                    change: step.items[*item].change,
                    message: format!("the answer to {} {} has no `{id}`", step.call.method, step.call.path),
                    hint: None,
                }),
            },
            Reply::Rows { lists, key: field, id, .. } => {
                let row = rows(lists).into_iter().find(|row| key.fits(row, field));
                match row.and_then(|row| said_id(row, id)) {
                    Some(id) => outcome.made.push(made(step, *item, Some(id), secret.clone())),
                    None => outcome.not_said(not_told(step.items[*item].change)),
                }
            }
            Reply::Verdicts { .. } => {
                let row = by_row.get(&*key.row).copied();
                outcome.judge(step, *item, row, secret.clone(), client);
            }
        }
    }
    outcome
}
