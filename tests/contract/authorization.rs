//! Apps that may call APIs: what becomes of them when other things change and go, and how few calls it takes.

use apigctl::kind::Kind;
use apigctl::plan::{Action, Plan};
use serde_json::{Value, json};

use super::{Case, Expected, Subject, ground};
use crate::support::{Bench, document, lines};

fn api(name: &str, auth: &str, publish: &[&str]) -> Value {
    document(
        "Api",
        json!({ "name": name, "group": "shop", "labels": { "name": name } }),
        json!({
            "request": { "method": "GET", "path": format!("/{name}") }, "auth": { "type": auth },
            "backend": { "mock": {} }, "tags": [name], "publish": publish,
        }),
    )
}

fn authorization(name: &str, apps: &[&str], apis: &[&str]) -> Value {
    let spec = json!({ "apps": apps, "environment": "TEST", "apis": { "names": apis } });
    document("Authorization", json!({ "name": name }), spec)
}

fn apps(names: &[&str]) -> Vec<Value> {
    names.iter().map(|name| document("App", json!({ "name": name }), json!({}))).collect()
}

pub(super) fn subjects() -> Vec<Subject> {
    let bind = |api: &str, environment: &str, app: &str| {
        format!("bind AppAuthorization/shop/{api}/{environment}/{app} new")
    };
    let unbind = |api: &str, environment: &str, app: &str| {
        format!("unbind AppAuthorization/shop/{api}/{environment}/{app} removed")
    };
    let case = |field: &str, edits, lines: Vec<String>| Case::edit(&[field], edits, lines);
    let refused =
        |edits, code| Case { outcome: Expected::Refused(code), ..Case::edit(&[], edits, Vec::new()) };
    let mut elsewhere = api("three", "app", &["TEST"]);
    elsewhere["metadata"]["group"] = json!("stock");
    let (both, stage) = (["TEST", "RELEASE"], ["TEST", "RELEASE", "STAGE"]);
    vec![Subject {
        name: "authorization",
        kind: Kind::Authorization,
        around: vec![
            api("one", "app", &both),
            api("two", "app", &stage),
            api("open", "none", &both),
            elsewhere,
        ],
        base: document(
            "Authorization",
            json!({ "name": "partners" }),
            json!({ "apps": ["app_one"], "environment": "TEST", "apis": { "names": ["*"], "group": "shop" } }),
        ),
        created: vec![bind("one", "TEST", "app_one"), bind("two", "TEST", "app_one")],
        removed: vec![unbind("one", "TEST", "app_one"), unbind("two", "TEST", "app_one")],
        cases: vec![
            case(
                "apps[]",
                vec![("/apps", json!(["app_one", "app_two"]))],
                vec![bind("one", "TEST", "app_two"), bind("two", "TEST", "app_two")],
            ),
            case(
                "apps[]",
                vec![("/apps", json!(["app_two"]))],
                vec![
                    bind("one", "TEST", "app_two"),
                    bind("two", "TEST", "app_two"),
                    unbind("one", "TEST", "app_one"),
                    unbind("two", "TEST", "app_one"),
                ],
            ),
            case(
                "environment",
                vec![("/environment", json!("STAGE"))],
                vec![
                    bind("two", "STAGE", "app_one"),
                    unbind("one", "TEST", "app_one"),
                    unbind("two", "TEST", "app_one"),
                ],
            ),
            case(
                "apis.names[]",
                vec![("/apis/names", json!(["o*"]))],
                vec![unbind("two", "TEST", "app_one")],
            ),
            case("apis.tags[]", vec![("/apis/tags", json!(["two"]))], vec![unbind("one", "TEST", "app_one")]),
            case(
                "apis.labels[]",
                vec![("/apis/labels", json!({ "name": "one" }))],
                vec![unbind("two", "TEST", "app_one")],
            ),
            case(
                "apis.group",
                vec![("/apis/group", Value::Null)],
                vec!["bind AppAuthorization/stock/three/TEST/app_one new".to_owned()],
            ),
            refused(
                vec![("/environment", json!("RELEASE")), ("/apis/group", json!("stock"))],
                "selector-matches-nothing",
            ),
            refused(vec![("/apis/names", json!(["open"]))], "selector-matches-nothing"),
            refused(vec![("/apps", json!([]))], "missing-field"),
            refused(vec![("/apps", json!(["app_three"]))], "not-on-gateway"),
        ],
    }]
}

fn counted(bench: &Bench) -> usize {
    bench.dump().app_auths.len()
}

