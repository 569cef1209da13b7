//! Certificates and domains.

use apigctl::kind::Kind;
use apigctl::plan::Action;
use apigctl::provider::Vendor;
use serde_json::{Value, json};

use super::{Case, Expected, Subject, WRONG, ground, step};
use crate::support::reduced::takes;
use crate::support::{Bench, document, lines};

/// For pay.example.com and *.shop.example.com; the authority that signed it.
pub(super) const LEAF: &str = include_str!("../engine/certificates/leaf.pem");
pub(super) const LEAF_KEY: &str = include_str!("../engine/certificates/leaf.key");
pub(super) const CA: &str = include_str!("../engine/certificates/ca.pem");
/// For rsa.example.com and pay.example.com.
pub(super) const RSA: &str = include_str!("../engine/certificates/rsa.pem");
pub(super) const RSA_KEY: &str = include_str!("../engine/certificates/rsa.key");

/// Keys, the same one in other words, and files.
pub(super) fn prepare(bench: &Bench) {
    let words = |words: &str| format!("{words}\n{LEAF_KEY}");
    for (name, value) in [
        ("LEAF_KEY", LEAF_KEY.to_owned()),
        ("LEAF_KEY_AGAIN", words("by variable")),
        ("leaf.key", words("by file")),
        ("print-key", words("by command")),
        ("RSA_KEY", RSA_KEY.to_owned()),
    ] {
        bench.secrets.lock().unwrap().insert(name.to_owned(), value);
    }
    std::fs::write(bench.path("leaf.pem"), format!("{LEAF}{CA}")).unwrap();
}

pub(super) fn subjects() -> Vec<Subject> {
    vec![certificate(), domain(), domain_bare()]
}

fn leaf() -> Value {
    let spec = json!({ "content": LEAF, "privateKey": { "fromEnv": "LEAF_KEY" }, "trustedRootCa": CA });
    document("Certificate", json!({ "name": "leaf_cert" }), spec)
}

fn rsa() -> Value {
    let spec = json!({ "content": RSA, "privateKey": { "fromEnv": "RSA_KEY" } });
    document("Certificate", json!({ "name": "rsa_cert" }), spec)
}

fn certificate() -> Subject {
    let of = "Certificate/leaf_cert";
    let case =
        |field: &str, edits, line: &str| Case::edit(&[field], edits, vec![format!("update {of} {line}")]);
    let mut scope = case("scope", vec![("/scope", json!("project"))], "");
    scope.outcome = Expected::Refused("immutable-field");
    let refused =
        |edits, code| Case { outcome: Expected::Refused(code), ..case("content.fromFile", edits, "") };
    Subject {
        name: "certificate",
        kind: Kind::Certificate,
        around: Vec::new(),
        base: leaf(),
        created: vec![format!("create {of} new")],
        removed: vec![format!("delete {of} removed")],
        cases: vec![
            scope,
            case(
                "content.fromFile",
                vec![("/content", json!(RSA)), ("/privateKey/fromEnv", json!("RSA_KEY"))],
                "manifestChanged: content.commonName, content.names, content.serial, content.notBefore, content.notAfter",
            ),
            // The chain is not shown.
            case(
                "content.fromFile",
                vec![("/content", json!({ "fromFile": "leaf.pem" }))],
                "unseenChanged: ",
            ),
            refused(vec![("/content", json!("nothing"))], "invalid-certificate"),
            refused(vec![("/content", json!({ "fromFile": "no.pem" }))], "unreadable-file"),
            refused(vec![("/content", json!(LEAF_KEY))], "invalid-certificate"),
            refused(vec![("/content", json!(RSA))], "wrong-key"),
            case(
                "trustedRootCa.fromFile",
                vec![("/trustedRootCa", Value::Null)],
                "manifestChanged: trustedRootCa",
            ),
            case(
                "trustedRootCa.fromFile",
                vec![("/trustedRootCa", json!(format!("{CA}{CA}")))],
                "unseenChanged: ",
            ),
            case(
                "privateKey.fromEnv",
                vec![("/privateKey/fromEnv", json!("LEAF_KEY_AGAIN"))],
                "unseenChanged: ",
            ),
            case(
                "privateKey.fromFile",
                vec![("/privateKey", json!({ "fromFile": "leaf.key" }))],
                "unseenChanged: ",
            ),
            case(
                "privateKey.fromCommand[]",
                vec![("/privateKey", json!({ "fromCommand": ["print-key"] }))],
                "unseenChanged: ",
            ),
        ],
    }
}

const NAME: &str = "shop/pay.example.com";

