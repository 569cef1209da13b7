//! Plug-ins. The type is one of the vendor's words; the definition (`PluginData`) is a text in JSON or YAML. It is compared
//! member by member, however it is written, and sent as JSON.
//!
//! Three types have a block of their own in manifests. A definition of those is read in both forms: in that block, if it says
//! what the type is about, and whole, as `native`. What the block does not say is kept when it is written.

use serde_json::{Map, Value, json};

use super::throttle::{TYPES as EXCEPTIONS, UNITS};
use crate::address::Address;
use crate::kind::Kind;
use crate::kinds::plugin::native::{Native, NativeType, each_secret};
use crate::kinds::plugin::rate_limit::RateLimit;
use crate::kinds::plugin::{Breaker, BreakerMode, BreakerType, Cors, PluginSpec};
use crate::kinds::throttle::{Exception, Limits, Scope};
use crate::kinds::value::Duration;
use crate::plan::id_of;
use crate::provider::wire::{
    Unreadable, Words, element, list, need, need_number, need_word, number, put, read_word, switch, text,
    word,
};

/// `scope`: whether a limit counts for each API, or for all that have the plug-in.
const SCOPES: &Words<Scope> = &[(Scope::PerApi, "API"), (Scope::Shared, "PLUGIN")];

const CORS: [&str; 6] =
    ["allowOrigins", "allowMethods", "allowHeaders", "exposeHeaders", "allowCredentials", "maxAge"];
const RATE_LIMIT: [&str; 6] = ["scope", "unit", "apiDefault", "userDefault", "appDefault", "specials"];
const BREAKER: [&str; 5] =
    ["timeoutThreshold", "errorThreshold", "errorCondition", "windowInSeconds", "openTimeoutSeconds"];

/// The members of a definition that a block says; none where only `native` says the type.
fn said(kind: NativeType) -> &'static [&'static str] {
    match kind {
        NativeType::Cors => &CORS,
        NativeType::TrafficControl => &RATE_LIMIT,
        NativeType::CircuitBreaker => &BREAKER,
        _ => &[],
    }
}

/// The members that a definition of a type must have, those that stand for one another together.
fn needed(kind: NativeType) -> &'static [&'static [&'static str]] {
    match kind {
        NativeType::IpControl => &[&["type"], &["items"]],
        // The form that limits by parameters has a default of its own.
        NativeType::TrafficControl => &[&["apiDefault", "defaultLimit"]],
        NativeType::JwtAuth => &[&["parameter"], &["parameterLocation"]],
        NativeType::Cors => &[&["allowOrigins"]],
        NativeType::Caching => &[&["duration"]],
        NativeType::Routing => &[&["routes"]],
        NativeType::AccessControl => &[&["parameters"], &["rules"]],
        NativeType::ErrorMapping => &[&["parameters"], &["errorCondition"], &["mappings"]],
        NativeType::CircuitBreaker => &[&["windowInSeconds"], &["openTimeoutSeconds"]],
        NativeType::Transformer | NativeType::LogMask => &[],
    }
}

/// What a definition lacks of what its type needs.
pub(in crate::provider::alibaba) fn missing(native: &Native) -> Vec<String> {
    let has = |name: &&str| native.definition.contains_key(*name);
    let lacking = needed(native.kind).iter().filter(|names| !names.iter().any(has));
    lacking.map(|names| names.join("` or `")).collect()
}

/// The vendor's word for the type of a plug-in.
fn kind(spec: &PluginSpec) -> Option<NativeType> {
    match spec.block()? {
        "cors" => Some(NativeType::Cors),
        "rateLimit" => Some(NativeType::TrafficControl),
        "breaker" => Some(NativeType::CircuitBreaker),
        _ => spec.native.as_ref().map(|native| native.kind),
    }
}

/// The parameters that make a plug-in.
pub(in crate::provider::alibaba) fn body(address: &Address, spec: &PluginSpec) -> Value {
    json!({
        "PluginName": address.name(),
        "PluginType": kind(spec).map_or("", NativeType::word),
        "PluginData": { "$json": data(spec) },
        "Description": spec.description,
    })
}

