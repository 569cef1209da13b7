//! What the vendor refuses and a reader of manifests can know: checked offline, before a plan is made. The actions whose
//! parameters say so stand beside the facts.
//!
//! What this gateway has no place for is data ([`super::support`]); here are the single values that do not fit.

mod plugin;

use std::net::IpAddr;

use super::convert::backend::Function;
use super::convert::parameter::{SYSTEM, is_checked};
use super::convert::throttle::UNITS;
use super::objects::STAGES;
use crate::document::{Document, Finding};
use crate::kind::Kind;
use crate::kinds::access_control::AccessControlSpec;
use crate::kinds::api::{ApiSpec, Location, Parameter};
use crate::kinds::app::AppSpec;
use crate::kinds::backend::{Backend, BackendParameter, Origin};
use crate::kinds::signature::SignatureSpec;
use crate::kinds::spec::DocumentSpec;
use crate::kinds::throttle::ThrottleSpec;
use crate::kinds::value::Duration;
use crate::provider::support::{RANGE, TEXT, UNSUPPORTED};
use crate::provider::text::{First, Rule};

/// Name rules by kind.
static NAMES: &[(Kind, Rule)] = &[
    // CreateApiGroup
    (Kind::Group, Rule::name(4, 50, "_")),
    // CreateApi
    (Kind::Api, Rule::name(4, 50, "_")),
    // CreateTrafficControl
    (Kind::Throttle, Rule::new(4, 50, First::LetterOrDigit, "_")),
    // CreateSignature
    (Kind::Signature, Rule::name(4, 50, "_")),
    // CreateIpControl
    (Kind::AccessControl, Rule::new(4, 50, First::LetterOrDigit, "_")),
    // CreatePlugin
    (Kind::Plugin, Rule::new(4, 50, First::LetterOrDigit, "_")),
    // CreateApp
    (Kind::App, Rule::name(4, 26, "_")),
];

/// Descriptions of groups, APIs, throttles and apps (`CreateApi` and others).
const DESCRIPTION_MAX: usize = 180;

/// `CreateSignature`, `SignatureKey`.
const SIGNATURE_KEY: Rule = Rule::name(6, 20, "_");

/// 100 items of 10 (`AddIpControlPolicyItem`).
const ADDRESSES_MAX: usize = 1000;

/// `ServiceTimeout`: the most that the vendor grants.
const TIMEOUT_MAX: Duration = Duration::from_secs(600);

/// Collects findings.
struct Check {
    index: usize,
    found: Vec<Finding>,
}

impl Check {
    fn add(&mut self, code: &'static str, field: impl Into<String>, message: String, help: &str) {
        self.found.push(Finding::error(self.index, code, field, message).help(help));
    }

    fn longest(&mut self, field: &str, what: &str, text: &str, max: usize) {
        let length = text.chars().count();
        if length > max {
            let message = format!("{what} has {length} characters; at most {max} are taken");
            self.add(TEXT, field, message, "shorten it");
        }
    }

    fn stage(&mut self, field: String, stage: &str) {
        if !STAGES.contains(&stage) {
            let message = format!(
                "there is no environment `{stage}`: this gateway has RELEASE, PRE and TEST, and no others"
            );
            self.add(UNSUPPORTED, field, message, "use RELEASE, PRE or TEST for this target");
        }
    }
}

/// What does not fit in one document.
pub(super) fn check(index: usize, document: &Document) -> Vec<Finding> {
    let mut check = Check { index, found: Vec::new() };
    let Some(spec) = &document.spec else { return check.found };
    let name = &document.metadata.name;
    if let Some((_, rule)) = NAMES.iter().find(|(kind, _)| *kind == document.kind)
        && let Some(broken) = rule.broken(name)
    {
        let message = format!("the name `{name}` {broken}; it must have {}", rule.words());
        check.add(TEXT, "metadata.name", message, "change it to fit");
    }
    match spec {
        DocumentSpec::Environment(_) => check.stage("metadata.name".into(), name),
        DocumentSpec::Group(spec) => describe(&mut check, &spec.description),
        DocumentSpec::Throttle(spec) => throttle(&mut check, spec),
        DocumentSpec::App(spec) => app(&mut check, spec),
        DocumentSpec::Signature(spec) => signature(&mut check, spec),
        DocumentSpec::AccessControl(spec) => access(&mut check, spec),
        DocumentSpec::Plugin(spec) => plugin::check(&mut check, spec),
        DocumentSpec::Api(spec) => api(&mut check, spec),
        DocumentSpec::Variable(spec) => {
            for stage in spec.values.keys() {
                check.stage(format!("spec.values.{stage}"), stage);
            }
        }
        DocumentSpec::Binding(spec) => check.stage("spec.environment".into(), &spec.environment),
        DocumentSpec::Authorization(spec) => check.stage("spec.environment".into(), &spec.environment),
        _ => {}
    }
    check.found
}

