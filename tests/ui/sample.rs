//! Plans made by hand: one with every action and reason, a huge one, a hostile one.

use std::collections::BTreeMap;
use std::sync::Arc;

use apigctl::address::Address;
use apigctl::kind::Kind;
use apigctl::kinds::api::ApiSpec;
use apigctl::kinds::spec::Spec;
use apigctl::observed::Gap;
use apigctl::plan::{Action, Call, Change, FORMAT, Item, Note, Plan, Reason, Reply, Step, Switch, Target};
use serde_json::{Value, json};

pub(crate) fn empty() -> Plan {
    Plan {
        format: FORMAT,
        target: Target {
            name: "staging".into(),
            provider: "huawei-apig-v2".into(),
            endpoint: "https://apig.region-1.example.com".into(),
            scope: BTreeMap::from([
                ("instance".into(), "fedcba9876543210".into()),
                ("project".into(), "0123456789abcdef".into()),
            ]),
        },
        changes: Vec::new(),
        steps: Vec::new(),
        notes: Vec::new(),
        gaps: Vec::new(),
        base: BTreeMap::new(),
        calls_bound: 0,
        reads: 31,
        managed: 1234,
        unchanged: 1234,
        adopt: Vec::new(),
        forget: Vec::new(),
        renamed: Vec::new(),
        protected: std::collections::BTreeSet::new(),
        owned: 1234,
        environments: std::collections::BTreeSet::new(),
        refresh_only: false,
        busy: Vec::new(),
        destroy: false,
    }
}

fn merge(into: &mut Value, from: Value) {
    match (into, from) {
        (Value::Object(into), Value::Object(from)) => {
            for (key, value) in from {
                merge(into.entry(key).or_insert(Value::Null), value);
            }
        }
        (into, from) => *into = from,
    }
}

pub(crate) fn api(path: &str, more: Value) -> Arc<ApiSpec> {
    let mut value = json!({
        "request": { "method": "GET", "path": path },
        "auth": { "type": "app" },
        "backend": { "http": { "url": format!("https://backend.internal{path}"), "method": "GET" } },
    });
    merge(&mut value, more);
    Arc::new(serde_json::from_value(value).unwrap())
}

fn spec(variant: &str, value: Value) -> Spec {
    serde_json::from_value(json!({ variant: value })).unwrap()
}

pub(crate) fn change(
    address: &str,
    action: Action,
    reason: Reason,
    before: Option<Spec>,
    after: Option<Spec>,
) -> Change {
    Change {
        address: Address::parse(address).unwrap(),
        action,
        reason,
        before,
        after,
        source: None,
        owned: !matches!(reason, Reason::New),
        adopted: false,
        was: None,
        switch: None,
        takes_along: Vec::new(),
    }
}

fn at(mut change: Change, source: &str) -> Change {
    change.source = Some(source.into());
    change
}

fn addresses(list: &[&str]) -> Vec<Address> {
    list.iter().map(|a| Address::parse(a).unwrap()).collect()
}

fn step(method: &str, path: &str, items: &[usize]) -> Step {
    let items =
        items.iter().map(|n| Item { change: *n, key: Value::Null, row: Vec::new(), needs: Vec::new() });
    Step {
        call: Call {
            method: method.into(),
            path: path.into(),
            args: BTreeMap::new(),
            query: Vec::new(),
            body: Value::Null,
        },
        items: items.collect(),
        reply: Reply::Ignore,
        recover: None,
    }
}

