//! Certificates, really read, and the domain names they are bound to.

use apigctl::engine::Options;
use apigctl::engine::time::Clock;
use serde_json::{Value, json};

use crate::engine::support::{Gate, NOBODY, START, options};

const LEAF: &str = include_str!("certificates/leaf.pem");
const LEAF_KEY: &str = include_str!("certificates/leaf.key");
const CA: &str = include_str!("certificates/ca.pem");
const RSA: &str = include_str!("certificates/rsa.pem");
const RSA_KEY: &str = include_str!("certificates/rsa.key");

fn body(name: &str, content: &str, key: &str) -> Value {
    json!({"name": name, "cert_content": content, "private_key": key})
}

fn make(gate: &Gate, body: Value) -> String {
    let made = gate.project("POST", "/certificates", body);
    assert_eq!(made.status, 200, "{}", made.body);
    made.body["id"].as_str().unwrap().to_owned()
}

#[test]
fn what_a_certificate_says() {
    let gate = Gate::new();
    let made = gate.project("POST", "/certificates", body("leaf", &format!("{LEAF}{CA}"), LEAF_KEY)).body;
    let said = json!([
        made["common_name"],
        made["san"],
        made["serial_number"],
        made["issuer"],
        made["version"],
        made["organization"],
        made["country"],
        made["signature_algorithm"],
        made["is_has_trusted_root_ca"]
    ]);
    let wanted = json!([
        "pay.example.com",
        ["pay.example.com", "*.shop.example.com"],
        "13010",
        ["Test CA"],
        3,
        ["Test"],
        ["XX"],
        "ECDSA-SHA256",
        false
    ]);
    assert_eq!(said, wanted);
    assert_eq!((&made["type"], &made["instance_id"]), (&json!("global"), &json!("common")));
    for hidden in ["cert_content", "private_key", "trusted_root_ca"] {
        assert_eq!(made.get(hidden), None, "{hidden}");
    }
    let rsa = gate.project("POST", "/certificates", body("rsa_1", RSA, RSA_KEY)).body;
    assert_eq!(rsa["signature_algorithm"], "SHA256-RSA");
    let listed = gate.project("GET", "/certificates?instance_id=common&name=sa_", Value::Null).body;
    assert_eq!((&listed["total"], listed["certs"][0].get("serial_number")), (&json!(1), None));
    assert_eq!(gate.project("POST", "/certificates", body("leaf", RSA, RSA_KEY)).code(), "APIG.3325");
}

#[test]
fn bad_certificates() {
    let gate = Gate::new();
    let refused = |content: &str, key: &str, code: &str| {
        let answer = gate.project("POST", "/certificates", body("leaf", content, key));
        assert_eq!(answer.code(), code, "{}", answer.body);
    };
    refused("nothing", LEAF_KEY, "APIG.2106");
    refused(LEAF, "nothing", "APIG.2106");
    refused(LEAF, RSA_KEY, "APIG.2101");
    refused(LEAF, include_str!("certificates/encrypted.key"), "APIG.2105");
    refused(include_str!("certificates/no-san.pem"), LEAF_KEY, "APIG.2109");
    refused(include_str!("certificates/too-long.pem"), LEAF_KEY, "APIG.3148");
    refused(include_str!("certificates/sha1.pem"), LEAF_KEY, "APIG.3709");
    refused(&format!("{LEAF}{RSA}"), LEAF_KEY, "APIG.2104");
    let mut clients = body("leaf", LEAF, LEAF_KEY);
    clients["trusted_root_ca"] = json!(LEAF);
    assert_eq!(gate.project("POST", "/certificates", clients).code(), "APIG.2106");
    assert_eq!(gate.project("GET", "/certificates?instance_id=common", Value::Null).body["total"], 0);
    // The same certificate, many years later.
    let year = 365 * 24 * 3600 * 1_000_000_000_i64;
    let late = Gate::with(Options { clock: Clock::stepping(START + 11 * year, 1), ..options() });
    assert_eq!(late.project("POST", "/certificates", body("leaf", LEAF, LEAF_KEY)).code(), "APIG.2102");
}

