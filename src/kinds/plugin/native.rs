//! The block `native`: a type of plug-in in the words of the one vendor that has it.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

use super::PluginType;
use crate::kinds::value::ordered;

/// A plug-in as its vendor defines it, for what no other block says. What signs requests to backends is a `Signature`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields)]
pub struct Native {
    /// The vendor's word for the type.
    #[serde(rename = "type")]
    pub kind: NativeType,
    /// The definition, member by member as the vendor's manual has it. The order of members does not matter. Secrets must not
    /// stand in it.
    pub definition: BTreeMap<String, Value>,
    /// Of what was observed and another block says as well: the members that it does not say.
    #[serde(skip)]
    pub beyond: Vec<String>,
}

macro_rules! types {
    ($($(#[doc = $about:literal])+ $name:ident $word:literal),* $(,)?) => {
        /// A type of plug-in, in its vendor's words.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
        #[serde(rename_all = "camelCase")]
        pub enum NativeType {
            $($(#[doc = $about])+ $name,)*
        }

        impl NativeType {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$name),*];

            /// The words for them.
            const WORDS: &[&str] = &[$($word),*];

            /// The word for it, in manifests and at the gateway.
            #[must_use]
            pub fn word(self) -> &'static str {
                match self {
                    $(Self::$name => $word,)*
                }
            }
        }
    };
}

types! {
    /// Lets in, or keeps out, the callers of some addresses.
    IpControl "ipControl",
    /// Limits calls, also by parameters of theirs.
    TrafficControl "trafficControl",
    /// Lets in callers with a good token.
    JwtAuth "jwtAuth",
    /// Lets pages from other origins call.
    Cors "cors",
    /// Answers again what was answered before.
    Caching "caching",
    /// Sends some requests to another backend.
    Routing "routing",
    /// Decides by what a request holds.
    AccessControl "accessControl",
    /// Turns what backends answer into errors.
    ErrorMapping "errorMapping",
    /// Spares a backend that fails, and may name another in its place.
    CircuitBreaker "circuitBreaker",
    /// Changes requests and answers on the way.
    Transformer "transformer",
    /// Keeps what is secret out of logs.
    LogMask "logMask",
}

/// Types whose definitions are secrets, and what to do without: message and help.
const REFUSED: [(&str, &str); 2] = [
    (
        "backendSignature",
        "the definition of such a plug-in is a secret\u{1f}write a `Signature`, which signs requests to backends, too, and bind it",
    ),
    (
        "basicAuth",
        "the definition of such a plug-in is made of passwords\u{1f}make this plug-in in the vendor's console, or let callers prove themselves as apps",
    ),
];

impl<'de> Deserialize<'de> for NativeType {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let said = String::deserialize(deserializer)?;
        if let Some((_, why)) = REFUSED.iter().find(|(word, _)| *word == said) {
            return Err(D::Error::custom(why));
        }
        let found = Self::ALL.iter().copied().find(|kind| kind.word() == said);
        found.ok_or_else(|| D::Error::unknown_variant(&said, Self::WORDS))
    }
}

impl NativeType {
    /// What an API has one of: some types have a block of their own, too.
    #[must_use]
    pub fn of_type(self) -> PluginType {
        match self {
            Self::Cors => PluginType::Cors,
            Self::TrafficControl => PluginType::RateLimit,
            Self::CircuitBreaker => PluginType::Breaker,
            other => PluginType::Native(other),
        }
    }
}

/// Parts of names of members that hold secrets, in lower case.
const SECRETS: [&str; 4] = ["password", "passwd", "secret", "privatekey"];

/// How manifests name the source of a secret elsewhere.
const SOURCES: [&str; 3] = ["fromEnv", "fromFile", "fromCommand"];

/// The private members of a key in JSON (RFC 7518, 6.2 to 6.4).
pub const PRIVATE: [&str; 8] = ["d", "p", "q", "dp", "dq", "qi", "oth", "k"];

