//! Variables of the environments of groups.
//!
//! Each group has stages of its own, which are made with it, and whose ids only the detail of the group tells
//! (`DescribeApiGroup`, `StageItems`). Of a group that is there they were observed; a group that is made is asked for them by
//! the step that makes it ([`parts`]).
//!
//! No action changes a value: a variable of the same name is refused, so that it is deleted and made again. A value counts at
//! once: a route model picks it by what a request says (`CreateApiStageVariable`, `StageRouteModel`), so that it is looked up
//! when a call comes in, and nothing has to be published again.
//!
//! A variable with a route model is more than any manifest can say. It is not compared and stays as it is.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::convert::unwrapped;
use super::lower::{call, group_of, write};
use super::objects::STAGES;
use super::observe::{Lists, ask, gap, shape};
use crate::address::{Address, RemoteId};
use crate::http::Client;
use crate::kind::Kind;
use crate::kinds::spec::Spec;
use crate::kinds::variable::VariableValue;
use crate::observed::{Detail, Live, Observed, State};
use crate::plan::build::{Batch, Lowered};
use crate::plan::parts::{Parts, id_of_part};
use crate::plan::{Action, Call, Change, Further, Recover, Reply, id_of};
use crate::provider::wire::{Unreadable, need, switch, text};
use crate::provider::{ObserveError, Want, reading};

/// The calls that make `change` so.
pub(super) fn lower(change: &Change, observed: Option<&Observed>) -> Lowered {
    let address = &change.address;
    let name = address.name();
    let group = Address::new(Kind::Group, &[&address.part(0)]);
    let stage = observed
        .and_then(|observed| stage_id(observed.get(&group)?, &address.part(1)))
        .map_or_else(|| id_of_part(&group, &address.part(1)), Value::from);
    let one = json!({ "GroupId": group_of(address), "StageId": stage, "VariableName": name });
    let Some(Spec::Variable(spec)) = &change.after else {
        return write("DeleteApiStageVariable", one, Reply::Ignore);
    };
    let mut body = one.clone();
    body["VariableValue"] = spec.value.as_str().into();
    let recover = Recover {
        call: Call {
            method: "GET".into(),
            path: "/DescribeApiStage".into(),
            args: BTreeMap::new(),
            query: vec![("GroupId".to_owned(), group_of(address)), ("StageId".to_owned(), stage)],
            body: Value::Null,
        },
        list: "Variables.VariableItem".into(),
        matches: vec![
            ("VariableName".to_owned(), name.as_str().into()),
            ("VariableValue".to_owned(), spec.value.as_str().into()),
        ],
        id: "VariableName".into(),
    };
    if change.action == Action::Update {
        let recover = Some(recover);
        let calls = vec![Further { call: call("CreateApiStageVariable", body), recover, removes: false }];
        let reply = Reply::Then { reply: Box::new(Reply::Ignore), calls, clears: true };
        return write("DeleteApiStageVariable", one, reply);
    }
    // The answer says nothing: it goes by its name.
    let batch = Batch {
        key: format!("variable {}", address.path()),
        limit: 1,
        item: Value::Null,
        row: vec![("VariableName".to_owned(), name.into())],
    };
    let reply = Reply::Known { id: "VariableName".into() };
    Lowered { recover: Some(recover), batch: Some(batch), ..write("CreateApiStageVariable", body, reply) }
}

/// The id of a stage of a group whose detail was read.
fn stage_id(group: &Live, stage: &str) -> Option<String> {
    let Detail::Kept { kept } = &group.detail else { return None };
    stages(kept).remove(stage)
}

/// What a group that is made tells of its stages, once it is there.
pub(super) fn parts(group: &Address) -> Parts {
    Parts {
        call: Call {
            method: "GET".into(),
            path: "/DescribeApiGroup".into(),
            args: BTreeMap::new(),
            query: vec![("GroupId".to_owned(), id_of(group))],
            body: Value::Null,
        },
        list: "StageItems.StageInfo".into(),
        name: "StageName".into(),
        id: "StageId".into(),
    }
}

/// The ids of stages, by their names, in the detail of a group.
pub(super) fn stages(detail: &Value) -> BTreeMap<String, String> {
    let rows = detail["StageItems"].as_array().into_iter().flatten();
    let pair = |row: &Value| Some((need(row, "StageName").ok()?, need(row, "StageId").ok()?));
    rows.filter_map(pair).collect()
}

/// A row of the variables of a stage.
fn spec(row: &Value) -> Result<Spec, Unreadable> {
    if switch(row, "SupportRoute", false)? || !text(row, "StageRouteModel")?.is_empty() {
        let found =
            "a route model, which picks a value by what a request says, and which no manifest can say";
        return Err(Unreadable::new("StageRouteModel", found));
    }
    Ok(Spec::Variable(VariableValue { value: text(row, "VariableValue")? }))
}

