//! What the vendor refuses and a reader of manifests can know: checked offline, before a plan is made. The actions whose
//! parameters say so stand beside the facts.
//!
//! What this gateway has no place for is data ([`super::support`]); here are the single values that do not fit.

use super::convert::backend::Function;
use super::convert::parameter::{SYSTEM, is_checked};
use super::objects::STAGES;
use crate::document::{Document, Finding};
use crate::kind::Kind;
use crate::kinds::api::{ApiSpec, Location, Parameter};
use crate::kinds::backend::{Backend, BackendParameter, Origin};
use crate::kinds::spec::DocumentSpec;
use crate::kinds::value::Duration;
use crate::provider::support::UNSUPPORTED;
use crate::provider::text::{First, RANGE, Rule, TEXT};

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
    // CreateApp
    (Kind::App, Rule::name(4, 26, "_")),
];

/// Descriptions of groups, APIs, throttles and apps (`CreateApi` and others).
const DESCRIPTION_MAX: usize = 180;

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
        DocumentSpec::Throttle(spec) => describe(&mut check, &spec.description),
        DocumentSpec::App(spec) => describe(&mut check, &spec.description),
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
        Origin::FrontendAuthorizer(_) | Origin::BackendAuthorizer(_) => {
            let message = "this gateway has no custom authorizers";
            check.add(UNSUPPORTED, format!("{at}.from"), message.to_owned(), "remove it");
        }
        Origin::System(_) | Origin::Constant(_) => {}
    }
}
