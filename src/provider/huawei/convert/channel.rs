//! Channels (3.17). One body makes all of a channel; lists leave out members and health check, details show them.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::Unreadable;
use super::wire::{
    Words, list, need, need_number, need_word, number, object, optional, put, read_word, switch, text, word,
};
use crate::address::Address;
use crate::kinds::channel::{
    Balance, ChannelSpec, CheckMethod, CheckProtocol, ClusterService, EngineService, HealthCheck, Member,
    MemberGroup, MemberType, Microservice, Workload, WorkloadType,
};
use crate::kinds::value::Duration;

const BALANCES: &Words<Balance> = &[
    (Balance::RoundRobin, "1"),
    (Balance::LeastConnections, "2"),
    (Balance::SourceHash, "3"),
    (Balance::UriHash, "4"),
];
const MEMBER_TYPES: &Words<MemberType> = &[(MemberType::Ip, "ip"), (MemberType::Ecs, "ecs")];
const PROTOCOLS: &Words<CheckProtocol> =
    &[(CheckProtocol::Tcp, "TCP"), (CheckProtocol::Http, "HTTP"), (CheckProtocol::Https, "HTTPS")];
const METHODS: &Words<CheckMethod> = &[(CheckMethod::Get, "GET"), (CheckMethod::Head, "HEAD")];
const WORKLOADS: &Words<WorkloadType> = &[
    (WorkloadType::Deployment, "deployment"),
    (WorkloadType::StatefulSet, "statefulset"),
    (WorkloadType::DaemonSet, "daemonset"),
];

/// The types of a channel: of servers, and of a microservice.
const SERVERS: i64 = 2;
const MICROSERVICE: i64 = 3;

/// The body of 3.17.1 and 3.17.2. Members that a microservice brings are left out, so that they stay.
#[must_use]
pub fn body(address: &Address, spec: &ChannelSpec) -> Value {
    let mut body = Map::new();
    body.insert("name".into(), address.name().into());
    body.insert("port".into(), spec.port.into());
    body.insert("balance_strategy".into(), word(BALANCES, &spec.balance).parse::<i64>().unwrap_or(1).into());
    body.insert("member_type".into(), word(MEMBER_TYPES, &spec.member_type).into());
    let kind = if spec.microservice.is_some() { MICROSERVICE } else { SERVERS };
    body.insert("type".into(), kind.into());
    body.insert("member_groups".into(), spec.groups.iter().map(|group| group_body(spec, group)).collect());
    if spec.microservice.is_none() || !spec.members.is_empty() {
        body.insert("members".into(), spec.members.iter().map(|member| member_body(spec, member)).collect());
    }
    put(&mut body, "vpc_health_config", spec.health_check.as_ref().map(|check| check_body(spec, check)));
    put(&mut body, "microservice_info", spec.microservice.as_ref().map(service_body));
    body.into()
}

fn group_body(spec: &ChannelSpec, group: &MemberGroup) -> Value {
    let mut body = Map::new();
    body.insert("member_group_name".into(), json!(group.name));
    body.insert("member_group_remark".into(), json!(group.description));
    put(&mut body, "member_group_weight", group.weight);
    if spec.microservice.is_some() {
        body.insert("microservice_version".into(), json!(group.version));
        body.insert("microservice_port".into(), group.port.into());
        let label = |(name, value)| json!({ "label_name": name, "label_value": value });
        body.insert("microservice_labels".into(), group.labels.iter().map(label).collect());
    }
    body.into()
}

fn member_body(spec: &ChannelSpec, member: &Member) -> Value {
    let mut body = Map::new();
    put(&mut body, "host", member.host.clone());
    put(&mut body, "ecs_id", member.ecs_id.clone());
    put(&mut body, "ecs_name", member.ecs_name.clone());
    body.insert("port".into(), member.port.unwrap_or(spec.port).into());
    body.insert("weight".into(), member.weight.unwrap_or(spec.usual_weight(member)).into());
    body.insert("is_backup".into(), member.backup.into());
    body.insert("status".into(), super::yes_no(member.enabled));
    body.insert("member_group_name".into(), json!(member.group.clone().unwrap_or_default()));
    body.into()
}

fn check_body(spec: &ChannelSpec, check: &HealthCheck) -> Value {
    let mut body = Map::new();
    body.insert("protocol".into(), word(PROTOCOLS, &check.protocol).into());
    put(&mut body, "path", check.path.clone());
    body.insert("method".into(), word(METHODS, &check.method).into());
    body.insert("port".into(), check.port.unwrap_or(spec.port).into());
    put(&mut body, "http_code", check.codes.clone());
    body.insert("time_interval".into(), (check.interval.as_millis() / 1000).into());
    body.insert("timeout".into(), (check.timeout.as_millis() / 1000).into());
    body.insert("threshold_normal".into(), check.healthy_after.into());
    body.insert("threshold_abnormal".into(), check.unhealthy_after.into());
    body.insert("enable_client_ssl".into(), check.client_certificate.into());
    body.into()
}