fn by_hand(bench: &Bench, app: &str, api: &str) {
    let (app, api) = (bench.id("/apps", "apps", app), bench.id("/apis", "apis", api));
    let body = json!({ "env_id": bench.id("/envs", "envs", "TEST"), "app_ids": [app], "api_ids": [api] });
    bench.call("POST", "/app-auths", &body);
}

#[tokio::test]
async fn products_are_authorized_at_once_and_no_pair_more() {
    let bench = Bench::new();
    let apis: Vec<Value> =
        ["a-one", "a-two", "b-one", "b-two"].iter().map(|name| api(name, "app", &["TEST"])).collect();
    let callers = apps(&["red", "blue", "green"]);
    // Two apps for two APIs, one app for two others: a call each, made with apps and APIs that are not there yet.
    let first =
        vec![authorization("a", &["red", "blue"], &["a-*"]), authorization("b", &["green"], &["b-*"])];
    let plan = bench.applied(&[ground(), apis.clone(), callers.clone(), first.clone()].concat()).await;
    let posts = |plan: &Plan| plan.steps.iter().filter(|step| step.call.path.ends_with("/app-auths")).count();
    assert_eq!(
        (posts(&plan), plan.steps.len(), plan.calls_bound),
        (2, 4 + 4 + 3 + 1 + 2, 14),
        "{:#?}",
        lines(&plan)
    );
    assert_eq!(counted(&bench), 6);
    // What is there is not asked for again, although one product would hold it, too.
    let more = vec![authorization("a", &["red", "blue", "green"], &["a-*"]), first[1].clone()];
    let plan = bench.applied(&[ground(), apis.clone(), callers.clone(), more].concat()).await;
    assert_eq!((plan.changes.len(), plan.steps.len(), plan.calls_bound), (2, 1, 1), "{:#?}", lines(&plan));
    assert_eq!(plan.steps[0].items.len(), 2);
    // Taken back one by one.
    let plan = bench.applied(&[ground(), apis, callers].concat()).await;
    assert_eq!((plan.changes.len(), plan.steps.len(), plan.calls_bound), (8, 8, 8), "{:#?}", lines(&plan));
    assert_eq!(counted(&bench), 0);
}

#[tokio::test]
async fn authorizations_stay_when_an_api_is_changed_and_published_again() {
    let bench = Bench::new();
    let rest = [apps(&["red"]), vec![authorization("a", &["red"], &["one"])]].concat();
    bench.applied(&[ground(), vec![api("one", "app", &["TEST"])], rest.clone()].concat()).await;
    let before = bench.dump().app_auths;
    let mut changed = api("one", "app", &["TEST"]);
    changed["spec"]["request"]["path"] = json!("/another");
    let plan = bench.applied(&[ground(), vec![changed], rest].concat()).await;
    assert_eq!(
        lines(&plan),
        [
            "publish Publication/shop/one/TEST manifestChanged: request.path",
            "update Api/shop/one manifestChanged: request.path",
        ]
    );
    assert_eq!(bench.dump().app_auths, before);
}

#[tokio::test]
async fn authorizations_go_with_their_api_and_their_app() {
    let bench = Bench::new();
    let apis = vec![api("one", "app", &["TEST"]), api("two", "app", &["TEST"])];
    let all = authorization("a", &["red", "blue"], &["*"]);
    bench.applied(&[ground(), apis.clone(), apps(&["red", "blue"]), vec![all]].concat()).await;
    // An app takes its own along, without a call for each.
    let red = authorization("a", &["red"], &["*"]);
    let plan = bench.applied(&[ground(), apis.clone(), apps(&["red"]), vec![red.clone()]].concat()).await;
    assert_eq!(lines(&plan), ["delete App/blue removed"]);
    assert_eq!(plan.changes[0].takes_along.len(), 2);
    assert_eq!(counted(&bench), 2);
    // An API takes its own along, and its app goes in the same plan.
    let plan = bench.applied(&[ground(), apis[..1].to_vec()].concat()).await;
    assert_eq!(
        lines(&plan),
        [
            "delete Api/shop/two removed",
            "delete App/red removed",
            "unpublish Publication/shop/two/TEST removed"
        ]
    );
    assert_eq!(counted(&bench), 0);
    assert!(!plan.notes.iter().any(|note| note.code == "takes-along"), "{:#?}", plan.notes);
}