/// Those that change one that is `there`, but for its id: the definition only where it differs, so that nobody's text is
/// written anew without need.
pub(in crate::provider::alibaba) fn changes(
    address: &Address,
    before: Option<&PluginSpec>,
    after: &PluginSpec,
    there: &Value,
) -> Value {
    let mut body = json!({ "PluginName": address.name() });
    let Some(before) = before else { return body };
    body["Description"] = after.description.as_str().into();
    if (PluginSpec { description: after.description.clone(), ..before.clone() }) == *after {
        return body;
    }
    let mut data = data(after);
    // What was in another form is written anew as a whole, as the plan shows.
    if let (None, None, Some(kind), Value::Object(data)) =
        (&before.native, &after.native, kind(after), &mut data)
    {
        let held = definition(there).unwrap_or_default();
        data.extend(held.into_iter().filter(|(name, _)| !said(kind).contains(&name.as_str())));
    }
    body["PluginData"] = json!({ "$json": data });
    body
}

fn data(spec: &PluginSpec) -> Value {
    match (&spec.cors, &spec.rate_limit, &spec.breaker, &spec.native) {
        (Some(cors), ..) => cors_data(cors),
        (_, Some(limit), ..) => rate_limit_data(limit),
        (_, _, Some(breaker), _) => breaker_data(breaker),
        (_, _, _, Some(native)) => native.value(),
        _ => Value::Null,
    }
}

/// The definition in a row of `DescribePlugins`.
fn definition(wire: &Value) -> Result<Map<String, Value>, Unreadable> {
    let held = need(wire, "PluginData")?;
    let parsed: Option<Value> =
        serde_json::from_str(&held).ok().or_else(|| serde_yaml::from_str::<Value>(&held).ok());
    match parsed {
        Some(Value::Object(members)) => Ok(members),
        _ => Err(Unreadable::new("PluginData", "neither JSON nor YAML with members")),
    }
}

/// The vendor's word for the type of a row, and what it is in the key of a binding.
pub(in crate::provider::alibaba) fn of_type(wire: &Value) -> Result<String, Unreadable> {
    let said = need(wire, "PluginType")?;
    let known = NativeType::ALL.iter().find(|kind| kind.word() == said);
    Ok(known.map_or(said, |kind| kind.of_type().field().to_owned()))
}

/// Whether a row may name apps by their ids.
pub(in crate::provider::alibaba) fn names_apps(wire: &Value) -> bool {
    let held = definition(wire).unwrap_or_default();
    held.get("specials").and_then(Value::as_array).is_some_and(|all| !all.is_empty())
}

/// Reads a row of `DescribePlugins`. Apps are named by their ids ([`name_apps`]).
pub(in crate::provider::alibaba) fn spec(wire: &Value) -> Result<PluginSpec, Unreadable> {
    let said_kind = need(wire, "PluginType")?;
    let kind = NativeType::ALL.iter().copied().find(|kind| kind.word() == said_kind);
    let kind = kind.ok_or_else(|| {
        Unreadable::new("PluginType", format!("`{said_kind}`, of which no manifest makes a plug-in"))
    })?;
    let held = definition(wire)?;
    let mut native = Native::new(kind, held.clone());
    if let Some(at) = native.secrets().first() {
        let found = "a secret, which no manifest can say".to_owned();
        return Err(Unreadable::new(format!("PluginData.{at}"), found));
    }
    let beyond = held.keys().filter(|name| !said(kind).contains(&name.as_str())).cloned();
    native.beyond = beyond.collect();
    let mut spec = PluginSpec { description: text(wire, "Description")?, ..PluginSpec::default() };
    let held = Value::Object(held);
    match kind {
        NativeType::Cors => spec.cors = read_cors(&held).ok(),
        NativeType::TrafficControl => spec.rate_limit = read_rate_limit(&held).ok(),
        NativeType::CircuitBreaker => spec.breaker = read_breaker(&held).ok(),
        _ => {}
    }
    spec.native = Some(native);
    Ok(spec.canonical())
}