fn policies() -> Vec<Change> {
    use Action::{Create, Update};
    let throttle = |api: u32, more: Value| {
        let mut value = json!({ "per": "1s", "limits": { "api": api } });
        merge(&mut value, more);
        Some(spec("throttle", value))
    };
    let signature = |kind: &str| {
        Some(spec(
            "signature",
            json!({ "type": kind, "key": "edge", "secret": { "fromEnv": "EDGE_SECRET" } }),
        ))
    };
    let variable = |value: &str| Some(spec("variable", json!({ "value": value })));
    vec![
        at(
            change(
                "Group/payments",
                Create,
                Reason::New,
                None,
                Some(spec("group", json!({ "description": "Money in and out" }))),
            ),
            "manifests/payments.yaml:1",
        ),
        at(
            change(
                "Environment/TEST",
                Create,
                Reason::RemovedByHand,
                None,
                Some(spec("environment", json!({}))),
            ),
            "manifests/environments.yaml:4",
        ),
        at(
            change(
                "Variable/users/TEST/host",
                Update,
                Reason::ChangedByHand,
                variable("10.0.0.9"),
                variable("users.internal"),
            ),
            "manifests/users.yaml:8",
        ),
        at(
            change(
                "Throttle/gold",
                Update,
                Reason::ChangedBoth,
                throttle(500, json!({ "limits": { "user": 100 } })),
                throttle(
                    800,
                    json!({ "limits": { "user": 500, "app": 300 }, "description": "For paying customers" }),
                ),
            ),
            "manifests/policies.yaml:1",
        ),
        at(
            change(
                "ThrottleException/gold/app/batch",
                Create,
                Reason::New,
                None,
                Some(spec("throttleException", json!({ "limit": 600 }))),
            ),
            "manifests/policies.yaml:9",
        ),
        at(
            change("Signature/edge", Update, Reason::SecretChanged, signature("hmac"), signature("hmac")),
            "manifests/policies.yaml:20",
        ),
        at(
            change(
                "Signature/old-edge",
                Update,
                Reason::ManifestChanged,
                signature("basic"),
                signature("aes"),
            ),
            "manifests/policies.yaml:31",
        ),
    ]
}

fn drafts() -> Vec<Change> {
    use Action::{Create, Update};
    let draft = |path: &str, more: Value| Some(Spec::Api(api(path, more)));
    let schema = |n: u32| {
        json!(format!(
            "{{\"type\":\"object\",\"required\":[\"amount\",\"currency\"],\"properties\":{{\"amount\":{{\"type\":\"number\",\"maximum\":{n}}},\"currency\":{{\"type\":\"string\"}}}}}}"
        ))
    };
    let body = |schema: Value| json!([{ "name": "X-Body", "in": "header", "jsonSchema": schema }]);
    let text = |word: &str| {
        format!("Takes a payment.\n\nThe account must exist.\nAmounts are in {word}.\n\nSee the manual.\n")
    };
    let slow = |t: &str| json!({ "backend": { "http": { "timeout": t } } });
    let mut changes = vec![
        at(
            change(
                "Api/payments/create-payment",
                Create,
                Reason::New,
                None,
                draft("/payments", json!({ "cors": true })),
            ),
            "manifests/payments.yaml:5",
        ),
        at(
            change("Api/payments/get-payment", Create, Reason::New, None, draft("/payments/{id}", json!({}))),
            "manifests/payments.yaml:21",
        ),
        at(
            change(
                "Api/users/get-user",
                Update,
                Reason::ManifestChanged,
                draft(
                    "/users/{id}",
                    json!({
                        "description": text("cents"), "parameters": body(schema(100)), "tags": ["a"],
                        "backend": { "http": { "url": "https://users-old.internal.example.com:8443/v1/accounts/{id}/profile?fields=all" } },
                    }),
                ),
                draft(
                    "/users/{id}",
                    json!({
                        "description": text("the currency's smallest unit"), "parameters": body(schema(5000)), "tags": ["a", "b"],
                        "backend": { "http": { "url": "https://users-new.internal.example.com:8443/v2/accounts/{id}/profile?fields=all", "retries": 2 } },
                    }),
                ),
            ),
            "manifests/users.yaml:12",
        ),
        at(
            change("Api/users/list-users", Update, Reason::Differs, None, draft("/users", json!({}))),
            "manifests/users.yaml:40",
        ),
    ];
    for name in ["add-user", "drop-user", "rename-user", "find-user"] {
        let path = format!("/users/{name}");
        changes.push(at(
            change(
                &format!("Api/users/{name}"),
                Update,
                Reason::ManifestChanged,
                draft(&path, slow("5s")),
                draft(&path, slow("10s")),
            ),
            "manifests/users.yaml:60",
        ));
    }
    changes
}

