//! Plug-ins on Alibaba's gateway: how their definitions are compared and written, and what they hang on.

use apigctl::session;
use serde_json::{Value, json};

use super::{api, api_id, bench, group};
use crate::support::{Bench, document, lines};

fn plugin(name: &str, spec: Value) -> Value {
    document("Plugin", json!({ "name": name }), spec)
}

fn cors(name: &str, origin: &str) -> Value {
    plugin(
        name,
        json!({ "cors": { "allowOrigins": [origin, "https://b.example.com"], "allowMethods": ["GET"], "maxAge": "1h" } }),
    )
}

fn binding(plugin: &str, names: &[&str]) -> Value {
    let spec = json!({ "environment": "RELEASE", "plugin": plugin, "apis": { "names": names } });
    document("Binding", json!({ "name": format!("{plugin}-bound") }), spec)
}

/// A definition as somebody writes it in the console.
fn define(bench: &Bench, action: &str, members: &[(&str, &str)]) -> String {
    let query: Vec<String> =
        members.iter().map(|(name, value)| format!("{name}={}", apigctl::http::encode(value))).collect();
    bench.action(action, &query.join("&"))["PluginId"].as_str().unwrap_or_default().to_owned()
}

/// A row of `DescribePlugins`.
fn row(bench: &Bench, name: &str) -> Value {
    bench.action("DescribePlugins", &format!("PluginName={name}"))["Plugins"]["PluginAttribute"][0].clone()
}

fn data(bench: &Bench, name: &str) -> Value {
    serde_json::from_str(row(bench, name)["PluginData"].as_str().unwrap()).unwrap()
}

fn notes(plan: &apigctl::plan::Plan, code: &str) -> Vec<String> {
    plan.notes.iter().filter(|note| note.code == code).map(|note| note.message.clone()).collect()
}

#[tokio::test]
async fn one_call_attaches_to_many_apis_and_one_each_detaches() {
    let bench = bench();
    let mut other = api("third", &["RELEASE"]);
    other["metadata"]["group"] = json!("shop_b");
    let apis =
        [group("shop_a"), group("shop_b"), api("first", &["RELEASE"]), api("second", &["RELEASE"]), other];
    let plugins = [
        cors("pages", "*"),
        plugin("cached", json!({ "native": { "type": "caching", "definition": { "duration": 60 } } })),
    ];
    bench.applied(&[&apis[..], &plugins].concat()).await;
    let bound = [binding("pages", &["*"]), binding("cached", &["first"])];
    let plan = bench.applied(&[&apis[..], &plugins, &bound].concat()).await;
    assert_eq!(
        lines(&plan),
        [
            "bind PluginBinding/shop_a/first/RELEASE/caching new",
            "bind PluginBinding/shop_a/first/RELEASE/cors new",
            "bind PluginBinding/shop_a/second/RELEASE/cors new",
            "bind PluginBinding/shop_b/third/RELEASE/cors new",
        ]
    );
    assert_eq!(
        (plan.steps.len(), plan.calls_bound),
        (2, 2),
        "one call for each plug-in, whatever the groups"
    );
    // Another of the same type takes its place by one call.
    let swapped = [cors("others", "https://c.example.com"), binding("others", &["*"])];
    let plan = bench.applied(&[&apis[..], &plugins, &swapped, &bound[1..]].concat()).await;
    assert_eq!(lines(&plan)[0], "bind PluginBinding/shop_a/first/RELEASE/cors manifestChanged: to");
    assert_eq!((plan.steps.len(), plan.calls_bound), (2, 2), "made, and attached to three");
    let plan = bench.applied(&[&apis[..], &plugins].concat()).await;
    assert_eq!(lines(&plan).iter().filter(|line| line.starts_with("unbind")).count(), 4);
    assert_eq!((plan.steps.len(), plan.calls_bound), (5, 5), "DetachPlugin takes one API");
}

