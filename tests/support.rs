//! What the suites share: a project in a folder of its own, a gateway behind a handler that counts and can fail, and the way
//! from manifests to a plan to an apply.

#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a test may panic, and has files of its own"
)]

pub(crate) mod reduced;

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;

use apigctl::apply::{self, Context, Outcome, SecretReader, Stop};
use apigctl::diff::changed_fields;
use apigctl::engine::time::Clock;
use apigctl::engine::{ALIBABA, Access, Engine, Options, SHARED_GATEWAY, Snapshot};
use apigctl::history::{Pick, Query};
use apigctl::http::{Client, NoAnswer, RetryPolicy, Settings, Transport};
use apigctl::kinds::spec::Spec;
use apigctl::kinds::value::Secret;
use apigctl::plan::build::BuildError;
use apigctl::plan::{Change, Plan, Reason, Reply, Step};
use apigctl::problem::Problem;
use apigctl::project::Project;
use apigctl::provider::{Vendor, huawei_v2};
use apigctl::session::{self, Manifests, Planned, Rules, SessionError, Target};
use bytes::Bytes;
use http::{Request, Response};
use serde_json::{Value, json};
use tokio::sync::Notify;

/// What happens to one call on its way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    /// 429 with `Retry-After`; nothing is done.
    TooMany,
    /// 500; nothing is done.
    ErrorBefore,
    /// It is done, and 500 is the answer.
    ErrorAfter,
    /// 503; nothing is done.
    Unavailable,
    /// No connection; nothing is done.
    Unreachable,
    /// The connection breaks, or nothing comes in time; nothing is done.
    LostBefore,
    /// It is done, and the connection breaks, or nothing comes in time.
    LostAfter,
    /// Half an answer; nothing is done.
    TornBefore,
    /// It is done, and half an answer comes back.
    TornAfter,
    /// The client's process ends before the call arrives.
    KillBefore,
    /// The client's process ends after the call was done, before its answer.
    KillAfter,
}

impl Fault {
    pub(crate) const ALL: [Self; 11] = [
        Self::TooMany,
        Self::ErrorBefore,
        Self::ErrorAfter,
        Self::Unavailable,
        Self::Unreachable,
        Self::LostBefore,
        Self::LostAfter,
        Self::TornBefore,
        Self::TornAfter,
        Self::KillBefore,
        Self::KillAfter,
    ];

    pub(crate) fn kills(self) -> bool {
        matches!(self, Self::KillBefore | Self::KillAfter)
    }
}

/// Decides what happens to the call of this number, counted from the last reset.
type Chooser = Box<dyn Fn(usize, &Request<Bytes>) -> Option<Fault> + Send + Sync>;

/// The way between client and engine.
pub(crate) struct Wire {
    engine: Arc<Engine>,
    trip: Mutex<Arc<Trip>>,
    past: Mutex<Option<Arc<Engine>>>,
    remember: Mutex<Option<usize>>,
    stale: AtomicBool,
}

type Answer = Result<Response<Bytes>, NoAnswer>;

/// The calls of one client, from one [`Wire::reset`] to the next.
#[derive(Default)]
struct Trip {
    state: Mutex<TripState>,
    chooser: Option<Chooser>,
    /// Whether reads are answered from the past.
    stale: bool,
    /// The call before which the gateway is remembered.
    remember: Option<usize>,
    reaped: Condvar,
    answered: Condvar,
    killed: Notify,
}

#[derive(Default)]
struct TripState {
    calls: Vec<String>,
    dead: bool,
    reaped: bool,
    /// Calls that were let through and are not yet answered.
    under_way: usize,
}

/// A call that was let through, until it is answered.
struct UnderWay<'t>(&'t Trip);

impl Drop for UnderWay<'_> {
    fn drop(&mut self) {
        self.0.state.lock().unwrap().under_way -= 1;
        self.0.answered.notify_all();
    }
}

impl Trip {
    /// The number of the call; none when its process is dead.
    fn count(&self, request: &Request<Bytes>) -> Option<usize> {
        let mut state = self.state.lock().unwrap();
        if state.dead {
            return None;
        }
        state.calls.push(format!("{} {}", request.method(), request.uri()));
        state.under_way += 1;
        Some(state.calls.len() - 1)
    }

    /// Holds a call of a dead process until the process is cleared away, so that it learns nothing.
    fn hold(&self) -> Answer {
        let state = self.state.lock().unwrap();
        drop(self.reaped.wait_while(state, |s| !s.reaped).unwrap());
        Ok(plain(500, Bytes::new()))
    }

