//! A plan for programs. Names follow the plan representation of Terraform and OpenTofu where it has the same thing, so
//! that policies and scripts carry over; [`schema`] is the JSON Schema.
//!
//! Rows are made while they are written: a plan of any size needs no copy of itself.

use std::collections::BTreeMap;
use std::io::{self, Write};

use schemars::generate::SchemaSettings;
use schemars::transform::{RecursiveTransform, Transform};
use schemars::{JsonSchema, Schema};
use serde::{Serialize, Serializer};
use serde_json::Value;

use super::fields;
use crate::diff::FieldChange;
use crate::kinds::spec::Spec;
use crate::observed::Gap;
use crate::plan::{Action, Change, Note, Plan, Reason, Step};

/// The version of this format: the minor grows with additions, the major with changes that break readers.
pub const FORMAT_VERSION: &str = "1.0";

/// A plan: what would change on a gateway, why, and by which calls.
#[derive(Serialize, JsonSchema)]
struct PlanOutput<'a> {
    /// The version of this format: the minor grows with additions, the major with changes that break readers.
    format_version: &'a str,
    /// The version of apigctl that made the plan.
    apigctl_version: &'a str,
    /// The gateway that the plan is for.
    target: TargetOutput<'a>,
    /// Whether there is anything to apply.
    applyable: bool,
    /// Whether everything could be read: with `false`, a plan after this one may find more to do.
    complete: bool,
    /// Always `false`: a plan that failed is not printed as a plan.
    errored: bool,
    /// Counts.
    summary: SummaryOutput,
    /// What changes.
    #[schemars(with = "Vec<ResourceChange>")]
    resource_changes: Rows<'a, Change, ResourceChange<'a>>,
    /// What someone changed at the gateway since the last apply. Here `before` is what was applied (null where that is
    /// not known) and `after` what is there now (null where it is gone).
    #[schemars(with = "Vec<ResourceChange>")]
    resource_drift: Rows<'a, Change, ResourceChange<'a>>,
    /// How many calls the plan makes.
    calls: usize,
    /// The fewest calls that could do the same, by the batch sizes of the gateway.
    calls_lower_bound: usize,
    /// How many calls it took to observe the gateway.
    reads: usize,
    /// The calls, in an order in which they can be made one by one.
    #[schemars(with = "Vec<StepOutput>")]
    steps: Rows<'a, Step, StepOutput<'a>>,
    /// Why something was not done, and other remarks.
    #[schemars(with = "Vec<NoteOutput>")]
    notes: Rows<'a, Note, NoteOutput<'a>>,
    /// What could not be read.
    #[schemars(with = "Vec<GapOutput>")]
    gaps: Rows<'a, Gap, GapOutput<'a>>,
}

/// The gateway that a plan is for.
#[derive(Serialize, JsonSchema)]
struct TargetOutput<'a> {
    /// The name in the project file.
    name: &'a str,
    /// The provider, such as `huawei-apig-v2`.
    provider: &'a str,
    /// Where its API is.
    endpoint: &'a str,
    /// Project and instance, or what identifies a gateway at this provider.
    scope: &'a BTreeMap<String, String>,
}

/// Counts of a plan.
#[derive(Serialize, JsonSchema)]
struct SummaryOutput {
    /// How many resources change, by action; actions that do not occur have 0.
    actions: BTreeMap<ActionWord, usize>,
    /// How many resources change.
    changes: usize,
    /// How many changes take something away that callers may depend on.
    destructive: usize,
    /// How many changes undo something that was done at the gateway by hand.
    drift: usize,
    /// How many resources the manifests describe.
    managed: usize,
    /// How many of them are as they should be.
    unchanged: usize,
}

/// What happens to a resource.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum ActionWord {
    /// It is made.
    Create,
    /// It is changed in place.
    Update,
    /// It is deleted.
    Delete,
    /// An API definition goes live.
    Publish,
    /// Another version of an API, which ran before, goes live again.
    Switch,
    /// An API is taken offline in an environment.
    Unpublish,
    /// A policy is attached, or takes the place of another.
    Bind,
    /// A policy is detached.
    Unbind,
}