#[tokio::test]
async fn a_plugin_outlives_the_publication_and_goes_with_its_api() {
    let bench = bench();
    let all = |publish: &[&str], more: &[Value]| {
        [&[group("shop_a"), api("first", publish), cors("pages", "*")][..], more].concat()
    };
    bench.applied(&all(&["RELEASE"], &[binding("pages", &["first"])])).await;
    let plan = bench.applied(&all(&[], &[])).await;
    let unbound = "unbind PluginBinding/shop_a/first/RELEASE/cors removed";
    assert_eq!(lines(&plan), [unbound, "unpublish Publication/shop_a/first/RELEASE removed"]);
    let last = &plan.steps[1];
    assert_eq!(last.call.path, "/DetachPlugin", "what it guards is never without it");
    bench.applied(&all(&["RELEASE"], &[binding("pages", &["first"])])).await;
    let plan = bench.applied(&[group("shop_a"), cors("pages", "*")]).await;
    assert_eq!(
        lines(&plan),
        ["delete Api/shop_a/first removed", "unpublish Publication/shop_a/first/RELEASE removed"]
    );
    let plan = bench.applied(&[group("shop_a")]).await;
    assert_eq!(lines(&plan), ["delete Plugin/pages removed"]);
}

#[tokio::test]
async fn a_definition_is_compared_however_it_is_written() {
    let bench = bench();
    let limit = plugin(
        "limit_1",
        json!({ "rateLimit": {
            "per": "1m", "limits": { "api": 100, "app": 10 },
            "exceptions": [{ "app": "caller", "limit": 20 }, { "user": "123", "limit": 30 }],
        } }),
    );
    let spare = plugin(
        "spare",
        json!({ "breaker": { "by": "condition", "condition": "$StatusCode = 503", "mode": "counter", "failures": 9,
            "window": "30s", "openFor": "1m" } }),
    );
    let keys = plugin(
        "tokens",
        json!({ "native": { "type": "jwtAuth", "definition": {
            "parameter": "X-Token", "parameterLocation": "header", "jwk": { "kty": "RSA", "e": "AQAB", "n": "x" },
        } } }),
    );
    let app = document("App", json!({ "name": "caller" }), json!({ "description": "Calls." }));
    let all = [app, cors("pages", "https://a.example.com"), limit, spare, keys];
    bench.applied(&all).await;
    let app = bench.action("DescribeAppAttributes", "")["Apps"]["AppAttribute"][0]["AppId"].clone();
    let id = |name: &str| row(&bench, name)["PluginId"].as_str().unwrap().to_owned();
    for (name, written) in [
        (
            "pages",
            "---\nmaxAge: 3600 # an hour\nallowMethods: [GET]\nallowOrigins: https://a.example.com, https://b.example.com\n"
                .to_owned(),
        ),
        (
            "limit_1",
            format!(
                "{{\"specials\": [{{\"type\": \"USER\", \"policies\": [{{\"key\": 123, \"value\": 30}}]}},\n \
                 {{\"type\": \"APP\", \"policies\": [{{\"value\": 20, \"key\": {app}}}]}}],\n \
                 \"appDefault\": 10, \"userDefault\": 0, \"apiDefault\": 100, \"unit\": \"MINUTE\"}}"
            ),
        ),
        (
            "spare",
            "errorCondition: $StatusCode = 503\nerrorThreshold: 9\nopenTimeoutSeconds: 60\nwindowInSeconds: 30\n".to_owned(),
        ),
        ("tokens", "jwk: { n: x, e: AQAB, kty: RSA }\nparameterLocation: header\nparameter: X-Token\n".to_owned()),
    ] {
        define(&bench, "ModifyPlugin", &[("PluginId", &id(name)), ("PluginData", &written)]);
        assert_eq!(row(&bench, name)["PluginData"], written);
    }
    let plan = bench.planned().await;
    assert_eq!(lines(&plan), Vec::<String>::new());
    assert_eq!(notes(&plan, "kept-members"), Vec::<String>::new());
    // A description alone leaves the text as it is.
    let mut described = all;
    described[1]["spec"]["description"] = json!("Pages.");
    bench.applied(&described).await;
    assert!(row(&bench, "pages")["PluginData"].as_str().unwrap().contains("# an hour"));
    // What is changed by hand is found and put right.
    define(
        &bench,
        "ModifyPlugin",
        &[("PluginId", &id("tokens")), ("PluginData", "parameter: Y\nparameterLocation: query\n")],
    );
    let plan = bench.planned().await;
    assert_eq!(
        lines(&plan),
        [
            "update Plugin/tokens changedByHand: native.definition.parameter, native.definition.parameterLocation, native.definition.jwk"
        ]
    );
    bench.apply(&plan).await;
    bench.assert_settled().await;
}

