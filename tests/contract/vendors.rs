//! The contract on the other gateways: the same subjects, as far as a gateway takes them. What it cannot take is refused at
//! plan time, and the table of capabilities says so; nothing else is refused.

use apigctl::capabilities;
use apigctl::kind::Kind;
use apigctl::problem::Problem;
use apigctl::provider::Vendor;
use apigctl::provider::support::{RANGE, UNSUPPORTED};
use serde_json::{Value, json};

use super::{Case, Expected, Subject, certificate, copies, prepare, subjects};
use crate::support::reduced::strip;
use crate::support::{Bench, lines};

/// Subjects that a gateway cannot take at all, and changes that it has no call for: vendor, subject, fields.
const REFUSED: &[(&str, &str, &[&str])] = &[
    ("alibaba-cloudapi", "api_authorizer", &["*"]),
    ("alibaba-cloudapi", "api_grpc", &["*"]),
    ("alibaba-cloudapi", "authorizer", &["*"]),
    ("alibaba-cloudapi", "channel", &["*"]),
    ("alibaba-cloudapi", "channel_ecs", &["*"]),
    ("alibaba-cloudapi", "channel_microservice", &["*"]),
    ("alibaba-cloudapi", "environment", &["*"]),
    ("alibaba-cloudapi", "feature", &["*"]),
    ("alibaba-cloudapi", "feature_number", &["*"]),
    ("alibaba-cloudapi", "feature_secret", &["*"]),
    ("alibaba-cloudapi", "gateway", &["*"]),
    ("alibaba-cloudapi", "group_response", &["*"]),
    ("alibaba-cloudapi", "plugin_kafka_log", &["*"]),
    ("alibaba-cloudapi", "plugin_response_headers", &["*"]),
    ("alibaba-cloudapi", "plugin_third_auth", &["*"]),
    ("alibaba-cloudapi", "quota", &["*"]),
    ("alibaba-cloudapi", "access_control", &["effect"]),
    ("alibaba-cloudapi", "throttle", &["per", "limits.app", "limits.user"]),
    ("alibaba-cloudapi", "api_mock", &["backend.mock.parameters[].description"]),
    (
        "alibaba-cloudapi",
        "api_http",
        &[
            "backend.http.parameters[].description",
            // It checks what it is told, and nothing else.
            "parameters[].enum[]",
            "parameters[].jsonSchema",
            "parameters[].maxLength",
            "parameters[].maximum",
            "parameters[].minLength",
            "parameters[].minimum",
            "parameters[].passThrough",
            "parameters[].pattern",
            "parameters[].validate",
        ],
    ),
    ("alibaba-cloudapi", "api_function", &["backend.function.parameters[].description"]),
    ("huawei-apig-v1", "api_grpc", &["*"]),
    ("huawei-apig-v1", "channel_microservice", &["*"]),
    ("huawei-apig-v1", "channel", &["*"]),
    // It needs the name of a server, too.
    ("huawei-apig-v1", "channel_vpc", &["*"]),
    ("huawei-apig-v1", "feature", &["*"]),
    ("huawei-apig-v1", "feature_number", &["*"]),
    ("huawei-apig-v1", "feature_secret", &["*"]),
    ("huawei-apig-v1", "gateway", &["*"]),
    ("huawei-apig-v1", "group_response", &["*"]),
    ("huawei-apig-v1", "plugin_breaker", &["*"]),
    ("huawei-apig-v1", "plugin_cors", &["*"]),
    ("huawei-apig-v1", "plugin_kafka_log", &["*"]),
    ("huawei-apig-v1", "plugin_native", &["*"]),
    ("huawei-apig-v1", "plugin_rate_limit", &["*"]),
    ("huawei-apig-v1", "plugin_response_headers", &["*"]),
    ("huawei-apig-v1", "plugin_third_auth", &["*"]),
    ("huawei-apig-v1", "quota", &["*"]),
    ("huawei-apig-v1", "variable", &["values[]"]),
    ("huawei-apig-v2", "plugin_native", &["*"]),
];

/// Words that a vendor has no use for, and what it calls the same.
const WORDS: &[(&str, &str, &str)] = &[
    ("alibaba-cloudapi", "STAGE", "PRE"),
    ("alibaba-cloudapi", "buy", "purchase"),
    ("alibaba-cloudapi", "one", "once"),
    ("alibaba-cloudapi", "two", "twice"),
    ("alibaba-cloudapi", "192.0.2.0-192.0.2.7", "192.0.2.0/29"),
    (
        "alibaba-cloudapi",
        "urn:fss:local-1:p:function:default:sell",
        "acs:fc:local-1:p:services/default/functions/sell",
    ),
    (
        "alibaba-cloudapi",
        "urn:fss:local-1:p:function:default:purchase",
        "acs:fc:local-1:p:services/default/functions/purchase",
    ),
];