#[test]
fn bound_from_the_domain_name() {
    let gate = Gate::new();
    let group = gate.group("group_1");
    let domains = format!("/api-groups/{group}/domains");
    let domain = gate.make(&domains, json!({"url_domain": "pay.example.com"}));
    let foreign = gate.make(&domains, json!({"url_domain": "other.example.com"}));
    let mut clients = body("leaf", LEAF, LEAF_KEY);
    clients["trusted_root_ca"] = json!(CA);
    let (leaf, rsa) = (make(&gate, clients), make(&gate, body("rsa_1", RSA, RSA_KEY)));
    let call = |domain: &str, verb: &str, ids: Value| {
        gate.post(&format!("{domains}/{domain}/certificates/{verb}"), json!({"certificate_ids": ids}))
    };
    assert_eq!(call(&domain, "attach", json!([leaf])).status, 204);
    assert_eq!(call(&domain, "attach", json!([leaf])).status, 204);
    assert_eq!(call(&domain, "attach", json!([rsa])).code(), "APIG.2051");
    assert_eq!(call(&domain, "attach", json!([leaf, rsa])).status, 400);
    assert_eq!(call(&foreign, "attach", json!([leaf])).code(), "APIG.2103");
    assert_eq!(call(&domain, "attach", json!([NOBODY])).code(), "APIG.3021");
    let shown = gate.get(&format!("/api-groups/{group}")).body["url_domains"][0].clone();
    assert_eq!((&shown["ssl_id"], &shown["ssl_name"]), (&json!(leaf), &json!("leaf")));
    assert_eq!(shown["verified_client_certificate_enabled"], true);
    let detail = gate.get(&format!("{domains}/{domain}/certificate/{leaf}")).body;
    assert_eq!(detail["serial_number"], "13010");
    assert_eq!(gate.get(&format!("{domains}/{domain}/certificate/{rsa}")).code(), "APIG.3097");
    assert_eq!(gate.project("DELETE", &format!("/certificates/{leaf}"), Value::Null).status, 409);
    // A new name reaches the domain names; another key that does not cover them is refused as a whole.
    let path = format!("/certificates/{leaf}");
    let renamed = gate.project("PUT", &path, body("renamed", &format!("{LEAF}{CA}"), LEAF_KEY));
    assert_eq!(renamed.status, 400, "clients are still checked there: {}", renamed.body);
    assert_eq!(call(&domain, "detach", json!([rsa])).code(), "APIG.3097");
    assert_eq!(call(&domain, "detach", json!([leaf])).status, 204);
    assert_eq!(gate.project("PUT", &path, body("renamed", LEAF, LEAF_KEY)).body["name"], "renamed");
    assert_eq!(gate.project("DELETE", &path, Value::Null).status, 204);
    assert_eq!(gate.project("GET", &path, Value::Null).code(), "APIG.3021");
}

#[test]
fn bound_from_the_certificate_on_several_gateways() {
    let gate = Gate::new();
    let group = gate.group("group_1");
    let domain =
        gate.make(&format!("/api-groups/{group}/domains"), json!({"url_domain": "a.shop.example.com"}));
    let leaf = make(&gate, body("leaf", LEAF, LEAF_KEY));
    let here = gate.engine.instance_id().to_owned();
    let call =
        |verb: &str, body: Value| gate.project("POST", &format!("/certificates/{leaf}/domains/{verb}"), body);
    let one = json!({"domains": [{"domain": "a.shop.example.com", "instance_ids": [here]}]});
    assert_eq!(call("attach", one.clone()).status, 204);
    let bound = gate.project("GET", &format!("/certificates/{leaf}/attached-domains"), Value::Null).body;
    assert_eq!((&bound["total"], &bound["bound_domains"][0]["id"]), (&json!(1), &json!(domain)));
    assert_eq!(bound["bound_domains"][0]["api_group_name"], "group_1");
    let renamed = gate.project("PUT", &format!("/certificates/{leaf}"), body("renamed", LEAF, LEAF_KEY));
    assert_eq!(renamed.status, 200);
    assert_eq!(gate.get(&format!("/api-groups/{group}")).body["url_domains"][0]["ssl_name"], "renamed");
    let partly = json!({"domains": [{"domain": "a.shop.example.com"}, {"domain": "b.shop.example.com"}]});
    assert_eq!(call("detach", partly).code(), "APIG.3020");
    assert_eq!(gate.get(&format!("/api-groups/{group}")).body["url_domains"][0]["ssl_name"], "renamed");
    assert_eq!(
        call("attach", json!({"domains": [{"domain": "a.shop.example.com", "instance_ids": [NOBODY]}]}))
            .code(),
        "APIG.3030"
    );
    assert_eq!(call("detach", one).status, 204);
    assert_eq!(call("attach", json!({"domains": []})).status, 400);
}

#[test]
fn uploaded_and_bound_at_once() {
    let gate = Gate::new();
    let group = gate.group("group_1");
    let domains = format!("/api-groups/{group}/domains");
    let domain = gate.make(&domains, json!({"url_domain": "rsa.example.com"}));
    let path = format!("{domains}/{domain}/certificate");
    assert_eq!(gate.post(&path, body("leaf", LEAF, LEAF_KEY)).code(), "APIG.2103");
    assert_eq!(
        gate.project("GET", "/certificates?instance_id=common", Value::Null).body["total"],
        0,
        "nothing left behind"
    );
    let made = gate.post(&path, body("rsa_1", RSA, RSA_KEY));
    assert_eq!((made.status, &made.body["ssl_name"]), (201, &json!("rsa_1")));
    let id = made.body["ssl_id"].as_str().unwrap();
    assert_eq!(gate.delete(&format!("{path}/{id}")).status, 204);
    assert_eq!(gate.project("GET", &format!("/certificates/{id}"), Value::Null).status, 404);
}
