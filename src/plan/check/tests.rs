use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde_json::json;

use super::*;
use crate::kinds::api::ApiSpec;
use crate::kinds::binding::Bound;
use crate::kinds::spec::Spec;
use crate::observed::{Detail, Live, Observed, State};
use crate::plan::{Base, Change, FORMAT, Item, Reason, Step, Target};

fn address(text: &str) -> Address {
    Address::parse(text).unwrap()
}

fn spec(address: &Address, to: &str) -> Spec {
    let api: ApiSpec = serde_json::from_value(json!({
        "request": { "method": "GET", "path": "/x" }, "auth": { "type": "none" }, "backend": { "mock": {} },
    }))
    .unwrap();
    match address.kind {
        Kind::Api => Spec::Api(Arc::new(api)),
        Kind::Publication => Spec::Publication(Arc::new(api)),
        Kind::ThrottleBinding => Spec::Bound(Bound { to: to.to_owned() }),
        Kind::Throttle => {
            Spec::Throttle(serde_json::from_value(json!({ "per": "1s", "limits": { "api": 1 } })).unwrap())
        }
        _ => Spec::Group(serde_json::from_value(json!({})).unwrap()),
    }
}

fn change(action: Action, text: &str, to: &str) -> Change {
    let address = address(text);
    let there = !matches!(action, Action::Create | Action::Publish | Action::Bind);
    let stays = !matches!(action, Action::Delete | Action::Unpublish | Action::Unbind);
    Change {
        action,
        reason: Reason::ManifestChanged,
        before: there.then(|| spec(&address, to)),
        after: stays.then(|| spec(&address, to)),
        source: None,
        owned: there,
        adopted: false,
        was: None,
        switch: None,
        takes_along: Vec::new(),
        address,
    }
}

fn call(body: Value) -> Call {
    Call { method: "POST".into(), path: "/x".into(), args: BTreeMap::new(), query: Vec::new(), body }
}

/// A plan that makes the changes one by one.
fn plan(changes: Vec<Change>) -> Plan {
    let base = changes.iter().map(|c| {
        let there = c.before.as_ref().map(|_| Base { id: "1".into(), digest: None });
        (c.address.clone(), there)
    });
    let step = |change| Step {
        call: call(Value::Null),
        items: vec![Item { change, key: Value::Null, row: Vec::new(), needs: Vec::new() }],
        reply: Reply::Ignore,
        recover: None,
    };
    Plan {
        format: FORMAT,
        target: Target::default(),
        base: base.collect(),
        steps: (0..changes.len()).map(step).collect(),
        changes,
        notes: Vec::new(),
        gaps: Vec::new(),
        calls_bound: 0,
        reads: 0,
        managed: 0,
        unchanged: 0,
        adopt: Vec::new(),
        forget: Vec::new(),
        renamed: Vec::new(),
        protected: BTreeSet::new(),
        owned: 0,
        environments: BTreeSet::new(),
        refresh_only: false,
        busy: Vec::new(),
        destroy: false,
    }
}

fn observed(resources: &[(&str, &str)]) -> Observed {
    let mut observed = Observed::default();
    for (text, to) in resources {
        let address = address(text);
        let state = State::Known(spec(&address, to));
        observed.insert(address, Live { id: "1".into(), state, detail: Detail::None });
    }
    observed
}

fn rules(found: &[Violation]) -> Vec<&'static str> {
    found.iter().map(|v| v.rule).collect()
}

/// What a plan breaks by itself.
fn broken(plan: &Plan) -> Vec<&'static str> {
    rules(&violations(plan))
}

#[test]
fn a_sound_plan_breaks_nothing() {
    let plan = plan(vec![
        change(Action::Create, "Group/a", ""),
        change(Action::Create, "Api/a/x", ""),
        change(Action::Publish, "Publication/a/x/RELEASE", ""),
        change(Action::Bind, "ThrottleBinding/a/x/RELEASE", "gold"),
        change(Action::Update, "Throttle/silver", ""),
    ]);
    assert_eq!(broken(&plan), Vec::<&str>::new());
    let there = observed(&[("Throttle/gold", ""), ("Throttle/silver", ""), ("Environment/RELEASE", "")]);
    assert_eq!(against(&plan, &there), Vec::new());
}