/// A text in the words of a vendor.
fn worded(vendor: &Vendor, text: &str) -> String {
    let mut worded = text.to_owned();
    for (_, from, to) in WORDS.iter().filter(|(name, _, _)| *name == vendor.name) {
        let mut parts = worded.split(from);
        let mut said = parts.next().unwrap_or_default().to_owned();
        for part in parts {
            let word = |c: char| c.is_alphanumeric() || c == '_';
            let whole = !said.ends_with(word) && !part.starts_with(word);
            said.push_str(if whole { to } else { from });
            said.push_str(part);
        }
        worded = said;
    }
    worded
}

/// A subject in the words of a vendor.
fn of_vendor(vendor: &Vendor, subject: Subject) -> Subject {
    let value =
        |value: &Value| -> Value { serde_json::from_str(&worded(vendor, &value.to_string())).unwrap() };
    let lines = |lines: &[String]| {
        certificate::folded(vendor, lines).iter().map(|line| worded(vendor, line)).collect()
    };
    let case = |case: &Case| Case {
        fields: case.fields.clone(),
        edits: case.edits.iter().map(|(at, to)| (worded(vendor, at), value(to))).collect(),
        outcome: match &case.outcome {
            Expected::Lines(said) => Expected::Lines(lines(said)),
            Expected::Refused(code) => Expected::Refused(code),
        },
    };
    Subject {
        around: subject.around.iter().map(value).collect(),
        base: value(&subject.base),
        created: lines(&subject.created),
        removed: lines(&subject.removed),
        cases: subject.cases.iter().map(case).collect(),
        ..subject
    }
}

pub(super) fn is_refused(vendor: &Vendor, subject: &str, field: &str) -> bool {
    let here = REFUSED.iter().filter(|(name, of, _)| *name == vendor.name && *of == subject);
    here.into_iter().any(|(_, _, fields)| fields.contains(&field) || fields.contains(&"*"))
}

/// What stands on a gateway beside what is managed; subjects name it.
fn externals(bench: &Bench) {
    if bench.vendor.name == "alibaba-cloudapi" {
        for name in ["chan_a", "chan_b"] {
            bench.action("SetVpcAccess", &format!("Name={name}&VpcId=vpc-1&InstanceId=i-{name}&Port=80"));
        }
        for name in ["app_one", "app_two"] {
            bench.action("CreateApp", &format!("AppName={name}"));
        }
        return;
    }
    if bench.vendor.name == "huawei-apig-v2" {
        return super::externals(bench);
    }
    for (name, kind) in
        [("front_a", "FRONTEND"), ("front_b", "FRONTEND"), ("back_a", "BACKEND"), ("back_b", "BACKEND")]
    {
        let body = json!({
            "name": name, "type": kind, "authorizer_type": "FUNC",
            "authorizer_uri": "urn:fss:local-1:p:function:default:check",
        });
        bench.call("POST", "/authorizers", &body);
    }
    let check = json!({
        "protocol": "TCP", "threshold_normal": 2, "threshold_abnormal": 5, "time_out": 5, "time_interval": 10,
    });
    for name in ["chan_a", "chan_b"] {
        let body = json!({
            "name": name, "type": 2, "member_type": "instance", "port": 80, "balance_strategy": 1,
            "vpc_health_config": check,
            "vpc_instances": [{ "instance_id": "one", "instance_name": "one", "weight": 10 }],
        });
        bench.call("POST", "/vpc-channels", &body);
    }
    for name in ["app_one", "app_two"] {
        bench.call("POST", "/apps", &json!({ "name": name }));
    }
}

/// What the gateway that the contract is written for cannot take.
pub(super) async fn refuse(vendor: &'static Vendor, subject: &Subject) {
    let documents = [super::ground(), vec![subject.base.clone()]].concat();
    let problems = refused(&Bench::of(vendor), &documents).await.unwrap();
    assert!(problems.iter().any(|problem| problem.code == UNSUPPORTED), "{problems:#?}");
}

async fn refused(bench: &Bench, documents: &[Value]) -> Option<Vec<Problem>> {
    bench.write(documents);
    bench.plan().await.err()
}

/// Applies documents; the lines of the plan.
async fn applied(bench: &Bench, documents: &[Value]) -> Vec<String> {
    let plan = bench.applied(documents).await;
    bench.assert_settled().await;
    lines(&plan)
}

