//! What a gateway holds: rows in collections.
//!
//! Kinds of which there are few are [`Record`]s: a JSON object and its times. What there are thousands of is typed:
//! [`Api`], [`Publication`], [`Version`], [`Binding`]. A [`Definition`] is never changed, only replaced, so that the draft
//! and the versions made from it share it.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::time::Nanos;

/// A JSON object.
pub(crate) type Doc = Map<String, Value>;

/// The collections of a gateway.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Coll {
    Group,
    Env,
    Variable,
    Throttle,
    Special,
    Api,
    Publication,
    Version,
    Sign,
    Binding,
    App,
    AppAuth,
    Acl,
    Authorizer,
    Channel,
    Response,
    AppCode,
    Plugin,
    Attachment,
    Feature,
    AppAcl,
    Quota,
    QuotaApp,
    Domain,
    Certificate,
    Permission,
    Connection,
    Tag,
    Task,
    Instance,
    CloudGroup,
    CloudApi,
    CloudDeployment,
    CloudVersion,
    CloudVariable,
    CloudTask,
    CloudTag,
    CloudInstance,
    CloudTraffic,
    CloudSpecial,
    CloudSignature,
    CloudIpControl,
    CloudIpItem,
    CloudAcl,
    CloudApp,
    CloudKey,
    CloudCode,
    CloudAuth,
    CloudBinding,
    CloudPlugin,
    CloudVpc,
    CloudBackend,
    CloudBackendModel,
    CloudModel,
    CloudDomain,
    CloudLog,
    CloudDataset,
    CloudDatasetItem,
    CloudProduct,
}

impl Coll {
    /// All collections; the position of each is its number on disk.
    pub(crate) const ALL: [Self; 59] = [
        Self::Group,
        Self::Env,
        Self::Variable,
        Self::Throttle,
        Self::Special,
        Self::Api,
        Self::Publication,
        Self::Version,
        Self::Sign,
        Self::Binding,
        Self::App,
        Self::AppAuth,
        Self::Acl,
        Self::Authorizer,
        Self::Channel,
        Self::Response,
        Self::AppCode,
        Self::Plugin,
        Self::Attachment,
        Self::Feature,
        Self::AppAcl,
        Self::Quota,
        Self::QuotaApp,
        Self::Domain,
        Self::Certificate,
        Self::Permission,
        Self::Connection,
        Self::Tag,
        Self::Task,
        Self::Instance,
        Self::CloudGroup,
        Self::CloudApi,
        Self::CloudDeployment,
        Self::CloudVersion,
        Self::CloudVariable,
        Self::CloudTask,
        Self::CloudTag,
        Self::CloudInstance,
        Self::CloudTraffic,
        Self::CloudSpecial,
        Self::CloudSignature,
        Self::CloudIpControl,
        Self::CloudIpItem,
        Self::CloudAcl,
        Self::CloudApp,
        Self::CloudKey,
        Self::CloudCode,
        Self::CloudAuth,
        Self::CloudBinding,
        Self::CloudPlugin,
        Self::CloudVpc,
        Self::CloudBackend,
        Self::CloudBackendModel,
        Self::CloudModel,
        Self::CloudDomain,
        Self::CloudLog,
        Self::CloudDataset,
        Self::CloudDatasetItem,
        Self::CloudProduct,
    ];