fn service_body(service: &Microservice) -> Value {
    match service {
        Microservice { cse: Some(of), .. } => json!({
            "service_type": "CSE", "cse_info": { "engine_id": of.engine, "service_id": of.service },
        }),
        Microservice { cce: Some(of), .. } => {
            let mut info = Map::new();
            info.insert("cluster_id".into(), json!(of.cluster));
            info.insert("namespace".into(), json!(of.namespace));
            info.insert("workload_type".into(), word(WORKLOADS, &of.kind).into());
            put(&mut info, "app_name", of.app.clone());
            put(&mut info, "label_key", of.label.clone());
            put(&mut info, "label_value", of.value.clone());
            json!({ "service_type": "CCE", "cce_info": info })
        }
        Microservice { cce_service, .. } => {
            let info = cce_service.as_ref().map(|of| {
                json!({ "cluster_id": of.cluster, "namespace": of.namespace, "service_name": of.service })
            });
            json!({ "service_type": "CCE_SERVICE", "cce_service_info": info })
        }
    }
}

/// Reads the answer of 3.17.4. What an entry of 3.17.5 leaves out reads as none.
///
/// # Errors
///
/// When a field is missing, or a word is not documented.
pub fn spec(wire: &Value) -> Result<ChannelSpec, Unreadable> {
    let member_type = read_word(wire, "member_type", MEMBER_TYPES)?.unwrap_or(MemberType::Ecs);
    let check = wire.get("vpc_health_config").filter(|check| check.get("protocol").is_some());
    let channel = ChannelSpec {
        port: need_number(wire, "port")?,
        balance: need_word(wire, "balance_strategy", BALANCES)?,
        member_type,
        groups: list(wire, "member_groups", group)?,
        members: list(wire, "members", |wire| member(wire, member_type))?,
        health_check: check
            .map(|check| self::check(check).map_err(|e| e.within("vpc_health_config")))
            .transpose()?,
        microservice: match number::<i64>(wire, "type")? {
            Some(MICROSERVICE) => Some(object(wire, "microservice_info", service)?),
            _ => None,
        },
        vpc: None,
    };
    Ok(channel.canonical())
}

fn group(wire: &Value) -> Result<MemberGroup, Unreadable> {
    let label = |wire: &Value| Ok((need(wire, "label_name")?, need(wire, "label_value")?));
    Ok(MemberGroup {
        name: need(wire, "member_group_name")?,
        description: text(wire, "member_group_remark")?,
        weight: number(wire, "member_group_weight")?,
        version: text(wire, "microservice_version")?,
        port: number(wire, "microservice_port")?.unwrap_or_default(),
        labels: list(wire, "microservice_labels", label)?.into_iter().collect::<BTreeMap<_, _>>(),
    })
}

/// A member told by its address shows it as its id and name in the cloud, too.
fn member(wire: &Value, kind: MemberType) -> Result<Member, Unreadable> {
    let is_ip = kind == MemberType::Ip;
    Ok(Member {
        host: if is_ip { Some(need(wire, "host")?) } else { None },
        ecs_id: if is_ip { None } else { Some(need(wire, "ecs_id")?) },
        ecs_name: if is_ip { None } else { optional(wire, "ecs_name")? },
        port: number::<u16>(wire, "port")?.filter(|port| *port != 0),
        weight: number(wire, "weight")?,
        group: optional(wire, "member_group_name")?,
        backup: switch(wire, "is_backup", false)?,
        enabled: switch(wire, "status", true)?,
    })
}

fn check(wire: &Value) -> Result<HealthCheck, Unreadable> {
    Ok(HealthCheck {
        protocol: need_word(wire, "protocol", PROTOCOLS)?,
        path: optional(wire, "path")?,
        method: read_word(wire, "method", METHODS)?.unwrap_or_default(),
        port: number::<u16>(wire, "port")?.filter(|port| *port != 0),
        codes: optional(wire, "http_code")?,
        interval: Duration::from_secs(need_number::<u32>(wire, "time_interval")?.into()),
        timeout: Duration::from_secs(need_number::<u32>(wire, "timeout")?.into()),
        healthy_after: need_number(wire, "threshold_normal")?,
        unhealthy_after: need_number(wire, "threshold_abnormal")?,
        client_certificate: switch(wire, "enable_client_ssl", false)?,
    })
}

fn service(wire: &Value) -> Result<Microservice, Unreadable> {
    let mut service = Microservice::default();
    match need(wire, "service_type")?.as_str() {
        "CSE" => {
            let of = |wire: &Value| {
                Ok(EngineService { engine: need(wire, "engine_id")?, service: need(wire, "service_id")? })
            };
            service.cse = Some(object(wire, "cse_info", of)?);
        }
        "CCE" => service.cce = Some(object(wire, "cce_info", workload)?),
        "CCE_SERVICE" => {
            let of = |wire: &Value| {
                Ok(ClusterService {
                    cluster: need(wire, "cluster_id")?,
                    namespace: need(wire, "namespace")?,
                    service: need(wire, "service_name")?,
                })
            };
            service.cce_service = Some(object(wire, "cce_service_info", of)?);
        }
        other => {
            return Err(Unreadable::new(
                "service_type",
                format!("`{other}`, which is not a documented value"),
            ));
        }
    }
    Ok(service)
}

fn workload(wire: &Value) -> Result<Workload, Unreadable> {
    Ok(Workload {
        cluster: need(wire, "cluster_id")?,
        namespace: need(wire, "namespace")?,
        kind: need_word(wire, "workload_type", WORKLOADS)?,
        app: optional(wire, "app_name")?,
        label: optional(wire, "label_key")?,
        value: optional(wire, "label_value")?,
    })
}
