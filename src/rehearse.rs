//! Tries a plan out on an engine that was loaded with what was observed: what the gateway would refuse is known before
//! anything is done.

use std::sync::{Arc, Mutex};

use crate::apply::{self, Book, Context, SecretReader, Stop};
use crate::desired::Desired;
use crate::engine::{Access, Engine, Options, Snapshot};
use crate::http::{Client, RetryPolicy, Settings, Transport};
use crate::kind::Kind;
use crate::kinds::spec::Spec;
use crate::ledger::{Ledger, Owner};
use crate::observed::Observed;
use crate::plan::{Change, Plan};
use crate::session::Target;

/// A change that the gateway would refuse.
#[derive(Debug, Clone)]
pub struct Refusal {
    /// The document and the field that ask for it; none for a removal.
    pub place: Option<(usize, String)>,
    /// What and why.
    pub message: String,
    /// What to do about it.
    pub help: Option<String>,
}

/// What has the key of a certificate for a secret.
const CERTIFIED: [Kind; 2] = [Kind::Certificate, Kind::OwnCertificate];

/// Runs the calls of `plan` on an engine of its own.
pub async fn rehearse(
    plan: &Arc<Plan>,
    desired: &Desired,
    observed: &Observed,
    target: &Target,
    secrets: &SecretReader,
) -> Vec<Refusal> {
    let (engine, client) = match stage(plan, observed, target) {
        Ok(staged) => staged,
        Err(message) => return vec![Refusal { place: None, message, help: None }],
    };
    let (real, known) = (Arc::clone(secrets), Arc::clone(secrets));
    let planned = Arc::clone(plan);
    let context = Context {
        client,
        // A secret that is not at hand is stood in for: whether it is there is not the gateway's question.
        secrets: Arc::new(move |source| Ok(real(source).unwrap_or_else(|_| planned.stand_in(source)))),
        listener: Arc::new(|_, _| {}),
        stop: Stop::default(),
        concurrency: 2,
    };
    let book = Book::new(Ledger::default(), None, Owner::new("rehearsal", "rehearsal"));
    let outcome = apply::apply(Arc::clone(plan), context, Arc::new(Mutex::new(book))).await;
    drop(engine);
    let outcome = match outcome {
        Ok(outcome) => outcome,
        Err(error) => return vec![Refusal { place: None, message: error.to_string(), help: None }],
    };
    // No letters and digits stand in for the key of a certificate.
    let in_vain = |change: &Change| {
        let key =
            change.after.as_ref().filter(|_| CERTIFIED.contains(&change.address.kind)).and_then(Spec::secret);
        key.is_some_and(|key| known(key).is_err())
    };
    outcome
        .failed
        .into_iter()
        .filter(|failure| !in_vain(&plan.changes[failure.change]))
        .map(|failure| {
            let change = &plan.changes[failure.change];
            let place = desired.get(&change.address).map(|r| (r.document, r.field.path().to_owned()));
            let message = format!(
                "the gateway would refuse to {} {}: {}",
                change.action.word(),
                change.address,
                failure.message
            );
            Refusal { place, message, help: failure.hint }
        })
        .collect()
}

fn stage(plan: &Plan, observed: &Observed, target: &Target) -> Result<(Arc<Engine>, Client), String> {
    let stand_in = target.provider.stand_in();
    let options = Options {
        project_id: stand_in.project.clone(),
        instance_id: stand_in.gateway.clone(),
        quotas: observed.limits.iter().map(|(name, value)| (name.clone(), value.to_string())).collect(),
        ..Options::default()
    };
    let engine = Arc::new(Engine::in_memory(options));
    let snapshot: Snapshot = serde_json::from_value(target.provider.snapshot(plan, observed))
        .map_err(|e| format!("failed to set up the rehearsal: {e}"))?;
    engine
        .load(&stand_in.project, &stand_in.gateway, snapshot)
        .map_err(|e| format!("failed to set up the rehearsal: {e}"))?;
    let handler = Arc::clone(&engine);
    let client = Client::new(Settings {
        endpoint: String::new(),
        transport: Transport::InProcess(Arc::new(
            move |request| Ok(handler.handle(request, Access::Trusted)),
        )),
        sign: Arc::new(|_| {}),
        encode: target.provider.encoder(),
        errors: target.provider.errors(),
        concurrency: 2,
        retry: RetryPolicy { retries_max: 0, ..RetryPolicy::default() },
    });
    Ok((engine, client))
}
