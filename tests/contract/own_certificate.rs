//! Certificates where a gateway has no objects of them: the same documents, and a certificate in each domain that names one.

use std::path::Path;
use std::process::Command;

use apigctl::kind::Kind;
use apigctl::provider::{Vendor, Want, alibaba, huawei_v1};
use apigctl::{export, session};
use serde_json::{Value, json};

use super::certificate::{CA, LEAF, LEAF_KEY, RSA, RSA_KEY, prepare};
use crate::engine::process::Server;
use crate::support::reduced::stripped;
use crate::support::{Bench, document, lines};

static VENDORS: [&Vendor; 2] = [&alibaba::VENDOR, &huawei_v1::VENDOR];

const PAY: &str = "pay.example.com";
const SHOP: &str = "a.shop.example.com";

fn bench(vendor: &'static Vendor) -> Bench {
    let bench = Bench::of(vendor);
    prepare(&bench);
    bench
}

fn group() -> Value {
    document("Group", json!({ "name": "shop" }), json!({}))
}

fn certificate(name: &str, content: &str, key: &str) -> Value {
    document(
        "Certificate",
        json!({ "name": name }),
        json!({ "content": content, "privateKey": { "fromEnv": key } }),
    )
}

fn leaf(content: &str) -> Value {
    certificate("shop_cert", content, "LEAF_KEY")
}

fn domain(name: &str, certificate: Option<&str>) -> Value {
    let spec = certificate.map_or_else(|| json!({}), |certificate| json!({ "certificate": certificate }));
    document("Domain", json!({ "name": name, "group": "shop" }), spec)
}

fn own(name: &str) -> String {
    format!("OwnCertificate/shop/{name}")
}

/// What the gateway calls the group, and the domain of a name with what shows its certificate.
fn there(bench: &Bench, name: &str) -> (String, Value) {
    let (groups, member) = match bench.vendor.name {
        "alibaba-cloudapi" => {
            let id = bench.action("DescribeApiGroups", "")["ApiGroupAttributes"]["ApiGroupAttribute"][0]["GroupId"].take();
            let id = id.as_str().unwrap().to_owned();
            let detail = bench.action("DescribeApiGroup", &format!("GroupId={id}"));
            (vec![(id, detail["CustomDomains"]["DomainItem"].clone())], "DomainName")
        }
        _ => {
            let rows = bench.call("GET", "/api-groups", &Value::Null)["groups"].take();
            let rows = rows.as_array().unwrap().clone();
            let row = |row: Value| (row["id"].as_str().unwrap().to_owned(), row["url_domains"].clone());
            (rows.into_iter().map(row).collect(), "domain")
        }
    };
    let (id, domains) = groups.into_iter().next().unwrap();
    let domain = domains.as_array().unwrap().iter().find(|row| row[member] == name).cloned();
    (id, domain.unwrap_or_default())
}

/// What the certificate of a domain is called on the gateway; null: it has none.
fn called(bench: &Bench, name: &str) -> Value {
    let (_, domain) = there(bench, name);
    let called =
        domain.get("CertificateName").or_else(|| domain.get("ssl_name")).cloned().unwrap_or_default();
    if called == "" { Value::Null } else { called }
}

/// Sets a certificate as somebody does by hand.
fn by_hand(bench: &Bench, name: &str, called: &str, content: &str, key: &str, more: &str) {
    let (group, domain) = there(bench, name);
    if bench.vendor.name == "alibaba-cloudapi" {
        let [content, key] = [content, key].map(apigctl::http::encode);
        let query = format!(
            "GroupId={group}&DomainName={name}&CertificateName={called}&CertificateBody={content}&CertificatePrivateKey={key}{more}"
        );
        bench.action("SetDomainCertificate", &query);
        return;
    }
    let path = format!("/api-groups/{group}/domains/{}/certificate", domain["id"].as_str().unwrap());
    bench.call("POST", &path, &json!({ "name": called, "cert_content": content, "private_key": key }));
}

/// How many certificates the gateway holds.
fn held(bench: &Bench) -> usize {
    let dump = bench.dump();
    let domains = dump.alibaba.get("domains").cloned().unwrap_or_default();
    dump.certificates.len() + domains.iter().filter(|row| row["CertificateId"].is_string()).count()
}