    /// Clears a process away. What it had sent before it died arrives first: afterwards, nothing of it changes the gateway.
    fn reap(&self) {
        let mut state = self.state.lock().unwrap();
        state.reaped = true;
        self.reaped.notify_all();
        drop(self.answered.wait_while(state, |s| s.under_way > 0).unwrap());
    }
}

impl Wire {
    fn handle(&self, request: Request<Bytes>) -> Answer {
        let trip = self.trip();
        let Some(number) = trip.count(&request) else { return trip.hold() };
        let _under_way = UnderWay(&trip);
        if trip.remember == Some(number) {
            *self.past.lock().unwrap() = Some(Arc::new(copy(&self.engine)));
        }
        if trip.stale && request.method() == http::Method::GET {
            let past = self.past.lock().unwrap().clone();
            return Ok(past.as_ref().unwrap_or(&self.engine).handle(request, Access::Trusted));
        }
        let fault = trip.chooser.as_ref().and_then(|choose| choose(number, &request));
        if fault == Some(Fault::KillBefore) {
            trip.state.lock().unwrap().dead = true;
        }
        let after = [Fault::ErrorAfter, Fault::TornAfter, Fault::LostAfter, Fault::KillAfter];
        let done = fault.is_none_or(|fault| after.contains(&fault));
        let answer = done.then(|| self.engine.handle(request, Access::Trusted));
        let torn = |answer: &Response<Bytes>| answer.body().slice(..answer.body().len() / 2);
        match fault {
            None => Ok(answer.unwrap()),
            Some(Fault::TooMany) => {
                let mut answer = plain(429, Bytes::new());
                answer.headers_mut().insert(http::header::RETRY_AFTER, "0".parse().unwrap());
                Ok(answer)
            }
            Some(Fault::ErrorBefore | Fault::ErrorAfter) => Ok(plain(500, Bytes::new())),
            Some(Fault::Unavailable) => Ok(plain(503, Bytes::new())),
            Some(Fault::Unreachable) => Err(NoAnswer::Unreachable("refused".to_owned())),
            Some(Fault::LostBefore | Fault::LostAfter) => Err(NoAnswer::Lost("reset".to_owned())),
            Some(Fault::TornBefore) => Ok(plain(200, Bytes::from_static(b"{\"id\": \"00"))),
            // What has no body cannot be torn.
            Some(Fault::TornAfter) => Ok(answer.map(|a| plain(a.status().as_u16(), torn(&a))).unwrap()),
            Some(Fault::KillBefore | Fault::KillAfter) => {
                trip.state.lock().unwrap().dead = true;
                trip.killed.notify_one();
                trip.hold()
            }
        }
    }

    fn trip(&self) -> Arc<Trip> {
        Arc::clone(&self.trip.lock().unwrap())
    }

    /// Begins to count anew, with other faults.
    fn reset(&self, chooser: Option<Chooser>) {
        let stale = self.stale.load(Ordering::Relaxed);
        let remember = self.remember.lock().unwrap().take();
        *self.trip.lock().unwrap() = Arc::new(Trip { chooser, stale, remember, ..Trip::default() });
    }

    /// The gateway as it is before call `number` of the next trip is kept, for [`Wire::answer_from_the_past`].
    pub(crate) fn remember_before(&self, number: usize) {
        *self.remember.lock().unwrap() = Some(number);
    }

    /// Reads are answered from what was remembered, as a gateway does whose replicas lag; or no more.
    pub(crate) fn answer_from_the_past(&self, yes: bool) {
        self.stale.store(yes, Ordering::Relaxed);
    }

    /// The calls since the last reset.
    pub(crate) fn calls(&self) -> Vec<String> {
        self.trip().state.lock().unwrap().calls.clone()
    }
}

/// Goes on by more than a minute each time it is read, since a feature can be set once a minute; all gateways have the same, so
/// that a copy of one does not go back.
fn clock() -> Clock {
    const START: i64 = 1_800_000_000;
    static READS: AtomicI64 = AtomicI64::new(0);
    Clock::new(|| (START + 61 * READS.fetch_add(1, Ordering::Relaxed)) * 1_000_000_000)
}

fn blank() -> Engine {
    let quotas = vec![("PUBLIC_KEY_SWITCH".to_owned(), "1".to_owned())];
    Engine::in_memory(Options { quotas, clock: clock(), ..Options::default() })
}

