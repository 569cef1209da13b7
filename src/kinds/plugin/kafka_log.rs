//! The plug-in type `kafkaLog`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::kinds::value::{Duration, Secret, is_default};

/// Where a record of each call goes, and what is in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields)]
pub struct KafkaLog {
    /// Kafka brokers, as host and port.
    #[schemars(length(min = 1, max = 10))]
    pub brokers: Vec<String>,
    /// The topic.
    pub topic: String,
    /// The key of the messages.
    #[serde(default, skip_serializing_if = "is_default")]
    pub key: String,
    /// How often a message is sent again.
    #[serde(default, skip_serializing_if = "is_default")]
    #[schemars(range(min = 0, max = 5), !skip_serializing_if)]
    pub retries: u8,
    /// How long is waited before that, 1s to 10s.
    #[serde(default = "one_second", skip_serializing_if = "is_one_second")]
    #[schemars(!skip_serializing_if)]
    pub retry_backoff: Duration,
    /// How the gateway proves itself to the brokers. Left out: not at all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub security: Option<KafkaSecurity>,
    /// What of each call is in a record. Their order does not matter.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<LogField>,
    /// What of the contents of calls is in a record.
    #[serde(default, skip_serializing_if = "is_default")]
    #[schemars(!skip_serializing_if)]
    pub contents: LogContents,
}

/// How the gateway proves itself to the brokers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields)]
pub struct KafkaSecurity {
    /// The protocol.
    pub protocol: KafkaProtocol,
    /// The mechanism, such as `PLAIN` or `SCRAM-SHA-512`.
    #[serde(default = "plain", skip_serializing_if = "is_plain")]
    #[schemars(!skip_serializing_if)]
    pub mechanism: String,
    /// The name of the user.
    #[serde(default, skip_serializing_if = "is_default")]
    pub username: String,
    /// The password. The gateway need not show it again, so apigctl compares it with what it sent the last time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub password: Option<Secret>,
    /// The certificate of the authority that the brokers' certificates are held against, in PEM.
    #[serde(default, skip_serializing_if = "is_default")]
    pub ca: String,
}

/// A protocol of Kafka.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum KafkaProtocol {
    /// Neither encrypted nor with a user.
    Plaintext,
    /// With a user, not encrypted.
    SaslPlaintext,
    /// With a user, encrypted.
    SaslSsl,
    /// Encrypted, without a user.
    Ssl,
}

/// What of the contents of calls is in a record.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields)]
pub struct LogContents {
    /// The headers of requests.
    #[serde(default, skip_serializing_if = "is_default")]
    #[schemars(!skip_serializing_if)]
    pub request_headers: bool,
    /// Which of them, joined by commas; empty: all.
    #[serde(default, skip_serializing_if = "is_default")]
    pub request_header_filter: String,
    /// The query.
    #[serde(default, skip_serializing_if = "is_default")]
    #[schemars(!skip_serializing_if)]
    pub query: bool,
    /// Which of its parameters, joined by commas; empty: all.
    #[serde(default, skip_serializing_if = "is_default")]
    pub query_filter: String,
    /// The body of requests.
    #[serde(default, skip_serializing_if = "is_default")]
    #[schemars(!skip_serializing_if)]
    pub request_body: bool,
    /// The headers of answers.
    #[serde(default, skip_serializing_if = "is_default")]
    #[schemars(!skip_serializing_if)]
    pub response_headers: bool,
    /// Which of them, joined by commas; empty: all.
    #[serde(default, skip_serializing_if = "is_default")]
    pub response_header_filter: String,
    /// The body of answers.
    #[serde(default, skip_serializing_if = "is_default")]
    #[schemars(!skip_serializing_if)]
    pub response_body: bool,
    /// What custom authorizers of callers said: the names of fields.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub frontend_authorizer: Vec<String>,
    /// What custom authorizers for backends said: the names of fields.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub backend_authorizer: Vec<String>,
}

macro_rules! fields {
    ($($name:ident $wire:literal),* $(,)?) => {
        /// A fact of a call (3.27.1).
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
        #[serde(rename_all = "camelCase")]
        #[expect(missing_docs, reason = "the reference lists the names without a word on them")]
        pub enum LogField {
            $($name,)*
        }

        /// All facts of a call, with their names on the wire.
        pub const LOG_FIELDS: &[(LogField, &str)] = &[$((LogField::$name, $wire)),*];
    };
}

fields! {
    StartTime "start_time",
    RequestId "request_id",
    ClientIp "client_ip",
    ApiId "api_id",
    UserName "user_name",
    AppId "app_id",
    AccessModel1 "access_model1",
    RequestTime "request_time",
    HttpStatus "http_status",
    ServerProtocol "server_protocol",
    Scheme "scheme",
    RequestMethod "request_method",
    Host "host",
    ApiUriMode "api_uri_mode",
    Uri "uri",
    RequestSize "request_size",
    ResponseSize "response_size",
    UpstreamUri "upstream_uri",
    UpstreamAddr "upstream_addr",
    UpstreamStatus "upstream_status",
    UpstreamConnectTime "upstream_connect_time",
    UpstreamHeaderTime "upstream_header_time",
    UpstreamResponseTime "upstream_response_time",
    AllUpstreamResponseTime "all_upstream_response_time",
    RegionId "region_id",
    AuthType "auth_type",
    HttpXForwardedFor "http_x_forwarded_for",
    HttpUserAgent "http_user_agent",
    ErrorType "error_type",
    AccessModel2 "access_model2",
    InnerTime "inner_time",
    ProxyProtocolVni "proxy_protocol_vni",
    ProxyProtocolVpceId "proxy_protocol_vpce_id",
    ProxyProtocolAddr "proxy_protocol_addr",
    BodyBytesSent "body_bytes_sent",
    ApiName "api_name",
    AppName "app_name",
    ProviderAppId "provider_app_id",
    ProviderAppName "provider_app_name",
    CustomDataLog01 "custom_data_log01",
    CustomDataLog02 "custom_data_log02",
    CustomDataLog03 "custom_data_log03",
    CustomDataLog04 "custom_data_log04",
    CustomDataLog05 "custom_data_log05",
    CustomDataLog06 "custom_data_log06",
    CustomDataLog07 "custom_data_log07",
    CustomDataLog08 "custom_data_log08",
    CustomDataLog09 "custom_data_log09",
    CustomDataLog10 "custom_data_log10",
    ResponseSource "response_source",
}

fn one_second() -> Duration {
    Duration::from_secs(1)
}

fn is_one_second(duration: &Duration) -> bool {
    *duration == one_second()
}

fn plain() -> String {
    "PLAIN".to_owned()
}

fn is_plain(mechanism: &str) -> bool {
    mechanism == "PLAIN"
}
