//! What others hung on things of an estate, or use, when the estate lets go of them.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::holdings::rows;
use super::strangers::Strangers;
use crate::support::{Bench, document, lines};

/// What others hang on an app that is to go: each of them keeps it.
#[tokio::test]
async fn what_others_hung_on_an_app_keeps_it() {
    let bench = Bench::new();
    let app = |name: &str| document("App", json!({ "name": name }), json!({}));
    let names = ["authorized", "excepted", "limited", "plain"];
    bench.write(&names.map(app));
    bench.apply(&bench.planned().await).await;
    Strangers::settle(&bench).await;
    let id = |name: &str| bench.id("/apps", "apps", name);
    let env = bench.id("/envs", "envs", "STRANGER");
    let api = bench.call(
        "POST",
        "/apis",
        &json!({
            "name": "theirs", "group_id": bench.id("/api-groups", "groups", "stranger"), "type": 1,
            "req_protocol": "HTTPS", "req_method": "GET", "req_uri": "/theirs", "auth_type": "APP",
            "backend_type": "MOCK", "mock_info": { "result_content": "stranger" },
        }),
    );
    let body = json!({ "env_id": env, "app_ids": [id("authorized")], "api_ids": [api["id"]] });
    bench.call("POST", "/app-auths", &body);
    let throttle = bench.id("/throttles", "throttles", "stranger");
    let body = json!({ "object_type": "APP", "object_id": id("excepted"), "call_limits": 1 });
    bench.call("POST", &format!("/throttles/{throttle}/throttle-specials"), &body);
    let quotas = bench.call("GET", "/app-quotas", &Value::Null);
    let quota = quotas["quotas"][0]["app_quota_id"].as_str().unwrap().to_owned();
    let body = json!({ "app_ids": [id("limited")] });
    bench.call("POST", &format!("/app-quotas/{quota}/binding-apps"), &body);
    let before = rows(&bench.dump());
    bench.write(&[document("Environment", json!({ "name": "DEV" }), json!({}))]);
    let plan = bench.planned().await;
    assert_eq!(lines(&plan), ["create Environment/DEV new", "delete App/plain removed"]);
    let mut kept: Vec<String> =
        plan.notes.iter().map(|n| format!("{}: {}", n.address.as_ref().unwrap(), n.message)).collect();
    kept.sort();
    let kept_by =
        |app: &str, what: &str| format!("App/{app}: left the manifests, but {what} would go with it: kept");
    assert_eq!(
        kept,
        [
            kept_by("authorized", "the authorization of the app authorized on Api/stranger/theirs"),
            kept_by("excepted", "its exception in the throttle stranger"),
            kept_by("limited", "its quota stranger"),
        ]
    );
    bench.apply(&plan).await;
    bench.assert_settled().await;
    let after = rows(&bench.dump());
    let gone: Vec<&Value> =
        before.iter().filter(|(id, _)| !after.contains_key(*id)).map(|(_, row)| row).collect();
    assert_eq!((gone.len(), &gone[0]["name"]), (1, &json!("plain")));
}

