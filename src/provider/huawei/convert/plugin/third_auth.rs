//! The content of `third_auth`. The printed example lost most brackets: identities as lists and the three parts of a
//! condition are reconstructed.

use serde_json::{Map, Value, json};

use super::super::wire::{
    Words, element, list, need, need_number, need_word, number, object, optional, put, switch, text, word,
};
use super::super::{Names, Unreadable, id_of, name_of};
use super::{condition, parameters, read_condition, read_parameter};
use crate::kind::Kind;
use crate::kinds::access_control::Effect;
use crate::kinds::backend::Scheme;
use crate::kinds::plugin::third_auth::{AuthRequest, AuthRule, AuthRules, ThirdAuth};
use crate::kinds::value::{Duration, Method};

const PROTOCOLS: &Words<Scheme> = &[(Scheme::Http, "HTTP"), (Scheme::Https, "HTTPS")];

const EFFECTS: &Words<Effect> = &[(Effect::Allow, "allow"), (Effect::Deny, "deny")];

pub(super) fn content(spec: &ThirdAuth) -> Value {
    let named = |names: &[String]| names.iter().map(|name| json!({ "name": name })).collect::<Vec<_>>();
    let rule = |rule: &AuthRule| json!({ "rule_name": rule.name, "match_regex": condition(&rule.when) });
    let mut content = Map::new();
    content.insert("auth_request".into(), request(&spec.request));
    content.insert(
        "identities".into(),
        json!({ "headers": named(&spec.identity_headers), "queries": named(&spec.identity_queries) }),
    );
    let body = json!({
        "enabled": spec.carry_body.is_some(), "max_body_size": spec.carry_body.unwrap_or_default(),
    });
    content.insert("carry_body".into(), body);
    content.insert("carry_path_enabled".into(), spec.carry_path.into());
    content.insert("return_resp_body_enabled".into(), spec.return_body.into());
    content.insert("carry_resp_headers".into(), json!(spec.carry_response_headers));
    content.insert("simple_auth_mode_enabled".into(), spec.simple.into());
    put(&mut content, "match_auth", spec.accept.as_ref().map(condition));
    content.insert("rule_enabled".into(), spec.rules.is_some().into());
    if let Some(rules) = &spec.rules {
        content.insert("rule_type".into(), word(EFFECTS, &rules.effect).into());
        content.insert("parameters".into(), parameters(&rules.parameters));
        content.insert("rules".into(), rules.rules.iter().map(rule).collect());
    }
    put(&mut content, "custom_forbid_limit", spec.forbid_limit);
    content.insert("auth_downgrade_enabled".into(), spec.downgrade.into());
    Value::Object(content)
}

fn request(spec: &AuthRequest) -> Value {
    let mut content = Map::new();
    content.insert("method".into(), spec.method.as_str().into());
    content.insert("protocol".into(), word(PROTOCOLS, &spec.protocol).into());
    content.insert("url_domain".into(), spec.address.clone().unwrap_or_default().into());
    content.insert("path".into(), spec.path.clone().into());
    content.insert("timeout".into(), spec.timeout.as_millis().into());
    content.insert("vpc_channel_enabled".into(), spec.channel.is_some().into());
    let info = spec.channel.as_ref().map(|channel| {
        let host = spec.host_header.clone().unwrap_or_default();
        json!({ "vpc_id": id_of(Kind::Channel, &[channel]), "vpc_proxy_host": host })
    });
    content.insert("vpc_channel_info".into(), info.unwrap_or_default());
    Value::Object(content)
}

pub(super) fn read(held: &Value, names: &dyn Names) -> Result<ThirdAuth, Unreadable> {
    let none = json!({});
    let identities = held.get("identities").unwrap_or(&none);
    let name = |held: &Value| need(held, "name");
    let body = held.get("carry_body").unwrap_or(&none);
    let carry_body = match switch(body, "enabled", false)? {
        true => Some(number(body, "max_body_size")?.unwrap_or_default()),
        false => None,
    };
    let rules = match switch(held, "rule_enabled", false)? {
        true => Some(AuthRules {
            effect: need_word(held, "rule_type", EFFECTS)?,
            parameters: list(held, "parameters", read_parameter)?,
            rules: list(held, "rules", read_rule)?,
        }),
        false => None,
    };
    Ok(ThirdAuth {
        request: object(held, "auth_request", |held| read_request(held, names))?,
        identity_headers: list(identities, "headers", name)?,
        identity_queries: list(identities, "queries", name)?,
        carry_body,
        carry_path: switch(held, "carry_path_enabled", false)?,
        return_body: switch(held, "return_resp_body_enabled", false)?,
        carry_response_headers: list(held, "carry_resp_headers", element)?,
        simple: switch(held, "simple_auth_mode_enabled", false)?,
        accept: read_condition(held, "match_auth")?,
        rules,
        forbid_limit: number(held, "custom_forbid_limit")?,
        downgrade: switch(held, "auth_downgrade_enabled", false)?,
    })
}

fn read_request(held: &Value, names: &dyn Names) -> Result<AuthRequest, Unreadable> {
    let method = need(held, "method")?;
    let channel = match switch(held, "vpc_channel_enabled", false)? {
        true => object(held, "vpc_channel_info", |info| {
            Ok(Some((need(info, "vpc_id")?, optional(info, "vpc_proxy_host")?)))
        })?,
        false => None,
    };
    let (channel, host_header) = channel.unzip();
    Ok(AuthRequest {
        method: Method::parse(&method.to_uppercase())
            .ok_or_else(|| Unreadable::new("method", format!("`{method}`, which is no method")))?,
        protocol: need_word(held, "protocol", PROTOCOLS)?,
        address: optional(held, "url_domain")?,
        channel: channel.map(|id| name_of(names, Kind::Channel, &id)),
        host_header: host_header.flatten(),
        path: text(held, "path")?,
        timeout: Duration::from_millis(need_number(held, "timeout")?),
    })
}

fn read_rule(held: &Value) -> Result<AuthRule, Unreadable> {
    let when = read_condition(held, "match_regex")?;
    let when = when.ok_or_else(|| Unreadable::new("match_regex", "missing"))?;
    Ok(AuthRule { name: need(held, "rule_name")?, when })
}