#[test]
fn each_change_once() {
    let mut twice = plan(vec![change(Action::Create, "Group/a", "")]);
    twice.steps.push(twice.steps[0].clone());
    assert_eq!(broken(&twice), ["each-change-once"]);
    let mut never = plan(vec![change(Action::Create, "Group/a", "")]);
    never.steps.clear();
    assert_eq!(broken(&never), ["each-change-once"]);
    let mut unknown = plan(vec![change(Action::Create, "Group/a", "")]);
    unknown.steps[0].items.push(Item { change: 7, key: Value::Null, row: Vec::new(), needs: Vec::new() });
    assert!(broken(&unknown).contains(&"each-change-once"));
}

#[test]
fn order() {
    let mut wrong = plan(vec![change(Action::Create, "Group/a", ""), change(Action::Create, "Group/b", "")]);
    wrong.steps[0].items[0].needs = vec![1];
    assert_eq!(broken(&wrong), ["order"]);
}

#[test]
fn ids_known() {
    let mut wrong = plan(vec![change(Action::Create, "Group/a", "")]);
    wrong.steps[0].call = call(json!({ "group_id": { "$id": "Group/b" } }));
    assert_eq!(broken(&wrong), ["ids-known"]);
}

#[test]
fn draft_first() {
    let mut wrong = plan(vec![
        change(Action::Publish, "Publication/a/x/RELEASE", ""),
        change(Action::Update, "Api/a/x", ""),
    ]);
    assert_eq!(broken(&wrong), ["draft-first"], "an old draft would go live, with the auth that it had");
    wrong.steps.reverse();
    assert_eq!(broken(&wrong), Vec::<&str>::new());
}

#[test]
fn only_owned() {
    for action in [Action::Update, Action::Delete, Action::Unpublish, Action::Unbind] {
        let text = match action {
            Action::Unpublish => "Publication/a/x/RELEASE",
            Action::Unbind => "ThrottleBinding/a/x/RELEASE",
            _ => "Throttle/gold",
        };
        let mut change = change(action, text, "gold");
        change.owned = false;
        assert_eq!(broken(&plan(vec![change.clone()])), ["only-owned"], "{action:?}");
        change.owned = true;
        assert_eq!(broken(&plan(vec![change])), Vec::<&str>::new(), "{action:?}");
    }
    let mut adopted = change(Action::Update, "Throttle/gold", "");
    (adopted.owned, adopted.adopted) = (false, true);
    assert_eq!(broken(&plan(vec![adopted])), Vec::<&str>::new());
    // Made where something is already.
    let mut over = plan(vec![change(Action::Create, "Group/a", "")]);
    over.base.insert(address("Group/a"), Some(Base { id: "1".into(), digest: None }));
    assert_eq!(broken(&over), ["only-owned"]);
}

#[test]
fn protected() {
    let mut gone = change(Action::Delete, "Throttle/gold", "");
    gone.takes_along = vec![address("ThrottleBinding/a/x/RELEASE")];
    for text in ["Throttle/gold", "ThrottleBinding/a/x/RELEASE"] {
        let mut plan = plan(vec![gone.clone()]);
        plan.protected = BTreeSet::from([address(text)]);
        assert_eq!(broken(&plan), ["protected"], "{text}");
    }
    let mut kept = plan(vec![change(Action::Update, "Throttle/gold", "")]);
    kept.protected = BTreeSet::from([address("Throttle/gold")]);
    assert_eq!(broken(&kept), Vec::<&str>::new());
}

#[test]
fn no_secret() {
    let mut leaky = plan(vec![change(Action::Create, "Group/a", "")]);
    leaky.steps[0].call = call(json!({ "nested": [{ "sign_secret": "hunter2" }] }));
    assert_eq!(broken(&leaky), ["no-secret"]);
    assert!(!violations(&leaky)[0].message.contains("hunter2"));
    leaky.steps[0].call = call(json!({ "sign_secret": { "$secret": { "fromEnv": "X" } } }));
    assert_eq!(broken(&leaky), Vec::<&str>::new());
}

#[test]
fn no_calls() {
    let mut shown = plan(vec![change(Action::Update, "Throttle/gold", "")]);
    shown.refresh_only = true;
    assert_eq!(broken(&shown), ["no-calls"]);
    shown.steps.clear();
    assert_eq!(broken(&shown), Vec::<&str>::new());
}

