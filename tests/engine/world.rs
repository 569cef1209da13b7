//! A gateway with something in every collection, every id under the name by which paths and `requests.json` call it.
//!
//! What is called `free_…` is bound to nothing, so that it can be bound, changed or deleted.

mod shared;

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::engine::support::{Gate, RELEASE, api, options, throttle};

const LEAF: &str = include_str!("certificates/leaf.pem");
const LEAF_KEY: &str = include_str!("certificates/leaf.key");
const RSA: &str = include_str!("certificates/rsa.pem");
const RSA_KEY: &str = include_str!("certificates/rsa.key");
const OPENAPI: &str = r#"{"swagger": "2.0", "info": {"title": "weather", "version": "1"}, "paths": {"/weather": {"get": {
    "operationId": "weather", "responses": {"default": {"description": "any"}}}}}}"#;

/// A furnished gateway.
pub(crate) struct World {
    pub(crate) gate: Gate,
    pub(crate) ids: BTreeMap<String, String>,
}

impl World {
    /// The first gateway of a new engine.
    pub(crate) fn new() -> Self {
        let mut options = options();
        // One project, with room for what the requests add.
        options.quotas = vec![("INSTANCE_NUM_LIMIT".to_owned(), "20".to_owned())];
        Self::furnish(Gate::with(options), "one")
    }

    /// Furnishes a gateway; `tag` keeps apart what must be unique within a project.
    pub(crate) fn furnish(gate: Gate, tag: &str) -> Self {
        let mut world = Self { gate, ids: BTreeMap::new() };
        world.note("project_id", world.gate.project_id.clone());
        world.note("instance_id", world.gate.instance_id.clone());
        world.note("release_id", RELEASE.to_owned());
        world.note("response_type", "THROTTLED".to_owned());
        world.note("leaf_certificate", LEAF.to_owned());
        world.note("leaf_key", LEAF_KEY.to_owned());
        world.note("openapi", OPENAPI.to_owned());
        world.note("app_code", "c".repeat(64));
        world.definitions();
        world.policies();
        world.applications();
        world.channels();
        world.domains(tag);
        world.plugins();
        world.small(tag);
        let tags = json!({"action": "create", "tags": [{"key": "team", "value": "pay"}]});
        assert_eq!(world.gate.post("/instance-tags/action", tags).status, 204);
        let task = world
            .gate
            .post("/openapi/async-export", json!({"env_id": RELEASE, "group_id": world.id("group_id")}));
        world.note("task_id", text(&task.body["task_id"]));
        // One task at a time: two seconds later there is room for the next.
        assert_eq!(world.gate.get("/envs").status, 200);
        world
    }

    /// The id of a name.
    pub(crate) fn id(&self, name: &str) -> &str {
        self.ids.get(name).unwrap_or_else(|| panic!("nothing is called {name}"))
    }

    /// Gives an id a name.
    pub(crate) fn note(&mut self, name: &str, id: String) {
        self.ids.insert(name.to_owned(), id);
    }

    /// Groups, environments, APIs, publications.
    fn definitions(&mut self) {
        let group = self.gate.group("group_1");
        self.note("free_group_id", self.gate.group("group_2"));
        let test = self.gate.env("TEST");
        let variable =
            json!({"group_id": group, "env_id": test, "variable_name": "abc", "variable_value": "x"});
        self.note("env_variable_id", self.gate.make("/env-variables", variable));
        self.note("env_id", test);
        let response =
            self.gate.make(&format!("/api-groups/{group}/gateway-responses"), json!({"name": "answers"}));
        self.note("response_id", response);
        let mut one = api(&group, "api_1", "/one");
        one["auth_type"] = json!("APP");
        let id = self.gate.make("/apis", one);
        let mut mock = api(&group, "api_2", "/two");
        mock["backend_type"] = json!("MOCK");
        mock["mock_info"] = json!({"result_content": "two"});
        mock.as_object_mut().unwrap().shift_remove("backend_api");
        self.note("free_api_id", self.gate.make("/apis", mock));
        self.note("publish_id", self.gate.publish(&id, RELEASE));
        let versions = self.gate.get(&format!("/apis/publish/{id}")).body;
        self.note("version_id", text(&versions["api_versions"][0]["version_id"]));
        self.note("api_id", id);
        self.note("group_id", group);
    }

    /// Throttles, signature keys, access controls, authorizers.
    fn policies(&mut self) {
        let publish = self.id("publish_id").to_owned();
        let gold = self.gate.throttle("gold");
        self.note("throttle_binding_id", self.gate.bind(&gold, &publish));
        self.note("throttle_id", gold);
        self.note("free_throttle_id", self.gate.make("/throttles", throttle("bronze")));
        let sign = self.gate.make("/signs", json!({"name": "sign_1"}));
        let bound = self.gate.post("/sign-bindings", json!({"sign_id": sign, "publish_ids": [publish]})).body;
        self.note("sign_bindings_id", text(&bound["bindings"][0]["id"]));
        self.note("sign_id", sign);
        self.note("free_sign_id", self.gate.make("/signs", json!({"name": "sign_2"})));
        let acl = |name: &str| json!({"acl_name": name, "acl_type": "DENY", "entity_type": "IP", "acl_value": "10.0.0.1"});
        let one = self.gate.make("/acls", acl("acl_1"));
        let bound = self.gate.post("/acl-bindings", json!({"acl_id": one, "publish_ids": [publish]})).body;
        self.note("acl_bindings_id", text(&bound["acl_bindings"][0]["id"]));
        self.note("acl_id", one);
        self.note("free_acl_id", self.gate.make("/acls", acl("acl_2")));
        let authorizer = json!({"name": "authorizer_1", "type": "FRONTEND", "authorizer_type": "FUNC",
            "authorizer_uri": "urn:fss:local-1:p:function:default:f"});
        self.note("authorizer_id", self.gate.make("/authorizers", authorizer));
    }

