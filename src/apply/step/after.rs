//! What a step does after its call: further calls for the same change, and the read that tells what came along.

use std::collections::HashMap;
use std::sync::Mutex;

use serde_json::Value;

use super::super::ids::Ids;
use super::{call, list, put_secrets, request, said_id};
use crate::apply::{Context, StepOutcome, lock};
use crate::http::CallError;
use crate::plan::parts::Parts;
use crate::plan::{Call, Further, Plan, Reply};

/// Makes the calls that follow the first, where there are such; of one that fails what is to be said, and what to do about it.
pub(super) async fn then(
    reply: &Reply,
    context: &Context,
    ids: &Mutex<Ids>,
    secrets: &mut Vec<String>,
) -> Result<(), (String, Option<String>)> {
    let plain = |message: String| (message, None);
    let Reply::Then { calls, .. } = reply else { return Ok(()) };
    for Further { call: next, recover, removes } in calls {
        let mut next = next.clone();
        let lacking = {
            let ids = lock(ids);
            ids.put(&mut next);
            ids.lacking(&next)
        };
        if let Some(lacking) = lacking {
            return Err(plain(lacking));
        }
        let mut read = |source: &crate::kinds::value::Secret| {
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

/// Asks for the parts of what a step made, for the steps that need their ids. What was made is made, whatever comes of it.
pub(super) async fn parts(
    plan: &Plan,
    parts: &Parts,
    outcome: &StepOutcome,
    context: &Context,
    ids: &Mutex<Ids>,
) {
    for made in &outcome.made {
        let address = &plan.changes[made.change].address;
        let mut ask = parts.call.clone();
        let lacking = {
            let mut ids = lock(ids);
            if let Some(id) = &made.id {
                ids.made.insert(address.clone(), id.clone());
            }
            ids.put(&mut ask);
            ids.lacking(&ask)
        };
        let told = match lacking {
            Some(lacking) => Err(lacking),
            None => ask_for(&ask, parts, context).await.map_err(|error| error.to_string()),
        };
        lock(ids).parts.insert(address.clone(), told);
    }
}

async fn ask_for(ask: &Call, parts: &Parts, context: &Context) -> Result<HashMap<String, String>, CallError> {
    let lost = |message| CallError::Lost { method: "GET".into(), path: ask.path.clone(), message };
    let answer = context.client.json(&request(ask, true).map_err(lost)?).await?;
    let row = |row: &Value| Some((row.get(&parts.name)?.as_str()?.to_owned(), said_id(row, &parts.id)?));
    Ok(list(&answer, &parts.list).into_iter().flatten().filter_map(row).collect())
}
