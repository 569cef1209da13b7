//! What the vendor refuses and a reader of manifests can know: checked offline, before a plan is made.
//!
//! Facts are tables, and [`check`] walks them. Each message says the rule; help says what to do. What holds for every vendor
//! (a path parameter that is not declared, two of what only one may be) is not checked here, and neither is what only the
//! gateway knows: quotas, features, the limit of a throttle (200 calls per second unless the feature `ratelimit` says more).

mod access;
mod api;
mod authorizer;
mod certificate;
mod channel;
mod feature;
mod gateway;
mod plugin;
mod response;

use crate::kind::Kind;
use crate::kinds::signature::{Cipher, SignatureSpec, SignatureType};
use crate::kinds::spec::DocumentSpec;
use crate::kinds::throttle::ThrottleSpec;
use crate::kinds::variable::VariableSpec;
use crate::provider::text::{First, Rule};

pub use crate::provider::support::{RANGE, TEXT, UNSUPPORTED};

/// The largest number that a field of this vendor takes (3.4.1).
const NUMBER_MAX: u64 = 2_147_483_647;

/// One thing that the vendor will refuse.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The rule: [`TEXT`], [`RANGE`] or [`UNSUPPORTED`].
    pub code: &'static str,
    /// The field to blame, such as `metadata.name` or `spec.parameters[2].name`.
    pub field: String,
    /// What is wrong, and what the rule is.
    pub message: String,
    /// What to do about it.
    pub help: Option<String>,
}

/// Name rules by kind.
static NAMES: &[(Kind, Rule)] = &[
    // 3.1.1
    (Kind::Group, Rule::new(3, 255, First::LetterOrDigit, "-_./():")),
    // 3.2.1
    (Kind::Environment, Rule::name(3, 64, "_")),
    // 3.3.1
    (Kind::Variable, Rule::name(3, 32, "-_")),
    // 3.4.1
    (Kind::Throttle, Rule::name(3, 64, "_")),
    // 3.5.1
    (Kind::Api, Rule::new(3, 255, First::LetterOrDigit, "-_./():")),
    // 3.6.1
    (Kind::Signature, Rule::name(3, 64, "_")),
    // 3.13.1
    (Kind::AccessControl, Rule::name(3, 64, "_")),
    // 3.15.1
    (Kind::Authorizer, Rule::name(3, 64, "_")),
    // 3.17.1
    (Kind::Channel, Rule::name(3, 64, "-_.")),
    // 3.19.1
    (Kind::GroupResponse, Rule::new(1, 64, First::Any, "-_")),
    // 3.23.3
    (Kind::Gateway, Rule::name(3, 64, "-_")),
    // 3.26.2
    (Kind::Certificate, Rule::name(4, 50, "_")),
    // 3.27.1
    (Kind::Plugin, Rule::name(3, 255, "_")),
    // 3.28.1
    (Kind::App, Rule::name(3, 64, "_")),
    // 3.29.1
    (Kind::Quota, Rule::name(3, 255, "_")),
];

/// A variable's value (3.3.1; the period stands only in examples).
const VARIABLE_VALUE: Rule = Rule::new(1, 255, First::Any, "_-/:.");

/// The key of a signature by type, and with `aes` by cipher (3.6.1).
static KEYS: &[(SignatureType, Option<Cipher>, Rule)] = &[
    (SignatureType::Hmac, None, Rule::new(8, 32, First::LetterOrDigit, "_-")),
    (SignatureType::Basic, None, Rule::new(4, 32, First::Letter, "_-")),
    (SignatureType::PublicKey, None, Rule::new(8, 512, First::LetterOrDigitOr("+/"), "_-+/=")),
    (
        SignatureType::Aes,
        Some(Cipher::Aes128Cfb),
        Rule::new(16, 16, First::LetterOrDigitOr("+/"), "_-!@#$%+/="),
    ),
    (
        SignatureType::Aes,
        Some(Cipher::Aes256Cfb),
        Rule::new(32, 32, First::LetterOrDigitOr("+/"), "_-!@#$%+/="),
    ),
];