    /// Applications with all that hangs on them.
    fn applications(&mut self) {
        let app = self.gate.make("/apps", json!({"name": "app_1"}));
        self.note("free_app_id", self.gate.make("/apps", json!({"name": "app_2"})));
        let auth = json!({"env_id": RELEASE, "app_ids": [app], "api_ids": [self.id("api_id")]});
        let auth = self.gate.post("/app-auths", auth).body;
        self.note("app_auth_id", text(&auth["auths"][0]["id"]));
        let code = self.gate.make(&format!("/apps/{app}/app-codes"), json!({"app_code": "a".repeat(64)}));
        self.note("app_code_id", code);
        let special = json!({"object_type": "APP", "object_id": app, "call_limits": 5});
        let specials = format!("/throttles/{}/throttle-specials", self.id("throttle_id"));
        self.note("strategy_id", self.gate.make(&specials, special));
        let quota = json!({"name": "quota_1", "call_limits": 5, "time_unit": "DAY", "time_interval": 1});
        let quota = text(&self.gate.post("/app-quotas", quota).body["app_quota_id"]);
        let bound = self.gate.post(&format!("/app-quotas/{quota}/binding-apps"), json!({"app_ids": [app]}));
        assert_eq!(bound.status, 201);
        self.note("app_quota_id", quota);
        let acl = json!({"app_acl_type": "DENY", "app_acl_values": ["10.0.0.1"]});
        assert_eq!(self.gate.put(&format!("/apps/{app}/app-acl"), acl).status, 201);
        self.note("app_id", app);
    }

    fn channels(&mut self) {
        let channel = json!({"name": "channel_1", "port": 80, "balance_strategy": 1, "member_type": "ip",
            "member_groups": [{"member_group_name": "blue"}], "members": [{"host": "10.0.0.1"}]});
        let channel = self.gate.make("/vpc-channels", channel);
        let detail = self.gate.get(&format!("/vpc-channels/{channel}")).body;
        self.note("member_id", text(&detail["members"][0]["id"]));
        self.note("member_group_id", text(&detail["member_groups"][0]["member_group_id"]));
        self.note("vpc_channel_id", channel);
    }

    /// Domain names and their certificates, which belong to this gateway alone.
    fn domains(&mut self, tag: &str) {
        let domains = format!("/api-groups/{}/domains", self.id("group_id"));
        let domain = self.gate.make(&domains, json!({"url_domain": "pay.example.com"}));
        let free = self.gate.make(&domains, json!({"url_domain": "a.shop.example.com"}));
        let certificate = |name: &str, content: &str, key: &str| {
            let body = json!({"name": format!("{name}_{tag}"), "cert_content": content, "private_key": key,
                "type": "instance", "instance_id": self.gate.instance_id});
            text(&self.gate.project("POST", "/certificates", body).body["id"])
        };
        let (leaf, rsa) = (certificate("leaf", LEAF, LEAF_KEY), certificate("rsa", RSA, RSA_KEY));
        let attach = json!({"certificate_ids": [leaf]});
        assert_eq!(self.gate.post(&format!("{domains}/{domain}/certificates/attach"), attach).status, 204);
        self.note("domain_id", domain);
        self.note("free_domain_id", free);
        self.note("certificate_id", leaf);
        self.note("free_certificate_id", rsa);
    }

    /// A further gateway that can become larger.
    fn small(&mut self, tag: &str) {
        let wanted = json!({"instance_name": format!("small_{tag}"), "spec_id": "BASIC", "vpc_id": "v",
            "subnet_id": "s", "security_group_id": "g", "available_zone_ids": ["az-1"]});
        let made = self.gate.project("POST", "/instances", wanted);
        let id = text(&made.body["instance_id"]);
        let small = self.gate.beside(&self.gate.project_id, &id);
        while small.get("/progress").body["progress"] != 100 {}
        self.note("small_instance_id", id);
    }

    fn plugins(&mut self) {
        let plugin = |name: &str| {
            let body = json!({"plugin_name": name, "plugin_type": "cors", "plugin_scope": "global",
                "plugin_content": "{\"allow_origin\":\"*\"}"});
            text(&self.gate.post("/plugins", body).body["plugin_id"])
        };
        let (one, two) = (plugin("plugin_1"), plugin("plugin_2"));
        let attach = json!({"env_id": RELEASE, "api_ids": [self.id("api_id")]});
        assert_eq!(self.gate.post(&format!("/plugins/{one}/attach"), attach).status, 201);
        self.note("plugin_id", one);
        self.note("free_plugin_id", two);
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("no text: {value}")).to_owned()
}