/// Gives apps their names in place of their ids.
pub(in crate::provider::alibaba) fn name_apps(spec: &mut PluginSpec, name: &dyn Fn(&str) -> String) {
    for exception in spec.rate_limit.iter_mut().flat_map(|limit| &mut limit.exceptions) {
        exception.app = exception.app.as_deref().map(name);
    }
}

/// A row whose definition shows no secret: masked where it holds some, and left out where it cannot be read.
pub(in crate::provider::alibaba) fn masked(mut wire: Value) -> Value {
    let mut found = false;
    let held = definition(&wire).map(|members| {
        let mut held = Value::Object(members);
        each_secret(&mut held, "", &mut |_, value| {
            *value = "*****".into();
            found = true;
        });
        held
    });
    match held {
        Ok(held) if found => wire["PluginData"] = held.to_string().into(),
        Ok(_) => {}
        Err(_) => wire["PluginData"] = "{}".into(),
    }
    wire
}

fn cors_data(spec: &Cors) -> Value {
    let mut data = Map::new();
    let lists = [&spec.allow_origins, &spec.allow_methods, &spec.allow_headers, &spec.expose_headers];
    for (name, words) in CORS.iter().zip(lists).filter(|(_, words)| !words.is_empty()) {
        data.insert((*name).to_owned(), words.join(",").into());
    }
    data.insert("allowCredentials".to_owned(), spec.allow_credentials.into());
    put(&mut data, "maxAge", spec.max_age.map(seconds));
    Value::Object(data)
}

fn read_cors(held: &Value) -> Result<Cors, Unreadable> {
    // Words with commas between, or a list of them.
    let words = |field: &str| match held.get(field) {
        Some(Value::Array(_)) => list(held, field, element),
        _ => {
            let held = text(held, field)?;
            let words = held.split(',').map(str::trim).filter(|word| !word.is_empty());
            Ok(words.map(str::to_owned).collect::<Vec<_>>())
        }
    };
    need_some("allowOrigins", words("allowOrigins")?.len())?;
    Ok(Cors {
        allow_origins: words("allowOrigins")?,
        allow_methods: words("allowMethods")?,
        allow_headers: words("allowHeaders")?,
        expose_headers: words("exposeHeaders")?,
        max_age: number::<u32>(held, "maxAge")?.map(|seconds| Duration::from_secs(u64::from(seconds))),
        allow_credentials: switch(held, "allowCredentials", false)?,
    })
}

fn need_some(field: &str, number: usize) -> Result<(), Unreadable> {
    if number == 0 { Err(Unreadable::new(field, "empty")) } else { Ok(()) }
}

fn rate_limit_data(spec: &RateLimit) -> Value {
    let Limits { api, user, app, source_ip: _ } = spec.limits;
    let mut data = Map::new();
    data.insert("scope".to_owned(), word(SCOPES, &spec.scope).into());
    data.insert("unit".to_owned(), word(UNITS, &spec.per).into());
    data.insert("apiDefault".to_owned(), api.into());
    put(&mut data, "userDefault", user);
    put(&mut data, "appDefault", app);
    let specials = specials(&spec.exceptions);
    put(&mut data, "specials", (!specials.is_empty()).then_some(specials));
    Value::Object(data)
}

/// Apps are named by their ids, as in a throttle's exceptions.
fn specials(exceptions: &[Exception]) -> Vec<Value> {
    let of = |kind: &str| {
        let key = |exception: &Exception| match kind {
            "app" => Some(id_of(&Address::new(Kind::App, &[exception.app.as_deref()?]))),
            _ => exception.user.as_deref().map(Value::from),
        };
        let policy = |e: &Exception| Some(json!({ "key": key(e)?, "value": e.limit }));
        exceptions.iter().filter_map(policy).collect::<Vec<_>>()
    };
    let lists = EXCEPTIONS.iter().map(|(kind, word)| (word, of(kind)));
    lists
        .filter(|(_, policies)| !policies.is_empty())
        .map(|(word, policies)| json!({ "type": word, "policies": policies }))
        .collect()
}