fn describe(check: &mut Check, description: &str) {
    check.longest("spec.description", "the description", description, DESCRIPTION_MAX);
}

/// `TrafficControlUnit`.
fn throttle(check: &mut Check, spec: &ThrottleSpec) {
    describe(check, &spec.description);
    if !UNITS.iter().any(|(unit, _)| *unit == spec.per) {
        let message = format!("this gateway counts in periods of 1s, 1m, 1h or 1d, not {}", spec.per);
        check.add(RANGE, "spec.per", message, "change the period, and the limits with it");
    }
}

/// A credential is changed by its key (`ResetAppSecret`).
fn app(check: &mut Check, spec: &AppSpec) {
    describe(check, &spec.description);
    if spec.key.is_some() != spec.secret.is_some() {
        let (said, other) = if spec.key.is_some() { ("key", "secret") } else { ("secret", "key") };
        let message =
            "key and secret of an app are made and changed together on this gateway (ResetAppSecret)";
        check.add(
            UNSUPPORTED,
            format!("spec.{said}"),
            message.to_owned(),
            &format!("give `{other}`, too, or remove this"),
        );
    }
}

/// `CreateSignature`. The secret is looked at when it is sent.
fn signature(check: &mut Check, spec: &SignatureSpec) {
    if let Some(broken) = SIGNATURE_KEY.broken(&spec.key) {
        let message = format!("the key `{}` {broken}; it must have {}", spec.key, SIGNATURE_KEY.words());
        check.add(TEXT, "spec.key", message, "change it to fit");
    }
}

/// `CreateIpControl`: addresses and networks.
fn access(check: &mut Check, spec: &AccessControlSpec) {
    if spec.values.len() > ADDRESSES_MAX {
        let message = format!("there are {} values; at most {ADDRESSES_MAX} are taken", spec.values.len());
        check.add(RANGE, "spec.values", message, "join some into networks");
    }
    for (i, value) in spec.values.iter().enumerate() {
        let (address, bits) = value.split_once('/').unwrap_or((value, "0"));
        let most = match address.parse::<IpAddr>() {
            Ok(IpAddr::V4(_)) => Some(32u8),
            Ok(IpAddr::V6(_)) => Some(128),
            Err(_) => None,
        };
        if !most.is_some_and(|most| bits.parse::<u8>().is_ok_and(|bits| bits <= most)) {
            let message = format!("`{value}` is no address and no network such as 192.0.2.0/24");
            check.add(
                UNSUPPORTED,
                format!("spec.values[{i}]"),
                message,
                "write a range as the networks that it is made of",
            );
        }
    }
}

