//! `Channel`: servers that backends of APIs are spread over, and how it is told which of them are well.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::value::{Duration, is_default, is_true, yes};
use crate::address::Address;
use crate::kind::{Kind, KindDef, PLAIN, schema_of};
use crate::kinds::spec::{Documented, Part, Spec};

/// A load balance channel: servers that requests are spread over. Backends of APIs name it. A channel that no document
/// describes may be named all the same; then it is looked up on the gateway.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields)]
pub struct ChannelSpec {
    /// The port of the servers.
    #[schemars(range(min = 1, max = 65_535))]
    pub port: u16,
    /// How requests are spread over the servers.
    #[serde(default, skip_serializing_if = "is_default")]
    #[schemars(!skip_serializing_if)]
    pub balance: Balance,
    /// What servers are told by.
    #[serde(default, skip_serializing_if = "is_default")]
    #[schemars(!skip_serializing_if)]
    pub member_type: MemberType,
    /// Groups of servers. Their order does not matter.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub groups: Vec<MemberGroup>,
    /// The servers, each of which is told by `host` or `ecsId`. Their order does not matter. With `microservice`, left out,
    /// they are those of the service.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub members: Vec<Member>,
    /// How it is found out which servers are well. Left out, what is there stays: no call removes it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub health_check: Option<HealthCheck>,
    /// The service that the servers belong to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub microservice: Option<Microservice>,
    /// The private network of the one server of a VPC access (Alibaba Cloud). That server is told by `ecsId`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vpc: Option<Vpc>,
}

/// A private network, and how a server in it is spoken to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields)]
pub struct Vpc {
    /// The id of the network.
    pub id: String,
    /// The host that the server sees. Left out: what the gateway takes for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub host_header: Option<String>,
}

/// How requests are spread over servers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Balance {
    /// One after the other, by weight.
    #[default]
    RoundRobin,
    /// To the one with the fewest connections, by weight.
    LeastConnections,
    /// Requests from one address to one server.
    SourceHash,
    /// Requests for one path to one server.
    UriHash,
}

/// What servers are told by.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum MemberType {
    /// Their addresses: each has a `host`.
    #[default]
    Ip,
    /// Their ids in the cloud: each has an `ecsId` and an `ecsName`.
    Ecs,
}

/// A group of servers.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields)]
pub struct MemberGroup {
    /// Its name, by which members name it.
    pub name: String,
    /// What the group is for, shown in the console.
    #[serde(default, skip_serializing_if = "is_default")]
    pub description: String,
    /// The weight that its members have unless they have one of their own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0, max = 100))]
    pub weight: Option<u32>,
    /// The version of the microservice that its members run.
    #[serde(default, skip_serializing_if = "is_default")]
    pub version: String,
    /// The port of the microservice; 0: that of each address.
    #[serde(default, skip_serializing_if = "is_default")]
    pub port: u16,
    /// The labels of the microservice that its members have.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub labels: BTreeMap<String, String>,
}

/// A server.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields)]
pub struct Member {
    /// Its address, with `memberType: ip`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub host: Option<String>,
    /// Its id in the cloud, with `memberType: ecs`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ecs_id: Option<String>,
    /// Its name in the cloud, with `memberType: ecs`. Left out, whatever the gateway shows is right.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ecs_name: Option<String>,
    /// Its port. Left out: that of the channel.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 65_535))]
    pub port: Option<u16>,
    /// Its share of the requests. Left out: that of its group, or 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0, max = 10_000))]
    pub weight: Option<u32>,
    /// The group that it belongs to, one of `groups`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group: Option<String>,
    /// Whether it gets requests only when all others fail.
    #[serde(default, skip_serializing_if = "is_default")]
    pub backup: bool,
    /// Whether it gets requests at all.
    #[serde(default = "yes", skip_serializing_if = "is_true")]
    #[schemars(!skip_serializing_if)]
    pub enabled: bool,
}

/// How it is found out which servers are well.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields)]
pub struct HealthCheck {
    /// What is tried.
    pub protocol: CheckProtocol,
    /// The path that is asked for, with `http` and `https`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// The method that it is asked for with.
    #[serde(default, skip_serializing_if = "is_default")]
    #[schemars(!skip_serializing_if)]
    pub method: CheckMethod,
    /// Where it is tried. Left out: the port of the channel.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 65_535))]
    pub port: Option<u16>,
    /// The status codes of servers that are well: `200`, `200,302` or `200-204`. With `http` they are needed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub codes: Option<String>,
    /// The time from one check to the next, in whole seconds; longer than `timeout`.
    pub interval: Duration,
    /// How long an answer is waited for, in whole seconds.
    pub timeout: Duration,
    /// A server is well after so many good checks in a row.
    #[schemars(range(min = 1, max = 10))]
    pub healthy_after: u8,
    /// A server is not well after so many bad checks in a row.
    #[schemars(range(min = 1, max = 10))]
    pub unhealthy_after: u8,
    /// Whether the gateway shows its certificate. It must have the feature `backend_client_certificate`.
    #[serde(default, skip_serializing_if = "is_default")]
    pub client_certificate: bool,
}