/// What others hang on what is to go: an app's authorization and a domain.
#[tokio::test]
async fn what_others_hung_on_it_keeps_it() {
    let bench = Bench::new();
    let group = document("Group", json!({ "name": "shop" }), json!({}));
    let environment = |name: &str| document("Environment", json!({ "name": name }), json!({}));
    let api = |name: &str, publish: &[&str]| {
        let spec = json!({
            "request": { "method": "GET", "path": format!("/{name}") }, "auth": { "type": "app" },
            "backend": { "mock": {} }, "publish": publish,
        });
        document("Api", json!({ "name": name, "group": "shop" }), spec)
    };
    let all = [
        group.clone(),
        document("Group", json!({ "name": "empty" }), json!({})),
        environment("DEV"),
        environment("TEST"),
        api("stays", &["DEV", "RELEASE"]),
        api("goes", &["TEST", "RELEASE"]),
    ];
    bench.write(&all);
    bench.apply(&bench.planned().await).await;
    let app = bench.call("POST", "/apps", &json!({ "name": "customer" }));
    for (name, environment) in [("stays", "DEV"), ("goes", "TEST"), ("goes", "RELEASE")] {
        let (api, environment) = (bench.id("/apis", "apis", name), bench.id("/envs", "envs", environment));
        let body = json!({ "env_id": environment, "app_ids": [app["id"]], "api_ids": [api] });
        bench.call("POST", "/app-auths", &body);
    }
    let empty = bench.id("/api-groups", "groups", "empty");
    let body = json!({ "url_domain": "api.example.com", "min_ssl_version": "TLSv1.2" });
    bench.call("POST", &format!("/api-groups/{empty}/domains"), &body);
    // Whoever leaves with its API leaves; what someone else's authorization or domain hangs on stays.
    bench.write(&[group, api("stays", &["RELEASE"])]);
    let plan = bench.planned().await;
    let notes: BTreeMap<String, String> = plan
        .notes
        .iter()
        .map(|n| (n.address.as_ref().map(ToString::to_string).unwrap_or_default(), n.message.clone()))
        .collect();
    assert_eq!(
        notes["Group/empty"],
        "left the manifests, but the domain api.example.com would go with it: kept"
    );
    assert_eq!(
        notes["Environment/DEV"],
        "left the manifests, but the authorization of the app customer on Api/shop/stays would go with it: kept"
    );
    assert_eq!(
        notes["Api/shop/goes"],
        "the authorization of the app customer on Api/shop/goes and 1 more goes with it, made by others"
    );
    let deleted: Vec<String> = plan
        .changes
        .iter()
        .filter(|c| c.action == apigctl::plan::Action::Delete)
        .map(|c| c.address.to_string())
        .collect();
    assert_eq!(deleted, ["Environment/TEST", "Api/shop/goes"]);
    bench.apply(&plan).await;
    let left = bench.call("GET", "/app-auths/binded-apps?limit=500", &Value::Null);
    assert_eq!(left["total"], 1);
}

/// What APIs of others name stays, as long as they do.
#[tokio::test]
async fn what_others_use_stays() {
    let bench = Bench::new();
    let group = document("Group", json!({ "name": "shop" }), json!({}));
    let used = [
        document(
            "Authorizer",
            json!({ "name": "check" }),
            json!({ "type": "frontend", "function": "urn:f" }),
        ),
        document(
            "Channel",
            json!({ "name": "servers" }),
            json!({ "port": 80, "members": [{ "host": "10.0.0.1" }] }),
        ),
        document("GroupResponse", json!({ "name": "words", "group": "shop" }), json!({})),
        document(
            "Channel",
            json!({ "name": "unused" }),
            json!({ "port": 80, "members": [{ "host": "10.0.0.2" }] }),
        ),
    ];
    bench.write(&[std::slice::from_ref(&group), &used].concat());
    bench.apply(&bench.planned().await).await;
    let id = |path: &str, list: &str, name: &str| bench.id(path, list, name);
    let group_id = id("/api-groups", "groups", "shop");
    let responses = format!("/api-groups/{group_id}/gateway-responses");
    let body = json!({
        "name": "theirs", "group_id": group_id, "type": 1, "req_protocol": "HTTPS", "req_method": "GET", "req_uri": "/theirs",
        "auth_type": "AUTHORIZER", "authorizer_id": id("/authorizers", "authorizer_list", "check"),
        "response_id": id(&responses, "responses", "words"), "backend_type": "HTTP",
        "backend_api": {
            "req_protocol": "HTTP", "req_method": "GET", "req_uri": "/", "timeout": 5000, "vpc_channel_status": 1,
            "vpc_channel_info": { "vpc_channel_id": id("/vpc-channels", "vpc_channels", "servers") },
        },
    });
    let theirs = bench.call("POST", "/apis", &body);
    bench.write(std::slice::from_ref(&group));
    let plan = bench.planned().await;
    assert_eq!(lines(&plan), ["delete Channel/unused removed"]);
    let kept: BTreeSet<String> = plan
        .notes
        .iter()
        .filter(|note| note.message == "left the manifests, but Api/shop/theirs uses it: kept")
        .map(|note| note.address.as_ref().unwrap().to_string())
        .collect();
    assert_eq!(
        kept.iter().collect::<Vec<_>>(),
        ["Authorizer/check", "Channel/servers", "GroupResponse/shop/words"]
    );
    bench.apply(&plan).await;
    bench.call("DELETE", &format!("/apis/{}", theirs["id"].as_str().unwrap()), &Value::Null);
    assert_eq!(lines(&bench.planned().await).len(), 3);
}