fn api(check: &mut Check, spec: &ApiSpec) {
    describe(check, &spec.description);
    for (i, stage) in spec.publish.iter().enumerate() {
        check.stage(format!("spec.publish[{i}]"), stage);
    }
    path(check, "spec.request.path", &spec.request.path);
    for (i, p) in spec.parameters.iter().enumerate() {
        parameter(check, &format!("spec.parameters[{i}]"), p);
        // Places do not tell parameters apart here: ApiParameterName is unique.
        if spec.parameters[..i].iter().any(|other| other.name == p.name) {
            let message = format!(
                "there are two parameters `{}`; names are unique on this gateway, wherever they stand",
                p.name
            );
            check.add(
                UNSUPPORTED,
                format!("spec.parameters[{i}].name"),
                message,
                "give one of them another name",
            );
        }
    }
    let at = format!("spec.backend.{}", spec.backend.type_name());
    match &spec.backend {
        Backend::Http(b) => {
            path(check, &format!("{at}.{}", if b.url.is_some() { "url" } else { "path" }), b.backend_path());
            timeout(check, &at, b.timeout);
        }
        Backend::Function(b) => {
            timeout(check, &at, b.timeout);
            if Function::parse(&b.urn).is_none() {
                let message = format!("`{}` names no function of this vendor", b.urn);
                let help = "write `acs:fc:REGION:ACCOUNT:services/SERVICE/functions/FUNCTION`";
                check.add(TEXT, format!("{at}.urn"), message, help);
            }
        }
        Backend::Grpc(_) | Backend::Mock(_) => {}
    }
    for (i, p) in spec.backend.parameters().iter().enumerate() {
        backend_parameter(check, &format!("{at}.parameters[{i}]"), p, &spec.backend.parameters()[..i], spec);
    }
}

/// `[name]` is how the gateway writes `{name}`; nothing stands for the rest of a path.
fn path(check: &mut Check, field: &str, path: &str) {
    if path.contains("+}") {
        let message =
            format!("`{path}` has a placeholder for the rest of the path, which this gateway does not know");
        check.add(UNSUPPORTED, field, message, "write one placeholder for each segment");
    }
    if path.contains(['[', ']']) {
        let message = format!("`{path}` has brackets, which stand for placeholders on this gateway");
        check.add(TEXT, field, message, "write placeholders as `{name}`");
    }
}

fn timeout(check: &mut Check, at: &str, timeout: Duration) {
    if timeout.as_millis() == 0 || timeout > TIMEOUT_MAX {
        let message = format!("the gateway waits between 1ms and {TIMEOUT_MAX}, not {timeout}");
        check.add(RANGE, format!("{at}.timeout"), message, "change it to fit");
    }
}

fn parameter(check: &mut Check, at: &str, p: &Parameter) {
    if p.values.iter().any(|value| value.contains(',') || value.is_empty() || value.trim() != value) {
        let message = "this gateway joins the values with commas, so that none may be empty, have one in it, or blanks around it";
        check.add(TEXT, format!("{at}.enum"), message.to_owned(), "change the value");
    }
    if is_checked(p) && !p.validate {
        let message = format!(
            "this gateway checks what it is told of `{}` in every request (RequestParameters)",
            p.name
        );
        check.add(
            UNSUPPORTED,
            format!("{at}.validate"),
            message,
            "set `validate: true`, or remove the limits",
        );
    }
    if p.validate && !is_checked(p) {
        let message = format!("there is nothing to check of `{}`", p.name);
        check.add(UNSUPPORTED, format!("{at}.validate"), message, "remove `validate`");
    }
    if p.location == Location::Path && !p.pass_through {
        let message =
            "a path parameter reaches the backend where the backend's path names it, and else it does not";
        check.add(UNSUPPORTED, format!("{at}.passThrough"), message.to_owned(), "remove `passThrough`");
    }
}