fn domain() -> Subject {
    let of = format!("Domain/{NAME}");
    let set = |field, value| Case::set(&of, field, value);
    let on = |name: &str| format!("DomainCertificate/{NAME}/{name}");
    Subject {
        name: "domain",
        kind: Kind::Domain,
        around: vec![leaf(), rsa()],
        base: document(
            "Domain",
            json!({ "name": "pay.example.com", "group": "shop" }),
            json!({ "certificate": "leaf_cert" }),
        ),
        created: vec![format!("bind {} new", on("leaf_cert")), format!("create {of} new")],
        removed: vec![format!("delete {of} removed")],
        cases: vec![
            set("minTls", json!("1.2")),
            set("redirectHttp", json!(true)),
            set("verifyClients", json!(false)),
            Case::edit(
                &["certificate"],
                vec![("/certificate", json!("rsa_cert"))],
                vec![format!("bind {} new", on("rsa_cert")), format!("unbind {} removed", on("leaf_cert"))],
            ),
            Case::edit(
                &["certificate", "minTls"],
                vec![("/certificate", json!("rsa_cert")), ("/minTls", json!("1.2"))],
                vec![
                    format!("bind {} new", on("rsa_cert")),
                    format!("unbind {} removed", on("leaf_cert")),
                    format!("update {of} manifestChanged: minTls"),
                ],
            ),
            Case::edit(
                &["certificate"],
                vec![("/certificate", Value::Null)],
                vec![format!("unbind {} removed", on("leaf_cert"))],
            ),
        ],
    }
}

/// Without a certificate the gateway does not show whether HTTP is sent on.
fn domain_bare() -> Subject {
    let of = format!("Domain/{NAME}");
    Subject {
        name: "domain_bare",
        kind: Kind::Domain,
        around: Vec::new(),
        base: document("Domain", json!({ "name": "pay.example.com", "group": "shop" }), json!({})),
        created: vec![format!("create {of} new")],
        removed: vec![format!("delete {of} removed")],
        cases: vec![
            Case::set(&of, "minTls", json!("1.2")),
            Case::edit(
                &["redirectHttp"],
                vec![("/redirectHttp", json!(true))],
                vec![format!("update {of} unseenChanged: ")],
            ),
        ],
    }
}

/// What stands beside a certificate where it is a part of the domains that name it.
pub(super) fn beside(vendor: &Vendor, subject: &Subject) -> Vec<Value> {
    let folded = subject.kind == Kind::Certificate && !vendor.folds.is_empty();
    folded.then(|| named("pay.example.com", json!("leaf_cert"))).into_iter().collect()
}

/// What a plan says where a certificate is a part of the domains that name it.
pub(super) fn folded(vendor: &Vendor, lines: &[String]) -> Vec<String> {
    if vendor.folds.is_empty() {
        return lines.to_vec();
    }
    let (own, domain) = (format!("OwnCertificate/{NAME}"), format!("Domain/{NAME}"));
    let all = "content.commonName, content.names, content.serial, content.notBefore, content.notAfter";
    let one = |line: &String| match line.as_str() {
        "create Certificate/leaf_cert new" => {
            vec![format!("create {domain} new"), format!("create {own} new")]
        }
        // It goes with its domain.
        "delete Certificate/leaf_cert removed" => vec![format!("delete {domain} removed")],
        "update Certificate/leaf_cert manifestChanged: trustedRootCa" => {
            vec![format!("update {own} unseenChanged: ")]
        }
        // Without a trusted root it makes no difference.
        line if line == format!("update {domain} manifestChanged: verifyClients") => {
            let asks = takes(vendor, Kind::Certificate, "trustedRootCa");
            asks.then(|| format!("update {own} unseenChanged: ")).into_iter().collect()
        }
        line if line == format!("bind DomainCertificate/{NAME}/leaf_cert new") => {
            vec![format!("create {own} new")]
        }
        // One call puts the one in the place of the other.
        line if line == format!("bind DomainCertificate/{NAME}/rsa_cert new") => {
            vec![format!("update {own} manifestChanged: certificate, {all}")]
        }
        line if line == format!("unbind DomainCertificate/{NAME}/leaf_cert removed") => {
            let taken_off = lines.len() == 1;
            taken_off.then(|| format!("delete {own} removed")).into_iter().collect()
        }
        line => vec![line.replace("Certificate/leaf_cert", &own)],
    };
    lines.iter().flat_map(one).collect()
}

fn named(name: &str, certificate: Value) -> Value {
    document("Domain", json!({ "name": name, "group": "shop" }), json!({ "certificate": certificate }))
}

