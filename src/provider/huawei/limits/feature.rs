//! Features (5.5): which there are, which of them have something to set, and what.

use super::{Check, UNSUPPORTED};
use crate::kinds::feature::{Config, FeatureSpec};
use crate::problem::did_you_mean;
use crate::provider::huawei::convert::feature::secret_field;

/// What the setting of a feature is.
enum Form {
    /// Nothing: the feature is there or is not.
    Fixed,
    /// `on` or `off`.
    Switch,
    /// A number from 1.
    Number(u64),
    /// Whatever; the document says no more.
    Free,
    /// Fields, of which the first so many are needed.
    Fields(usize, &'static [&'static str]),
}

use Form::{Fields, Fixed, Free, Number, Switch};

static FEATURES: &[(&str, Form)] = &[
    ("lts", Fields(0, &["group_id", "topic_id", "log_group", "log_stream"])),
    ("gateway_responses", Fixed),
    ("ratelimit", Fields(1, &["api_limits"])),
    ("request_body_size", Number(9536 * 1024 * 1024)),
    ("backend_timeout", Fields(1, &["max_timeout"])),
    (
        "app_token",
        Fields(
            1,
            &[
                "enable",
                "app_token_expire_time",
                "refresh_token_expire_time",
                "app_token_uri",
                "app_token_key",
            ],
        ),
    ),
    ("app_api_key", Switch),
    ("app_basic", Switch),
    ("app_secret", Switch),
    ("app_jwt", Fields(1, &["enable", "auth_header"])),
    ("public_key", Fields(1, &["enable", "public_key_uri_prefix"])),
    ("backend_token_allow", Fields(1, &["backend_token_allow_users"])),
    ("sign_basic", Fixed),
    ("multi_auth", Fixed),
    ("backend_client_certificate", Fields(1, &["enable", "ca", "content", "key"])),
    ("ssl_ciphers", Fields(1, &["ssl_ciphers"])),
    ("route", Fixed),
    ("cors", Fixed),
    ("real_ip_from_xff", Fields(1, &["enable", "xff_index"])),
    ("app_route", Switch),
    ("vpc_name_modifiable", Switch),
    ("default_group_host_trustlist", Fields(1, &["enable", "hosts"])),
    ("throttle_strategy", Fields(1, &["enable", "strategy"])),
    ("custom_log", Fields(1, &["custom_logs"])),
    ("real_ip_header_getter", Fields(1, &["enable", "header_getter"])),
    ("policy_cookie_param", Switch),
    ("app_quota", Fixed),
    ("app_acl", Fixed),
    ("set_resp_headers", Fixed),
    ("vpc_backup", Fixed),
    ("sign_aes", Fixed),
    ("kafka_log", Fixed),
    ("backend_retry_count", Fixed),
    ("policy_sys_param", Fixed),
    ("breaker", Fixed),
    ("content_type_configurable", Fixed),
    ("rate_limit_plugin", Fixed),
    ("breaker2", Fixed),
    ("rate_limit_algorithm", Fixed),
    ("gzip", Fields(1, &["comp_level"])),
    ("sse_strategy", Switch),
    ("authorizer_context_support_num_bool", Fixed),
    ("custom_auth_header", Fields(0, &["app_auth_header", "backend_sign_header"])),
    ("request_custom_config", Fields(0, &["http2", "client_body_timeout"])),
    ("gateway_responses_support_header", Fixed),
    ("api_uri_no_escape", Free),
];

pub(super) fn check(check: &mut Check, name: &str, spec: &FeatureSpec) {
    let Some((_, form)) = FEATURES.iter().find(|(known, _)| *known == name) else {
        let near = did_you_mean(name, FEATURES.iter().map(|(name, _)| *name));
        let help = near
            .map_or("see the vendor's list of features".to_owned(), |near| format!("did you mean `{near}`?"));
        check.add(UNSUPPORTED, "metadata.name", format!("no feature is called `{name}`"), help);
        return;
    };
    secret(check, name, spec);
    let mut wrong = |field: &str, message: String, help: &str| check.add(UNSUPPORTED, field, message, help);
    match (form, &spec.config) {
        (Fixed, _) => {
            wrong(
                "metadata.name",
                format!("the feature `{name}` has nothing to set"),
                "remove the document: the gateway has it or has not",
            );
        }
        // What is switched off needs no setting.
        (Free, _) => {}
        (_, None) if !spec.enabled => {}
        (Switch, Some(Config::Text(text))) if ["on", "off"].contains(&text.as_str()) => {}
        (Switch, _) => {
            wrong("spec.config", format!("the feature `{name}` is `on` or `off`"), "write `config: on`");
        }
        (Number(most), Some(Config::Text(text)))
            if text.parse().is_ok_and(|n: u64| (1..=*most).contains(&n)) => {}
        (Number(most), _) => {
            wrong(
                "spec.config",
                format!("the feature `{name}` takes a number from 1 to {most}"),
                "write the number",
            );
        }
        (Fields(needed, known), Some(Config::Fields(fields))) => {
            for field in fields.keys().filter(|field| !known.contains(&field.as_str())) {
                let help = format!("it has {}", known.join(", "));
                wrong(
                    &format!("spec.config.{field}"),
                    format!("the feature `{name}` has no field `{field}`"),
                    &help,
                );
            }
            for field in known[..*needed].iter().filter(|field| !fields.contains_key(**field)) {
                wrong("spec.config", format!("the feature `{name}` needs the field `{field}`"), "add it");
            }
        }
        (Fields(_, known), _) => {
            let help = format!("it has {}", known.join(", "));
            wrong("spec.config", format!("the setting of the feature `{name}` has fields"), &help);
        }
    }
}

fn secret(check: &mut Check, name: &str, spec: &FeatureSpec) {
    let field = secret_field(name);
    let fields = match &spec.config {
        Some(Config::Fields(fields)) => Some(fields),
        _ => None,
    };
    if let Some(field) = field.filter(|field| fields.is_some_and(|fields| fields.contains_key(*field))) {
        let message =
            format!("`{field}` of the feature `{name}` is a secret, which must not stand in a manifest");
        let help = "remove it, write `secret: { fromEnv: NAME }` below `spec`, and change the secret: it has been in a file";
        check.add(UNSUPPORTED, format!("spec.config.{field}"), message, help);
    }
    if spec.secret.is_some() && (field.is_none() || fields.is_none()) {
        let message = format!("the setting of the feature `{name}` holds no secret");
        check.add(UNSUPPORTED, "spec.secret", message, "remove `secret`");
    }
}
