//! What other people have on the gateway: documents of a project of their own, as far as the gateway takes them.

use apigctl::kind::Kind;
use serde_json::{Value, json};

use super::estate::ways;
use crate::support::reduced::{stripped, takes};
use crate::support::{Bench, document};

/// Another project on the gateway of a bench.
pub(super) struct Strangers {
    theirs: Bench,
    /// Where their APIs run: an environment of their own, where there can be one.
    environment: &'static str,
}

impl Strangers {
    /// Things of other people apart from any estate.
    pub(super) async fn settle(bench: &Bench) -> Self {
        let mut theirs = bench.neighbour();
        theirs.rehearse = bench.rehearse;
        let environment = if ways(bench.vendor).environments_made { "STRANGER" } else { "PRE" };
        theirs
            .applied(&stripped(bench.vendor, [apart(environment, &[]), plugin(bench, environment)].concat()))
            .await;
        Self { theirs, environment }
    }

    /// Things of other people in the midst of an estate, of which these are the documents.
    pub(super) async fn intrude(&self, estate: &[Value]) {
        let of = |kind: Kind| -> Vec<&str> {
            let here = estate.iter().filter(|document| document["kind"] == kind.name());
            here.filter_map(|document| document["metadata"]["name"].as_str()).collect()
        };
        let apps = of(Kind::App);
        let mut documents = apart(self.environment, &apps);
        documents.extend(plugin(&self.theirs, self.environment));
        if apps.contains(&"caller_0") {
            documents.push(api("stranger_asks", "stranger", "app", self.environment));
            documents.push(document(
                "Authorization",
                json!({ "name": "stranger" }),
                json!({ "environment": self.environment, "apps": ["caller_0"], "apis": { "names": ["stranger_asks"] } }),
            ));
        }
        let groups = of(Kind::Group);
        documents.extend(groups.iter().map(|name| external("Group", name)));
        if let Some(group) = groups.first() {
            documents.push(api("stranger_within", group, "none", "RELEASE"));
            documents.push(variable("stranger", group, "RELEASE", "a"));
            let throttles = of(Kind::Throttle);
            documents.extend(throttles.last().map(|name| external("Throttle", name)));
            let throttle = throttles.last().unwrap_or(&"stranger");
            documents.push(binding("within", "RELEASE", throttle, "stranger_within"));
        }
        // Groups of the estate that have nothing of others but a variable, or a response.
        if let Some(group) = groups.get(1) {
            documents.push(variable("stranger", group, "RELEASE", "b"));
        }
        if let Some(group) = groups.get(2) {
            let metadata = json!({ "name": "stranger", "group": group });
            documents.push(document("GroupResponse", metadata, json!({})));
        }
        // A variable of another group in an environment of the estate.
        let environments = of(Kind::Environment);
        let other = environments.iter().find(|name| **name != self.environment);
        if let Some(environment) = other.filter(|_| takes(self.theirs.vendor, Kind::Variable, "")) {
            documents.push(external("Environment", environment));
            documents.push(variable("elsewhere", "stranger", environment, "c"));
        }
        self.theirs.applied(&stripped(self.theirs.vendor, documents)).await;
    }
}

/// What stands apart from the estate, but for an exception for one of its apps.
fn apart(environment: &str, apps: &[&str]) -> Vec<Value> {
    let mut throttle = json!({ "per": "1s", "limits": { "api": 9 } });
    if apps.contains(&"caller_1") {
        throttle["exceptions"] = json!([{ "app": "caller_1", "limit": 1 }]);
    }
    vec![
        document("App", json!({ "name": "app_one" }), json!({ "description": "stranger" })),
        document(
            "App",
            json!({ "name": "app_two" }),
            json!({ "description": "stranger", "quota": "stranger" }),
        ),
        document("Quota", json!({ "name": "stranger" }), json!({ "limit": 9, "per": "1d" })),
        document("Group", json!({ "name": "stranger" }), json!({})),
        document("Environment", json!({ "name": environment }), json!({ "description": "stranger" })),
        variable("stranger", "stranger", environment, "a"),
        api("stranger_api", "stranger", "none", environment),
        document("Throttle", json!({ "name": "stranger" }), throttle),
        binding("apart", environment, "stranger", "stranger_api"),
    ]
}

fn api(name: &str, group: &str, auth: &str, environment: &str) -> Value {
    let spec = json!({
        "request": { "method": "GET", "path": format!("/{name}") }, "auth": { "type": auth },
        "backend": { "mock": { "body": "stranger" } }, "publish": [environment],
    });
    document("Api", json!({ "name": name, "group": group }), spec)
}

fn variable(name: &str, group: &str, environment: &str, value: &str) -> Value {
    document("Variable", json!({ "name": name, "group": group }), json!({ "values": { environment: value } }))
}

fn binding(name: &str, environment: &str, throttle: &str, api: &str) -> Value {
    let spec = json!({ "environment": environment, "throttle": throttle, "apis": { "names": [api] } });
    document("Binding", json!({ "name": name }), spec)
}

/// A plug-in and where it is, where there are plug-ins.
fn plugin(bench: &Bench, environment: &str) -> Vec<Value> {
    if !takes(bench.vendor, Kind::Plugin, "") {
        return Vec::new();
    }
    let spec =
        json!({ "environment": environment, "plugin": "stranger", "apis": { "names": ["stranger_api"] } });
    vec![
        document("Plugin", json!({ "name": "stranger" }), json!({ "cors": { "allowOrigins": ["*"] } })),
        document("Binding", json!({ "name": "plugin" }), spec),
    ]
}

/// Something of the estate.
fn external(kind: &str, name: &str) -> Value {
    json!({ "apiVersion": "apigctl/v1", "kind": kind, "metadata": { "name": name, "external": true } })
}
