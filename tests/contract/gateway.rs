//! The gateway itself.

use apigctl::kind::Kind;
use serde_json::{Value, json};

use super::{Case, Subject, WRONG, step};
use crate::support::{Bench, document, lines};

const ONE: &str = "iam:domain::0123456789abcdef0123456789abcdef";
const TWO: &str = "iam:domain::fedcba9876543210fedcba9876543210";

pub(super) fn subjects() -> Vec<Subject> {
    vec![gateway()]
}

fn own(spec: Value) -> Value {
    document("Gateway", json!({ "name": "engine" }), spec)
}

fn gateway() -> Subject {
    let of = "Gateway/engine";
    let texts = |lines: &[&str]| lines.iter().map(|line| (*line).to_owned()).collect::<Vec<_>>();
    let tag = |key: &str| format!("GatewayTag/engine/{key}");
    let may = |who: &str| format!("EndpointPermission/engine/{who}");
    let spec = json!({
        "description": "Ours", "maintenance": "02:00", "securityGroup": "group-1",
        "tags": { "team": "shop", "cost": "7" }, "endpointPermissions": [ONE],
    });
    let removed = vec![
        format!("delete {} removed", tag("team")),
        format!("delete {} removed", tag("cost")),
        format!("delete {} removed", may(ONE)),
    ];
    let mut created: Vec<String> =
        removed.iter().map(|line| line.replace("delete", "create").replace("removed", "new")).collect();
    created.push(format!("update {of} differs: description, maintenance, securityGroup"));
    Subject {
        name: "gateway",
        kind: Kind::Gateway,
        around: Vec::new(),
        base: own(spec),
        created,
        removed,
        cases: vec![
            Case::set(of, "description", json!("Everybody's")),
            Case::set(of, "maintenance", json!("22:00")),
            Case::set(of, "securityGroup", json!("group-2")),
            Case::edit(
                &["tags[]"],
                vec![("/tags/team", json!("stock"))],
                texts(&["update GatewayTag/engine/team manifestChanged: value"]),
            ),
            Case::edit(
                &["tags[]"],
                vec![("/tags", json!({ "team": "stock", "place": "here" }))],
                texts(&[
                    "update GatewayTag/engine/team manifestChanged: value",
                    "create GatewayTag/engine/place new",
                    "delete GatewayTag/engine/cost removed",
                ]),
            ),
            Case::edit(
                &["endpointPermissions[]"],
                vec![("/endpointPermissions", json!([ONE, TWO, "*"]))],
                vec![format!("create {} new", may(TWO)), format!("create {} new", may("*"))],
            ),
        ],
    }
}

/// What others set stays; so does what a manifest leaves out, in every call.
#[tokio::test]
async fn what_a_gateway_has_besides_stays() {
    let bench = Bench::new();
    let tags = |tags: Value| json!({ "action": "create", "tags": tags });
    bench.call("POST", "/instance-tags/action", &tags(json!([{ "key": "theirs", "value": "a" }])));
    bench.call("POST", "/vpc-endpoint/permissions/batch-add", &json!({ "permissions": [TWO] }));
    bench.call("PUT", "", &json!({ "description": "Theirs", "security_group_id": "group-9" }));
    let all = [own(json!({ "maintenance": "06:00", "tags": { "ours": "b" } }))];
    let expected = ["create GatewayTag/engine/ours new", "update Gateway/engine differs: maintenance"]
        .map(str::to_owned);
    step(&bench, "gateway", "beside others", &all, &expected).await;
    let held = bench.dump();
    assert_eq!((held.instance_tags.len(), held.endpoint_permissions.len()), (2, 1));
    let gateway = bench.call("GET", "", &Value::Null);
    assert_eq!(
        (&gateway["description"], &gateway["security_group_id"]),
        (&json!("Theirs"), &json!("group-9"))
    );
    // It leaves the manifests: the tag goes, the rest stays.
    bench.write(&[document("Environment", json!({ "name": "TEST" }), json!({}))]);
    let plan = bench.planned().await;
    assert_eq!(lines(&plan), ["create Environment/TEST new", "delete GatewayTag/engine/ours removed"]);
    bench.apply(&plan).await;
    bench.assert_settled().await;
    assert_eq!(bench.call("GET", "", &Value::Null)["maintain_begin"], "06:00:00");
    assert_eq!(WRONG.take(), Vec::<String>::new());
}

/// A manifest of another gateway is a problem; one that says what it was called gives it another name.
#[tokio::test]
async fn the_name_is_that_of_the_target() {
    let bench = Bench::new();
    let called = |metadata: Value| document("Gateway", metadata, json!({ "tags": { "team": "shop" } }));
    bench.write(&[called(json!({ "name": "engine" }))]);
    bench.apply(&bench.planned().await).await;
    bench.write(&[called(json!({ "name": "front" }))]);
    let problems = bench.plan().await.unwrap_err();
    assert_eq!(problems[0].code, "other-gateway", "{problems:#?}");
    assert_eq!(problems[0].message, "the gateway of the target is called `engine`, not `front`");
    let renamed = [called(json!({ "name": "front", "was": "engine" }))];
    step(&bench, "gateway", "renamed", &renamed, &["update Gateway/front renamed: ".to_owned()]).await;
    assert_eq!(bench.call("GET", "", &Value::Null)["instance_name"], "front");
    assert_eq!(WRONG.take(), Vec::<String>::new());
}
