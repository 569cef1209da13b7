//! Plug-ins on APIs: one of each type, in the fewest calls, and what becomes of them when other things go.

use apigctl::plan::Action;
use serde_json::{Value, json};

use super::ground;
use crate::support::{Bench, document, lines};

fn api(name: &str, publish: &[&str]) -> Value {
    document(
        "Api",
        json!({ "name": name, "group": "shop" }),
        json!({
            "request": { "method": "GET", "path": format!("/{name}") }, "auth": { "type": "none" },
            "backend": { "mock": {} }, "publish": publish,
        }),
    )
}

fn cors(name: &str) -> Value {
    document("Plugin", json!({ "name": name }), json!({ "cors": { "allowOrigins": ["*"] } }))
}

fn others() -> Vec<Value> {
    let plugin = |name: &str, spec| document("Plugin", json!({ "name": name }), spec);
    vec![
        plugin("headers", json!({ "responseHeaders": [{ "name": "Server", "action": "delete" }] })),
        plugin("limit", json!({ "rateLimit": { "per": "1s", "limits": { "api": 10 } } })),
        plugin(
            "spare",
            json!({ "breaker": { "by": "timeout", "mode": "counter", "failures": 5, "window": "5s", "openFor": "5s" } }),
        ),
    ]
}

fn binding(plugin: &str, names: &[&str]) -> Value {
    document(
        "Binding",
        json!({ "name": format!("{plugin}-{}", names.len()) }),
        json!({ "environment": "TEST", "plugin": plugin, "apis": { "names": names } }),
    )
}

fn counted(bench: &Bench) -> usize {
    bench.dump().plugin_attachments.len()
}

#[tokio::test]
async fn plugins_are_attached_in_the_better_direction() {
    let bench = Bench::new();
    let apis: Vec<Value> = ["one", "two", "three", "four"].iter().map(|name| api(name, &["TEST"])).collect();
    let plugins = [vec![cors("pages")], others()].concat();
    bench.applied(&[ground(), apis.clone(), plugins.clone()].concat()).await;
    // One plug-in to four APIs, and three more to one of them: two calls, each from its side.
    let mut bindings = vec![binding("pages", &["*"])];
    bindings.extend(["headers", "limit", "spare"].map(|plugin| binding(plugin, &["one"])));
    let plan = bench.applied(&[ground(), apis.clone(), plugins.clone(), bindings].concat()).await;
    assert_eq!((plan.changes.len(), plan.steps.len(), plan.calls_bound), (7, 2, 2), "{:#?}", lines(&plan));
    assert_eq!(counted(&bench), 7);
    let plan = bench.applied(&[ground(), apis, plugins].concat()).await;
    assert_eq!((plan.changes.len(), plan.steps.len(), plan.calls_bound), (7, 2, 2), "{:#?}", lines(&plan));
    assert_eq!(counted(&bench), 0);
}

#[tokio::test]
async fn a_plugin_outlives_the_publication_and_goes_after_it() {
    let bench = Bench::new();
    let plugins = vec![cors("pages")];
    let bound = vec![api("one", &["TEST"]), binding("pages", &["one"])];
    bench.applied(&[ground(), plugins.clone(), bound.clone()].concat()).await;
    let plan = bench.applied(&[ground(), plugins.clone(), vec![api("one", &[])]].concat()).await;
    let order: Vec<Action> =
        plan.steps.iter().map(|step| plan.changes[step.items[0].change].action).collect();
    assert_eq!(order, [Action::Unpublish, Action::Unbind], "{:#?}", lines(&plan));
    assert_eq!(counted(&bench), 0);
    // With its API it goes by itself, and nobody else is named as its maker.
    bench.applied(&[ground(), plugins.clone(), bound].concat()).await;
    let plan = bench.applied(&[ground(), plugins].concat()).await;
    assert_eq!(lines(&plan), ["delete Api/shop/one removed", "unpublish Publication/shop/one/TEST removed"]);
    assert!(!plan.notes.iter().any(|note| note.code == "takes-along"), "{:#?}", plan.notes);
    assert_eq!(counted(&bench), 0);
}