fn links() -> Vec<Change> {
    use Action::{Bind, Publish};
    let live = |path: &str, more: Value| Some(Spec::Publication(api(path, more)));
    let bound = |to: &str| Some(spec("bound", json!({ "to": to })));
    let mut changes = Vec::new();
    for name in ["create-payment", "get-payment"] {
        let path = format!("/{name}");
        changes.push(change(
            &format!("Publication/payments/{name}/RELEASE"),
            Publish,
            Reason::New,
            None,
            live(&path, json!({})),
        ));
    }
    for name in ["add-user", "drop-user", "rename-user", "find-user", "get-user"] {
        let path = format!("/{name}");
        let address = format!("Publication/users/{name}/RELEASE");
        changes.push(change(
            &address,
            Publish,
            Reason::ManifestChanged,
            live(&path, json!({})),
            live(&path, json!({ "cors": true })),
        ));
    }
    changes.push(change(
        "Publication/orders/cancel-order/RELEASE",
        Publish,
        Reason::NeverPublished,
        live("/orders", json!({ "backend": { "http": { "timeout": "5s" } } })),
        live("/orders", json!({ "backend": { "http": { "timeout": "30s" } } })),
    ));
    changes.push(change(
        "Publication/orders/list-orders/RELEASE",
        Publish,
        Reason::RolledBack,
        live("/orders", json!({ "auth": { "type": "none" } })),
        live("/orders", json!({})),
    ));
    let mut switched = change(
        "Publication/orders/ship-order/RELEASE",
        Action::Switch,
        Reason::Rollback,
        live("/orders", json!({ "backend": { "http": { "timeout": "30s" } } })),
        live("/orders", json!({ "backend": { "http": { "timeout": "5s" } } })),
    );
    switched.switch = Some(Switch {
        to: "0a".into(),
        number: "20260101120000".into(),
        from: "20260102120000".into(),
        hold: None,
    });
    changes.push(switched);
    for name in ["create-payment", "get-payment"] {
        changes.push(change(
            &format!("ThrottleBinding/payments/{name}/RELEASE"),
            Bind,
            Reason::New,
            None,
            bound("gold"),
        ));
    }
    for name in ["add-user", "drop-user", "rename-user"] {
        let address = format!("ThrottleBinding/users/{name}/RELEASE");
        changes.push(change(&address, Bind, Reason::ManifestChanged, bound("silver"), bound("gold")));
    }
    changes
}

fn removals() -> Vec<Change> {
    use Action::{Delete, Unbind, Unpublish};
    let gone = |address: &str, action, reason, before| change(address, action, reason, before, None);
    let bound = |to: &str| Some(spec("bound", json!({ "to": to })));
    let old = || api("/old", json!({}));
    let mut group = gone("Group/legacy", Delete, Reason::Removed, Some(spec("group", json!({}))));
    group.takes_along = addresses(&["Variable/legacy/TEST/host", "Variable/legacy/RELEASE/host"]);
    let mut publication = gone(
        "Publication/legacy/old/RELEASE",
        Unpublish,
        Reason::GoesWithParent,
        Some(Spec::Publication(old())),
    );
    publication.takes_along = addresses(&["ThrottleBinding/legacy/old/RELEASE"]);
    vec![
        group,
        gone("Api/legacy/old", Delete, Reason::Removed, Some(Spec::Api(old()))),
        publication,
        gone("SignatureBinding/users/get-user/RELEASE", Unbind, Reason::Removed, bound("edge")),
    ]
}