#[tokio::test]
async fn a_certificate_is_set_for_each_domain_renewed_and_taken_off() {
    for vendor in VENDORS {
        let bench = bench(vendor);
        let both = [domain(PAY, Some("shop_cert")), domain(SHOP, Some("shop_cert"))];
        let with = |more: &[Value]| [&[group()], more].concat();
        let plan = bench.applied(&with(&[&[leaf(LEAF)][..], &both].concat())).await;
        let made = [
            format!("create Domain/shop/{SHOP} new"),
            format!("create Domain/shop/{PAY} new"),
            "create Group/shop new".to_owned(),
            format!("create {} new", own(SHOP)),
            format!("create {} new", own(PAY)),
        ];
        assert_eq!(lines(&plan), made, "{}", vendor.name);
        assert_eq!((plan.steps.len(), plan.calls_bound), (5, 5), "{}", vendor.name);
        assert_eq!((called(&bench, PAY), held(&bench)), (json!("shop_cert"), 2), "{}", vendor.name);
        // A change of the document sets it once in each domain, and no more.
        let chain = format!("{LEAF}{CA}");
        let plan = bench.applied(&with(&[&[leaf(&chain)][..], &both].concat())).await;
        let set = |name: &str| format!("update {} unseenChanged: ", own(name));
        assert_eq!(lines(&plan), [set(SHOP), set(PAY)], "{}", vendor.name);
        assert_eq!((plan.steps.len(), plan.calls_bound, held(&bench)), (2, 2, 2), "{}", vendor.name);
        // Another name is another label.
        let mut renamed = leaf(&chain);
        renamed["metadata"] = json!({ "name": "new_cert", "was": "shop_cert" });
        let both = [domain(PAY, Some("new_cert")), domain(SHOP, Some("new_cert"))];
        let plan = bench.applied(&with(&[&[renamed.clone()][..], &both].concat())).await;
        let set = |name: &str| format!("update {} manifestChanged: certificate", own(name));
        assert_eq!(lines(&plan), [set(SHOP), set(PAY)], "{}", vendor.name);
        assert_eq!(called(&bench, SHOP), "new_cert");
        // Off one domain; the other goes, and takes its own along.
        let plan =
            bench.applied(&with(&[renamed.clone(), domain(PAY, None), domain(SHOP, Some("new_cert"))])).await;
        assert_eq!(lines(&plan), [format!("delete {} removed", own(PAY))], "{}", vendor.name);
        assert_eq!((plan.steps.len(), plan.calls_bound, held(&bench)), (1, 1, 1), "{}", vendor.name);
        let plan = bench.applied(&with(&[domain(PAY, None)])).await;
        assert_eq!(lines(&plan), [format!("delete Domain/shop/{SHOP} removed")], "{}", vendor.name);
        assert_eq!((held(&bench), called(&bench, PAY)), (0, Value::Null), "{}", vendor.name);
        bench.applied(&[]).await;
    }
}

#[tokio::test]
async fn facts_are_read_only_where_they_are_compared() {
    for vendor in VENDORS {
        let bench = bench(vendor);
        let with = |pay: Option<&str>, shop: Option<&str>| {
            [group(), leaf(LEAF), domain(PAY, pay), domain(SHOP, shop)]
        };
        let mut reads = Vec::new();
        for (pay, shop) in [(None, None), (Some("shop_cert"), None), (Some("shop_cert"), Some("shop_cert"))] {
            bench.applied(&with(pay, shop)).await;
            reads.push(bench.planned().await.reads);
        }
        assert_eq!((reads[1] - reads[0], reads[2] - reads[1]), (1, 1), "{}: {reads:?}", vendor.name);
        // What is to be taken off is not looked into.
        bench.write(&with(None, Some("shop_cert")));
        assert_eq!(bench.planned().await.reads, reads[1], "{}", vendor.name);
    }
}