/// Another gateway in the same state. The environment that every gateway has is loaded with the others.
fn copy(engine: &Engine) -> Engine {
    let copy = blank();
    let project = engine.project_id();
    for (project, gateway) in [(project, engine.instance_id()), (project, SHARED_GATEWAY), ALIBABA] {
        copy.load(project, gateway, engine.dump(project, gateway).unwrap()).unwrap();
    }
    copy
}

fn plain(status: u16, body: Bytes) -> Response<Bytes> {
    Response::builder().status(status).body(body).unwrap()
}

/// A project and a gateway.
pub(crate) struct Bench {
    folder: tempfile::TempDir,
    pub(crate) engine: Arc<Engine>,
    pub(crate) wire: Arc<Wire>,
    /// Whose gateway the engine stands in for.
    pub(crate) vendor: &'static Vendor,
    /// What sources of secrets hold, by their name.
    pub(crate) secrets: Arc<Mutex<BTreeMap<String, String>>>,
    /// Whether plans are tried out.
    pub(crate) rehearse: bool,
    /// How else plans are made.
    pub(crate) rules: Rules,
}

impl Bench {
    pub(crate) fn new() -> Self {
        Self::with(blank())
    }

    /// With an engine that stands in for a vendor's gateway.
    pub(crate) fn of(vendor: &'static Vendor) -> Self {
        Self { vendor, ..Self::new() }
    }

    fn with(engine: Engine) -> Self {
        Self::on(Arc::new(engine))
    }

    fn on(engine: Arc<Engine>) -> Self {
        let wire = Wire {
            engine: Arc::clone(&engine),
            trip: Mutex::default(),
            past: Mutex::default(),
            remember: Mutex::default(),
            stale: AtomicBool::default(),
        };
        Self {
            folder: tempfile::tempdir().unwrap(),
            engine,
            wire: Arc::new(wire),
            vendor: &huawei_v2::VENDOR,
            secrets: Arc::default(),
            rehearse: true,
            rules: Rules::default(),
        }
    }