/// Calls `meet` with every member of a definition that holds a secret: its place, and its value. Members of `parameters` say
/// where a value of a request is found, whatever they are called.
pub fn each_secret(value: &mut Value, at: &str, meet: &mut dyn FnMut(&str, &mut Value)) {
    match value {
        Value::Object(members) => {
            let is_key = members.contains_key("kty");
            let places = at == "parameters" || at.ends_with(".parameters");
            for (name, value) in members {
                let at = if at.is_empty() { name.clone() } else { format!("{at}.{name}") };
                let plain = name.to_lowercase().replace(['_', '-'], "");
                // Nothing is filled in here: a source of a secret would be sent as it stands.
                let source = value
                    .as_object()
                    .is_some_and(|members| members.keys().any(|name| SOURCES.contains(&&**name)));
                let scalar = !value.is_object() && !value.is_array() && !value.is_null();
                let said = !places && (scalar || source);
                if said && SECRETS.iter().any(|word| plain.contains(word))
                    || is_key && PRIVATE.contains(&name.as_str())
                {
                    meet(&at, value);
                } else {
                    each_secret(value, &at, meet);
                }
            }
        }
        Value::Array(items) => {
            for (i, item) in items.iter_mut().enumerate() {
                each_secret(item, &format!("{at}[{i}]"), meet);
            }
        }
        _ => {}
    }
}

impl Native {
    /// What a gateway showed, or a manifest says.
    #[must_use]
    pub fn new(kind: NativeType, definition: serde_json::Map<String, Value>) -> Self {
        let definition = definition.into_iter().map(|(name, value)| (name, ordered(value))).collect();
        Self { kind, definition, beyond: Vec::new() }
    }

    /// The places in the definition that hold secrets.
    #[must_use]
    pub fn secrets(&self) -> Vec<String> {
        let mut found = Vec::new();
        let mut whole = self.value();
        each_secret(&mut whole, "", &mut |at, _| found.push(at.to_owned()));
        found
    }

    /// The definition as one value.
    #[must_use]
    pub fn value(&self) -> Value {
        Value::Object(self.definition.clone().into_iter().collect())
    }

    /// The form that is compared.
    #[must_use]
    pub fn canonical(&self) -> Self {
        Self {
            beyond: self.beyond.clone(),
            ..Self::new(self.kind, self.definition.clone().into_iter().collect())
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn native(definition: Value) -> Native {
        let Value::Object(members) = definition else { panic!("an object") };
        Native::new(NativeType::JwtAuth, members)
    }

    #[test]
    fn words_are_those_of_manifests() {
        for kind in NativeType::ALL {
            let word = serde_json::to_value(kind).unwrap();
            assert_eq!(word, kind.word());
            assert_eq!(serde_json::from_value::<NativeType>(word).unwrap(), *kind);
        }
        for word in ["backendSignature", "basicAuth", "other"] {
            assert!(serde_json::from_value::<NativeType>(json!(word)).is_err(), "{word}");
        }
    }

    #[test]
    fn secrets_are_found_wherever_they_stand() {
        let found = native(json!({
            "parameter": "X-Token", "secretName": { "a": 1 }, "users": [{ "username": "a", "password": "b" }],
            "signing": { "secret": { "fromEnv": "NAME" } },
            "jwk": { "kty": "RSA", "e": "AQAB", "n": "x", "d": "private" }, "jwks": [{ "kty": "oct", "k": "x" }],
            "d": 1, "access_key_secret": "s", "parameters": { "password": "Header:X-Password" },
        }));
        assert_eq!(
            found.secrets(),
            ["access_key_secret", "jwk.d", "jwks[0].k", "signing.secret", "users[0].password"]
        );
    }

    #[test]
    fn the_order_of_members_does_not_matter() {
        let one = native(json!({ "a": { "x": 1, "y": [{ "p": 1, "q": 2 }] }, "b": 2 }));
        let other = native(json!({ "b": 2, "a": { "y": [{ "q": 2, "p": 1 }], "x": 1 } }));
        assert_eq!(serde_json::to_string(&one).unwrap(), serde_json::to_string(&other).unwrap());
    }
}