    /// The fields a record can be found by: each entry is one index, over one field or several.
    fn indexes(self) -> &'static [&'static str] {
        match self {
            Self::Group
            | Self::Env
            | Self::Throttle
            | Self::Sign
            | Self::Authorizer
            | Self::Channel
            | Self::Feature
            | Self::Quota
            | Self::Certificate => &["name"],
            Self::Acl => &["acl_name"],
            Self::App => &["name", "app_key"],
            Self::Variable => &["group_id,env_id,variable_name", "group_id", "env_id"],
            Self::Special => &["throttle_id,object_type,object_id", "throttle_id", "object_type,object_id"],
            Self::AppAuth => &["app_id,api_id,env_id", "app_id", "api_id", "env_id"],
            Self::Response => &["group_id,name", "group_id"],
            Self::AppCode => &["app_code", "app_id"],
            Self::Plugin => &["plugin_name"],
            Self::Attachment => &["api_id,env_id", "plugin_id", "api_id", "env_id"],
            Self::QuotaApp => &["app_quota_id"],
            Self::Domain => &["url_domain", "group_id", "ssl_id"],
            Self::Permission => &["permission"],
            Self::Tag => &["key"],
            Self::CloudGroup => &["GroupName", "InstanceId"],
            Self::CloudApi => &["GroupId", "GroupId,ApiName", "GroupId,PathKey", "VpcName", "BackendId"],
            Self::CloudDeployment => {
                &["ApiId", "StageName", "GroupId", "GroupId,StageName", "VpcName", "BackendId"]
            }
            Self::CloudVersion => &["ApiId,StageName", "ApiId", "GroupId"],
            Self::CloudVariable => &["GroupId,StageName", "GroupId", "GroupId,StageName,VariableName"],
            Self::CloudTag => &["ResourceType,ResourceId", "ResourceType"],
            Self::CloudTraffic => &["TrafficControlName"],
            Self::CloudSpecial => &["TrafficControlId", "SpecialType,SpecialKey"],
            Self::CloudSignature => &["SignatureName", "SignatureKey"],
            Self::CloudIpControl => &["IpControlName"],
            Self::CloudIpItem => &["IpControlId", "AppId"],
            Self::CloudAcl => &["AclName"],
            Self::CloudApp => &["AppName"],
            Self::CloudKey => &["AppId", "AppKey"],
            Self::CloudCode => &["AppId", "AppCode"],
            Self::CloudAuth => &["AppId", "ApiId", "ApiId,StageName"],
            Self::CloudBinding => {
                &["Policy,PolicyId", "ApiId", "GroupId", "Policy,ApiId,StageName", "Policy,GroupId,StageName"]
            }
            Self::CloudPlugin => &["PluginName"],
            Self::CloudVpc => &["Name", "VpcId,InstanceId"],
            Self::CloudBackend => &["BackendName"],
            Self::CloudBackendModel => &["BackendId", "BackendId,StageName"],
            Self::CloudModel => &["GroupId", "GroupId,ModelName"],
            Self::CloudDomain => &["GroupId", "DomainName"],
            Self::CloudDataset => &["DatasetName"],
            Self::CloudProduct => &["ApiProductId", "ApiProductId,Kind", "AppId", "ApiId"],
            Self::CloudDatasetItem => &["DatasetId", "DatasetId,Value"],
            Self::Api
            | Self::Publication
            | Self::Version
            | Self::Binding
            | Self::AppAcl
            | Self::Connection
            | Self::Task
            | Self::Instance
            | Self::CloudTask
            | Self::CloudInstance
            | Self::CloudLog => &[],
        }
    }
}

/// One row of a collection.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) enum Row {
    Record(Record),
    Api(Api),
    Publication(Publication),
    Version(Version),
    Binding(Binding),
}

/// An object of a kind of which there are few.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Record {
    pub(crate) id: Box<str>,
    pub(crate) created: Nanos,
    pub(crate) updated: Nanos,
    /// What was written, with defaults; computed members are not in it.
    pub(crate) doc: Doc,
}

impl Record {
    /// A member that is a text; empty when absent.
    pub(crate) fn text(&self, name: &str) -> &str {
        self.doc.get(name).and_then(Value::as_str).unwrap_or("")
    }

    /// A member that is a number.
    pub(crate) fn number(&self, name: &str) -> Option<i64> {
        self.doc.get(name).and_then(Value::as_i64)
    }
}

/// The draft of an API.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Api {
    pub(crate) id: Box<str>,
    pub(crate) created: Nanos,
    pub(crate) updated: Nanos,
    pub(crate) definition: Arc<Definition>,
}

/// How an API is called and what it calls, as it stood at one moment.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Definition {
    pub(crate) group_id: Box<str>,
    pub(crate) name: Box<str>,
    pub(crate) kind: i64,
    pub(crate) protocol: Box<str>,
    pub(crate) method: Box<str>,
    pub(crate) uri: Box<str>,
    pub(crate) match_mode: Box<str>,
    pub(crate) auth_type: Box<str>,
    pub(crate) remark: Box<str>,
    pub(crate) tags: Vec<Box<str>>,
    pub(crate) uses: Uses,
    pub(crate) wire: Wire,
}

/// What a definition needs from elsewhere.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Uses {
    pub(crate) channels: Vec<Box<str>>,
    pub(crate) authorizers: Vec<Box<str>>,
    pub(crate) variables: Vec<Box<str>>,
    pub(crate) response: Option<Box<str>>,
}

