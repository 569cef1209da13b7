//! Domain names, certificates, gateways, endpoints and tags (3.12, 3.23–3.26), and the odd codes of success (section 22 of
//! the notes on the reference).

use serde_json::{Value, json};

use super::{Estate, Row, estate, hold, hold_in, with};
use crate::engine::support::NOBODY;

const LEAF: &str = include_str!("../certificates/leaf.pem");
const LEAF_KEY: &str = include_str!("../certificates/leaf.key");
const CA: &str = include_str!("../certificates/ca.pem");
const RSA: &str = include_str!("../certificates/rsa.pem");
const RSA_KEY: &str = include_str!("../certificates/rsa.key");

const NONE: Value = Value::Null;

fn leaf(name: &str) -> Value {
    json!({"name": name, "cert_content": LEAF, "private_key": LEAF_KEY})
}

/// Says what a request is answered with.
fn says(
    sentence: &'static str,
    call: (&'static str, &'static str),
    body: Value,
    is: (u16, &'static str),
) -> Row {
    (sentence, call.0, call.1, body, is.0, is.1)
}

/// Domain names with a certificate and without, and certificates that none has.
fn certified() -> Estate {
    let mut estate = estate();
    let gate = &estate.gate;
    let domains = format!("/api-groups/{}/domains", estate.ids["group"]);
    let bound = gate.make(&domains, json!({"url_domain": "pay.example.com"}));
    let bare = gate.make(&domains, json!({"url_domain": "a.shop.example.com"}));
    let foreign = gate.make(&domains, json!({"url_domain": "other.example.com"}));
    let other = gate.group("group_2");
    let certificate = |body: Value| {
        let made = gate.project("POST", "/certificates", body);
        assert_eq!(made.status, 200, "{}", made.body);
        made.body["id"].as_str().unwrap().to_owned()
    };
    let leaf = certificate(with(leaf("leaf"), "trusted_root_ca", json!(CA)));
    let own = json!({"name": "rsa_1", "cert_content": RSA, "private_key": RSA_KEY, "type": "instance",
        "instance_id": gate.instance_id});
    let rsa = certificate(own);
    let attach = json!({"certificate_ids": [leaf]});
    assert_eq!(gate.post(&format!("{domains}/{bound}/certificates/attach"), attach).status, 204);
    let here = gate.instance_id.clone();
    estate.ids.extend([
        ("bound", bound),
        ("bare", bare),
        ("foreign", foreign),
        ("other", other),
        ("leaf", leaf),
        ("rsa", rsa),
        ("here", here),
    ]);
    estate
}

#[test]
fn domain_names() {
    let domains = "/api-groups/{group}/domains";
    let name = |name: &str| json!({"url_domain": name});
    let tls = |version: &str| json!({"min_ssl_version": version});
    let bare = "/api-groups/{group}/domains/{bare}";
    let upload = "/api-groups/{group}/domains/{bare}/certificate";
    let with_ca = "/api-groups/{group}/domains/{bound}";
    let checks = json!({"min_ssl_version": "TLSv1.2", "verified_client_certificate_enabled": true});
    let long = format!("{}.example", "a.".repeat(124));
    hold_in(
        certified(),
        &[
            says(
                "a name is taken once (3.12.1)",
                ("POST", domains),
                name("pay.example.com"),
                (400, "APIG.3305"),
            ),
            says("case does not count", ("POST", domains), name("PAY.example.com"), (400, "APIG.3305")),
            says("no name of a host", ("POST", domains), name("nothing"), (400, "APIG.2024")),
            says("at most 255", ("POST", domains), name(&long), (400, "APIG.2012")),
            says(
                "TLS 1.1 and 1.2 alone",
                ("POST", domains),
                with(name("b.example"), "min_ssl_version", json!("TLSv1.0")),
                (400, "APIG.2012"),
            ),
            says(
                "the group has to be there",
                ("POST", "/api-groups/{nobody}/domains"),
                name("b.example"),
                (404, "APIG.3001"),
            ),
            says("four and five fit", ("POST", domains), name("b.example"), (201, "")),
            says("… five fit", ("POST", domains), name("c.example"), (201, "")),
            says("… six do not", ("POST", domains), name("d.example"), (403, "APIG.3108")),
            says("TLS has to be named (3.12.3)", ("PUT", bare), json!({}), (400, "APIG.2001")),
            says("… 1.2 with 201", ("PUT", bare), tls("TLSv1.2"), (201, "")),
            says("… nothing else", ("PUT", bare), tls("TLSv1.3"), (400, "APIG.2012")),
            says(
                "clients are checked with a certificate alone",
                ("PUT", bare),
                checks.clone(),
                (400, "APIG.2012"),
            ),
            says("… that has authorities", ("PUT", with_ca), checks, (201, "")),
            says(
                "another group (3.12.3)",
                ("PUT", "/api-groups/{other}/domains/{bare}"),
                tls("TLSv1.2"),
                (400, "APIG.3474"),
            ),
            says("… (3.12.4)", ("DELETE", "/api-groups/{other}/domains/{bare}"), NONE, (400, "APIG.3474")),
            says(
                "no such name (3.12.3)",
                ("PUT", "/api-groups/{group}/domains/{nobody}"),
                tls("TLSv1.2"),
                (404, "APIG.3020"),
            ),
            says("a name of 3 (3.12.2)", ("POST", upload), leaf("abc"), (400, "APIG.2012")),
            says("… of 51", ("POST", upload), leaf(&"a".repeat(51)), (400, "APIG.2012")),
            says("… that begins with a digit", ("POST", upload), leaf("1abc"), (400, "APIG.2012")),
            says("… with a hyphen", ("POST", upload), leaf("ab-cd"), (400, "APIG.2012")),
            says("… of 50", ("POST", upload), leaf(&"a".repeat(50)), (201, "")),
            says("unbound with 204 (3.12.4)", ("DELETE", bare), NONE, (204, "")),
            says(
                "its certificate can be read (3.12.7)",
                ("GET", "/api-groups/{group}/domains/{bound}/certificate/{leaf}"),
                NONE,
                (200, ""),
            ),
            says(
                "… and deleted (3.12.6)",
                ("DELETE", "/api-groups/{group}/domains/{bound}/certificate/{leaf}"),
                NONE,
                (204, ""),
            ),
            says("… and is gone", ("GET", "project:/certificates/{leaf}"), NONE, (404, "APIG.3021")),
            says(
                "the debugging domain needs its switch (3.12.5)",
                ("PUT", "/api-groups/{group}/sl-domain-access-settings"),
                json!({}),
                (400, "APIG.2001"),
            ),
        ],
    );
}

#[test]
fn certificates_of_a_project() {
    let all = "project:/certificates";
    let one = "project:/certificates/{leaf}";
    let attach = "/api-groups/{group}/domains/{bare}/certificates/attach";
    let detach = "/api-groups/{group}/domains/{bare}/certificates/detach";
    let ids = |ids: Value| json!({"certificate_ids": ids});
    let own = |id: &str| with(with(leaf("own_1"), "type", json!("instance")), "instance_id", json!(id));
    let many = |domain: &str| json!({"domains": [{"domain": domain, "instance_ids": ["{here}"]}]});
    let (join, part) =
        ("project:/certificates/{leaf}/domains/attach", "project:/certificates/{leaf}/domains/detach");
    hold_in(
        certified(),
        &[
            says("the list needs a gateway (3.26.1)", ("GET", all), NONE, (400, "APIG.2001")),
            says(
                "… and a scope that is one",
                ("GET", "project:/certificates?instance_id=common&type=x"),
                NONE,
                (400, "APIG.2012"),
            ),
            says("a name is taken once (3.26.2)", ("POST", all), leaf("leaf"), (400, "APIG.3325")),
            says("4 to 50", ("POST", all), leaf("abc"), (400, "APIG.2012")),
            says("a letter first", ("POST", all), leaf("_abc"), (400, "APIG.2012")),
            says("letters, digits and _", ("POST", all), leaf("ab.cd"), (400, "APIG.2012")),
            says(
                "a gateway's own names it",
                ("POST", all),
                with(leaf("own_1"), "type", json!("instance")),
                (400, "APIG.2001"),
            ),
            says("… one that is there", ("POST", all), own(NOBODY), (404, "APIG.3030")),
            says("made with 200", ("POST", all), own("{here}"), (200, "")),
            says(
                "one at a time (3.26.3)",
                ("POST", attach),
                ids(json!(["{leaf}", "{rsa}"])),
                (400, "APIG.2012"),
            ),
            says("one that is there", ("POST", attach), ids(json!(["{nobody}"])), (404, "APIG.3021")),
            says("one that covers the name", ("POST", attach), ids(json!(["{rsa}"])), (400, "APIG.2103")),
            says("with 204", ("POST", attach), ids(json!(["{leaf}"])), (204, "")),
            says(
                "one for each name (3.26.3)",
                ("POST", "/api-groups/{group}/domains/{bound}/certificates/attach"),
                ids(json!(["{rsa}"])),
                (400, "APIG.2051"),
            ),
            says(
                "no such name",
                ("POST", "/api-groups/{group}/domains/{nobody}/certificates/attach"),
                ids(json!(["{leaf}"])),
                (404, "APIG.3020"),
            ),
            says(
                "what it does not have (3.26.4)",
                ("POST", detach),
                ids(json!(["{rsa}"])),
                (404, "APIG.3097"),
            ),
            says("with 204 (3.26.4)", ("POST", detach), ids(json!(["{leaf}"])), (204, "")),
            says("not while a name has it (3.26.6)", ("DELETE", one), NONE, (409, "APIG.2012")),
            says("PUT names all again (3.26.7)", ("PUT", one), json!({"name": "leaf"}), (400, "APIG.2001")),
            says("… a free name", ("PUT", one), leaf("rsa_1"), (400, "APIG.3325")),
            says("many names at once (3.26.8)", ("POST", join), many("a.shop.example.com"), (204, "")),
            says("… that it covers", ("POST", join), many("other.example.com"), (400, "APIG.2103")),
            says("… that are there", ("POST", join), many("nobody.example.com"), (404, "APIG.3020")),
            says("… and lose it (3.26.9)", ("POST", part), many("a.shop.example.com"), (204, "")),
            says("… once", ("POST", part), many("a.shop.example.com"), (404, "APIG.3097")),
            says(
                "the names it has (3.26.10)",
                ("GET", "project:/certificates/{leaf}/attached-domains"),
                NONE,
                (200, ""),
            ),
            says(
                "no such certificate (3.26.10)",
                ("GET", "project:/certificates/{nobody}/attached-domains"),
                NONE,
                (404, "APIG.3021"),
            ),
            says("the last name goes", ("DELETE", "/api-groups/{group}/domains/{bound}"), NONE, (204, "")),
            says("… then it can go (3.26.6)", ("DELETE", one), NONE, (204, "")),
        ],
    );
}

#[test]
fn a_group_takes_its_certificates_along() {
    let estate = certified();
    let ask = |method: &str, path: &str, body: Value| estate.ask(method, path, &body);
    let upload = "/api-groups/{other}/domains";
    let (_, domain) = ask("POST", upload, json!({"url_domain": "rsa.example.com"}));
    let path = format!("{upload}/{}/certificates/attach", domain["id"].as_str().unwrap());
    assert_eq!(ask("POST", &path, json!({"certificate_ids": ["{rsa}"]})).0, 204);
    let (_, shared) = ask("POST", upload, json!({"url_domain": "b.shop.example.com"}));
    let path = format!("{upload}/{}/certificates/attach", shared["id"].as_str().unwrap());
    assert_eq!(ask("POST", &path, json!({"certificate_ids": ["{leaf}"]})).0, 204);
    assert_eq!(ask("DELETE", "/api-groups/{other}", NONE).0, 204);
    assert_eq!(ask("GET", "project:/certificates/{rsa}", NONE).0, 404, "no name has it any more (3.1.3)");
    assert_eq!(ask("GET", "project:/certificates/{leaf}", NONE).0, 200, "another group's name has it");
    let before = estate.gate.dump();
    assert_eq!(ask("DELETE", "/api-groups/{group}", NONE).1["error_code"], "APIG.3415");
    assert_eq!(estate.gate.dump(), before, "refused: nothing went");
}

#[test]
fn what_binding_a_certificate_shows() {
    let estate = certified();
    let (_, group) = estate.ask("GET", "/api-groups/{group}", &NONE);
    let shown = &group["url_domains"];
    let flags =
        |n: usize| [&shown[n]["verified_client_certificate_enabled"], &shown[n]["is_has_trusted_root_ca"]];
    assert_eq!(flags(0), [&json!(true); 2], "checked by default where there are authorities (3.26.3)");
    assert_eq!(flags(1), [&json!(false); 2]);
    let off = json!({"certificate_ids": ["{leaf}"], "verified_client_certificate_enabled": false});
    assert_eq!(estate.ask("POST", "/api-groups/{group}/domains/{bare}/certificates/attach", &off).0, 204);
    let (_, group) = estate.ask("GET", "/api-groups/{group}", &NONE);
    assert_eq!(
        group["url_domains"][1]["verified_client_certificate_enabled"], false,
        "unless told otherwise"
    );
    assert_eq!(group["url_domains"][1]["min_ssl_version"], "TLSv1.1", "the default (3.12.1)");
    let (_, listed) = estate.ask("GET", "project:/certificates?instance_id={here}", &NONE);
    assert_eq!(listed["total"], 2, "its own and those for all (3.26.1)");
    let (_, listed) = estate.ask("GET", "project:/certificates?instance_id=common", &NONE);
    assert_eq!(listed["certs"][0]["name"], "leaf", "those for all alone");
    for hidden in ["cert_content", "private_key", "trusted_root_ca"] {
        assert_eq!(listed["certs"][0].get(hidden), None, "{hidden} is never shown");
    }
}

fn gateway(name: &str) -> Value {
    json!({"instance_name": name, "spec_id": "BASIC", "vpc_id": "v", "subnet_id": "s", "security_group_id": "g",
        "available_zone_ids": ["az-1"]})
}

#[test]
fn gateways_themselves() {
    let all = "project:/instances";
    let wanted = |name: &str, value: Value| with(gateway("second"), name, value);
    let bad = (400, "APIC.7211");
    hold(&[
        says("a name of 2 (3.23.1)", ("POST", all), gateway("ab"), bad),
        says("… of 65", ("POST", all), gateway(&"a".repeat(65)), bad),
        says("… that begins with a digit", ("POST", all), gateway("1abc"), bad),
        says("… that is taken", ("POST", all), gateway("engine"), (400, "APIC.7500")),
        says("a description of 256", ("POST", all), wanted("description", json!("a".repeat(256))), bad),
        says("… with a bracket", ("POST", all), wanted("description", json!("a > b")), bad),
        says(
            "a window at three",
            ("POST", all),
            wanted("maintain_begin", json!("03:00:00")),
            (400, "APIC.7235"),
        ),
        says("… without an end", ("POST", all), wanted("maintain_begin", json!("02:00:00")), bad),
        says("an edition", ("POST", all), wanted("spec_id", json!("HUGE")), bad),
        says("a network", ("POST", all), wanted("vpc_id", NONE), bad),
        says("zones", ("POST", all), wanted("available_zone_ids", json!([])), (400, "APIC.7238")),
        says(
            "21 tags",
            ("POST", all),
            wanted("tags", json!((0..21).map(|n| json!({"key": format!("k{n}")})).collect::<Vec<_>>())),
            bad,
        ),
        says("a tag of the system", ("POST", all), wanted("tags", json!([{"key": "_sys_x"}])), bad),
        says("a service name of 17", ("POST", all), wanted("vpcep_service_name", json!("a".repeat(17))), bad),
        says("… with a blank", ("POST", all), wanted("vpcep_service_name", json!("a b")), bad),
        says("made as a job", ("POST", all), wanted("vpcep_service_name", json!("pay-1_x")), (202, "")),
        says(
            "a name that is taken (3.23.3)",
            ("PUT", ""),
            json!({"instance_name": "second"}),
            (400, "APIC.7500"),
        ),
        says(
            "its own name",
            ("PUT", ""),
            json!({"instance_name": "engine", "description": "one"}),
            (200, ""),
        ),
        says("a description with a bracket", ("PUT", ""), json!({"description": "<b>"}), bad),
        says(
            "a window of five hours",
            ("PUT", ""),
            json!({"maintain_begin": "02:00:00", "maintain_end": "10:00:00"}),
            (400, "APIC.7230"),
        ),
        says("an address (3.23.5)", ("PUT", "/eip"), json!({"eip_id": "one"}), (200, "")),
        says("… has to be named", ("PUT", "/eip"), json!({}), bad),
        says(
            "outbound access that is not there (3.23.8)",
            ("PUT", "/nat-eip"),
            json!({"bandwidth_size": "5"}),
            (404, "APIC.7311"),
        ),
        says("a bandwidth (3.23.7)", ("POST", "/nat-eip"), json!({"bandwidth_size": "much"}), bad),
        says("a way of billing", ("POST", "/nat-eip"), json!({"bandwidth_charging_mode": "gift"}), bad),
        says(
            "the bandwidth is a number here (3.23.10)",
            ("POST", "/ingress-eip"),
            json!({"bandwidth_size": "5"}),
            bad,
        ),
        says(
            "the edition it has (3.23.16)",
            ("POST", "/postpaid-resize"),
            json!({"spec_id": "PLATINUM"}),
            (409, "APIC.7707"),
        ),
        says("zones to choose from (3.23.13)", ("GET", "project:/available-zones"), NONE, (200, "")),
        says("limits of its networks (3.23.17)", ("GET", "/restriction"), NONE, (200, "")),
        says("deleted with 204 (3.23.15)", ("DELETE", ""), NONE, (204, "")),
        says("… and gone", ("GET", ""), NONE, (404, "APIC.7302")),
        says("… with its progress", ("GET", "/progress"), NONE, (404, "APIC.7302")),
    ]);
}

#[test]
fn endpoints_and_tags() {
    let (add, delete) = ("/vpc-endpoint/permissions/batch-add", "/vpc-endpoint/permissions/batch-delete");
    let permissions = |of: Value| json!({"permissions": of});
    let account = |id: &str| format!("iam:domain::{id}");
    let good = account(&"0af".repeat(11)[..32]);
    let tag = |action: &str, key: &str, value: &str| json!({"action": action, "tags": [{"key": key, "value": value}]});
    let act = "/instance-tags/action";
    let bad = (400, "APIC.7211");
    hold(&[
        says("an account (3.24.4)", ("POST", add), permissions(json!([good])), (200, "")),
        says("everybody", ("POST", add), permissions(json!(["*"])), (200, "")),
        says("an account of 31", ("POST", add), permissions(json!([account(&"a".repeat(31))])), bad),
        says("… with a letter beyond f", ("POST", add), permissions(json!([account(&"g".repeat(32))])), bad),
        says("… without its front", ("POST", add), permissions(json!(["a".repeat(32)])), bad),
        says("none", ("POST", add), permissions(json!([])), bad),
        says("51", ("POST", add), permissions(json!(vec!["*"; 51])), bad),
        says("50", ("POST", add), permissions(json!(vec!["*"; 50])), (200, "")),
        says("deleted (3.24.5)", ("POST", delete), permissions(json!([good])), (200, "")),
        says("connections (3.24.1)", ("GET", "/vpc-endpoint/connections"), NONE, (200, "")),
        says("… in a state that is one", ("GET", "/vpc-endpoint/connections?status=gone"), NONE, bad),
        says(
            "… accepted or rejected (3.24.2)",
            ("POST", "/vpc-endpoint/connections/action"),
            json!({"action": "keep", "endpoints": ["x"]}),
            bad,
        ),
        says(
            "tags are created or deleted (3.25.3)",
            ("POST", act),
            tag("change", "a", "b"),
            (400, "APIC.7211"),
        ),
        says("a key of 128", ("POST", act), tag("create", &"a".repeat(128), ""), (204, "")),
        says("… of 129", ("POST", act), tag("create", &"a".repeat(129), ""), bad),
        says("… of the system", ("POST", act), tag("create", "_sys_a", "b"), bad),
        says("… with a comma", ("POST", act), tag("create", "a,b", "c"), bad),
        says("… with all signs", ("POST", act), tag("create", "ä 1._:=-@", "ä 1._:/=+-@"), (204, "")),
        says("a value of 255", ("POST", act), tag("create", "a", &"b".repeat(255)), (204, "")),
        says("… of 256", ("POST", act), tag("create", "a", &"b".repeat(256)), bad),
        says(
            "21 at once",
            ("POST", act),
            json!({"action": "create", "tags": vec![json!({"key": "a"}); 21]}),
            bad,
        ),
        says("none at all", ("POST", act), json!({"action": "create", "tags": []}), (204, "")),
        says(
            "a key is enough to delete",
            ("POST", act),
            json!({"action": "delete", "tags": [{"key": "a"}]}),
            (204, ""),
        ),
        says("tags of the gateway (3.25.2)", ("GET", "/instance-tags"), NONE, (200, "")),
        says("… of the project (3.25.1)", ("GET", "project:/instance-tags"), NONE, (200, "")),
    ]);
}

/// The codes of success that a reader would not guess.
#[test]
fn odd_codes_of_success() {
    let app = "/apps/{app}";
    let acl = json!({"app_acl_type": "DENY", "app_acl_values": ["10.0.0.1"]});
    let code = "/apps/{app}/app-codes";
    hold_in(
        certified(),
        &[
            says(
                "PUT with 201 (3.12.3)",
                ("PUT", "/api-groups/{group}/domains/{bare}"),
                json!({"min_ssl_version": "TLSv1.2"}),
                (201, ""),
            ),
            says("PUT with 201 (3.28.2)", ("PUT", app), json!({"name": "app_1"}), (201, "")),
            says("PUT with 201 (3.28.9)", ("PUT", code), NONE, (201, "")),
            says("PUT with 201 (3.28.14)", ("PUT", "/apps/{app}/app-acl"), acl, (201, "")),
            says("POST with 200 (3.26.2)", ("POST", "project:/certificates"), leaf("leaf_2"), (200, "")),
            says(
                "PUT with 204 (3.12.5)",
                ("PUT", "/api-groups/{group}/sl-domain-access-settings"),
                json!({"sl_domain_access_enabled": true}),
                (204, ""),
            ),
            says(
                "POST with 204 (3.26.3)",
                ("POST", "/api-groups/{group}/domains/{bare}/certificates/attach"),
                json!({"certificate_ids": ["{leaf}"]}),
                (204, ""),
            ),
            says(
                "POST with 204 (3.26.4)",
                ("POST", "/api-groups/{group}/domains/{bare}/certificates/detach"),
                json!({"certificate_ids": ["{leaf}"]}),
                (204, ""),
            ),
            says(
                "POST with 204 (3.26.8)",
                ("POST", "project:/certificates/{leaf}/domains/attach"),
                json!({"domains": [{"domain": "a.shop.example.com"}]}),
                (204, ""),
            ),
            says(
                "POST with 204 (3.26.9)",
                ("POST", "project:/certificates/{leaf}/domains/detach"),
                json!({"domains": [{"domain": "a.shop.example.com"}]}),
                (204, ""),
            ),
            says(
                "PUT with 204 (3.27.8)",
                ("PUT", "/plugins/{plugin}/detach"),
                json!({"env_id": "{release}", "api_ids": ["{used}"]}),
                (204, ""),
            ),
            says(
                "PUT with 204 (3.27.9)",
                ("PUT", "/apis/{used}/plugins/detach"),
                json!({"env_id": "{release}", "plugin_ids": ["{plugin}"]}),
                (204, ""),
            ),
            says("DELETE with 200 (3.23.6)", ("DELETE", "/eip"), NONE, (200, "")),
            says(
                "200, which the document calls Created (3.19.2)",
                ("GET", "/api-groups/{group}/gateway-responses/{default}"),
                NONE,
                (200, ""),
            ),
        ],
    );
    let estate = estate();
    let (_, made) = estate.ask("PUT", code, &NONE);
    let path = format!("{code}/{}", made["id"].as_str().unwrap());
    assert_eq!(estate.ask("GET", &path, &NONE).0, 201, "GET with 201 (3.28.11)");
    let (status, _) = estate.ask("POST", "project:/instances", &gateway("small"));
    assert_eq!(status, 202);
    let (_, listed) = estate.ask("GET", "project:/instances?instance_name=small", &NONE);
    let resize =
        format!("project:/instances/{}/postpaid-resize", listed["instances"][0]["id"].as_str().unwrap());
    estate.ask("GET", "/envs", &NONE);
    assert_eq!(
        estate.ask("POST", &resize, &json!({"spec_id": "ENTERPRISE"})).0,
        200,
        "POST with 200 (3.23.16)"
    );
}