/// One resource that changes.
#[derive(Serialize, JsonSchema)]
struct ResourceChange<'a> {
    /// Kind and natural key, such as `Api/payments/create-payment`.
    address: String,
    /// The kind.
    kind: &'a str,
    /// The resource's own name, the last part of its natural key.
    name: String,
    /// The group, for what lives in one.
    #[serde(skip_serializing_if = "Option::is_none")]
    group: Option<String>,
    /// The environment, for what lives in one.
    #[serde(skip_serializing_if = "Option::is_none")]
    environment: Option<String>,
    /// What changes.
    change: ChangeOutput,
    /// Why, as a stable word.
    action_reason: ReasonWord,
    /// Whether someone changed it at the gateway.
    drift: bool,
    /// Whether the ledger says that apigctl made it.
    owned: bool,
    /// Whether it was there, made by others, and is taken over.
    adopted: bool,
    /// The address under which it was known, where it gets another name.
    #[serde(skip_serializing_if = "Option::is_none")]
    was: Option<String>,
    /// The number of the version that goes live again, where one is switched to.
    #[serde(skip_serializing_if = "Option::is_none")]
    version: Option<&'a str>,
    /// Where the manifests ask for it: `file:line`.
    #[serde(skip_serializing_if = "Option::is_none")]
    source: Option<&'a str>,
    /// The addresses of what goes away with it without a call of its own.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    takes_along: Vec<String>,
}

/// What changes.
#[derive(Serialize, JsonSchema)]
struct ChangeOutput {
    /// As in Terraform: `["create"]`, `["update"]`, `["delete"]`, or `["no-op"]`.
    /// A publication or binding that appears is created, one that goes is deleted.
    actions: Vec<&'static str>,
    /// The same in the words of apigctl, which tell a publication from a creation.
    action_word: ActionWord,
    /// The fields before, as in a manifest and without what equals the documented default; null: was not there, or was
    /// not read.
    before: Option<Value>,
    /// The fields after; null: will not be there.
    after: Option<Value>,
    /// The paths of secrets in `before`. A secret's value is never there, only where it comes from.
    before_sensitive: Vec<String>,
    /// The paths of secrets in `after`.
    after_sensitive: Vec<String>,
    /// The fields that differ.
    fields: Vec<FieldOutput>,
}

/// One field that differs.
#[derive(Serialize, JsonSchema)]
struct FieldOutput {
    /// The field, such as `request.path` or `parameters[page].default`.
    path: String,
    /// Its value before, or the documented default; absent: none was given, and there is no default.
    #[serde(skip_serializing_if = "Option::is_none")]
    before: Option<Value>,
    /// Its value after, or the documented default; absent: none is given, and there is no default.
    #[serde(skip_serializing_if = "Option::is_none")]
    after: Option<Value>,
}

/// Why a resource changes.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum ReasonWord {
    /// It is in the manifests and not on the gateway.
    New,
    /// It was there and someone removed it at the gateway.
    RemovedByHand,
    /// The manifest was changed.
    ManifestChanged,
    /// Someone changed it at the gateway.
    ChangedByHand,
    /// The manifest was changed, and someone changed it at the gateway too.
    ChangedBoth,
    /// It differs, and nothing is on record of what was applied before.
    Differs,
    /// Its secret has changed at the source.
    SecretChanged,
    /// What no gateway shows of it has changed, a secret or not.
    UnseenChanged,
    /// The draft was never published after it was edited.
    NeverPublished,
    /// Someone switched to an older version.
    RolledBack,
    /// It is no longer in the manifests.
    Removed,
    /// Everything that is owned goes.
    Destroyed,
    /// It gets another name.
    Renamed,
    /// It gets another name, which this gateway can do only by making it anew.
    RenamedAnew,
    /// Its parent goes.
    GoesWithParent,
    /// Somebody asked for an earlier version.
    Rollback,
}

/// One call.
#[derive(Serialize, JsonSchema)]
struct StepOutput<'a> {
    /// The HTTP method.
    method: &'a str,
    /// The path below the gateway's root, with `{name}` for ids.
    path: &'a str,
    /// The resources that the call changes: several for a batch.
    items: Vec<ItemOutput>,
    /// The calls that follow it, in their order: what it leaves to do of the change, or a read of the ids of what it made.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    then: Vec<ThenOutput<'a>>,
}

/// A call that follows another.
#[derive(Serialize, JsonSchema)]
struct ThenOutput<'a> {
    /// The HTTP method.
    method: &'a str,
    /// The path below the gateway's root.
    path: &'a str,
}

/// One resource that a call changes.
#[derive(Serialize, JsonSchema)]
struct ItemOutput {
    /// Its address.
    address: String,
    /// What happens to it.
    action_word: ActionWord,
}

/// A remark.
#[derive(Serialize, JsonSchema)]
struct NoteOutput<'a> {
    /// Stable name of the sort of remark, such as `not-owned`.
    code: &'a str,
    /// What it concerns.
    #[serde(skip_serializing_if = "Option::is_none")]
    address: Option<String>,
    /// One sentence.
    message: &'a str,
}

/// Something that could not be read.
#[derive(Serialize, JsonSchema)]
struct GapOutput<'a> {
    /// What it concerns.
    address: String,
    /// The field, or empty for the resource as a whole.
    field: &'a str,
    /// Why not.
    reason: &'a str,
}