#[tokio::test]
async fn authorizations_survive_the_publication_and_go_after_it() {
    let bench = Bench::new();
    let rest = [apps(&["red"]), vec![authorization("a", &["red"], &["one"])]].concat();
    bench.applied(&[ground(), vec![api("one", "app", &["TEST"])], rest.clone()].concat()).await;
    let plan = bench.applied(&[ground(), vec![api("one", "app", &[])], apps(&["red"])].concat()).await;
    let order: Vec<Action> =
        plan.steps.iter().map(|step| plan.changes[step.items[0].change].action).collect();
    assert_eq!(order, [Action::Unpublish, Action::Unbind], "{:#?}", lines(&plan));
    // With its environment it goes by a call of its own, before it.
    bench.applied(&[ground(), vec![api("one", "app", &["TEST"])], rest].concat()).await;
    let ground: Vec<Value> = ground().into_iter().filter(|d| d["metadata"]["name"] != "TEST").collect();
    let plan = bench.applied(&[ground, vec![api("one", "app", &[])], apps(&["red"])].concat()).await;
    assert_eq!(
        lines(&plan),
        [
            "delete Environment/TEST removed",
            "unbind AppAuthorization/shop/one/TEST/red removed",
            "unpublish Publication/shop/one/TEST removed",
        ]
    );
}

#[tokio::test]
async fn what_others_authorized_stays_and_keeps_the_app() {
    let bench = Bench::new();
    let apis = vec![api("one", "app", &["TEST"]), api("two", "app", &["TEST"])];
    let one = authorization("a", &["red"], &["one"]);
    bench.applied(&[ground(), apis.clone(), apps(&["red", "blue"]), vec![one]].concat()).await;
    by_hand(&bench, "blue", "one");
    by_hand(&bench, "red", "two");
    bench.assert_settled().await;
    let plan = bench.applied(&[ground(), apis.clone()].concat()).await;
    assert_eq!(lines(&plan), ["unbind AppAuthorization/shop/one/TEST/red removed"]);
    let kept: Vec<String> =
        plan.notes.iter().filter(|note| note.code == "kept").map(|note| note.message.clone()).collect();
    assert_eq!(
        kept,
        [
            "left the manifests, but the authorization of the app blue on Api/shop/one would go with it: kept",
            "left the manifests, but the authorization of the app red on Api/shop/two would go with it: kept",
        ]
    );
    assert_eq!(counted(&bench), 2);
    // With the API that it is on it goes, and keeps the app no more.
    let plan = bench.applied(&[ground(), apis[1..].to_vec()].concat()).await;
    assert_eq!(
        lines(&plan),
        [
            "delete Api/shop/one removed",
            "delete App/blue removed",
            "unpublish Publication/shop/one/TEST removed"
        ]
    );
    assert_eq!(counted(&bench), 1);
}

#[tokio::test]
async fn an_authorization_that_is_there_is_taken_over() {
    let bench = Bench::new();
    let apis = vec![api("one", "app", &["TEST"])];
    bench.applied(&[ground(), apis.clone(), apps(&["red"])].concat()).await;
    by_hand(&bench, "red", "one");
    let all = [ground(), apis.clone(), apps(&["red"]), vec![authorization("a", &["red"], &["one"])]];
    bench.write(&all.concat());
    let plan = bench.planned().await;
    assert_eq!((lines(&plan), plan.adopt.len()), (Vec::<String>::new(), 1));
    bench.apply(&plan).await;
    let plan = bench.applied(&[ground(), apis, apps(&["red"])].concat()).await;
    assert_eq!(lines(&plan), ["unbind AppAuthorization/shop/one/TEST/red removed"]);
}

/// The list is asked by app where the app has few, by API where that is fewer calls, and not at all where there are none.
#[tokio::test]
async fn only_what_is_wanted_is_asked() {
    let bench = Bench::new();
    let apis = vec![api("one", "app", &["TEST"]), api("two", "app", &["TEST"])];
    bench.applied(&[ground(), apis.clone(), apps(&["red", "blue"])].concat()).await;
    let none = bench.planned().await.reads;
    let one = authorization("a", &["red"], &["*"]);
    bench.applied(&[ground(), apis.clone(), apps(&["red", "blue"]), vec![one]].concat()).await;
    let by_app = bench.planned().await.reads;
    let asked: Vec<String> =
        bench.wire.calls().into_iter().filter(|call| call.contains("app-auths")).collect();
    assert_eq!(by_app, none + 1);
    assert!(asked.len() == 1 && asked[0].contains("app_id="), "{asked:?}");
    let both = authorization("a", &["red", "blue"], &["one"]);
    bench.applied(&[ground(), apis, apps(&["red", "blue"]), vec![both]].concat()).await;
    bench.planned().await;
    let asked: Vec<String> =
        bench.wire.calls().into_iter().filter(|call| call.contains("app-auths")).collect();
    assert_eq!(asked.len(), 1, "{asked:?}");
}