/// The groups whose variables are read, with the stages: those of which a variable is named or on record. Of a group that
/// leaves all are read, since others' would go with it.
fn places(want: &Want, groups: &[Value]) -> BTreeMap<String, BTreeSet<String>> {
    let all = || STAGES.iter().map(|stage| (*stage).to_owned());
    let mut places: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for address in want.addresses.iter().filter(|address| address.kind == Kind::Variable) {
        places.entry(address.part(0)).or_default().insert(address.part(1));
    }
    for address in want.leaving.iter().filter(|address| address.kind == Kind::Group) {
        places.entry(address.part(0)).or_default().extend(all());
    }
    if want.all {
        for name in groups.iter().filter_map(|row| row["GroupName"].as_str()) {
            places.entry(name.to_owned()).or_default().extend(all());
        }
    }
    places
}

/// The groups whose detail is needed for their variables.
pub(super) fn wanted(want: &Want, lists: &Lists) -> BTreeSet<String> {
    let groups = lists.get(&Kind::Group).map(Vec::as_slice).unwrap_or_default();
    places(want, groups).into_keys().collect()
}

/// One call for each stage of a group with variables that matter; `details` are those of groups, by their ids.
pub(super) async fn read(
    client: &Client,
    want: &Want,
    lists: &Lists,
    details: &BTreeMap<String, Value>,
    observed: &mut Observed,
) -> Result<(), ObserveError> {
    let groups = lists.get(&Kind::Group).map(Vec::as_slice).unwrap_or_default();
    let places = places(want, groups);
    let mut asked: Vec<(String, String, String)> = Vec::new();
    for row in groups {
        let (Ok(name), Ok(id)) = (need(row, "GroupName"), need(row, "GroupId")) else { continue };
        let (Some(wanted), Some(detail)) = (places.get(&name), details.get(&id)) else { continue };
        let stages = stages(detail);
        for stage in wanted {
            if let Some(stage_id) = stages.get(stage) {
                asked.push((name.clone(), stage.clone(), stage_id.clone()));
            }
        }
        if let Some(live) = observed.resources.get_mut(&Address::new(Kind::Group, &[&name])) {
            live.detail = Detail::Kept { kept: json!({ "StageItems": detail["StageItems"] }).into() };
        }
    }
    let ids: BTreeMap<&str, String> = groups
        .iter()
        .filter_map(|row| Some((row["GroupName"].as_str()?, need(row, "GroupId").ok()?)))
        .collect();
    let of = |(group, _, stage): &(String, String, String)| {
        (ids.get(group.as_str()).cloned().unwrap_or_default(), stage.clone())
    };
    let mut found = shown(client, asked.iter().map(of).collect()).await?;
    for place in &asked {
        let (group, stage, _) = place;
        for row in found.remove(&of(place)).unwrap_or_default() {
            let wrong = |e: Unreadable| shape(Kind::Variable, &e.to_string());
            let name = need(&row, "VariableName").map_err(wrong)?;
            let address = Address::new(Kind::Variable, &[group, stage, &name]);
            let state = spec(&row).map_or_else(
                |error| {
                    if want.wants(&address) {
                        observed.gaps.push(gap(&address, error));
                    }
                    State::Unread
                },
                State::Known,
            );
            let detail = Detail::Kept { kept: row.into() };
            observed.insert(address, Live { id: RemoteId::from(&*name), state, detail });
        }
    }
    Ok(())
}

/// The variables of stages, by the ids of group and stage.
pub(super) async fn shown(
    client: &Client,
    stages: Vec<(String, String)>,
) -> Result<BTreeMap<(String, String), Vec<Value>>, ObserveError> {
    let call = |(group, stage): &(String, String)| {
        let query = [("GroupId", group.as_str()), ("StageId", stage.as_str())];
        (format!("{group}/{stage}"), ask("DescribeApiStage", &query))
    };
    let mut answers = reading::fetch(client, stages.iter().map(call).collect(), "environment").await?;
    let rows = |place: (String, String)| {
        let answer = answers.remove(&format!("{}/{}", place.0, place.1)).unwrap_or_default();
        let rows = match unwrapped(answer)["Variables"].take() {
            Value::Array(rows) => rows,
            _ => Vec::new(),
        };
        (place, rows)
    };
    Ok(stages.into_iter().map(rows).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_no_manifest_says_is_not_read_as_a_value() {
        let plain = json!({ "VariableName": "host", "VariableValue": "a.internal", "SupportRoute": false });
        let value = |row: &Value| spec(row).ok();
        let known = Spec::Variable(VariableValue { value: "a.internal".into() });
        assert_eq!(value(&plain), Some(known.clone()));
        assert_eq!(value(&json!({ "VariableValue": "a.internal", "StageRouteModel": "" })), Some(known));
        for (member, said) in [("SupportRoute", json!(true)), ("StageRouteModel", json!("{}"))] {
            let mut row = plain.clone();
            row[member] = said;
            assert_eq!(spec(&row).unwrap_err().field, "StageRouteModel");
        }
    }
}