fn read_rate_limit(held: &Value) -> Result<RateLimit, Unreadable> {
    let limit = |field| Ok::<_, Unreadable>(number::<u32>(held, field)?.filter(|limit| *limit > 0));
    let api = limit("apiDefault")?.ok_or_else(|| Unreadable::new("apiDefault", "missing"))?;
    Ok(RateLimit {
        per: need_word(held, "unit", UNITS)?,
        scope: read_word(held, "scope", SCOPES)?.unwrap_or_default(),
        limits: Limits { api, user: limit("userDefault")?, app: limit("appDefault")?, source_ip: None },
        exceptions: list(held, "specials", read_special)?.into_iter().flatten().collect(),
        parameters: Vec::new(),
        rules: Vec::new(),
    })
}

fn read_special(held: &Value) -> Result<Vec<Exception>, Unreadable> {
    let said = need(held, "type")?;
    let found = EXCEPTIONS.iter().find(|(_, word)| word.eq_ignore_ascii_case(&said));
    let Some((of, _)) = found else {
        return Err(Unreadable::new("type", format!("`{said}`, which is not a documented value")));
    };
    list(held, "policies", |policy| {
        let (key, limit) = (need(policy, "key")?, need_number(policy, "value")?);
        let (app, user) = if *of == "app" { (Some(key), None) } else { (None, Some(key)) };
        Ok(Exception { app, user, limit })
    })
}

fn breaker_data(spec: &Breaker) -> Value {
    let mut data = Map::new();
    if spec.by == BreakerType::Timeout {
        put(&mut data, "timeoutThreshold", spec.failures);
    } else {
        put(&mut data, "errorThreshold", spec.failures);
        data.insert("errorCondition".to_owned(), spec.condition.as_str().into());
    }
    data.insert("windowInSeconds".to_owned(), seconds(spec.window).into());
    data.insert("openTimeoutSeconds".to_owned(), seconds(spec.open_for).into());
    Value::Object(data)
}

fn read_breaker(held: &Value) -> Result<Breaker, Unreadable> {
    let time = |field| Ok::<_, Unreadable>(Duration::from_secs(need_number(held, field)?));
    let condition = text(held, "errorCondition")?;
    let by = if condition.is_empty() { BreakerType::Timeout } else { BreakerType::Condition };
    let (counts, other) = match by {
        BreakerType::Timeout => ("timeoutThreshold", "errorThreshold"),
        BreakerType::Condition => ("errorThreshold", "timeoutThreshold"),
    };
    if number::<u32>(held, other)?.is_some() {
        return Err(Unreadable::new(other, "there beside the other"));
    }
    Ok(Breaker {
        by,
        condition,
        mode: BreakerMode::Counter,
        failures: Some(need_number(held, counts)?),
        min_calls: None,
        percentage: None,
        window: time("windowInSeconds")?,
        open_for: time("openTimeoutSeconds")?,
        scope: Scope::PerApi,
    })
}

