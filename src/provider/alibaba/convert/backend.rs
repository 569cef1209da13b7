//! Backends: `ServiceConfig` of an API.
//!
//! A function is named by `acs:fc:REGION:ACCOUNT:services/SERVICE/functions/FUNCTION`, its version or alias by `version`. The gateway
//! calls it in the role that the vendor's console makes for that ([`ROLE`]), or in the one that it has.

use serde_json::{Value, json};

use super::{braced, bracketed};
use crate::kinds::backend::{
    Backend, BackendParameter, DEFAULT_TIMEOUT, FunctionBackend, FunctionProtocol, HttpBackend, Invocation,
    MockBackend, Network, Scheme, Url,
};
use crate::kinds::value::{Duration, Method};
use crate::provider::wire::{Unreadable, need, number, object, optional, text};

/// The role in which the gateway calls functions, below `acs:ram::ACCOUNT:role/`.
const ROLE: &str = "aliyunapigatewayaccessingfcrole";

/// The parts of the name of a function.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::provider::alibaba) struct Function<'a> {
    region: &'a str,
    account: &'a str,
    service: &'a str,
    function: &'a str,
}

impl<'a> Function<'a> {
    /// Takes a name apart.
    pub(in crate::provider::alibaba) fn parse(urn: &'a str) -> Option<Self> {
        let (region, rest) = urn.strip_prefix("acs:fc:")?.split_once(':')?;
        let (account, rest) = rest.split_once(':')?;
        let (service, function) = rest.strip_prefix("services/")?.split_once("/functions/")?;
        let whole = [region, account, service, function]
            .iter()
            .all(|part| !part.is_empty() && !part.contains(['/', ':']));
        whole.then_some(Self { region, account, service, function })
    }
}

/// What sort of backend a configuration is of: what one of another sort has is of no use to it.
pub(super) fn sort(config: &Value) -> &'static str {
    let says =
        |field: &str, word: &str| config[field].as_str().is_some_and(|text| text.eq_ignore_ascii_case(word));
    match () {
        () if says("Mock", "TRUE") || says("Mock", "OPEN") || says("ServiceProtocol", "MOCK") => "mock",
        () if says("ServiceProtocol", "FunctionCompute") => "function",
        () if says("ServiceVpcEnable", "TRUE") || says("ServiceProtocol", "VPC") => "vpc",
        () if says("ServiceProtocol", "HTTP") || says("ServiceProtocol", "HTTPS") => "http",
        () => "",
    }
}

/// `ServiceConfig`. What an API may have of another sort of backend is named `null`, so that it goes.
pub(super) fn body(backend: &Backend) -> Value {
    match backend {
        Backend::Http(b) => http(b),
        Backend::Function(b) => function(b),
        Backend::Mock(b) => json!({
            "ServiceProtocol": "HTTP", "ServiceHttpMethod": "GET", "ServiceVpcEnable": "FALSE",
            "Mock": "TRUE", "MockResult": b.body,
        }),
        // Refused before.
        Backend::Grpc(_) => Value::Null,
    }
}

fn http(b: &HttpBackend) -> Value {
    let url = b.url.as_deref().and_then(Url::parse);
    let scheme = url.map(|url| url.scheme).or(b.scheme).unwrap_or(Scheme::Https);
    let (word, prefix) = if scheme == Scheme::Http { ("HTTP", "http") } else { ("HTTPS", "https") };
    let vpc = b.channel.as_ref().map(|name| json!({ "Name": name, "VpcScheme": word }));
    json!({
        "ServiceProtocol": word,
        "ServiceAddress": url.map(|url| format!("{prefix}://{}", url.host)),
        "ServicePath": bracketed(b.backend_path()),
        "ServiceHttpMethod": b.method.as_str(),
        "ServiceTimeout": b.timeout.as_millis(),
        "ServiceVpcEnable": if vpc.is_some() { "TRUE" } else { "FALSE" },
        "VpcConfig": vpc,
        "Mock": "FALSE",
    })
}

fn function(b: &FunctionBackend) -> Value {
    let named = Function::parse(&b.urn);
    let config = named.map(|f| {
        json!({
            "FcType": "FCEvent", "RegionId": f.region, "ServiceName": f.service, "FunctionName": f.function,
            "Qualifier": (!b.version.is_empty()).then_some(&b.version),
            "RoleArn": format!("acs:ram::{}:role/{ROLE}", f.account),
        })
    });
    json!({
        "ServiceProtocol": "FunctionCompute", "ServiceTimeout": b.timeout.as_millis(), "ServiceVpcEnable": "FALSE",
        "FunctionComputeConfig": config, "Mock": "FALSE",
    })
}