/// By certificate, however many domains; the old one is off before the new one is on, which is told.
#[tokio::test]
async fn one_call_gives_a_certificate_to_many_domains() {
    let bench = Bench::new();
    prepare(&bench);
    let domains = |certificate: &str| {
        [named("a.shop.example.com", json!("leaf_cert")), named("pay.example.com", json!(certificate))]
    };
    let all = [ground().as_slice(), &[leaf(), rsa()], &domains("leaf_cert")].concat();
    bench.write(&all);
    let plan = bench.planned().await;
    let count = |action| plan.changes.iter().filter(|c| c.action == action).count();
    assert_eq!(
        (count(Action::Bind), plan.changes.len(), plan.steps.len()),
        (2, 10, 9),
        "{:#?}",
        lines(&plan)
    );
    bench.apply(&plan).await;
    bench.assert_settled().await;
    bench.write(&[ground().as_slice(), &[leaf(), rsa()], &domains("rsa_cert")].concat());
    let plan = bench.planned().await;
    let order: Vec<Action> = plan.steps.iter().map(|s| plan.changes[s.items[0].change].action).collect();
    assert_eq!(order, [Action::Unbind, Action::Bind]);
    let told = |code: &str| plan.notes.iter().filter(|n| n.code == code).count();
    assert_eq!((told("certificate-swapped"), told("expires-soon")), (1, 0), "{:?}", plan.notes);
    bench.apply(&plan).await;
    bench.assert_settled().await;
    // All of it goes: domains before their group and their certificates, and no certificate is taken off by itself.
    let nothing = document("Environment", json!({ "name": "TEST" }), json!({}));
    bench.write(std::slice::from_ref(&nothing));
    let plan = bench.planned().await;
    assert!(plan.changes.iter().all(|c| c.action == Action::Delete), "{:#?}", lines(&plan));
    bench.apply(&plan).await;
    bench.assert_settled().await;
    assert_eq!((bench.dump().groups.len(), bench.dump().certificates.len()), (0, 0));
}

/// A domain has what its manifest says, whoever gave it something else.
#[tokio::test]
async fn what_others_did_to_a_domain_is_undone() {
    let bench = Bench::new();
    prepare(&bench);
    let all = [ground().as_slice(), &[leaf(), rsa(), named("pay.example.com", json!("leaf_cert"))]].concat();
    bench.write(&all);
    bench.apply(&bench.planned().await).await;
    let group = bench.id("/api-groups", "groups", "shop");
    let domain = bench.dump().groups.iter().find(|g| g["name"] == "shop").unwrap()["url_domains"][0].clone();
    let path = format!("/api-groups/{group}/domains/{}", domain["id"].as_str().unwrap());
    let id = |name: &str| {
        let all = bench.dump().certificates;
        all.iter().find(|row| row["name"] == name).unwrap()["id"].clone()
    };
    let change = |word: &str, name: &str| {
        bench.call("POST", &format!("{path}/certificates/{word}"), &json!({ "certificate_ids": [id(name)] }));
    };
    change("detach", "leaf_cert");
    change("attach", "rsa_cert");
    let body = json!({ "min_ssl_version": "TLSv1.2", "is_http_redirect_to_https": true });
    bench.call("PUT", &path, &body);
    let on = |name: &str| format!("DomainCertificate/{NAME}/{name}");
    let expected = [
        format!("bind {} removedByHand", on("leaf_cert")),
        format!("unbind {} changedByHand", on("rsa_cert")),
        format!("update Domain/{NAME} changedByHand: minTls, redirectHttp"),
    ];
    step(&bench, "domain", "by hand", &all, &expected).await;
    assert_eq!(WRONG.take(), Vec::<String>::new());
}

/// A certificate that something else still has is kept, and one that nobody describes may be named.
#[tokio::test]
async fn a_certificate_of_others_is_looked_up() {
    let bench = Bench::new();
    prepare(&bench);
    let all = [ground().as_slice(), &[leaf(), named("pay.example.com", json!("leaf_cert"))]].concat();
    bench.write(&all);
    bench.apply(&bench.planned().await).await;
    let reads = bench.planned().await.reads;
    // It leaves the manifests and is still named.
    let without = [ground().as_slice(), &[named("pay.example.com", json!("leaf_cert"))]].concat();
    bench.write(&without);
    let plan = bench.planned().await;
    assert_eq!(lines(&plan), Vec::<String>::new());
    bench.apply(&plan).await;
    bench.assert_settled().await;
    // Lists, the domains of the certificate, and of a described one itself and the gateway's limits.
    assert_eq!((reads, bench.planned().await.reads), (9, 7));
    let missing = [ground().as_slice(), &[named("pay.example.com", json!("other_cert"))]].concat();
    bench.write(&missing);
    let problems = bench.plan().await.unwrap_err();
    assert_eq!(problems[0].code, "not-on-gateway", "{problems:#?}");
}
