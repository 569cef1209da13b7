//! A project's share of the shared gateway with the same things in it, made through its own API. What has an id has the name
//! that the handlers give it, so that both APIs are tried alike.

use apigctl::engine::SHARED_GATEWAY;
use serde_json::{Value, json};

use super::{LEAF, LEAF_KEY, OPENAPI, World, text};
use crate::engine::support::{Gate, RELEASE, throttle};

impl World {
    /// The share of the first project of a new engine.
    pub(crate) fn shared() -> Self {
        let gate = Gate::new();
        Self::furnish_shared(gate.beside(&gate.project_id, SHARED_GATEWAY))
    }

    /// Furnishes the share of a project.
    pub(crate) fn furnish_shared(gate: Gate) -> Self {
        let mut world = Self { gate, ids: std::collections::BTreeMap::new() };
        for (name, value) in [
            ("project_id", world.gate.project_id.clone()),
            ("release_id", RELEASE.to_owned()),
            ("leaf_certificate", LEAF.to_owned()),
            ("leaf_key", LEAF_KEY.to_owned()),
            ("openapi", OPENAPI.to_owned()),
            ("app_code", "c".repeat(64)),
        ] {
            world.note(name, value);
        }
        world.shared_definitions();
        world.shared_policies();
        world.shared_applications();
        world.shared_channels();
        world.shared_domains();
        world
    }

    fn shared_definitions(&mut self) {
        let group = self.gate.group("group_1");
        self.note("free_group_id", self.gate.group("group_2"));
        let test = self.gate.env("TEST");
        let variable =
            json!({"group_id": group, "env_id": test, "variable_name": "abc", "variable_value": "x"});
        self.note("env_variable_id", self.gate.make("/env-variables", variable));
        self.note("env_id", test);
        let mut one = crate::engine::support::api(&group, "api_1", "/one");
        one["auth_type"] = json!("APP");
        let id = self.gate.make("/apis", one);
        let mock = json!({"group_id": group, "name": "api_2", "type": 1, "req_method": "GET", "req_uri": "/two",
            "auth_type": "NONE", "backend_type": "MOCK", "mock_info": {"result_content": "two"}});
        self.note("free_api_id", self.gate.make("/apis", mock));
        let done = self.gate.post(&format!("/apis/publish/{id}"), json!({"env_id": RELEASE}));
        self.note("publish_id", text(&done.body["publish_id"]));
        self.note("version_id", text(&done.body["version_id"]));
        self.note("api_id", id);
        self.note("group_id", group);
    }

    fn shared_policies(&mut self) {
        let publish = self.id("publish_id").to_owned();
        let gold = self.gate.throttle("gold");
        self.note("throttle_binding_id", self.gate.bind(&gold, &publish));
        self.note("throttle_id", gold);
        self.note("free_throttle_id", self.gate.make("/throttles", throttle("bronze")));
        let sign = self.gate.make("/signs", json!({"name": "sign_1"}));
        let bound = self.gate.post("/sign-bindings", json!({"sign_id": sign, "publish_ids": [publish]})).body;
        self.note("sign_bindings_id", text(&bound[0]["id"]));
        self.note("sign_id", sign);
        self.note("free_sign_id", self.gate.make("/signs", json!({"name": "sign_2"})));
        let acl = |name: &str| json!({"acl_name": name, "acl_type": "DENY", "entity_type": "IP", "acl_value": "10.0.0.1"});
        let one = self.gate.make("/acls", acl("acl_1"));
        let bound = self.gate.post("/acl-bindings", json!({"acl_id": one, "publish_ids": [publish]})).body;
        self.note("acl_bindings_id", text(&bound[0]["id"]));
        self.note("acl_id", one);
        self.note("free_acl_id", self.gate.make("/acls", acl("acl_2")));
        let authorizer = json!({"name": "authorizer_1", "type": "FRONTEND", "authorizer_type": "FUNC",
            "authorizer_uri": "urn:fss:local-1:p:function:default:f"});
        self.note("authorizer_id", self.gate.make("/authorizers", authorizer));
    }

    fn shared_applications(&mut self) {
        let app = self.gate.make("/apps", json!({"name": "app_1"}));
        self.note("free_app_id", self.gate.make("/apps", json!({"name": "app_2"})));
        let auth = json!({"env_id": RELEASE, "app_ids": [app], "api_ids": [self.id("api_id")]});
        let auth = self.gate.post("/app-auths", auth).body;
        self.note("app_auth_id", text(&auth[0]["id"]));
        let code = self.gate.make(&format!("/apps/{app}/app-codes"), json!({"app_code": "a".repeat(64)}));
        self.note("app_code_id", code);
        let special = json!({"strategy_id": self.id("throttle_id"), "instance_type": "APP", "instance_id": app,
            "call_limits": 5});
        self.note("strategy_id", self.gate.make("/throttle-specials", special));
        self.note("app_id", app);
    }

    fn shared_channels(&mut self) {
        let channel = |name: &str| {
            json!({"name": name, "type": 2, "port": 80, "vpc_health_config": {"protocol": "http", "path": "/",
                "threshold_normal": 2, "threshold_abnormal": 2, "time_out": 2, "time_interval": 5, "http_code": "200"},
                "vpc_instances": [{"instance_id": "i1", "instance_name": "n1", "weight": 1}]})
        };
        let id = self.gate.make("/vpc-channels", channel("channel_1"));
        let detail = self.gate.get(&format!("/vpc-channels/{id}")).body;
        self.note("member_id", text(&detail["vpc_instances"][0]["id"]));
        self.note("vpc_channel_id", id);
        self.note("free_vpc_channel_id", self.gate.make("/vpc-channels", channel("channel_2")));
    }

    fn shared_domains(&mut self) {
        let domains = format!("/api-groups/{}/domains", self.id("group_id"));
        let domain = self.gate.make(&domains, json!({"url_domain": "pay.example.com"}));
        let free = self.gate.make(&domains, json!({"url_domain": "a.shop.example.com"}));
        let body = json!({"name": "first", "cert_content": LEAF, "private_key": LEAF_KEY});
        let bound: Value = self.gate.post(&format!("{domains}/{domain}/certificate"), body).body;
        self.note("certificate_id", text(&bound["ssl_id"]));
        self.note("domain_id", domain);
        self.note("free_domain_id", free);
    }
}