/// Reads `ServiceConfig`.
pub(super) fn spec(wire: &Value, parameters: Vec<BackendParameter>) -> Result<Backend, Unreadable> {
    match sort(wire) {
        "mock" => Ok(Backend::Mock(MockBackend {
            body: text(wire, "MockResult")?,
            parameters,
            ..MockBackend::default()
        })),
        "function" => read_function(wire, parameters),
        "vpc" => web(wire, parameters, true),
        "http" => web(wire, parameters, false),
        _ => Err(Unreadable::new(
            "ServiceProtocol",
            format!("`{}`, which no manifest can say", text(wire, "ServiceProtocol")?),
        )),
    }
}

fn web(wire: &Value, parameters: Vec<BackendParameter>, vpc: bool) -> Result<Backend, Unreadable> {
    let path = braced(&optional(wire, "ServicePath")?.unwrap_or_else(|| "/".into()));
    let path = if path.starts_with('/') { path } else { format!("/{path}") };
    let method = need(wire, "ServiceHttpMethod")?.to_ascii_uppercase();
    let mut backend = HttpBackend {
        url: None,
        channel: None,
        scheme: None,
        path: None,
        host_header: None,
        method: Method::parse(&method).ok_or_else(|| {
            Unreadable::new("ServiceHttpMethod", format!("`{method}`, which no manifest can say"))
        })?,
        timeout: timeout(wire)?,
        retries: None,
        client_certificate: false,
        authorizer: None,
        description: String::new(),
        parameters,
    };
    if vpc {
        backend.channel = Some(object(wire, "VpcConfig", |config| need(config, "Name"))?);
        let word = text(&wire["VpcConfig"], "VpcScheme")?;
        let word = if word.is_empty() { text(wire, "ServiceProtocol")? } else { word };
        backend.scheme = Some(if word.eq_ignore_ascii_case("HTTPS") { Scheme::Https } else { Scheme::Http });
        backend.path = Some(path);
    } else {
        let address = need(wire, "ServiceAddress")?;
        backend.url = Some(format!("{}{path}", address.trim_end_matches('/')));
    }
    Ok(Backend::Http(backend))
}

fn read_function(wire: &Value, parameters: Vec<BackendParameter>) -> Result<Backend, Unreadable> {
    let timeout = timeout(wire)?;
    object(wire, "FunctionComputeConfig", |config| {
        let kind = text(config, "FcType")?;
        if !kind.is_empty() && kind != "FCEvent" {
            return Err(Unreadable::new("FcType", format!("`{kind}`, which no manifest can say")));
        }
        let role = text(config, "RoleArn")?;
        let account =
            role.strip_prefix("acs:ram::").and_then(|rest| rest.split(':').next()).unwrap_or_default();
        let (region, service) = (need(config, "RegionId")?, need(config, "ServiceName")?);
        let function = need(config, "FunctionName")?;
        Ok(Backend::Function(FunctionBackend {
            urn: format!("acs:fc:{region}:{account}:services/{service}/functions/{function}"),
            version: text(config, "Qualifier")?,
            alias: None,
            invocation: Invocation::default(),
            network: Network::default(),
            protocol: FunctionProtocol::default(),
            timeout,
            authorizer: None,
            description: String::new(),
            parameters,
        }))
    })
}

fn timeout(wire: &Value) -> Result<Duration, Unreadable> {
    let millis = number::<u64>(wire, "ServiceTimeout")?.filter(|millis| *millis > 0);
    Ok(millis.map_or(DEFAULT_TIMEOUT, Duration::from_millis))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_functions_come_apart() {
        let parsed = Function::parse("acs:fc:cn-hangzhou:123:services/pay/functions/check");
        let wanted = Function { region: "cn-hangzhou", account: "123", service: "pay", function: "check" };
        assert_eq!(parsed, Some(wanted));
        for bad in [
            "urn:fss:x",
            "acs:fc:r:1:services/a",
            "acs:fc::1:services/a/functions/b",
            "acs:fc:r:1:services/a/functions/b/c",
        ] {
            assert_eq!(Function::parse(bad), None, "{bad}");
        }
    }
}