/// Rows made one at a time while they are written.
struct Rows<'a, T, R> {
    plan: &'a Plan,
    rows: &'a [T],
    make: fn(&'a Plan, &'a T) -> Option<R>,
}

impl<T, R: Serialize> Serialize for Rows<'_, T, R> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.rows.iter().filter_map(|row| (self.make)(self.plan, row)))
    }
}

/// Writes a plan as JSON, indented, with a newline at its end.
///
/// # Errors
///
/// When the writer fails.
pub fn plan(out: &mut dyn Write, plan: &Plan) -> io::Result<()> {
    let mut buffered = io::BufWriter::new(out);
    serde_json::to_writer_pretty(&mut buffered, &output(plan)).map_err(io::Error::from)?;
    writeln!(buffered)?;
    buffered.flush()
}

fn output(plan: &Plan) -> PlanOutput<'_> {
    PlanOutput {
        format_version: FORMAT_VERSION,
        apigctl_version: env!("CARGO_PKG_VERSION"),
        target: TargetOutput {
            name: &plan.target.name,
            provider: &plan.target.provider,
            endpoint: &plan.target.endpoint,
            scope: &plan.target.scope,
        },
        applyable: !plan.is_empty(),
        complete: plan.gaps.is_empty(),
        errored: false,
        summary: summary(plan),
        resource_changes: Rows { plan, rows: &plan.changes, make: |_, change| Some(resource_change(change)) },
        resource_drift: Rows { plan, rows: &plan.changes, make: |_, change| drift(change) },
        calls: plan.calls(),
        calls_lower_bound: plan.calls_bound,
        reads: plan.reads,
        steps: Rows { plan, rows: &plan.steps, make: |plan, step| Some(self::step(plan, step)) },
        notes: Rows { plan, rows: &plan.notes, make: |_, note| Some(self::note(note)) },
        gaps: Rows { plan, rows: &plan.gaps, make: |_, gap| Some(self::gap(gap)) },
    }
}

fn summary(plan: &Plan) -> SummaryOutput {
    let counts = crate::plan::summary(&plan.changes);
    SummaryOutput {
        actions: Action::ALL.into_iter().map(|a| (word(a), counts.get(&a).copied().unwrap_or(0))).collect(),
        changes: plan.changes.len(),
        destructive: plan.changes.iter().filter(|c| c.action.is_destructive()).count(),
        drift: plan.changes.iter().filter(|c| c.reason.is_drift()).count(),
        managed: plan.managed,
        unchanged: plan.unchanged,
    }
}

fn resource_change(change: &Change) -> ResourceChange<'_> {
    let before = change.before.as_ref().map(Spec::to_value);
    let after = change.after.as_ref().map(Spec::to_value);
    let actions = match change.action {
        Action::Create => vec!["create"],
        Action::Update | Action::Switch => vec!["update"],
        Action::Delete | Action::Unpublish | Action::Unbind => vec!["delete"],
        // `before` may be unknown though something is there; the reason tells.
        Action::Publish | Action::Bind if matches!(change.reason, Reason::New | Reason::RemovedByHand) => {
            vec!["create"]
        }
        Action::Publish | Action::Bind => vec!["update"],
    };
    let fields = if before.is_some() && after.is_some() { fields::of(change) } else { Vec::new() };
    row(change, actions, before, after, fields)
}

/// The same change as seen from the last apply: what was applied, and what was made of it by hand.
fn drift(change: &Change) -> Option<ResourceChange<'_>> {
    let wanted = || change.after.as_ref().map(Spec::to_value);
    let live = || change.before.as_ref().map(Spec::to_value);
    let (actions, before, after) = match change.reason {
        // The manifest is what was applied: its fingerprint is on record.
        Reason::ChangedByHand if change.after.is_none() => (vec!["create"], None, live()),
        Reason::ChangedByHand => (vec!["update"], wanted(), live()),
        Reason::ChangedBoth | Reason::RolledBack => (vec!["update"], None, live()),
        Reason::RemovedByHand => (vec!["delete"], None, None),
        _ => return None,
    };
    let differ = crate::diff::changed_fields(before.as_ref(), after.as_ref());
    let differ = if before.is_some() && after.is_some() { differ } else { Vec::new() };
    Some(row(change, actions, before, after, differ))
}