/// Remarks of environments and throttles (3.2.1, 3.4.1), APIs, backends and parameters (3.5.1).
const REMARK_MAX: usize = 255;

/// What is another at each of the vendor's gateways.
#[derive(Debug)]
pub struct Own {
    /// Rules of names that are not those of V2.
    pub(in crate::provider) names: &'static [(Kind, Rule)],
    /// The longest remark of a group.
    pub(in crate::provider) group_remark_max: usize,
    /// Whether channels are those of V1.0: of servers of the cloud alone, and with a health check.
    pub(in crate::provider) plain_channels: bool,
    /// Whether certificates have to be good and nothing more.
    pub(in crate::provider) plain_certificates: bool,
}

/// Collects findings.
#[derive(Debug, Default)]
struct Check {
    found: Vec<Finding>,
}

impl Check {
    fn add(
        &mut self,
        code: &'static str,
        field: impl Into<String>,
        message: String,
        help: impl Into<String>,
    ) {
        self.found.push(Finding { code, field: field.into(), message, help: Some(help.into()) });
    }

    /// Checks a text against a rule; `what` says what it is.
    fn rule(&mut self, field: impl Into<String>, what: &str, value: &str, rule: &Rule) {
        if let Some(broken) = rule.broken(value) {
            let message = format!("{what} `{}` {broken}; it must have {}", shortened(value), rule.words());
            self.add(TEXT, field, message, "change it to fit");
        }
    }

    /// Checks that a text has at most `max` characters.
    fn longest(&mut self, field: impl Into<String>, what: &str, value: &str, max: usize) {
        let length = value.chars().count();
        if length > max {
            let message = format!("{what} has {length} characters; at most {max} are taken");
            self.add(TEXT, field, message, "shorten it");
        }
    }
}

fn shortened(value: &str) -> String {
    if value.chars().count() <= 40 {
        return value.to_owned();
    }
    value.chars().take(37).chain("...".chars()).collect()
}

/// All that this vendor will refuse in one document. `group` is `metadata.group`, for kinds that have one.
#[must_use]
pub fn check(own: &Own, name: &str, group: Option<&str>, spec: &DocumentSpec) -> Vec<Finding> {
    let mut check = Check::default();
    let kind = spec.kind();
    for (field, kind, text) in [("metadata.name", kind, Some(name)), ("metadata.group", Kind::Group, group)] {
        if let (Some(text), Some((_, rule))) = (text, own.names.iter().chain(NAMES).find(|(k, _)| *k == kind))
        {
            check.rule(field, &format!("{} name", kind.def().noun), text, rule);
        }
    }
    match spec {
        DocumentSpec::Group(s) => {
            check.longest("spec.description", "the description", &s.description, own.group_remark_max);
        }
        DocumentSpec::Environment(s) => {
            check.longest("spec.description", "the description", &s.description, REMARK_MAX);
        }
        DocumentSpec::Variable(s) => variable(&mut check, s),
        DocumentSpec::Api(s) => api::check(&mut check, s),
        DocumentSpec::Throttle(s) => throttle(&mut check, s),
        DocumentSpec::Signature(s) => signature(&mut check, s),
        DocumentSpec::AccessControl(s) => access::policy(&mut check, s),
        DocumentSpec::Plugin(s) => plugin::check(&mut check, s),
        DocumentSpec::App(s) => access::app(&mut check, s),
        DocumentSpec::Quota(s) => access::quota(&mut check, s),
        DocumentSpec::Channel(s) => {
            if own.plain_channels {
                channel::plain(&mut check, s);
            }
            channel::check(&mut check, s);
        }
        DocumentSpec::Authorizer(s) => authorizer::check(&mut check, s),
        DocumentSpec::GroupResponse(s) => response::check(&mut check, s),
        DocumentSpec::Certificate(_) if own.plain_certificates => {}
        DocumentSpec::Certificate(s) => certificate::check(&mut check, s),
        DocumentSpec::Domain(_) => certificate::domain(&mut check, name),
        DocumentSpec::Feature(s) => feature::check(&mut check, name, s),
        DocumentSpec::Gateway(s) => gateway::check(&mut check, s),
        DocumentSpec::Binding(_) | DocumentSpec::Authorization(_) => {}
    }
    check.found
}