fn backend_parameter(
    check: &mut Check,
    at: &str,
    p: &BackendParameter,
    before: &[BackendParameter],
    spec: &ApiSpec,
) {
    let handed_on = |q: &&Parameter| q.pass_through && q.location != Location::Path && q.name == p.name;
    let twice = spec.parameters.iter().find(handed_on);
    if let Some(q) = twice {
        let message =
            format!("the request parameter `{}` is handed on to the backend under this name", q.name);
        check.add(
            UNSUPPORTED,
            format!("{at}.name"),
            message,
            "remove this one, or set `passThrough: false` there",
        );
    } else if before.iter().any(|other| other.name == p.name) {
        let message = format!(
            "the backend gets two parameters `{}`; names are unique on this gateway, wherever they stand",
            p.name
        );
        check.add(UNSUPPORTED, format!("{at}.name"), message, "give one of them another name");
    }
    match &p.from {
        Origin::Request(from) => {
            let same = |q: &Parameter| q.name == *from && q.name == p.name && q.location == p.location;
            if p.location != Location::Path && spec.parameters.iter().any(same) && twice.is_none() {
                let message = format!("`{}` comes from the request parameter of that name and place", p.name);
                let help = "remove it, and `passThrough: false` of the request parameter: that is the same";
                check.add(UNSUPPORTED, at.to_owned(), message, help);
            }
            if !p.description.is_empty() {
                let message = "what comes from the request has no description of its own (ServiceParameters)";
                check.add(
                    UNSUPPORTED,
                    format!("{at}.description"),
                    message.to_owned(),
                    "describe the request parameter",
                );
            }
        }
        Origin::System(name) if !SYSTEM.iter().any(|(said, _)| said == name) => {
            let known = SYSTEM.map(|(said, _)| said).join(", ");
            let message = format!("this gateway does not tell backends `{name}` (SystemParameters)");
            check.add(UNSUPPORTED, format!("{at}.from.system"), message, &format!("one of {known}"));
        }
        Origin::System(_)
        | Origin::Constant(_)
        | Origin::FrontendAuthorizer(_)
        | Origin::BackendAuthorizer(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::kinds::api::{AuthType, ParameterType};

    fn api_of(parameters: Value, backend: Value) -> ApiSpec {
        serde_json::from_value(json!({
            "request": { "method": "GET", "path": "/a/{id}" }, "parameters": parameters,
            "auth": { "type": "none" }, "backend": { "http": {
                "url": "https://a.internal/{id}", "method": "GET", "parameters": backend,
            } }, "publish": ["TEST"],
        }))
        .unwrap()
    }

    fn fields(spec: &ApiSpec) -> Vec<String> {
        let mut check = Check { index: 0, found: Vec::new() };
        api(&mut check, spec);
        check.found.into_iter().map(|found| found.field).collect()
    }

    #[test]
    fn what_fits_is_not_refused() {
        let spec = api_of(
            json!([
                { "name": "id", "in": "path" },
                { "name": "n", "in": "query", "type": "number", "minimum": 1, "validate": true },
                { "name": "h", "in": "header", "passThrough": false },
            ]),
            json!([
                { "name": "x", "in": "header", "from": { "request": "h" } },
                { "name": "ip", "in": "query", "from": { "system": "sourceIp" } },
            ]),
        );
        assert_eq!(fields(&spec), Vec::<String>::new());
        assert_eq!((spec.auth.kind, spec.parameters[1].kind), (AuthType::None, ParameterType::Number));
    }

    #[test]
    fn what_would_not_come_back_as_it_was_sent_is_refused() {
        for (parameters, backend, field) in [
            (json!([{ "name": "n", "in": "query", "minimum": 1 }]), json!([]), "spec.parameters[0].validate"),
            (
                json!([{ "name": "n", "in": "query", "validate": true }]),
                json!([]),
                "spec.parameters[0].validate",
            ),
            (
                json!([{ "name": "n", "in": "path", "passThrough": false }]),
                json!([]),
                "spec.parameters[0].passThrough",
            ),
            (
                json!([{ "name": "n", "in": "query" }, { "name": "n", "in": "header" }]),
                json!([]),
                "spec.parameters[1].name",
            ),
            (
                json!([{ "name": "n", "in": "query" }]),
                json!([{ "name": "n", "in": "query", "from": { "request": "n" } }]),
                "spec.backend.http.parameters[0].name",
            ),
            (
                json!([{ "name": "n", "in": "query", "passThrough": false }]),
                json!([{ "name": "n", "in": "query", "from": { "request": "n" } }]),
                "spec.backend.http.parameters[0]",
            ),
            (
                json!([]),
                json!([{ "name": "s", "in": "query", "from": { "system": "apiId" } }]),
                "spec.backend.http.parameters[0].from.system",
            ),
        ] {
            assert_eq!(fields(&api_of(parameters, backend)), [field]);
        }
    }

    #[test]
    fn there_are_three_environments() {
        let mut spec = api_of(json!([]), json!([]));
        spec.publish = vec!["TEST".into(), "STAGING".into()];
        assert_eq!(fields(&spec), ["spec.publish[1]"]);
    }
}
