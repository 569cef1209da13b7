//! Tasks that go on at the gateway after it has answered: asked about until each item is over.

use std::time::Duration;

use serde_json::Value;

use super::{Failure, Key, StepOutcome, list, made, not_told, said_id};
use crate::http::{CallError, Client, Request};
use crate::plan::{Step, Task};

/// How often a task is asked about. With the waits in between that is about two minutes.
const ASKED_MAX: u32 = 32;

/// The wait before a task is asked about again, and the longest.
const WAITS: (Duration, Duration) = (Duration::from_millis(200), Duration::from_secs(5));

/// Waits for the task that an answer names, and tells what became of each item.
pub(super) async fn follow(
    step: &Step,
    task: &Task,
    items: &[usize],
    keys: &[Key],
    answer: &Value,
    client: &Client,
) -> StepOutcome {
    let mut outcome = StepOutcome::default();
    let rows = match said_id(answer, &task.field) {
        Some(id) => settled(task, &id, keys, client).await,
        None => Ok(Vec::new()),
    };
    if task.whole {
        return whole(step, task, items, &rows, client);
    }
    for (position, item) in items.iter().enumerate() {
        let change = step.items[*item].change;
        let row =
            rows.as_ref().ok().and_then(|rows| rows.iter().find(|row| keys[position].fits(row, &task.id)));
        let word =
            |field: &str| row.and_then(|row| row.get(field)).and_then(Value::as_str).unwrap_or_default();
        let (how, done) = (word(&task.done.0), task.done.1.as_str());
        match (&rows, row) {
            (Err(error), _) => outcome.not_said(Failure {
                change,
                message: error.to_string(),
                hint: client.hint(error).map(str::to_owned),
            }),
            (Ok(_), Some(row)) if is_over(task, row) && (how.is_empty() || how.starts_with(done)) => {
                outcome.made.push(made(step, *item, said_id(row, &task.id), None));
            }
            (Ok(_), Some(row)) if is_over(task, row) => {
                outcome.failed.push(Failure { change, message: how.to_owned(), hint: None });
            }
            (Ok(_), _) => outcome.not_said(not_told(change)),
        }
    }
    outcome
}

fn says<'r>(field: &str, row: &'r Value) -> &'r str {
    row.get(field).and_then(Value::as_str).unwrap_or_default()
}

/// Whether nothing went wrong, as far as is known.
fn went_well(task: &Task, row: &Value) -> bool {
    let how = says(&task.done.0, row);
    how.is_empty() || how.starts_with(&task.done.1)
}

/// What became of a task as a whole: done when everything in it is.
fn whole(
    step: &Step,
    task: &Task,
    items: &[usize],
    rows: &Result<Vec<Value>, CallError>,
    client: &Client,
) -> StepOutcome {
    let mut outcome = StepOutcome::default();
    for item in items {
        let change = step.items[*item].change;
        match rows {
            Err(error) => outcome.not_said(Failure {
                change,
                message: error.to_string(),
                hint: client.hint(error).map(str::to_owned),
            }),
            Ok(rows) => match rows.iter().find(|row| !went_well(task, row)) {
                Some(bad) => {
                    let of = said_id(bad, &task.id).unwrap_or_default();
                    let message =
                        format!("what uses it was not changed along: {of}: {}", says(&task.done.0, bad));
                    outcome.failed.push(Failure { change, message, hint: None });
                }
                None if rows.iter().all(|row| is_over(task, row)) => {
                    outcome.made.push(made(step, *item, None, None));
                }
                None => outcome.not_said(not_told(change)),
            },
        }
    }
    outcome
}

fn is_over(task: &Task, row: &Value) -> bool {
    let says = row.get(&task.over.0).and_then(Value::as_str);
    says.is_some_and(|says| task.over.1.iter().any(|word| word == says))
}

/// The rows about a task when all items are over, or as they were when it was asked about for the last time.
async fn settled(task: &Task, id: &str, keys: &[Key], client: &Client) -> Result<Vec<Value>, CallError> {
    let request = Request::get(task.path.clone(), vec![(task.parameter.clone(), id.to_owned())]);
    let mut wait = WAITS.0;
    let mut asked = 0;
    loop {
        let answer = client.json(&request).await?;
        asked += 1;
        let rows = list(&answer, &task.list).cloned().unwrap_or_default();
        let over = |key: &Key| rows.iter().any(|row| key.fits(row, &task.id) && is_over(task, row));
        let all_over = match task.whole {
            true => rows.iter().all(|row| is_over(task, row) || !went_well(task, row)),
            false => keys.iter().all(over),
        };
        if asked == ASKED_MAX || all_over {
            return Ok(rows);
        }
        tokio::time::sleep(wait).await;
        wait = (wait * 2).min(WAITS.1);
    }
}