/// Runs one subject on a vendor's gateway.
pub(super) async fn run(vendor: &'static Vendor, name: &str) {
    let subject = subjects().into_iter().find(|subject| subject.name == name).unwrap();
    let subject = &of_vendor(vendor, subject);
    let bench = Bench::of(vendor);
    prepare(&bench);
    let ground: Vec<Value> = super::ground()
        .iter()
        .map(|document| serde_json::from_str(&worded(vendor, &document.to_string())).unwrap())
        .collect();
    applied(&bench, &ground).await;
    externals(&bench);
    let mut around = ground;
    for document in &subject.around {
        let mut document = document.clone();
        if strip(vendor, &mut document) {
            around.push(document);
        }
    }
    let mut base = subject.base.clone();
    if vendor.name == "huawei-apig-v1" && base["kind"] == "Channel" {
        // It checks the health of every channel.
        base["spec"]["healthCheck"] = json!({
            "protocol": "tcp", "interval": "10s", "timeout": "5s", "healthyAfter": 2, "unhealthyAfter": 5,
        });
    }
    let taken = strip(vendor, &mut base);
    let beside = certificate::beside(vendor, subject);
    let with = |document: &Value| [around.as_slice(), &beside, std::slice::from_ref(document)].concat();
    let why = refused(&bench, &with(&base)).await;
    if !taken || why.is_some() {
        assert!(is_refused(vendor, name, "*"), "{name} is refused: {why:#?}");
        let problems = refused(&bench, &with(&subject.base)).await.unwrap();
        assert!(problems.iter().any(|problem| problem.code == UNSUPPORTED), "{problems:#?}");
        return;
    }
    assert!(!is_refused(vendor, name, "*"), "{name} is not refused");
    bench.write(&around);
    applied(&bench, &around).await;
    let found = applied(&bench, &with(&base)).await;
    let whole = base == subject.base;
    assert!(!whole || found == sorted(&subject.created), "{name}: created by {found:#?}");
    copies::holds(&bench, name).await;
    for case in &subject.cases {
        one(&bench, subject, case, &base, &with).await;
    }
    let found = applied(&bench, &around).await;
    assert!(!whole || found == sorted(&subject.removed), "{name}: removed by {found:#?}");
}

fn sorted(lines: &[String]) -> Vec<String> {
    let mut lines = lines.to_vec();
    lines.sort();
    lines
}

/// One change, there and back.
async fn one(
    bench: &Bench,
    subject: &Subject,
    case: &Case,
    base: &Value,
    with: &dyn Fn(&Value) -> Vec<Value>,
) {
    let (vendor, name) = (bench.vendor, subject.name);
    let what = format!("{name} on {}: {:?}", vendor.name, case.edits);
    // What stood in what was taken out cannot be changed.
    let Some(changed) = std::panic::catch_unwind(|| case.applied(base)).ok() else { return };
    if &changed == base {
        return;
    }
    // Nor can anything be selected by it.
    let untagged = vendor.lacks.iter().any(|lack| lack.kind == Kind::Api && lack.field == "tags");
    if untagged && case.fields.iter().any(|field| field == "apis.tags[]") {
        return;
    }
    let lack = case.fields.iter().find_map(|field| capabilities::lack(vendor, subject.kind, field));
    if let Some(problems) = refused(bench, &with(&changed)).await {
        let known = match &case.outcome {
            Expected::Refused(_) => true,
            Expected::Lines(_) => {
                let fixed = case.fields.iter().any(|field| is_refused(vendor, name, field));
                let code = |problem: &Problem| [UNSUPPORTED, RANGE].contains(&problem.code);
                // Half of what is lacking makes no sense by itself.
                lack.is_some() || fixed && problems.iter().any(code)
            }
        };
        assert!(known, "{what} is refused: {problems:#?}");
        return;
    }
    assert!(
        lack.is_none_or(|lack| !lack.only.is_empty()),
        "{what} is not refused, for all that the table says"
    );
    let found = applied(bench, &with(&changed)).await;
    if let Expected::Lines(expected) = &case.outcome
        && base == &subject.base
    {
        // What one gateway hides, another may show.
        let hidden = |line: &&String| line.ends_with(" unseenChanged: ");
        let subject = |line: &str| line.split(' ').take(2).collect::<Vec<_>>().join(" ");
        let hidden: Vec<String> = expected.iter().filter(hidden).map(|line| subject(line)).collect();
        let said = |line: &String| match hidden.contains(&subject(line)) {
            true => format!("{} unseenChanged: ", subject(line)),
            false => line.clone(),
        };
        let found: Vec<String> = found.iter().map(said).collect();
        assert_eq!(found, sorted(expected), "{what}");
    }
    // What the gateway takes and does not take back is made anew.
    let fixed = case.fields.iter().any(|field| is_refused(vendor, name, field));
    if fixed && refused(bench, &with(base)).await.is_some() {
        let all = with(base);
        applied(bench, &all[..all.len() - 1]).await;
    }
    let back = applied(bench, &with(base)).await;
    assert_eq!(found.is_empty(), back.is_empty(), "{what}: no way back");
}