#[tokio::test]
async fn what_others_set_by_hand_is_shown_and_undone() {
    for vendor in VENDORS {
        let bench = bench(vendor);
        let all = [group(), leaf(LEAF), domain(PAY, Some("shop_cert")), domain(SHOP, None)];
        bench.applied(&all).await;
        // On Alibaba, with a setting that no manifest says.
        by_hand(&bench, PAY, "shop_cert", RSA, RSA_KEY, "&ClientCertSDnPassThrough=true&SslVerifyDepth=3");
        by_hand(&bench, SHOP, "stranger", LEAF, LEAF_KEY, "");
        let plan = bench.planned().await;
        let fields = "content.commonName, content.names, content.serial, content.notBefore, content.notAfter";
        let expected = [
            format!("delete {} changedByHand", own(SHOP)),
            format!("update {} changedByHand: {fields}", own(PAY)),
        ];
        assert_eq!(lines(&plan), expected, "{}", vendor.name);
        assert_eq!((plan.steps.len(), plan.calls_bound), (2, 2), "{}", vendor.name);
        bench.apply(&plan).await;
        bench.assert_settled().await;
        assert_eq!((called(&bench, PAY), held(&bench)), (json!("shop_cert"), 1), "{}", vendor.name);
        if vendor.name == "alibaba-cloudapi" {
            let (_, domain) = there(&bench, PAY);
            assert_eq!(
                (&domain["ClientCertSDnPassThrough"], &domain["SslVerifyDepth"]),
                (&json!(true), &json!(3))
            );
        }
        // The same name and another content is another certificate, and so is the same content under another name.
        by_hand(&bench, PAY, "stranger", LEAF, LEAF_KEY, "");
        let plan = bench.planned().await;
        assert_eq!(
            lines(&plan),
            [format!("update {} changedByHand: certificate", own(PAY))],
            "{}",
            vendor.name
        );
        bench.apply(&plan).await;
        bench.assert_settled().await;
    }
}

#[tokio::test]
async fn a_trusted_root_is_sent_where_callers_are_asked() {
    let bench = bench(&alibaba::VENDOR);
    let mut certificate = leaf(LEAF);
    certificate["spec"]["trustedRootCa"] = json!(CA);
    let mut open = domain(SHOP, Some("shop_cert"));
    open["spec"]["verifyClients"] = json!(false);
    bench.write(&[group(), certificate, domain(PAY, Some("shop_cert")), open]);
    let plan = bench.planned().await;
    let roots: Vec<(&Value, &Value)> = plan
        .steps
        .iter()
        .filter(|step| step.call.path == "/SetDomainCertificate")
        .map(|step| (&step.call.body["CaCertificateBody"], &step.call.body["SslVerifyDepth"]))
        .collect();
    assert_eq!(roots, [(&Value::Null, &Value::Null), (&json!(CA), &json!(1))]);
    bench.apply(&plan).await;
    bench.assert_settled().await;
}

#[tokio::test]
async fn what_is_not_described_or_not_named_is_told_with_its_line() {
    for vendor in VENDORS {
        let bench = bench(vendor);
        bench.write(&[group(), leaf(LEAF), domain(PAY, Some("shop_cart"))]);
        let manifests = bench.manifests();
        let [unused, missing] = manifests.problems.as_slice() else { panic!("{:#?}", manifests.problems) };
        assert_eq!((unused.code, missing.code), ("not-used-here", "not-described"));
        for (problem, says) in [
            (unused, "no domain names this certificate, so this target does not get it: the "),
            (
                missing,
                "no document describes the certificate `shop_cart`, and there is none to look up: the ",
            ),
        ] {
            assert!(problem.message.starts_with(says), "{}", problem.message);
        }
        assert_eq!(missing.help.as_deref(), Some("did you mean `shop_cert`?"));
        let line = |problem: &apigctl::problem::Problem| {
            let span = problem.span.as_ref().unwrap();
            span.source.text.lines().nth(span.line_column().0 - 1).unwrap().trim().to_owned()
        };
        assert_eq!(line(unused), "\"name\": \"shop_cert\"");
        assert_eq!(line(missing), "\"certificate\": \"shop_cart\"");
        let problems = bench.plan().await.unwrap_err();
        assert!(problems.iter().any(|problem| problem.code == "not-described"), "{problems:#?}");
        // One that stands elsewhere is no better: there is nothing to look up.
        let external = json!({
            "apiVersion": "apigctl/v1", "kind": "Certificate", "metadata": { "name": "shop_cert", "external": true },
        });
        bench.write(&[group(), external, domain(PAY, Some("shop_cert"))]);
        let problems = bench.plan().await.unwrap_err();
        assert_eq!(problems[0].code, "not-described", "{problems:#?}");
    }
}