/// The members of a definition as they go out, ready to be joined: `"a":1,"b":2`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Wire {
    /// What lists show.
    pub(crate) brief: Box<str>,
    /// The member `backend_api`, which lists show on demand.
    pub(crate) backend: Box<str>,
    /// The member `req_params`, which the runtime definition shows too.
    pub(crate) parameters: Box<str>,
    /// What only details show.
    pub(crate) detail: Box<str>,
}

impl Definition {
    /// The path with the names of its parameters left out: two paths that differ only there are the same.
    pub(crate) fn path_key(uri: &str) -> String {
        let mut out = String::with_capacity(uri.len());
        let mut depth = 0_usize;
        for c in uri.trim_end_matches('/').chars() {
            match c {
                '{' => {
                    depth += 1;
                    out.push('{');
                }
                '}' => {
                    depth = depth.saturating_sub(1);
                    out.push('}');
                }
                _ if depth > 0 => {}
                _ => out.push(c),
            }
        }
        out
    }
}

/// An API that is online in an environment.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Publication {
    pub(crate) id: Box<str>,
    pub(crate) api_id: Box<str>,
    pub(crate) env_id: Box<str>,
    pub(crate) version_id: Box<str>,
    pub(crate) time: Nanos,
    pub(crate) remark: Box<str>,
}

/// What was published at one moment.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Version {
    pub(crate) id: Box<str>,
    pub(crate) api_id: Box<str>,
    pub(crate) env_id: Box<str>,
    pub(crate) time: Nanos,
    pub(crate) remark: Box<str>,
    pub(crate) definition: Arc<Definition>,
}

/// What kind of policy a [`Binding`] attaches.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Policy {
    Throttle,
    Sign,
    Acl,
}

impl Policy {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Throttle => "throttle",
            Self::Sign => "sign",
            Self::Acl => "acl",
        }
    }
}

/// A policy attached to a publication.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Binding {
    pub(crate) id: Box<str>,
    pub(crate) policy: Policy,
    pub(crate) policy_id: Box<str>,
    pub(crate) publish_id: Box<str>,
    pub(crate) time: Nanos,
}

impl Row {
    /// The id of the row in its collection.
    pub(crate) fn id(&self) -> &str {
        match self {
            Self::Record(row) => &row.id,
            Self::Api(row) => &row.id,
            Self::Publication(row) => &row.id,
            Self::Version(row) => &row.id,
            Self::Binding(row) => &row.id,
        }
    }

    /// The keys under which the row can be found, see [`key`].
    pub(crate) fn keys(&self, coll: Coll) -> Vec<String> {
        match self {
            Self::Record(row) => {
                let one = |index: &&str| {
                    let values: Vec<&str> = index.split(',').map(|field| row.text(field)).collect();
                    key(index, &values)
                };
                coll.indexes().iter().map(one).collect()
            }
            Self::Api(row) => {
                let it = &row.definition;
                let mut out = vec![
                    key("group_id", &[&it.group_id]),
                    key("group_id,name", &[&it.group_id, &it.name]),
                    key("path", &[&it.group_id, &it.match_mode, &Definition::path_key(&it.uri)]),
                ];
                out.extend(it.uses.channels.iter().map(|id| key("channel", &[id])));
                out.extend(it.uses.authorizers.iter().map(|id| key("authorizer", &[id])));
                out.extend(it.uses.response.iter().map(|id| key("response", &[id])));
                out
            }
            Self::Publication(row) => vec![
                key("api_id", &[&row.api_id]),
                key("env_id", &[&row.env_id]),
                key("api_id,env_id", &[&row.api_id, &row.env_id]),
            ],
            Self::Version(row) => {
                vec![key("api_id", &[&row.api_id]), key("api_id,env_id", &[&row.api_id, &row.env_id])]
            }
            Self::Binding(row) => {
                vec![key(row.policy.name(), &[&row.policy_id]), key("publish_id", &[&row.publish_id])]
            }
        }
    }
}

/// The key of an index: its name and the values.
pub(crate) fn key(index: &str, values: &[&str]) -> String {
    let mut out = String::with_capacity(index.len() + values.iter().map(|v| v.len() + 1).sum::<usize>());
    out.push_str(index);
    for value in values {
        out.push('\u{1f}');
        out.push_str(value);
    }
    out
}