/// 3.3.1
fn variable(check: &mut Check, spec: &VariableSpec) {
    for (environment, value) in &spec.values {
        check.rule(format!("spec.values.{environment}"), "the value of a variable", value, &VARIABLE_VALUE);
    }
}

/// 3.4.1, 3.9.1
fn throttle(check: &mut Check, spec: &ThrottleSpec) {
    check.longest("spec.description", "the description", &spec.description, REMARK_MAX);
    let millis = spec.per.as_millis();
    if millis == 0 || !millis.is_multiple_of(1000) {
        let message = format!("the period `{}` is not a whole number of seconds", spec.per);
        check.add(
            RANGE,
            "spec.per",
            message,
            "write whole seconds, minutes, hours or days, such as 1s or 1m",
        );
    }
    let limits = &spec.limits;
    let fields = [
        ("api", Some(limits.api)),
        ("user", limits.user),
        ("app", limits.app),
        ("sourceIp", limits.source_ip),
    ];
    for (field, value) in fields {
        if value.is_some_and(|value| value == 0 || u64::from(value) > NUMBER_MAX) {
            let message = format!("the limit must lie between 1 and {NUMBER_MAX}");
            check.add(
                RANGE,
                format!("spec.limits.{field}"),
                message,
                "leave the field out for no limit of its own",
            );
        }
    }
    let bounds = [
        ("user", limits.user, "api", Some(limits.api)),
        (
            "app",
            limits.app,
            if limits.user.is_some() { "user" } else { "api" },
            limits.user.or(Some(limits.api)),
        ),
        ("sourceIp", limits.source_ip, "api", Some(limits.api)),
    ];
    for (field, value, above, bound) in bounds {
        if let (Some(value), Some(bound)) = (value, bound)
            && value > bound
        {
            let message = format!("the limit {value} exceeds `limits.{above}`, which is {bound}");
            check.add(
                RANGE,
                format!("spec.limits.{field}"),
                message,
                format!("write at most {bound}, or raise `{above}`"),
            );
        }
    }
    for (i, exception) in spec.exceptions.iter().enumerate() {
        let field = format!("spec.exceptions[{i}].limit");
        if exception.limit == 0 || exception.limit > limits.api {
            let message = format!(
                "the limit {} does not lie between 1 and `limits.api`, which is {}",
                exception.limit, limits.api
            );
            check.add(
                RANGE,
                field,
                message,
                "an exception can lower or raise the limit of one caller, up to that of the API",
            );
        }
    }
}

/// 3.6.1. The secret cannot be checked offline: it is not in the manifest.
fn signature(check: &mut Check, spec: &SignatureSpec) {
    let is_aes = spec.kind == SignatureType::Aes;
    if is_aes && spec.algorithm.is_none() {
        let help = "write `algorithm: aes-128-cfb` or `algorithm: aes-256-cfb`";
        check.add(UNSUPPORTED, "spec.algorithm", "the type `aes` needs a cipher".into(), help);
    }
    if !is_aes && spec.algorithm.is_some() {
        let help = "remove `algorithm`, or write `type: aes`";
        check.add(UNSUPPORTED, "spec.algorithm", "only the type `aes` takes a cipher".into(), help);
    }
    let rule =
        KEYS.iter().find(|(kind, cipher, _)| *kind == spec.kind && (!is_aes || *cipher == spec.algorithm));
    if let Some((_, _, rule)) = rule {
        check.rule("spec.key", "the key", &spec.key, rule);
    }
}

#[cfg(test)]
mod tests;
