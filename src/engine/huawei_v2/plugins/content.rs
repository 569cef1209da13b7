//! What the content of a plug-in must look like, per type of plug-in.

use serde_json::Value;

use super::super::super::model::Coll;
use super::super::super::store::Gateway;
use super::super::context::Ctx;
use super::super::fault::Fault;
use super::super::records::exists;
use super::super::shape::{Is, Member};

const LONG: usize = 65_535;
const COUNT_MAX: i64 = 2_147_483_647;
const UNITS: &[&str] = &[
    "second", "minute", "hour", "day", "SECOND", "MINUTE", "HOUR", "DAY", "Second", "Minute", "Hour", "Day",
];

const CORS: Is = Is::Object(&[
    Member("allow_origin", true, Is::Text(LONG)),
    Member("allow_methods", false, Is::Text(LONG)),
    Member("allow_headers", false, Is::Text(LONG)),
    Member("expose_headers", false, Is::Text(LONG)),
    Member("max_age", false, Is::Number(0, 172_800)),
    Member("allow_credentials", false, Is::Flag),
]);

const RESPONSE_HEADERS: Is = Is::Object(&[Member(
    "response_headers",
    true,
    Is::List(
        &Is::Object(&[
            Member("name", true, Is::Text(256)),
            Member("value", false, Is::Text(1024)),
            Member("value_type", false, Is::Word(&["custom_value", "system_parameter"])),
            Member("action", true, Is::Word(&["override", "skip", "append", "delete", "add"])),
        ]),
        50,
    ),
)]);

const PARAMETERS: Is = Is::List(
    &Is::Object(&[
        Member("type", true, Is::Text(64)),
        Member("name", false, Is::Text(256)),
        Member("value", false, Is::Text(256)),
    ]),
    100,
);

const RATE_LIMIT: Is = Is::Object(&[
    Member("scope", true, Is::Word(&["basic", "share"])),
    Member("default_time_unit", true, Is::Word(UNITS)),
    Member("default_interval", true, Is::Number(1, COUNT_MAX)),
    Member("api_limit", true, Is::Number(1, COUNT_MAX)),
    Member("user_limit", false, Is::Number(0, COUNT_MAX)),
    Member("app_limit", false, Is::Number(0, COUNT_MAX)),
    Member("ip_limit", false, Is::Number(0, COUNT_MAX)),
    Member("algorithm", false, Is::Word(&["counter", "slide", "token_bucket"])),
    Member(
        "specials",
        false,
        Is::List(
            &Is::Object(&[
                Member("type", true, Is::Word(&["app", "user"])),
                Member(
                    "policies",
                    true,
                    Is::List(
                        &Is::Object(&[
                            Member("key", true, Is::Text(256)),
                            Member("limit", true, Is::Number(1, COUNT_MAX)),
                        ]),
                        30,
                    ),
                ),
            ]),
            2,
        ),
    ),
    Member("parameters", false, PARAMETERS),
    Member(
        "rules",
        false,
        Is::List(
            &Is::Object(&[
                Member("rule_name", true, Is::Text(256)),
                Member("match_regex", false, Is::Text(LONG)),
                Member("time_unit", false, Is::Word(UNITS)),
                Member("interval", false, Is::Number(1, COUNT_MAX)),
                Member("limit", true, Is::Number(0, COUNT_MAX)),
            ]),
            100,
        ),
    ),
]);

const KAFKA_LOG: Is = Is::Object(&[
    Member("broker_list", true, Is::List(&Is::Text(256), 10)),
    Member("topic", true, Is::Text(255)),
    Member("key", false, Is::Text(255)),
    Member("max_retry_count", false, Is::Number(0, 5)),
    Member("retry_backoff", false, Is::Number(1, 10)),
    Member(
        "sasl_config",
        false,
        Is::Object(&[
            Member("security_protocol", false, Is::Word(&["PLAINTEXT", "SASL_PLAINTEXT", "SASL_SSL", "SSL"])),
            Member("sasl_mechanisms", false, Is::Text(64)),
            Member("sasl_username", false, Is::Text(255)),
            Member("sasl_password", false, Is::Text(255)),
            Member("ssl_ca_content", false, Is::Text(LONG)),
        ]),
    ),
    Member(
        "meta_config",
        false,
        Is::Object(&[
            Member("system", false, Is::Object(&[])),
            Member(
                "call_data",
                false,
                Is::Object(&[
                    Member("log_request_header", false, Is::Flag),
                    Member("request_header_filter", false, Is::Text(LONG)),
                    Member("log_request_query_string", false, Is::Flag),
                    Member("request_query_string_filter", false, Is::Text(LONG)),
                    Member("log_request_body", false, Is::Flag),
                    Member("log_response_header", false, Is::Flag),
                    Member("response_header_filter", false, Is::Text(LONG)),
                    Member("log_response_body", false, Is::Flag),
                ]),
            ),
        ]),
    ),
]);

