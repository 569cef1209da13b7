//! `Binding`: attaches a policy to selected APIs in one environment.
//!
//! One document makes one resource per selected publication, of the kind whose [`KindDef::attaches`] names the policy. At most one
//! policy of a kind can be attached to a publication, so the publication is the key and the policy the value: swapping
//! policies is an update, not a removal and a creation. Of plug-ins there is one of each type, so the type is a part of the key;
//! they are attached to an API in an environment, and stay when it goes offline there.

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::address::Address;
use crate::kind::{ATTACHED, Kind, KindDef, Owner, PLAIN, schema_of};
use crate::kinds::spec::{Documented, Part};

/// Attaches one policy (a throttle, a signature, an access control policy or a plug-in) to all selected APIs that are published in an environment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields)]
pub struct BindingSpec {
    /// The environment in which it is attached.
    pub environment: String,
    /// The throttle to attach. Exactly one of `throttle`, `signature`, `accessControl` and `plugin`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub throttle: Option<String>,
    /// The signature to attach.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signature: Option<String>,
    /// The access control policy to attach.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub access_control: Option<String>,
    /// The plug-in to attach. An API has at most one of each type in an environment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plugin: Option<String>,
    /// Which APIs. All the criteria given must hold.
    pub apis: Selector,
}

/// Selects APIs of the manifests; all the criteria given must hold, and at least one must be given.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields)]
pub struct Selector {
    /// APIs of this group.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group: Option<String>,
    /// APIs with one of these names; `*` stands for any characters.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub names: Vec<String>,
    /// APIs whose `metadata.labels` have all these values.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub labels: IndexMap<String, String>,
    /// APIs that carry all these tags.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<String>,
}

/// The policy attached to one publication.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bound {
    /// The name of the policy.
    pub to: String,
}

/// The descriptor of the document.
pub static DEF: KindDef = KindDef {
    kind: Kind::Binding,
    key: &["name"],
    schema: Some(schema_of::<BindingSpec>),
    noun: "binding",
    selects: true,
    ..PLAIN
};

/// The descriptor of a throttle attached to a publication.
pub static THROTTLE_BINDING_DEF: KindDef = KindDef {
    kind: Kind::ThrottleBinding,
    noun: "throttle binding",
    attaches: Some((Kind::Throttle, "spec.throttle")),
    ..ATTACHED
};

/// The descriptor of a signature attached to a publication.
pub static SIGNATURE_BINDING_DEF: KindDef = KindDef {
    kind: Kind::SignatureBinding,
    noun: "signature binding",
    attaches: Some((Kind::Signature, "spec.signature")),
    ..ATTACHED
};

/// The descriptor of an access control policy attached to a publication.
pub static ACCESS_BINDING_DEF: KindDef = KindDef {
    kind: Kind::AccessBinding,
    noun: "access binding",
    attaches: Some((Kind::AccessControl, "spec.accessControl")),
    ..ATTACHED
};

/// The descriptor of a plug-in attached to an API in an environment.
pub static PLUGIN_BINDING_DEF: KindDef = KindDef {
    kind: Kind::PluginBinding,
    key: &["group", "api", "environment", "type"],
    noun: "plug-in binding",
    owners: &[
        Owner { kind: Kind::Api, parts: &[0, 1], field: "spec.apis", kept: false },
        Owner { kind: Kind::Publication, parts: &[0, 1, 2], field: "spec.environment", kept: false },
        Owner { kind: Kind::Environment, parts: &[2], field: "spec.environment", kept: false },
    ],
    outlives: Some(Kind::Publication),
    attaches: Some((Kind::Plugin, "spec.plugin")),
    ..ATTACHED
};

impl BindingSpec {
    /// The fields of which exactly one is given: the kind of resource that follows, the field, and the policy's name.
    #[must_use]
    pub fn policies(&self) -> [(Kind, &'static str, Option<&String>); 4] {
        [
            (Kind::ThrottleBinding, "throttle", self.throttle.as_ref()),
            (Kind::SignatureBinding, "signature", self.signature.as_ref()),
            (Kind::AccessBinding, "accessControl", self.access_control.as_ref()),
            (Kind::PluginBinding, "plugin", self.plugin.as_ref()),
        ]
    }

    /// Attaches `policy` where resources of `kind` attach one.
    #[must_use]
    pub fn new(kind: Kind, policy: String, environment: String, apis: Selector) -> Self {
        let given = |of: Kind| (of == kind).then(|| policy.clone());
        Self {
            environment,
            throttle: given(Kind::ThrottleBinding),
            signature: given(Kind::SignatureBinding),
            access_control: given(Kind::AccessBinding),
            plugin: given(Kind::PluginBinding),
            apis,
        }
    }
}

impl Documented for BindingSpec {
    /// None by itself: what follows depends on the APIs that it selects.
    fn resources(&self, _: &Address) -> Vec<Part> {
        Vec::new()
    }
}

impl Selector {
    /// Whether no criterion is given.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Whether an API with this group, name, labels and tags is selected.
    #[must_use]
    pub fn matches(
        &self,
        group: &str,
        name: &str,
        labels: &IndexMap<String, String>,
        tags: &[String],
    ) -> bool {
        self.group.as_deref().is_none_or(|g| g == group)
            && (self.names.is_empty() || self.names.iter().any(|pattern| glob(pattern, name)))
            && self.labels.iter().all(|(key, value)| labels.get(key) == Some(value))
            && self.tags.iter().all(|tag| tags.contains(tag))
    }
}

/// Whether `text` fits `pattern`, in which `*` stands for any characters.
fn glob(pattern: &str, text: &str) -> bool {
    let mut parts = pattern.split('*');
    let first = parts.next().unwrap_or_default();
    let Some(mut rest) = text.strip_prefix(first) else { return false };
    let mut last = None;
    for part in parts {
        if let Some(previous) = last.replace(part) {
            match rest.find(previous) {
                Some(at) => rest = &rest[at + previous.len()..],
                None => return false,
            }
        }
    }
    last.map_or(rest.is_empty(), |tail| rest.ends_with(tail))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_stands_for_any_characters() {
        for (pattern, text, fits) in [
            ("get-*", "get-user", true),
            ("get-*", "set-user", false),
            ("*", "", true),
            ("a*b*c", "a-b-b-c", true),
            ("a*b*c", "a-c", false),
            ("abc", "abc", true),
            ("abc", "abcd", false),
            ("*user", "get-user-user", true),
            ("a*a", "a", false),
        ] {
            assert_eq!(glob(pattern, text), fits, "{pattern} against {text}");
        }
    }
}
