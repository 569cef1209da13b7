//! Monitoring: what the calls make of recorded traffic.

use apigctl::engine::Access;
use bytes::Bytes;
use http::Request;
use serde_json::{Value, json};

use super::Cloud;

const SPAN: [(&str, &str); 3] =
    [("StartTime", "2026-01-01T00:00:00Z"), ("EndTime", "2026-01-01T01:00:00Z"), ("StageName", "RELEASE")];

fn feed(cloud: &Cloud, samples: &Value, access: Access) -> u16 {
    let request = Request::builder().method("POST").uri("/_engine/traffic");
    let body = Bytes::from(json!({ "samples": samples }).to_string());
    cloud.engine.handle(request.body(body).unwrap(), access).status().as_u16()
}

fn ask(cloud: &Cloud, action: &str, more: &[(&str, &str)]) -> Value {
    let all: Vec<(&str, &str)> = SPAN.iter().chain(more).copied().collect();
    cloud.done(action, &all)
}

#[test]
fn without_traffic_series_are_empty() {
    let cloud = Cloud::new();
    let group = cloud.group("Weather");
    let api = cloud.api(&group, "today");
    let shown = ask(&cloud, "DescribeGroupTraffic", &[("GroupId", &group)]);
    assert_eq!(shown["TrafficPerSecond"], json!({"MonitorItem": []}));
    let shown = ask(&cloud, "DescribeApiQpsData", &[("ApiId", &api)]);
    assert_eq!(shown["CallSuccesses"], json!({"MonitorItem": []}));
    assert_eq!(shown["CallFails"], json!({"MonitorItem": []}));
    let shared = [("InstanceId", "api-shared-vpc-001"), ("SbcName", "Maximum")];
    for action in ["DescribeInstanceTraffic", "DescribeInstancePackets", "DescribeInstanceSlbConnect"] {
        let shown = ask(&cloud, action, &shared);
        let (name, list) = shown.as_object().unwrap().iter().find(|(name, _)| *name != "RequestId").unwrap();
        assert_eq!(*list, json!({"MonitorItem": []}), "{action} {name}");
    }
}

#[test]
fn what_was_fed_is_shown_in_the_span() {
    let cloud = Cloud::new();
    let (group, other) = (cloud.group("Weather"), cloud.group("Traffic"));
    let api = cloud.api(&group, "today");
    let samples = json!([
        {"time": "2026-01-01T00:30:10Z", "group": group, "api": api, "stage": "RELEASE", "requests": 10,
         "clientErrors": 2, "serverErrors": 1, "bytesIn": 6000, "bytesOut": 12_030, "latencyMs": 20.0},
        {"time": "2026-01-01T00:30:50Z", "group": group, "api": "another", "stage": "RELEASE", "requests": 30,
         "bytesIn": 600, "latencyMs": 40.0},
        {"time": "2026-01-01T00:10:00Z", "group": group, "api": api, "stage": "TEST", "requests": 5},
        {"time": "2026-01-01T02:00:00Z", "group": group, "api": api, "stage": "RELEASE", "requests": 7},
        {"time": "2026-01-01T00:30:00Z", "group": other, "stage": "RELEASE", "requests": 2},
    ]);
    assert_eq!(feed(&cloud, &samples, Access::Trusted), 200);
    let at = "2026-01-01T00:30:00Z";
    let shown = ask(&cloud, "DescribeGroupTraffic", &[("GroupId", &group)]);
    assert_eq!(
        shown["TrafficPerSecond"]["MonitorItem"],
        json!([
            {"Item": "inbound", "ItemTime": at, "ItemValue": "110.0"},
            {"Item": "outbound", "ItemTime": at, "ItemValue": "200.5"},
        ])
    );
    let shown = ask(&cloud, "DescribeGroupQps", &[("GroupId", &group)]);
    assert_eq!(shown["GroupQps"]["MonitorItem"], json!([{"ItemTime": at, "ItemValue": "40"}]));
    let shown = ask(&cloud, "DescribeGroupLatency", &[("GroupId", &group)]);
    assert_eq!(shown["LatencyPacket"]["MonitorItem"][0]["ItemValue"], "35.0");
    let shown = ask(&cloud, "DescribeApiQpsData", &[("ApiId", &api)]);
    let value = |name: &str| shown[name]["MonitorItem"][0]["ItemValue"].clone();
    assert_eq!((value("CallSuccesses"), value("CallFails")), (json!("7"), json!("3")));
    let shown = ask(&cloud, "DescribeApiTrafficData", &[("ApiId", &api)]);
    assert_eq!(shown["CallUploads"]["MonitorItem"][0]["ItemValue"], "6000");
    let shown = ask(&cloud, "DescribeInstanceQps", &[("InstanceId", "api-shared-vpc-001")]);
    assert_eq!(shown["InstanceQps"]["MonitorItem"], json!([{"ItemTime": at, "ItemValue": "42"}]));
}

#[test]
fn statuses_are_counted_over_all_of_the_time() {
    let cloud = Cloud::new();
    let shared = [("InstanceId", "api-shared-vpc-001")];
    let shown = ask(&cloud, "DescribeInstanceHttpCode", &shared);
    assert_eq!(shown["InstanceHttpCode"], json!({"MonitorItem": []}));
    let (group, other) = (cloud.group("Weather"), cloud.group("Traffic"));
    let samples = json!([
        {"time": "2026-01-01T00:10:00Z", "group": group, "stage": "RELEASE", "requests": 10, "codes": {"200": 7, "404": 1}},
        {"time": "2026-01-01T00:30:00Z", "group": other, "stage": "RELEASE", "requests": 2, "codes": {"404": 2}},
        {"time": "2026-01-01T00:30:00Z", "group": other, "stage": "TEST", "requests": 2, "codes": {"500": 2}},
        {"time": "2026-01-01T02:00:00Z", "group": group, "stage": "RELEASE", "requests": 7, "codes": {"200": 7}},
    ]);
    assert_eq!(feed(&cloud, &samples, Access::Trusted), 200);
    let shown = ask(&cloud, "DescribeInstanceHttpCode", &shared);
    assert_eq!(
        shown["InstanceHttpCode"]["MonitorItem"],
        json!([{"ItemTime": "200", "ItemValue": "7"}, {"ItemTime": "404", "ItemValue": "3"}])
    );
}

#[test]
fn spans_and_names_are_checked_and_strangers_feed_nothing() {
    let cloud = Cloud::new();
    let group = cloud.group("Weather");
    let backwards = [
        ("StartTime", "2026-01-01T01:00:00Z"),
        ("EndTime", "2026-01-01T00:00:00Z"),
        ("StageName", "RELEASE"),
        ("GroupId", &group),
    ];
    assert_eq!(cloud.call("DescribeGroupTraffic", &backwards).code(), "InvalidEndTime");
    let all: Vec<(&str, &str)> = SPAN.iter().copied().chain([("GroupId", "nothing")]).collect();
    assert_eq!(cloud.call("DescribeGroupTraffic", &all).code(), "NotFoundApiGroup");
    let one = json!([{"time": "2026-01-01T00:30:00Z", "group": group, "requests": 1}]);
    assert_eq!(feed(&cloud, &one, Access::Signed), 401);
    let shown = ask(&cloud, "DescribeGroupQps", &[("GroupId", &group)]);
    assert_eq!(shown["GroupQps"]["MonitorItem"], json!([]));
}