/// How a server is tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum CheckProtocol {
    /// By a connection.
    Tcp,
    /// By a request.
    Http,
    /// By a request over TLS.
    Https,
}

/// The method of a check.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "UPPERCASE")]
pub enum CheckMethod {
    /// GET.
    #[default]
    Get,
    /// HEAD.
    Head,
}

/// A service whose servers the gateway finds by itself: exactly one of `cse`, `cce` and `cceService`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields)]
pub struct Microservice {
    /// A service of a microservice engine.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cse: Option<EngineService>,
    /// A workload of a cluster.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cce: Option<Workload>,
    /// A service of a cluster.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cce_service: Option<ClusterService>,
}

/// A service of a microservice engine.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields)]
pub struct EngineService {
    /// The id of the engine.
    pub engine: String,
    /// The id of the service.
    pub service: String,
}

/// A workload of a cluster, told by its app, or by a label.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields)]
pub struct Workload {
    /// The id of the cluster.
    pub cluster: String,
    /// The namespace.
    pub namespace: String,
    /// What sort of workload it is.
    #[serde(rename = "type")]
    pub kind: WorkloadType,
    /// The name of the app: the value of the label `app`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub app: Option<String>,
    /// The name of another label.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// The value of that label.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
}

/// A sort of workload.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum WorkloadType {
    /// A deployment.
    Deployment,
    /// A stateful set.
    StatefulSet,
    /// A daemon set.
    DaemonSet,
}

/// A service of a cluster.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields)]
pub struct ClusterService {
    /// The id of the cluster.
    pub cluster: String,
    /// The namespace.
    pub namespace: String,
    /// The name of the service.
    pub service: String,
}

/// The descriptor.
pub static DEF: KindDef = KindDef {
    kind: Kind::Channel,
    schema: Some(schema_of::<ChannelSpec>),
    noun: "channel",
    lookup: true,
    ..PLAIN
};

impl Documented for ChannelSpec {
    fn resources(&self, address: &Address) -> Vec<Part> {
        vec![Part::whole(address, Spec::Channel(self.canonical().into()))]
    }
}

impl Member {
    /// What it is told by within its channel.
    #[must_use]
    pub fn place(&self) -> &str {
        self.host.as_deref().or(self.ecs_id.as_deref()).unwrap_or_default()
    }
}

impl ChannelSpec {
    /// The form that is compared: groups by name, members by place, and what equals what it would be anyway left out.
    #[must_use]
    pub fn canonical(&self) -> Self {
        let mut channel = self.clone();
        channel.groups.sort_by(|a, b| a.name.cmp(&b.name));
        channel.members.sort_by(|a, b| a.place().cmp(b.place()));
        for member in &mut channel.members {
            member.port = member.port.filter(|port| *port != self.port);
            let usual = self.usual_weight(member);
            member.weight = member.weight.filter(|weight| *weight != usual);
        }
        if let Some(check) = &mut channel.health_check {
            check.port = check.port.filter(|port| *port != self.port);
        }
        channel
    }

    /// The weight of a member that has none of its own.
    #[must_use]
    pub fn usual_weight(&self, member: &Member) -> u32 {
        let group = self.groups.iter().find(|group| Some(&group.name) == member.group.as_ref());
        group.and_then(|group| group.weight).unwrap_or(1)
    }

    /// What is there, where `want` leaves it to the gateway, as it would be wanted.
    #[must_use]
    pub fn beside(&self, want: &Self) -> Self {
        let mut channel = self.clone();
        channel.health_check = channel.health_check.filter(|_| want.health_check.is_some());
        if want.microservice.is_some() && want.members.is_empty() {
            channel.members = Vec::new();
        }
        // A gateway that is told no name of a server shows one all the same.
        for member in &mut channel.members {
            let unnamed = |other: &&Member| other.place() == member.place() && other.ecs_name.is_none();
            if want.members.iter().any(|other| unnamed(&other)) {
                member.ecs_name = None;
            }
        }
        channel
    }
}