fn row<'a>(
    change: &'a Change,
    actions: Vec<&'static str>,
    before: Option<Value>,
    after: Option<Value>,
    fields: Vec<FieldChange>,
) -> ResourceChange<'a> {
    let make = |f: FieldChange| FieldOutput { path: f.path, before: f.before, after: f.after };
    ResourceChange {
        address: change.address.to_string(),
        kind: change.address.kind.name(),
        name: change.address.name(),
        group: super::group(change),
        environment: super::environment(change),
        change: ChangeOutput {
            actions,
            action_word: word(change.action),
            before_sensitive: before.as_ref().map(secrets).unwrap_or_default(),
            after_sensitive: after.as_ref().map(secrets).unwrap_or_default(),
            before,
            after,
            fields: fields.into_iter().map(make).collect(),
        },
        action_reason: reason(change.reason),
        drift: change.reason.is_drift(),
        owned: change.owned,
        adopted: change.adopted,
        was: change.was.as_ref().map(ToString::to_string),
        version: change.switch.as_ref().map(|switch| switch.number.as_str()),
        source: change.source.as_deref(),
        takes_along: change.takes_along.iter().map(ToString::to_string).collect(),
    }
}

/// The paths of the secrets in a value.
fn secrets(value: &Value) -> Vec<String> {
    fn walk(path: &str, value: &Value, found: &mut Vec<String>) {
        match value {
            value if fields::is_secret(value) => found.push(path.to_owned()),
            Value::Object(fields) => {
                for (key, value) in fields {
                    walk(&if path.is_empty() { key.clone() } else { format!("{path}.{key}") }, value, found);
                }
            }
            Value::Array(items) => {
                for (i, value) in items.iter().enumerate() {
                    walk(&format!("{path}[{i}]"), value, found);
                }
            }
            _ => {}
        }
    }
    let mut found = Vec::new();
    walk("", value, &mut found);
    found
}

fn step<'a>(plan: &'a Plan, step: &'a Step) -> StepOutput<'a> {
    let changes = step.items.iter().filter_map(|item| plan.changes.get(item.change));
    StepOutput {
        method: &step.call.method,
        path: &step.call.path,
        items: changes
            .map(|c| ItemOutput { address: c.address.to_string(), action_word: word(c.action) })
            .collect(),
        then: step.reply.calls().iter().map(|c| ThenOutput { method: &c.method, path: &c.path }).collect(),
    }
}

fn note(note: &Note) -> NoteOutput<'_> {
    NoteOutput {
        code: &note.code,
        address: note.address.as_ref().map(ToString::to_string),
        message: &note.message,
    }
}

fn gap(gap: &Gap) -> GapOutput<'_> {
    GapOutput { address: gap.address.to_string(), field: &gap.field, reason: &gap.reason }
}

fn word(action: Action) -> ActionWord {
    match action {
        Action::Create => ActionWord::Create,
        Action::Update => ActionWord::Update,
        Action::Delete => ActionWord::Delete,
        Action::Publish => ActionWord::Publish,
        Action::Switch => ActionWord::Switch,
        Action::Unpublish => ActionWord::Unpublish,
        Action::Bind => ActionWord::Bind,
        Action::Unbind => ActionWord::Unbind,
    }
}

fn reason(reason: Reason) -> ReasonWord {
    match reason {
        Reason::New => ReasonWord::New,
        Reason::RemovedByHand => ReasonWord::RemovedByHand,
        Reason::ManifestChanged => ReasonWord::ManifestChanged,
        Reason::ChangedByHand => ReasonWord::ChangedByHand,
        Reason::ChangedBoth => ReasonWord::ChangedBoth,
        Reason::Differs => ReasonWord::Differs,
        Reason::SecretChanged => ReasonWord::SecretChanged,
        Reason::UnseenChanged => ReasonWord::UnseenChanged,
        Reason::NeverPublished => ReasonWord::NeverPublished,
        Reason::RolledBack => ReasonWord::RolledBack,
        Reason::Removed => ReasonWord::Removed,
        Reason::Destroyed => ReasonWord::Destroyed,
        Reason::Renamed => ReasonWord::Renamed,
        Reason::RenamedAnew => ReasonWord::RenamedAnew,
        Reason::GoesWithParent => ReasonWord::GoesWithParent,
        Reason::Rollback => ReasonWord::Rollback,
    }
}

/// The JSON Schema (draft-07) of what [`plan`] writes.
#[must_use]
pub fn schema() -> Value {
    let settings = SchemaSettings::draft07().for_serialize();
    let mut schema = settings.into_generator().into_root_schema_for::<PlanOutput<'static>>();
    // Strict validators refuse formats that JSON Schema does not know.
    let no_integer_format = |schema: &mut Schema| {
        if schema.get("format").and_then(Value::as_str).is_some_and(|f| f.starts_with("uint")) {
            schema.remove("format");
        }
    };
    RecursiveTransform(no_integer_format).transform(&mut schema);
    schema.insert("title".into(), "apigctl plan".into());
    schema.to_value()
}
