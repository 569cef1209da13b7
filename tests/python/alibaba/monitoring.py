"""Monitoring: traffic is fed with a signed request and shown by both clients."""

import datetime
import json

from apis import body
from clients import V2, call, equal, old, refused
from signing import acs3, send

NOW = datetime.datetime.now(datetime.timezone.utc).replace(second=0, microsecond=0)


def moment(minutes):
    return (NOW + datetime.timedelta(minutes=minutes)).strftime("%Y-%m-%dT%H:%M:%SZ")


def feed(samples, **more):
    text = json.dumps({"samples": samples}).encode()
    headers, _ = acs3("FeedTraffic", body=text, path="/_engine/traffic", content_type="application/json", **more)
    return send("POST", "/_engine/traffic", headers, text)


def run():
    group = call("CreateApiGroup", GroupName="Monitored")["GroupId"]
    api = call("CreateApi", **body(group, "Measured", "/m"))["ApiId"]
    span = {"StartTime": moment(-60), "EndTime": moment(0)}
    at = {"GroupId": group, "StageName": "RELEASE", **span}
    empty = call("DescribeGroupTraffic", **at)
    equal("no traffic", empty["TrafficPerSecond"]["MonitorItem"], [])
    samples = [{"time": moment(-30), "group": group, "api": api, "stage": "RELEASE", "requests": 17, "clientErrors": 2,
                "serverErrors": 1, "bytesIn": 6000, "bytesOut": 12030, "latencyMs": 15},
               {"time": moment(-90), "group": group, "api": api, "stage": "RELEASE", "requests": 1}]
    equal("fed", feed(samples)[:2], (200, {"recorded": 2}))
    equal("a wrong secret", feed(samples, secret="wrong")[0], 401)
    equal("no signature", send("POST", "/_engine/traffic", {}, b"{}")[0], 401)
    equal("no samples", feed([{}])[0], 400)
    shown = call("DescribeGroupTraffic", **at)["TrafficPerSecond"]["MonitorItem"]
    equal("traffic", [(i["Item"], i["ItemTime"], i["ItemValue"]) for i in shown],
          [("inbound", moment(-30), "100.0"), ("outbound", moment(-30), "200.5")])
    equal("by the other signature", call("DescribeGroupQps", using=V2, **at)["GroupQps"]["MonitorItem"],
          [{"ItemTime": moment(-30), "ItemValue": "17"}])
    qps = old("DescribeApiQpsData", ApiId=api, GroupId=group, **span)
    equal("calls", [qps[k]["MonitorItem"][0]["ItemValue"] for k in ("CallSuccesses", "CallFails")], ["14", "3"])
    latency = call("DescribeApiLatencyData", ApiId=api, StageName="RELEASE", **span)
    equal("latency", latency["CallLatencys"]["MonitorItem"], [{"ItemTime": moment(-30), "ItemValue": "15.0"}])
    equal("another stage", call("DescribeGroupTraffic", **{**at, "StageName": "TEST"})["TrafficPerSecond"]["MonitorItem"], [])
    equal("latency of the group", call("DescribeGroupLatency", **at)["LatencyPacket"]["MonitorItem"][0]["ItemValue"], "15.0")
    refused("backwards", "InvalidEndTime", 400, call, "DescribeGroupTraffic", **{**at, "StartTime": moment(10)})
    refused("no time", "InvalidFormatStartTime", 400, call, "DescribeGroupTraffic", **{**at, "StartTime": "then"})
    refused("no group", "NotFoundApiGroup", 400, call, "DescribeGroupTraffic", **{**at, "GroupId": "x"})
    refused("no stage", "MissingStageName", 400, call, "DescribeGroupTraffic", GroupId=group, **span)
    call("DeleteApi", ApiId=api)
    call("DeleteApiGroup", GroupId=group)