    /// The project of other people on the same gateway: what it has is not this one's.
    pub(crate) fn neighbour(&self) -> Self {
        let secrets = Arc::clone(&self.secrets);
        Self { secrets, vendor: self.vendor, ..Self::on(Arc::clone(&self.engine)) }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The manifests are these documents and no others. JSON is YAML.
    pub(crate) fn write(&self, documents: &[Value]) {
        let text: String = documents.iter().map(|d| format!("---\n{d:#}\n")).collect();
        fs::create_dir_all(self.path("manifests")).unwrap();
        fs::write(self.path("manifests/all.yaml"), text).unwrap();
    }

    /// A target with a client of its own, as a new process has it.
    pub(crate) fn target(&self) -> Target {
        let mut target = Target::engine("bench", Arc::clone(&self.engine), self.vendor, false);
        let wire = Arc::clone(&self.wire);
        target.client = Client::new(Settings {
            endpoint: String::new(),
            transport: Transport::InProcess(Arc::new(move |request| wire.handle(request))),
            sign: Arc::new(|_| {}),
            encode: target.provider.encoder(),
            errors: target.provider.errors(),
            concurrency: 16,
            retry: RetryPolicy {
                retries_max: 6,
                base: Duration::from_millis(1),
                max: Duration::from_millis(2),
            },
        });
        target
    }

    /// Begins to count calls anew.
    pub(crate) fn wire_reset(&self) {
        self.wire.reset(None);
    }

    fn project(&self) -> Project {
        Project::find(None, self.folder.path()).unwrap()
    }

    fn secret_reader(&self) -> SecretReader {
        let secrets = Arc::clone(&self.secrets);
        Arc::new(move |source| {
            let name = match source {
                Secret::FromEnv(name) | Secret::FromFile(name) => name,
                Secret::FromCommand(words) => &words[0],
            };
            secrets.lock().unwrap().get(name).cloned().ok_or_else(|| format!("there is no {name}"))
        })
    }

    /// Another bench in the same state: gateway, manifests and ledger.
    pub(crate) fn copy(&self) -> Self {
        let engine = copy(&self.engine);
        let secrets = Arc::clone(&self.secrets);
        let copy = Self { secrets, rehearse: self.rehearse, vendor: self.vendor, ..Self::with(engine) };
        for folder in ["manifests", ".apigctl"] {
            let Ok(entries) = fs::read_dir(self.path(folder)) else { continue };
            fs::create_dir_all(copy.path(folder)).unwrap();
            for entry in entries {
                let name = entry.unwrap().file_name().into_string().unwrap();
                fs::copy(self.path(folder).join(&name), copy.path(folder).join(&name)).unwrap();
            }
        }
        copy
    }

    /// The manifests, as far as the target's vendor takes them.
    pub(crate) fn manifests(&self) -> Manifests {
        session::manifests(&self.project(), None, &[], self.target().taking(false))
    }

    /// Plans what the manifests say; none where it cannot be done in one go.
    pub(crate) async fn plan(&self) -> Result<Option<Plan>, Vec<Problem>> {
        self.wire.reset(None);
        let (project, target) = (self.project(), self.target());
        let manifests = self.manifests();
        let books = session::books(&project, &target).unwrap();
        let rules = Rules { rehearse: self.rehearse, no_cache: true, ..self.rules.clone() };
        let made = match manifests.sound() {
            Ok(manifests) => Planned::make(manifests, &target, &books, &self.secret_reader(), rules).await,
            Err(error) => Err(error),
        };
        match made {
            Ok(planned) => Ok(Some(planned.plan)),
            Err(SessionError::Problems(problems)) => Err(problems),
            Err(SessionError::Build(BuildError::Circle(_))) => Ok(None),
            Err(error) => panic!("no plan: {error}\n{error:?}"),
        }
    }

    /// Plans what the manifests say; there is nothing wrong with them.
    pub(crate) async fn planned(&self) -> Plan {
        let plan = self.plan().await.unwrap_or_else(|problems| panic!("problems: {problems:#?}"));
        plan.expect("the changes wait for each other")
    }

    /// Plans to switch to versions that ran before.
    pub(crate) async fn rollback(
        &self,
        names: &[&str],
        environment: &str,
        pick: Pick,
    ) -> Result<Plan, Vec<Problem>> {
        self.wire.reset(None);
        let (project, target) = (self.project(), self.target());
        let manifests = session::manifests(&project, None, &[], session::Taking::all());
        let books = session::books(&project, &target).unwrap();
        let names = names.iter().map(|name| (*name).to_owned()).collect();
        let query = Query { environment: environment.to_owned(), names, pick };
        let made = async {
            let observed = session::rollback::histories(&target, query).await?;
            Planned::rollback(&manifests, &observed, &target, &books)
        };
        match made.await {
            Ok(planned) => Ok(planned.plan),
            Err(SessionError::Problems(problems)) => Err(problems),
            Err(error) => panic!("no plan: {error}\n{error:?}"),
        }
    }

    /// Applies a plan on a wire with faults; `None`: the process was killed.
    pub(crate) async fn apply_with(&self, plan: &Plan, chooser: Option<Chooser>) -> Option<Outcome> {
        self.wire.reset(chooser);
        let trip = self.wire.trip();
        let (project, target) = (self.project(), self.target());
        let books = session::books(&project, &target).unwrap();
        let book = books.into_book();
        let context = Context {
            client: target.client.clone(),
            secrets: self.secret_reader(),
            listener: Arc::new(|_, _| {}),
            stop: Stop::default(),
            concurrency: target.concurrency,
        };
        let applying = apply::apply(Arc::new(plan.clone()), context, Arc::new(Mutex::new(book)));
        let outcome = tokio::select! {
            biased;
            () = trip.killed.notified() => None,
            outcome = applying => Some(outcome.unwrap()),
        };
        trip.reap();
        outcome
    }

    /// Saves a plan, reads it back and applies it on a wire without faults: everything is done, by as many calls as the plan
    /// says and no more than needed.
    pub(crate) async fn apply(&self, plan: &Plan) {
        let saved = serde_json::to_string(plan).unwrap();
        let read: Plan = serde_json::from_str(&saved).unwrap();
        assert_eq!(serde_json::to_string(&read).unwrap(), saved, "a plan changes by being saved");
        let target = self.target();
        session::fresh(&read, &target).await.unwrap();
        let outcome = self.apply_with(&read, None).await.unwrap();
        let failed: Vec<String> = outcome
            .failed
            .iter()
            .map(|f| format!("{}: {}", plan.changes[f.change].address, f.message))
            .collect();
        assert!(outcome.is_complete(), "failed: {failed:#?}\n{outcome:?}");
        // How often a task is asked about is not known before.
        let task = |step: &Step| {
            if let Reply::Task(task) = &step.reply { Some(format!("{}=", task.parameter)) } else { None }
        };
        let tasks: Vec<String> = plan.steps.iter().filter_map(task).collect();
        let asks = |call: &str| call.starts_with("GET ") && tasks.iter().any(|task| call.contains(task));
        let mut calls = self.wire.calls();
        calls.retain(|call| !asks(call));
        assert_eq!(calls.len(), plan.calls(), "calls are not those of the steps: {calls:#?}");
        assert_eq!(plan.calls(), plan.calls_bound, "more calls than needed: {calls:#?}");
        // A secret cannot be seen; everything else shows that the plan was applied.
        let hidden = [Reason::SecretChanged, Reason::UnseenChanged];
        if plan.changes.iter().any(|c| !hidden.contains(&c.reason)) {
            assert!(session::fresh(&read, &target).await.is_err(), "a plan can be applied twice");
        }
    }

    /// Plans and applies these documents; after that there is nothing to do.
    pub(crate) async fn applied(&self, documents: &[Value]) -> Plan {
        self.write(documents);
        let plan = self.planned().await;
        self.apply(&plan).await;
        self.assert_settled().await;
        plan
    }

    /// The law: after an apply, the plan is empty.
    pub(crate) async fn assert_settled(&self) {
        let plan = self.planned().await;
        assert_eq!(lines(&plan), Vec::<String>::new(), "the plan after an apply is not empty");
        assert!(plan.adopt.is_empty() && plan.forget.is_empty(), "{:?} {:?}", plan.adopt, plan.forget);
    }

    /// All that the gateway holds.
    pub(crate) fn dump(&self) -> Snapshot {
        let stand_in = self.target().provider.stand_in();
        let (project, gateway) = match self.vendor.name {
            "alibaba-cloudapi" => ALIBABA,
            _ => (&*stand_in.project, &*stand_in.gateway),
        };
        self.engine.dump(project, gateway).unwrap()
    }

    /// A call that is not apigctl's.
    pub(crate) fn call(&self, method: &str, path: &str, body: &Value) -> Value {
        let root = match self.vendor.name {
            "huawei-apig-v1" => "/v1.0/apigw".to_owned(),
            _ => format!("/v2/{}/apigw/instances/{}", self.engine.project_id(), self.engine.instance_id()),
        };
        let body = if body.is_null() { Bytes::new() } else { Bytes::from(body.to_string()) };
        let request = Request::builder()
            .method(method)
            .uri(format!("{root}{path}"))
            .header("content-type", "application/json")
            .body(body)
            .unwrap();
        let answer = self.engine.handle(request, Access::Trusted);
        let text = String::from_utf8_lossy(answer.body()).into_owned();
        assert!(answer.status().is_success(), "{method} {path}: {} {text}", answer.status());
        serde_json::from_str(&text).unwrap_or_default()
    }

    /// A call that is not apigctl's, by the name of its action.
    pub(crate) fn action(&self, action: &str, query: &str) -> Value {
        let request = Request::builder()
            .method("POST")
            .uri(format!("/?{query}"))
            .header("x-acs-action", action)
            .header("x-acs-version", "2016-07-14")
            .body(Bytes::new())
            .unwrap();
        let answer = self.engine.handle(request, Access::Trusted);
        let text = String::from_utf8_lossy(answer.body()).into_owned();
        assert!(answer.status().is_success(), "{action} {query}: {} {text}", answer.status());
        serde_json::from_str(&text).unwrap()
    }

    /// The id of what is called `name` in a collection.
    pub(crate) fn id(&self, path: &str, list: &str, name: &str) -> String {
        let rows = self.call("GET", &format!("{path}?limit=500"), &Value::Null);
        let row = rows[list].as_array().unwrap().iter().find(|row| row["name"] == name);
        row.unwrap_or_else(|| panic!("no {name} in {path}"))["id"].as_str().unwrap().to_owned()
    }
}

/// The changes of a plan, one line each: `update Api/shop/buy manifestChanged: request.path`.
pub(crate) fn lines(plan: &Plan) -> Vec<String> {
    let mut lines: Vec<String> = plan.changes.iter().map(line).collect();
    lines.sort();
    lines
}

fn line(change: &Change) -> String {
    let reason = json!(change.reason);
    let mut line = format!("{} {} {}", change.action.word(), change.address, reason.as_str().unwrap());
    if let (Some(before), Some(after)) = (&change.before, &change.after) {
        let (before, after) = (Spec::to_value(before), Spec::to_value(after));
        let fields: Vec<String> =
            changed_fields(Some(&before), Some(&after)).into_iter().map(|f| f.path).collect();
        line.push_str(&format!(": {}", fields.join(", ")));
    }
    line
}

/// A document.
pub(crate) fn document(kind: &str, metadata: Value, spec: Value) -> Value {
    json!({ "apiVersion": "apigctl/v1", "kind": kind, "metadata": metadata, "spec": spec })
}
