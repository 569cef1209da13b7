//! Monitoring: series out of recorded [`traffic`](super::super::traffic); without any, empty ones of the right shape.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::super::model::{Coll, Doc};
use super::super::store::Gateway;
use super::super::time::{Nanos, parse, seconds};
use super::super::traffic::{Minute, Of};
use super::answer::Reply;
use super::apis;
use super::context::Ctx;
use super::fault::Fault;
use super::groups;
use super::records::need;

/// What a series is about.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Scope {
    Group,
    Api,
    Instance,
}

/// What a minute says of one item, as its text.
type Say = fn(&Minute) -> String;

/// A monitoring call: the members of its answer, the items in them, and what these say.
struct Monitor {
    action: &'static str,
    scope: Scope,
    holds: &'static [(&'static str, &'static str, Say)],
}

/// Bytes of a minute, by the second.
fn rate(bytes: u64) -> String {
    format!("{:.1}", f64::from(u32::try_from(bytes).unwrap_or(u32::MAX)) / 60.0)
}

const INBOUND: Say = |minute| rate(minute.bytes_in);
const OUTBOUND: Say = |minute| rate(minute.bytes_out);
const REQUESTS: Say = |minute| minute.requests.to_string();
const LATENCY: Say = |minute| format!("{:.1}", minute.latency_ms);
const FAILURES: Say = |minute| (minute.client_errors + minute.server_errors).to_string();
const SUCCESSES: Say = |minute| (minute.requests - minute.client_errors - minute.server_errors).to_string();

static ALL: [Monitor; 14] = [
    Monitor {
        action: "DescribeGroupTraffic",
        scope: Scope::Group,
        holds: &[("TrafficPerSecond", "inbound", INBOUND), ("TrafficPerSecond", "outbound", OUTBOUND)],
    },
    Monitor { action: "DescribeGroupQps", scope: Scope::Group, holds: &[("GroupQps", "", REQUESTS)] },
    Monitor {
        action: "DescribeGroupLatency",
        scope: Scope::Group,
        holds: &[("LatencyPacket", "latency", LATENCY)],
    },
    Monitor {
        action: "DescribeApiTrafficData",
        scope: Scope::Api,
        holds: &[
            ("CallUploads", "", |minute| minute.bytes_in.to_string()),
            ("CallDownloads", "", |minute| minute.bytes_out.to_string()),
        ],
    },
    Monitor {
        action: "DescribeApiQpsData",
        scope: Scope::Api,
        holds: &[("CallSuccesses", "", SUCCESSES), ("CallFails", "", FAILURES)],
    },
    Monitor { action: "DescribeApiLatencyData", scope: Scope::Api, holds: &[("CallLatencys", "", LATENCY)] },
    Monitor {
        action: "DescribeInstanceTraffic",
        scope: Scope::Instance,
        holds: &[("InstanceTraffic", "inbound", INBOUND), ("InstanceTraffic", "outbound", OUTBOUND)],
    },
    Monitor {
        action: "DescribeInstanceQps",
        scope: Scope::Instance,
        holds: &[("InstanceQps", "", REQUESTS)],
    },
    Monitor {
        action: "DescribeInstanceLatency",
        scope: Scope::Instance,
        holds: &[("InstanceLatency", "latency", LATENCY)],
    },
    // Of packets and connections nothing is recorded.
    Monitor { action: "DescribeInstancePackets", scope: Scope::Instance, holds: &[] },
    Monitor { action: "DescribeInstanceDropPacket", scope: Scope::Instance, holds: &[] },
    Monitor { action: "DescribeInstanceDropConnections", scope: Scope::Instance, holds: &[] },
    Monitor { action: "DescribeInstanceNewConnections", scope: Scope::Instance, holds: &[] },
    Monitor { action: "DescribeInstanceSlbConnect", scope: Scope::Instance, holds: &[] },
];