fn seconds(duration: Duration) -> u64 {
    duration.as_millis() / 1000
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(kind: &str, data: &str) -> Value {
        json!({ "PluginName": "plug", "PluginType": kind, "PluginData": data, "Description": "" })
    }

    fn manifest(spec: Value) -> PluginSpec {
        serde_json::from_value::<PluginSpec>(spec).unwrap().canonical()
    }

    /// The row that a plug-in becomes, with ids in the place of names.
    fn made(spec: &PluginSpec) -> Value {
        let mut body = body(&Address::new(Kind::Plugin, &["plug"]), spec);
        crate::plan::build::resolve(&mut body, &|to| Some(to.name().into()));
        crate::plan::build::write_texts(&mut body);
        body
    }

    #[test]
    fn what_is_sent_is_read_again() {
        for spec in [
            json!({ "cors": { "allowOrigins": ["a", "b"], "exposeHeaders": ["X-A"], "maxAge": "1h", "allowCredentials": true } }),
            json!({ "rateLimit": {
                "per": "1h", "scope": "shared", "limits": { "api": 9, "user": 8, "app": 7 },
                "exceptions": [{ "app": "a", "limit": 1 }, { "user": "u", "limit": 2 }],
            } }),
            json!({ "breaker": { "by": "timeout", "mode": "counter", "failures": 9, "window": "10s", "openFor": "15s" } }),
            json!({ "breaker": { "by": "condition", "condition": "$StatusCode = 503", "mode": "counter", "failures": 9,
                "window": "10s", "openFor": "15s" } }),
            json!({ "description": "Told.", "native": { "type": "logMask", "definition": { "rules": [{ "b": 1, "a": 2 }] } } }),
        ] {
            let spec = manifest(spec);
            let read = self::spec(&made(&spec)).unwrap();
            assert_eq!(read.beside(&spec), spec);
            assert_eq!(read.told(), spec);
        }
    }

    #[test]
    fn a_block_that_does_not_say_it_leaves_it_to_the_other() {
        for (kind, data) in [
            // Both of two conditions, another period, a limit by parameters, no origin.
            (
                "circuitBreaker",
                "{\"timeoutThreshold\":1,\"errorThreshold\":1,\"errorCondition\":\"x\",\"windowInSeconds\":30,\"openTimeoutSeconds\":30}",
            ),
            ("trafficControl", "{\"unit\":\"WEEK\",\"apiDefault\":1}"),
            ("trafficControl", "{\"defaultLimit\":1,\"rules\":[]}"),
            (
                "trafficControl",
                "{\"unit\":\"DAY\",\"apiDefault\":1,\"specials\":[{\"type\":\"OTHER\",\"policies\":[]}]}",
            ),
            ("cors", "allowMethods: GET"),
        ] {
            let read = spec(&row(kind, data)).unwrap();
            assert_eq!(read.block(), Some("native"), "{data}");
            assert_eq!(read.told(), read.forms()[1]);
        }
    }

    #[test]
    fn what_cannot_be_read_is_told() {
        for (kind, data, field) in [
            ("other", "{}", "PluginType"),
            ("cors", "a text", "PluginData"),
            ("cors", "", "PluginData"),
            ("basicAuth", "users: []", "PluginType"),
            ("routing", "routes: [{ backend: { password: x } }]", "PluginData.routes[0].backend.password"),
        ] {
            assert_eq!(spec(&row(kind, data)).unwrap_err().field, field, "{kind} {data}");
        }
        assert_eq!(of_type(&row("other", "")).unwrap(), "other");
        assert_eq!(of_type(&row("trafficControl", "")).unwrap(), "rateLimit");
    }

    #[test]
    fn a_change_keeps_what_a_block_does_not_say() {
        let address = Address::new(Kind::Plugin, &["plug"]);
        let there = row("cors", "allowOrigins: a\nmaxAge: 5\nmore: { x: 1 }\n");
        let want = manifest(json!({ "cors": { "allowOrigins": ["b"] } }));
        let before = spec(&there).unwrap().beside(&want);
        let body = changes(&address, Some(&before), &want, &there);
        let data = json!({ "allowOrigins": "b", "allowCredentials": false, "more": { "x": 1 } });
        assert_eq!(body["PluginData"], json!({ "$json": data }));
        // Another form says all of it, and is written as it is.
        let whole = manifest(json!({ "native": { "type": "cors", "definition": { "allowOrigins": "b" } } }));
        let before = spec(&there).unwrap().beside(&whole);
        let body = changes(&address, Some(&before), &whole, &there);
        assert_eq!(body["PluginData"], json!({ "$json": { "allowOrigins": "b" } }));
        // Neither a new name nor a new description touches it.
        assert_eq!(changes(&address, None, &want, &there), json!({ "PluginName": "plug" }));
        let described = PluginSpec { description: "Told.".into(), ..whole.clone() };
        let body = changes(&address, Some(&whole), &described, &there);
        assert_eq!(body, json!({ "PluginName": "plug", "Description": "Told." }));
    }

    #[test]
    fn secrets_are_masked_and_other_texts_stay() {
        let shown = |data: &str| masked(row("jwtAuth", data))["PluginData"].as_str().unwrap().to_owned();
        assert_eq!(shown("parameter: X # as it is\n"), "parameter: X # as it is\n");
        assert_eq!(shown("jwk: { kty: oct, k: hidden }"), "{\"jwk\":{\"kty\":\"oct\",\"k\":\"*****\"}}");
        assert_eq!(shown("- hidden"), "{}");
    }
}