#[tokio::test]
async fn what_a_block_does_not_say_is_shown_and_kept() {
    let bench = bench();
    let spare = |failures: u32| {
        plugin(
            "spare",
            json!({ "breaker": { "by": "timeout", "mode": "counter", "failures": failures, "window": "30s", "openFor": "1m" } }),
        )
    };
    bench.applied(&[spare(9)]).await;
    let id = row(&bench, "spare")["PluginId"].as_str().unwrap().to_owned();
    let other = json!({
        "timeoutThreshold": 9, "windowInSeconds": 30, "openTimeoutSeconds": 60,
        "downgradeBackend": { "type": "mock", "statusCode": 418 },
    });
    define(&bench, "ModifyPlugin", &[("PluginId", &id), ("PluginData", &other.to_string())]);
    let shown =
        "at the gateway it has `downgradeBackend` besides, which `breaker` does not say: that stays as it is";
    let plan = bench.planned().await;
    assert_eq!(lines(&plan), Vec::<String>::new());
    assert_eq!(notes(&plan, "kept-members"), [shown]);
    bench.write(&[spare(10)]);
    let plan = bench.planned().await;
    assert_eq!(lines(&plan), ["update Plugin/spare manifestChanged: breaker.failures"]);
    assert_eq!(notes(&plan, "kept-members"), [shown]);
    bench.apply(&plan).await;
    assert_eq!(data(&bench, "spare")["downgradeBackend"], other["downgradeBackend"]);
    assert_eq!(data(&bench, "spare")["timeoutThreshold"], 10);
    // The manifest may say all of it instead; the type stays.
    let mut whole = other.clone();
    whole["timeoutThreshold"] = json!(10);
    let native = |definition: &Value| {
        plugin("spare", json!({ "native": { "type": "circuitBreaker", "definition": definition } }))
    };
    bench.write(&[native(&whole)]);
    let plan = bench.planned().await;
    assert_eq!((lines(&plan), notes(&plan, "kept-members")), (Vec::<String>::new(), Vec::new()));
    whole["downgradeBackend"]["statusCode"] = json!(503);
    let plan = bench.applied(&[native(&whole)]).await;
    assert_eq!(
        lines(&plan),
        ["update Plugin/spare manifestChanged: native.definition.downgradeBackend.statusCode"]
    );
    assert_eq!(data(&bench, "spare"), whole);
}

#[tokio::test]
async fn an_api_has_one_of_each_type_in_whatever_form() {
    let bench = bench();
    let by_address = json!({
        "scope": "PLUGIN", "defaultLimit": 100, "defaultPeriod": "DAY", "parameters": { "ip": "System:CaClientIp" },
        "rules": [{ "name": "each", "byParameters": "ip", "limit": 9, "period": "DAY" }],
    });
    let all = [
        group("shop_a"),
        api("first", &["RELEASE"]),
        plugin("plain_limit", json!({ "rateLimit": { "per": "1s", "limits": { "api": 9 } } })),
        plugin("by_address", json!({ "native": { "type": "trafficControl", "definition": by_address } })),
        binding("plain_limit", &["first"]),
        binding("by_address", &["first"]),
    ];
    bench.write(&all);
    let problems = bench.plan().await.unwrap_err();
    assert!(problems.iter().any(|problem| problem.code == "binding-conflict"), "{problems:#?}");
    bench.applied(&all[..5]).await;
    let plan = bench.applied(&[&all[..4], &all[5..]].concat()).await;
    assert_eq!(lines(&plan), ["bind PluginBinding/shop_a/first/RELEASE/rateLimit manifestChanged: to"]);
}