#[tokio::test]
async fn a_plugin_takes_the_place_of_another_of_its_type() {
    let bench = Bench::new();
    let apis = vec![api("one", &["TEST"])];
    bench.applied(&[ground(), apis.clone(), vec![cors("old"), binding("old", &["one"])]].concat()).await;
    let new = vec![cors("new"), binding("new", &["one"])];
    let plan = bench.applied(&[ground(), apis.clone(), new.clone()].concat()).await;
    assert_eq!(
        lines(&plan),
        [
            "bind PluginBinding/shop/one/TEST/cors manifestChanged: to",
            "create Plugin/new new",
            "delete Plugin/old removed",
        ]
    );
    assert_eq!(counted(&bench), 1);
    let both = vec![cors("more"), binding("more", &["o*"])];
    bench.write(&[ground(), apis, new, both].concat());
    let problems = bench.plan().await.err().unwrap_or_default();
    assert!(problems.iter().any(|p| p.code == "binding-conflict"), "{problems:#?}");
}

#[tokio::test]
async fn a_plugin_that_others_attached_is_kept() {
    let bench = Bench::new();
    let apis = vec![api("one", &["TEST"])];
    bench.applied(&[ground(), apis.clone(), vec![cors("pages")]].concat()).await;
    let id = bench.dump().plugins[0]["id"].as_str().unwrap().to_owned();
    let body =
        json!({ "env_id": bench.id("/envs", "envs", "TEST"), "api_ids": [bench.id("/apis", "apis", "one")] });
    bench.call("POST", &format!("/plugins/{id}/attach"), &body);
    bench.write(&[ground(), apis].concat());
    let plan = bench.planned().await;
    assert_eq!(lines(&plan), Vec::<String>::new());
    assert!(plan.notes.iter().any(|note| note.code == "kept"), "{:#?}", plan.notes);
}

#[tokio::test]
async fn what_a_manifest_cannot_say_is_reported_and_left_alone() {
    let bench = Bench::new();
    let content = json!({
        "breaker_condition": {
            "breaker_type": "timeout", "breaker_mode": "counter", "unhealthy_threshold": 5, "time_window": 5,
            "open_breaker_time": 5,
        },
        "downgrade_default": { "type": "mock" }, "scope": "basic",
    });
    let body = json!({
        "plugin_name": "spare", "plugin_type": "breaker", "plugin_scope": "global",
        "plugin_content": content.to_string(),
    });
    bench.call("POST", "/plugins", &body);
    let before = bench.dump();
    bench.write(&others()[2..]);
    let plan = bench.planned().await;
    assert_eq!(lines(&plan), Vec::<String>::new());
    let note = plan.notes.iter().find(|note| note.code == "not-readable").unwrap();
    assert!(note.message.contains("plugin_content.downgrade_default"), "{}", note.message);
    bench.apply(&plan).await;
    assert_eq!(bench.dump().plugins, before.plugins);
}

#[tokio::test]
async fn policies_go_after_the_apis_that_take_their_bindings_along() {
    let bench = Bench::new();
    let office = document(
        "AccessControl",
        json!({ "name": "office" }),
        json!({ "effect": "deny", "by": "account", "values": ["partner_one"] }),
    );
    let closed = document(
        "Binding",
        json!({ "name": "closed" }),
        json!({ "environment": "TEST", "accessControl": "office", "apis": { "names": ["one"] } }),
    );
    let all = vec![api("one", &["TEST"]), cors("pages"), binding("pages", &["one"]), office, closed];
    bench.applied(&[ground(), all].concat()).await;
    let plan = bench.applied(&[ground()].concat()).await;
    assert_eq!(
        lines(&plan),
        [
            "delete AccessControl/office removed",
            "delete Api/shop/one removed",
            "delete Plugin/pages removed",
            "unpublish Publication/shop/one/TEST removed",
        ]
    );
}