#[test]
fn no_dangling() {
    // Made before what it names.
    let early = plan(vec![change(Action::Create, "Api/a/x", ""), change(Action::Create, "Group/a", "")]);
    assert_eq!(rules(&against(&early, &observed(&[]))), ["no-dangling"]);
    // Goes before what names it.
    let there = observed(&[("Group/a", ""), ("Api/a/x", ""), ("Publication/a/x/RELEASE", "")]);
    let late = plan(vec![
        change(Action::Delete, "Api/a/x", ""),
        change(Action::Unpublish, "Publication/a/x/RELEASE", ""),
        change(Action::Delete, "Group/a", ""),
    ]);
    let found = against(&late, &there);
    assert_eq!(rules(&found), ["no-dangling"]);
    assert_eq!(found[0].message, "Api/a/x goes while Publication/a/x/RELEASE still names it");
    let mut sound = late;
    sound.steps.swap(0, 1);
    assert_eq!(against(&sound, &there), Vec::new());
    // What the plan does not touch counts, too.
    let alone = plan(vec![change(Action::Delete, "Group/a", "")]);
    assert_eq!(rules(&against(&alone, &there)), ["no-dangling"]);
}

#[test]
fn keeps_policies() {
    let there = observed(&[
        ("Group/a", ""),
        ("Api/a/x", ""),
        ("Environment/RELEASE", ""),
        ("Publication/a/x/RELEASE", ""),
        ("Throttle/old", ""),
        ("Throttle/new", ""),
        ("ThrottleBinding/a/x/RELEASE", "old"),
    ]);
    let mut swap = change(Action::Bind, "ThrottleBinding/a/x/RELEASE", "new");
    swap.owned = true;
    swap.before = Some(Spec::Bound(Bound { to: "old".into() }));
    let delete = change(Action::Delete, "Throttle/old", "");
    let sound = plan(vec![swap.clone(), delete.clone()]);
    assert_eq!(against(&sound, &there), Vec::new());
    // Deleting a throttle takes its bindings along: for a moment, the API is without one.
    let gap = plan(vec![delete, swap]);
    let found = against(&gap, &there);
    assert_eq!(rules(&found), ["keeps-policies"]);
    assert_eq!(
        found[0].message,
        "ThrottleBinding/a/x/RELEASE is off for a moment, after delete of Throttle/old"
    );
    // Without one in the end, nothing is lost that was wanted.
    let unbind = plan(vec![change(Action::Unbind, "ThrottleBinding/a/x/RELEASE", "old")]);
    assert_eq!(against(&unbind, &there), Vec::new());
}

#[test]
fn a_plan_for_some_environments_stays_in_them() {
    let mut plan = plan(vec![
        change(Action::Publish, "Publication/a/x/TEST", ""),
        change(Action::Bind, "ThrottleBinding/a/x/RELEASE", "gold"),
        change(Action::Create, "Throttle/gold", ""),
    ]);
    plan.environments = BTreeSet::from(["TEST".to_owned()]);
    assert_eq!(broken(&plan), ["stays-in"]);
    plan.changes[1] = change(Action::Bind, "ThrottleBinding/a/x/TEST", "gold");
    assert_eq!(broken(&plan), Vec::<&str>::new());
    // What goes along counts, too.
    plan.changes[2] = Change {
        owned: true,
        takes_along: vec![address("ThrottleBinding/b/y/RELEASE")],
        ..change(Action::Delete, "Throttle/gold", "")
    };
    assert_eq!(broken(&plan), ["stays-in"]);
}

#[test]
fn the_id_of_a_part_is_told_before_it_is_needed() {
    use crate::plan::parts::{Parts, id_of_part};
    let group = address("Group/a");
    let mut plan =
        plan(vec![change(Action::Create, "Group/a", ""), change(Action::Create, "Variable/a/TEST/x", "")]);
    plan.steps[1].call.body = json!({ "stage": id_of_part(&group, "TEST") });
    assert_eq!(broken(&plan), ["ids-known"]);
    let asks = |call: Call| Reply::Parts {
        reply: Reply::Ignore.into(),
        parts: Parts { call, list: "stages".into(), name: "name".into(), id: "id".into() }.into(),
    };
    // The read may name what was just made, and nothing else that is not known.
    plan.steps[0].reply = asks(call(json!({ "of": crate::plan::id_of(&group) })));
    assert_eq!(broken(&plan), Vec::<&str>::new());
    plan.steps[0].reply = asks(call(json!({ "of": crate::plan::id_of(&address("Group/b")) })));
    assert_eq!(broken(&plan), ["ids-known"]);
}