#[tokio::test]
async fn what_is_wrong_with_a_certificate_is_told_at_its_document() {
    for vendor in VENDORS {
        let bench = bench(vendor);
        bench.write(&[group(), certificate("shop_cert", LEAF, "RSA_KEY"), domain(PAY, Some("shop_cert"))]);
        let problems = bench.plan().await.unwrap_err();
        assert_eq!(problems[0].code, "wrong-key", "{problems:#?}");
        // A gateway would refuse it, too: the domain is not one of the certificate's.
        bench.write(&[group(), leaf(LEAF), domain("other.example.com", Some("shop_cert"))]);
        let problems = bench.plan().await.unwrap_err();
        assert_eq!(problems[0].code, "would-be-refused", "{problems:#?}");
    }
}

/// What only the reference of dedicated gateways asks: no alternative names, or an end after 2038, is no reason to refuse.
#[tokio::test]
async fn a_certificate_has_to_be_good_and_nothing_more() {
    for vendor in VENDORS {
        let bench = bench(vendor);
        for content in [
            include_str!("../engine/certificates/no-san.pem"),
            include_str!("../engine/certificates/too-long.pem"),
            include_str!("../engine/certificates/sha1.pem"),
        ] {
            bench.applied(&[group(), leaf(content), domain(PAY, Some("shop_cert"))]).await;
            assert_eq!(called(&bench, PAY), "shop_cert");
        }
    }
}

/// Everything below a folder.
fn texts(folder: &Path) -> String {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries
        .map(|path| match path.is_dir() {
            true => texts(&path),
            false => String::from_utf8_lossy(&std::fs::read(path).unwrap()).into_owned(),
        })
        .collect()
}

/// A line in the midst of a key.
fn within(key: &str) -> &str {
    key.lines().rfind(|line| line.len() > 20 && !line.starts_with("---")).unwrap()
}

#[tokio::test]
async fn a_snapshot_stands_in_for_the_gateway_and_holds_no_key() {
    for vendor in VENDORS {
        let bench = bench(vendor);
        let all = [group(), leaf(LEAF), domain(PAY, Some("shop_cert")), domain(SHOP, Some("shop_cert"))];
        bench.applied(&all).await;
        by_hand(&bench, SHOP, "stranger", LEAF, LEAF_KEY, "");
        let (snapshot, notes) = session::capture(&bench.target()).await.unwrap();
        assert_eq!(notes, Vec::<String>::new());
        assert!(!json!(snapshot.holds).to_string().contains(within(LEAF_KEY)));
        let other = super::copies::of(&bench, snapshot);
        let plan = other.planned().await;
        assert_eq!(lines(&plan), lines(&bench.planned().await), "{}", vendor.name);
        assert_eq!(
            lines(&plan),
            [format!("update {} changedByHand: certificate", own(SHOP))],
            "{}",
            vendor.name
        );
        other.apply(&plan).await;
        other.assert_settled().await;
    }
}

#[tokio::test]
async fn what_is_exported_keeps_its_certificates() {
    for vendor in VENDORS {
        let bench = bench(vendor);
        let all = [group(), leaf(LEAF), domain(PAY, Some("shop_cert")), domain(SHOP, Some("shop_cert"))];
        bench.applied(&all).await;
        let want = Want { all: true, details: true, ..Want::default() };
        let observed = session::observe(&bench.target(), &want, true).await.unwrap();
        let exported = export::export(&observed, None);
        assert_eq!(exported.secrets, ["CERTIFICATE_SHOP_CERT_KEY"]);
        assert_eq!(exported.counts[&Kind::Certificate], 1, "both domains have the same");
        let folder = bench.path("manifests");
        std::fs::remove_dir_all(&folder).unwrap();
        for file in &exported.files {
            let path = folder.join(&file.path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, &file.text).unwrap();
        }
        // The shared gateway shows no certificate: it goes where the remark says.
        let asked = exported.remarks.iter().any(|remark| remark.contains("certificates/shop-cert.pem"));
        assert_eq!(asked, vendor.name == "huawei-apig-v1", "{:#?}", exported.remarks);
        std::fs::create_dir_all(bench.path("certificates")).unwrap();
        std::fs::write(bench.path("certificates/shop-cert.pem"), LEAF).unwrap();
        bench.secrets.lock().unwrap().insert("CERTIFICATE_SHOP_CERT_KEY".into(), LEAF_KEY.into());
        assert_eq!(lines(&bench.planned().await), Vec::<String>::new(), "{}", vendor.name);
        assert!(!texts(bench.path("").as_path()).contains(within(LEAF_KEY)), "{}", vendor.name);
    }
}

