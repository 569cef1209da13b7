//! The content of `kafka_log`. The document prints `sas_config`, `sas_mechanisms` and so on; the vendor's own tools say `sasl_`.

use serde_json::{Map, Value, json};

use super::super::signature::UNREADABLE_SECRET;
use super::super::wire::{Words, element, list, need, need_word, number, object, switch, text, word};
use super::super::{Unreadable, secret_of};
use super::seconds;
use crate::kinds::plugin::kafka_log::{
    KafkaLog, KafkaProtocol, KafkaSecurity, LOG_FIELDS, LogContents, LogField,
};
use crate::kinds::value::Duration;

const PROTOCOLS: &Words<KafkaProtocol> = &[
    (KafkaProtocol::Plaintext, "PLAINTEXT"),
    (KafkaProtocol::SaslPlaintext, "SASL_PLAINTEXT"),
    (KafkaProtocol::SaslSsl, "SASL_SSL"),
    (KafkaProtocol::Ssl, "SSL"),
];

/// What stands there where nothing is asked for (3.27.1).
const MECHANISM: &str = "PLAIN";

pub(super) fn content(spec: &KafkaLog) -> Value {
    let system: Map<String, Value> = LOG_FIELDS
        .iter()
        .map(|(field, word)| ((*word).to_owned(), spec.fields.contains(field).into()))
        .collect();
    json!({
        "broker_list": spec.brokers,
        "topic": spec.topic,
        "key": spec.key,
        "max_retry_count": spec.retries,
        "retry_backoff": seconds(spec.retry_backoff),
        "sasl_config": security(spec.security.as_ref()),
        "meta_config": { "system": system, "call_data": contents(&spec.contents) },
    })
}

fn security(spec: Option<&KafkaSecurity>) -> Value {
    let protocol = spec.map_or(KafkaProtocol::Plaintext, |s| s.protocol);
    let text = |of: fn(&KafkaSecurity) -> &str, absent: &str| spec.map_or(absent, of).to_owned();
    let mut content = Map::new();
    content.insert("security_protocol".into(), word(PROTOCOLS, &protocol).into());
    content.insert("sasl_mechanisms".into(), text(|s| &s.mechanism, MECHANISM).into());
    content.insert("sasl_username".into(), text(|s| &s.username, "").into());
    let password = spec.and_then(|s| s.password.as_ref()).map(secret_of);
    content.insert("sasl_password".into(), password.unwrap_or_else(|| "".into()));
    content.insert("ssl_ca_content".into(), text(|s| &s.ca, "").into());
    Value::Object(content)
}

fn contents(spec: &LogContents) -> Value {
    json!({
        "log_request_header": spec.request_headers,
        "request_header_filter": spec.request_header_filter,
        "log_request_query_string": spec.query,
        "request_query_string_filter": spec.query_filter,
        "log_request_body": spec.request_body,
        "log_response_header": spec.response_headers,
        "response_header_filter": spec.response_header_filter,
        "log_response_body": spec.response_body,
        "custom_authorizer": { "frontend": spec.frontend_authorizer, "backend": spec.backend_authorizer },
    })
}

pub(super) fn read(held: &Value) -> Result<KafkaLog, Unreadable> {
    let none = json!({});
    let meta = held.get("meta_config").unwrap_or(&none);
    let system = meta.get("system").unwrap_or(&none);
    let mut fields: Vec<LogField> = Vec::new();
    for (field, word) in LOG_FIELDS {
        if switch(system, word, false)? {
            fields.push(*field);
        }
    }
    let security = match held.get("sasl_config") {
        None | Some(Value::Null) => None,
        Some(_) => object(held, "sasl_config", read_security)?,
    };
    Ok(KafkaLog {
        brokers: list(held, "broker_list", element)?,
        topic: need(held, "topic")?,
        key: text(held, "key")?,
        retries: number(held, "max_retry_count")?.unwrap_or_default(),
        retry_backoff: Duration::from_secs(number(held, "retry_backoff")?.unwrap_or(1)),
        security,
        fields,
        contents: read_contents(meta.get("call_data").unwrap_or(&none))?,
    })
}

/// None, where it says what stands there when nothing is asked for. A password that is shown is not looked at, only that
/// there is one.
fn read_security(held: &Value) -> Result<Option<KafkaSecurity>, Unreadable> {
    let mechanism = text(held, "sasl_mechanisms")?;
    let password = text(held, "sasl_password")?;
    let security = KafkaSecurity {
        protocol: need_word(held, "security_protocol", PROTOCOLS)?,
        mechanism: if mechanism.is_empty() { MECHANISM.to_owned() } else { mechanism },
        username: text(held, "sasl_username")?,
        password: (!password.is_empty()).then_some(UNREADABLE_SECRET),
        ca: text(held, "ssl_ca_content")?,
    };
    let nothing = KafkaSecurity {
        protocol: KafkaProtocol::Plaintext,
        mechanism: MECHANISM.to_owned(),
        username: String::new(),
        password: None,
        ca: String::new(),
    };
    Ok((security != nothing).then_some(security))
}

fn read_contents(held: &Value) -> Result<LogContents, Unreadable> {
    let none = json!({});
    let authorizer = held.get("custom_authorizer").unwrap_or(&none);
    Ok(LogContents {
        request_headers: switch(held, "log_request_header", false)?,
        request_header_filter: text(held, "request_header_filter")?,
        query: switch(held, "log_request_query_string", false)?,
        query_filter: text(held, "request_query_string_filter")?,
        request_body: switch(held, "log_request_body", false)?,
        response_headers: switch(held, "log_response_header", false)?,
        response_header_filter: text(held, "response_header_filter")?,
        response_body: switch(held, "log_response_body", false)?,
        frontend_authorizer: list(authorizer, "frontend", element)?,
        backend_authorizer: list(authorizer, "backend", element)?,
    })
}