const BREAKER: Is = Is::Object(&[
    Member(
        "breaker_condition",
        true,
        Is::Object(&[
            Member("breaker_type", true, Is::Word(&["timeout", "condition"])),
            Member("breaker_mode", true, Is::Word(&["counter", "percentage"])),
            Member("unhealthy_condition", false, Is::Text(LONG)),
            Member("unhealthy_threshold", false, Is::Number(1, 9999)),
            Member("min_call_threshold", false, Is::Number(1, 9999)),
            Member("unhealthy_percentage", false, Is::Number(1, 100)),
            Member("time_window", true, Is::Number(1, 300)),
            Member("open_breaker_time", true, Is::Number(1, 300)),
        ]),
    ),
    Member("scope", false, Is::Word(&["basic", "share"])),
    Member("downgrade_default", false, Is::Object(&[])),
    Member("downgrade_parameters", false, PARAMETERS),
    Member("downgrade_rules", false, Is::List(&Is::Object(&[Member("rule_name", true, Is::Text(256))]), 100)),
]);

const NAMES: Is = Is::List(&Is::Object(&[Member("name", true, Is::Text(256))]), 100);

const THIRD_AUTH: Is = Is::Object(&[
    Member(
        "auth_request",
        true,
        Is::Object(&[
            Member("method", true, Is::Word(&["GET", "POST", "PUT", "HEAD", "DELETE", "PATCH"])),
            Member("protocol", true, Is::Word(&["HTTP", "HTTPS"])),
            Member("url_domain", false, Is::Text(255)),
            Member("path", true, Is::Text(512)),
            Member("timeout", true, Is::Number(1, 60_000)),
            Member("vpc_channel_enabled", false, Is::Flag),
            Member(
                "vpc_channel_info",
                false,
                Is::Object(&[
                    Member("vpc_id", true, Is::Text(64)),
                    Member("vpc_proxy_host", false, Is::Text(255)),
                ]),
            ),
        ]),
    ),
    Member(
        "identities",
        false,
        Is::Object(&[Member("headers", false, NAMES), Member("queries", false, NAMES)]),
    ),
    Member(
        "carry_body",
        false,
        Is::Object(&[
            Member("enabled", true, Is::Flag),
            Member("max_body_size", false, Is::Number(0, COUNT_MAX)),
        ]),
    ),
    Member("carry_path_enabled", false, Is::Flag),
    Member("return_resp_body_enabled", false, Is::Flag),
    Member("carry_resp_headers", false, Is::List(&Is::Text(256), 100)),
    Member("simple_auth_mode_enabled", false, Is::Flag),
    Member("match_auth", false, Is::Text(LONG)),
    Member("rule_enabled", false, Is::Flag),
    Member("rule_type", false, Is::Word(&["allow", "deny"])),
    Member("parameters", false, PARAMETERS),
    Member("rules", false, Is::List(&Is::Object(&[Member("rule_name", true, Is::Text(256))]), 100)),
    Member("custom_forbid_limit", false, Is::Number(0, COUNT_MAX)),
    Member("auth_downgrade_enabled", false, Is::Flag),
]);

fn shape(kind: &str) -> &'static Is {
    match kind {
        "cors" => &CORS,
        "set_resp_headers" => &RESPONSE_HEADERS,
        "rate_limit" => &RATE_LIMIT,
        "kafka_log" => &KAFKA_LOG,
        "breaker" => &BREAKER,
        _ => &THIRD_AUTH,
    }
}

/// Refuses content that does not fit its type, or names a channel that does not exist.
pub(crate) fn check(ctx: &Ctx, gateway: &Gateway, kind: &str, text: &str) -> Result<(), Fault> {
    let bad = |place: &str, why: &str| {
        let text = format!("Invalid parameter value,parameterName:{place}{why}");
        ctx.bad("plugin_content").saying(text)
    };
    let content: Value = serde_json::from_str(text)
        .map_err(|error| bad("plugin_content", &format!(". It is not JSON: {error}")))?;
    shape(kind).check(&content, "plugin_content").map_err(|place| bad(&place, ""))?;
    match kind {
        "rate_limit" => limits(&content).map_err(|name| Fault::of("APIG.2003", name)),
        "third_auth" => match channel(&content) {
            Some(id) => exists(gateway, Coll::Channel, &id, "APIG.3023"),
            None if content["auth_request"]["url_domain"].as_str().unwrap_or("").is_empty() => {
                Err(bad("plugin_content.auth_request.url_domain", ""))
            }
            None => Ok(()),
        },
        _ => Ok(()),
    }
}

/// The same order of limits as in a throttling policy; zero stands for none.
fn limits(content: &Value) -> Result<(), &'static str> {
    let limit = |name: &str| content[name].as_i64().filter(|limit| *limit > 0);
    let (api, user) = (limit("api_limit"), limit("user_limit"));
    let pairs = [
        ("user_limit", user, api),
        ("app_limit", limit("app_limit"), user.or(api)),
        ("ip_limit", limit("ip_limit"), api),
    ];
    let above =
        pairs.into_iter().find(|(_, value, most)| value.zip(*most).is_some_and(|(value, most)| value > most));
    above.map_or(Ok(()), |(name, ..)| Err(name))
}

/// The VPC channel a `third_auth` content asks through.
pub(crate) fn channel(content: &Value) -> Option<String> {
    let request = &content["auth_request"];
    let enabled = request["vpc_channel_enabled"] == true;
    enabled.then(|| request["vpc_channel_info"]["vpc_id"].as_str().unwrap_or("").to_owned())
}