/// True for an action of this module.
pub(crate) fn knows(action: &str) -> bool {
    ALL.iter().any(|monitor| monitor.action == action)
}

/// The time a call asks for, in seconds, both ends included.
fn span(ctx: &Ctx) -> Result<(i64, i64), Fault> {
    let get = |name: &str| parse(ctx.text(name)).unwrap_or(0).div_euclid(1_000_000_000);
    let (from, until) = (get("StartTime"), get("EndTime"));
    if from <= until { Ok((from, until + 1)) } else { Err(Fault::invalid("EndTime")) }
}

/// Minutes of several groups together.
fn together(all: Vec<Vec<(i64, Minute)>>) -> Vec<(i64, Minute)> {
    let mut sums: BTreeMap<i64, Minute> = BTreeMap::new();
    for (at, minute) in all.into_iter().flatten() {
        let sum = sums.entry(at).or_default();
        sum.latency_ms =
            if sum.requests == 0 { minute.latency_ms } else { sum.latency_ms.max(minute.latency_ms) };
        sum.requests += minute.requests;
        sum.client_errors += minute.client_errors;
        sum.server_errors += minute.server_errors;
        sum.bytes_in += minute.bytes_in;
        sum.bytes_out += minute.bytes_out;
        for (code, count) in minute.codes {
            *sum.codes.entry(code).or_default() += count;
        }
    }
    sums.into_iter().collect()
}

/// The minutes a call is about.
fn minutes(ctx: &Ctx, gateway: &Gateway, scope: Scope) -> Result<Vec<(i64, Minute)>, Fault> {
    let (from, to) = span(ctx)?;
    let stage = ctx.given("StageName").unwrap_or("RELEASE");
    let get = |group: &str, api: &str| ctx.traffic.minutes(Of { group, api, stage }, from, to);
    Ok(match scope {
        Scope::Group => get(&groups::named(ctx, gateway)?.id, ""),
        Scope::Api => {
            let api = apis::named(ctx, gateway)?;
            get(api.text("GroupId"), &api.id)
        }
        Scope::Instance => {
            let instance = need(gateway, Coll::CloudInstance, ctx.text("InstanceId"), "Instance")?;
            let groups = gateway.records_by(Coll::CloudGroup, "InstanceId", &[&instance.id]);
            together(groups.map(|group| get(&group.id, "")).collect())
        }
    })
}

/// `DescribeInstanceHttpCode`: how often each status was answered in all of the time.
pub(crate) fn codes(ctx: &Ctx, gateway: &Gateway) -> Result<Reply, Fault> {
    let mut counts: BTreeMap<u16, u64> = BTreeMap::new();
    for (_, minute) in minutes(ctx, gateway, Scope::Instance)? {
        for (code, count) in minute.codes {
            *counts.entry(code).or_default() += count;
        }
    }
    let item =
        |(code, count): (u16, u64)| json!({"ItemTime": code.to_string(), "ItemValue": count.to_string()});
    Ok(Reply::one("InstanceHttpCode", counts.into_iter().map(item).collect::<Vec<Value>>()))
}

/// Answers a monitoring call.
pub(crate) fn serve(ctx: &Ctx, gateway: &Gateway) -> Result<Reply, Fault> {
    let action = ctx.operation.action.as_str();
    let Some(monitor) = ALL.iter().find(|monitor| monitor.action == action) else {
        return Err(Fault::unimplemented(action));
    };
    let minutes = minutes(ctx, gateway, monitor.scope)?;
    let mut doc = Doc::new();
    for (at, minute) in &minutes {
        for (holder, item, say) in monitor.holds {
            let list = doc.entry(*holder).or_insert_with(|| json!([]));
            if let Value::Array(list) = list {
                let at: Nanos = at.saturating_mul(1_000_000_000);
                list.push(json!({"Item": item, "ItemTime": seconds(at), "ItemValue": say(minute)}));
            }
        }
    }
    Ok(Reply::Doc(doc))
}