#[tokio::test]
async fn what_holds_a_secret_is_left_alone_and_shown_nowhere() {
    let bench = bench();
    for (name, kind, written) in [
        ("signer", "backendSignature", "type: APIGW_BACKEND\nkey: key_one\nsecret: hidden_one\n"),
        ("people", "basicAuth", "users: [{ username: alice, password: hidden_two }]\n"),
        (
            "tokens",
            "jwtAuth",
            "parameter: X\nparameterLocation: header\njwk: { kty: oct, k: hidden_three }\n",
        ),
    ] {
        define(
            &bench,
            "CreatePlugin",
            &[("PluginName", name), ("PluginType", kind), ("PluginData", written)],
        );
    }
    let before = json!(bench.dump());
    let definition = json!({ "parameter": "X", "parameterLocation": "query" });
    let tokens = plugin("tokens", json!({ "native": { "type": "jwtAuth", "definition": definition } }));
    bench.write(&[group("shop_a"), tokens]);
    let plan = bench.planned().await;
    assert_eq!(lines(&plan), ["create Group/shop_a new"]);
    assert_eq!(
        notes(&plan, "not-readable"),
        [
            "it is not compared and stays as it is, because `PluginData.jwk.k` is a secret, which no manifest can say"
        ]
    );
    assert!(!serde_json::to_string(&plan).unwrap().contains("hidden"));
    bench.apply(&plan).await;
    assert_eq!(json!(bench.dump())["alibaba"]["plugins"], before["alibaba"]["plugins"]);
    let (snapshot, _) = session::capture(&bench.target()).await.unwrap();
    let text = serde_json::to_string(&snapshot.holds).unwrap();
    assert!(!text.contains("hidden") && text.contains("key_one"), "{text}");
}

#[tokio::test]
async fn what_others_attached_keeps_plugins_and_groups() {
    let bench = bench();
    let all = [
        group("shop_a"),
        group("shop_b"),
        api("first", &["RELEASE"]),
        cors("pages", "*"),
        cors("others", "*"),
    ];
    bench.applied(&all).await;
    let id = |name: &str| row(&bench, name)["PluginId"].as_str().unwrap().to_owned();
    let groups = bench.action("DescribeApiGroups", "GroupName=shop_b");
    let shop_b = groups["ApiGroupAttributes"]["ApiGroupAttribute"][0]["GroupId"].as_str().unwrap().to_owned();
    bench.action("AttachGroupPlugin", &format!("PluginId={}&GroupId={shop_b}&StageName=PRE", id("pages")));
    bench.action(
        "AttachPlugin",
        &format!("PluginId={}&ApiId={}&StageName=RELEASE", id("others"), api_id(&bench, "first")),
    );
    // The binding is of an API that stays.
    bench.write(&all[..1].iter().chain(&all[2..3]).cloned().collect::<Vec<_>>());
    let plan = bench.planned().await;
    assert_eq!(lines(&plan), Vec::<String>::new());
    let mut kept = notes(&plan, "kept");
    kept.sort();
    assert_eq!(
        kept,
        [
            "left the manifests, but 1 API that this plan does not touch is still bound to it: kept",
            "left the manifests, but the group shop_b in PRE has it: kept",
            "left the manifests, but the plug-in pages in PRE would go with it: kept",
        ]
    );
    let (snapshot, _) = session::capture(&bench.target()).await.unwrap();
    let captured = serde_json::to_string(&snapshot.holds).unwrap();
    assert!(captured.contains("groupPlugin"), "{captured}");
    // With its API it goes, and the plan says so.
    bench.write(&[all[0].clone(), all[4].clone()]);
    let plan = bench.planned().await;
    assert_eq!(
        notes(&plan, "takes-along"),
        ["the plug-in others on Api/shop_a/first goes with it, made by others"]
    );
    bench.apply(&plan).await;
    assert_eq!(bench.action("DescribePluginApis", &format!("PluginId={}", id("others")))["TotalCount"], 0);
}