pub(crate) fn full() -> Plan {
    let mut plan = empty();
    plan.changes = [policies(), drafts(), links(), removals()].concat();
    plan.unchanged = 1200;
    plan.calls_bound = 4;
    plan.steps = vec![
        step("POST", "/v2/{project_id}/apigw/instances/{instance_id}/api-groups", &[0]),
        step("POST", "/v2/{project_id}/apigw/instances/{instance_id}/apis/publish", &[15, 16, 17]),
        step("POST", "/v2/{project_id}/apigw/instances/{instance_id}/throttle-bindings", &[24, 25]),
        step("DELETE", "/v2/{project_id}/apigw/instances/{instance_id}/api-groups/{group_id}", &[29]),
        step("DELETE", "/v2/{project_id}/apigw/instances/{instance_id}/apis/{api_id}", &[30]),
    ];
    for name in ["ping", "pong", "health"] {
        plan.notes.push(Note {
            code: "not-owned".into(),
            address: Address::parse(&format!("Publication/ops/{name}/RELEASE")),
            message: "this publication was not made by apigctl and is not in the manifests: left alone"
                .into(),
        });
    }
    plan.notes.push(Note {
        code: "kept".into(),
        address: Address::parse("Throttle/bronze"),
        message: "left the manifests, but 3 APIs that this plan does not touch are still bound to it: kept"
            .into(),
    });
    plan.gaps.push(Gap {
        address: Address::parse("Api/ops/trace").unwrap(),
        field: "backend.function".into(),
        reason: "APIC.7302: no permission to read the function".into(),
    });
    plan.adopt = addresses(&["Api/users/adopted"]);
    plan
}

/// 10,000 changes: 10 groups with 400 creations, 300 distinct updates, 100 removals and 200 publications each.
pub(crate) fn huge() -> Plan {
    let mut plan = empty();
    for group in 0..10 {
        for n in 0..1000 {
            let name = format!("group-{group}/api-number-{n:04}");
            let path = format!("/things/{n}");
            let draft = |more: Value| Some(Spec::Api(api(&path, more)));
            plan.changes.push(match n {
                0..400 => change(&format!("Api/{name}"), Action::Create, Reason::New, None, draft(json!({}))),
                400..700 => change(
                    &format!("Api/{name}"),
                    Action::Update,
                    if n % 3 == 0 { Reason::ChangedByHand } else { Reason::ManifestChanged },
                    draft(json!({ "description": format!("was {n}") })),
                    draft(json!({ "description": format!("is {n}\nwith `code`\n") })),
                ),
                700..800 => {
                    change(&format!("Api/{name}"), Action::Delete, Reason::Removed, draft(json!({})), None)
                }
                _ => change(
                    &format!("Publication/{name}/RELEASE"),
                    Action::Publish,
                    Reason::New,
                    None,
                    Some(Spec::Publication(api(&path, json!({})))),
                ),
            });
        }
    }
    plan
}

/// Names and values that try to break out of what they are printed in.
pub(crate) const HOSTILE: &str = "x`</code></details><script>alert(1)</script>\u{1b}[2J\u{202e}\n```\n# @everyone |a|b| [l](http://evil) ![i](x) #1 ']]>\"&";

pub(crate) fn hostile() -> Plan {
    let mut plan = empty();
    plan.target.name = HOSTILE.into();
    plan.target.endpoint = HOSTILE.into();
    let address = |kind, parts: &[&str]| Address::new(kind, parts);
    let draft = |text: String| Some(Spec::Api(api("/a", json!({ "description": text }))));
    let long = format!("{HOSTILE}\n```\n{}\n</details>\n", "`".repeat(100));
    let mut update =
        change("Api/a/b", Action::Update, Reason::ChangedByHand, draft(HOSTILE.into()), draft(long));
    update.address = address(Kind::Api, &[HOSTILE, HOSTILE]);
    update.source = Some(format!("{HOSTILE}:3"));
    let mut delete = change("Api/a/b", Action::Delete, Reason::Removed, draft(HOSTILE.into()), None);
    delete.address = address(Kind::Api, &[HOSTILE, "other"]);
    delete.takes_along = vec![address(Kind::Variable, &[HOSTILE, HOSTILE, HOSTILE])];
    let bound = |to: &str| Some(spec("bound", json!({ "to": to })));
    let mut bind =
        change("ThrottleBinding/a/b/c", Action::Bind, Reason::ManifestChanged, bound(HOSTILE), bound("gold"));
    bind.address = address(Kind::ThrottleBinding, &[HOSTILE, HOSTILE, HOSTILE]);
    plan.changes = vec![update, bind, delete];
    plan.notes.push(Note {
        code: "not-owned".into(),
        address: Some(address(Kind::Group, &[HOSTILE])),
        message: HOSTILE.into(),
    });
    plan.gaps.push(Gap {
        address: address(Kind::Group, &[HOSTILE]),
        field: HOSTILE.into(),
        reason: HOSTILE.into(),
    });
    plan
}