/// The whole path as a user types it, with a gateway in a process of its own: nothing that is printed or written has the key.
#[test]
fn the_commands() {
    let folder = tempfile::tempdir().unwrap();
    let gateway = folder.path().join("gateway");
    std::fs::create_dir_all(&gateway).unwrap();
    let server = Server::start(&gateway, &[]);
    let there = server.handle();
    let endpoint = format!("http://{}", there.address());
    let keys = json!({ "accessKey": { "fromEnv": "SITE_KEY" }, "secretKey": { "fromEnv": "SITE_SECRET" } });
    for vendor in VENDORS {
        let home = folder.path().join(vendor.name);
        std::fs::create_dir_all(home.join("manifests")).unwrap();
        let mut target = json!({ "provider": vendor.name, "endpoint": endpoint, "credentials": keys });
        if vendor.needs.contains(&"project") {
            target["project"] = json!(there.project());
        }
        let project = json!({ "defaultTarget": "there", "targets": { "there": target } });
        std::fs::write(home.join("apigctl.yaml"), project.to_string()).unwrap();
        let run = |args: &[&str], code: i32| {
            let mut command = Command::new(env!("CARGO_BIN_EXE_apigctl"));
            command.args(args).current_dir(&home).env("NO_COLOR", "1").env_remove("APIGCTL_TARGET");
            let output = command.env("SITE_KEY", "ACCESS").env("SITE_SECRET", "SECRET").output().unwrap();
            let text = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
            assert_eq!(output.status.code(), Some(code), "{} {args:?}\n{text}", vendor.name);
            text
        };
        let write = |certificate: Option<&str>| {
            let spec =
                json!({ "content": { "fromFile": "pay.pem" }, "privateKey": { "fromFile": "pay.key" } });
            let mut documents = vec![group(), domain(PAY, certificate)];
            documents.extend(certificate.map(|name| document("Certificate", json!({ "name": name }), spec)));
            let documents = stripped(vendor, documents);
            let text: String = documents.iter().map(|document| format!("---\n{document}\n")).collect();
            std::fs::write(home.join("manifests/all.yaml"), text).unwrap();
        };
        let issue = |content: &str, key: &str| {
            std::fs::write(home.join("pay.pem"), content).unwrap();
            std::fs::write(home.join("pay.key"), key).unwrap();
        };
        let mut said = String::new();
        issue(LEAF, LEAF_KEY);
        write(Some("pay_cert"));
        said += &run(&["validate"], 0);
        said += &run(&["plan", "--format", "json", "--out", "first.plan"], 0);
        said += &run(&["apply", "-y", "first.plan"], 0);
        said += &run(&["plan", "--detailed-exitcode"], 0);
        // The file is renewed.
        issue(RSA, RSA_KEY);
        let plan = run(&["plan", "--detailed-exitcode"], 2);
        assert!(plan.contains("content.serial") && plan.contains(PAY), "{plan}");
        said += &plan;
        said += &run(&["apply", "-y"], 0);
        said += &run(&["plan", "--detailed-exitcode"], 0);
        write(None);
        let plan = run(&["plan", "--format", "markdown"], 0);
        assert!(plan.contains("certificate"), "{plan}");
        said += &plan;
        said += &run(&["apply", "-y"], 0);
        said += &run(&["plan", "--detailed-exitcode"], 0);
        std::fs::remove_file(home.join("pay.key")).unwrap();
        said += &texts(&home);
        for key in [LEAF_KEY, RSA_KEY] {
            assert!(!said.contains(within(key)), "{}: a key was shown", vendor.name);
        }
    }
    let stored = texts(&gateway);
    assert!(stored.contains(PAY), "{stored}");
    for key in [LEAF_KEY, RSA_KEY] {
        assert!(!stored.contains(within(key)), "the gateway keeps a key");
    }
}
