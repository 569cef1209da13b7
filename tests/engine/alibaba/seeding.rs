//! Filling the gateway with what was seen, reading it out, and what survives a restart.

use apigctl::engine::{ALIBABA, Engine, Snapshot, SnapshotFile};
use serde_json::{Value, json};

use super::Cloud;
use crate::engine::support::options;

/// What lists and details of a gateway show.
fn seen() -> Value {
    json!({
        "groups": [{"GroupId": "g1", "GroupName": "Weather", "BasePath": "/w", "CreatedTime": "2025-01-01T00:00:00Z",
            "ModifiedTime": "2025-01-02T00:00:00Z", "InstanceId": "apigateway-x", "InstanceType": "VPC_DEDICATED",
            "RegionId": "elsewhere", "SubDomain": "x", "Tags": {"TagInfo": [{"Key": "env", "Value": "uat"}]},
            "StageItems": {"StageInfo": [{"StageId": "s1", "StageName": "TEST", "Description": ""}]}}],
        "apis": [
            {"ApiId": "a1", "GroupId": "g1", "ApiName": "first", "ApiMethod": "GET", "ApiPath": "/a/[id]",
             "Visibility": "PRIVATE", "DeployedInfos": {"DeployedInfo": [
                {"StageName": "RELEASE", "DeployedStatus": "DEPLOYED", "EffectiveVersion": "20250101080000000"},
                {"StageName": "TEST", "DeployedStatus": "NONDEPLOYED"}]}},
            {"ApiId": "a2", "GroupId": "g1", "ApiName": "second", "Visibility": "PUBLIC", "AuthType": "ANONYMOUS",
             "RequestConfig": {"RequestProtocol": "HTTP", "RequestHttpMethod": "POST", "RequestPath": "/b"},
             "ServiceConfig": {"ServiceProtocol": "HTTP", "ServiceAddress": "http://b", "Mock": "FALSE"}}],
        "deployed": [
            {"ApiId": "a2", "StageName": "TEST", "DeployedTime": "2025-03-01T00:00:00Z", "ApiName": "second",
             "RequestConfig": {"RequestProtocol": "HTTP", "RequestHttpMethod": "POST", "RequestPath": "/before"}}],
        "vpc_accesses": [{"VpcAccessId": "vpc-9", "Name": "net", "VpcId": "v", "InstanceId": "i", "Port": 80}],
        "backends": [{"BackendId": "b1", "BackendName": "shared", "BackendType": "HTTP"}],
        "backend_models": [{"BackendModelId": "bm1", "BackendId": "b1", "StageName": "TEST",
            "BackendConfig": {"ServiceAddress": "http://b"}}],
        "traffic_controls": [{"TrafficControlId": "t1", "TrafficControlName": "gold", "TrafficControlUnit": "SECOND",
            "ApiDefault": 10, "SpecialPolicies": {"SpecialPolicy": [{"SpecialType": "APP", "Specials": {"Special": [
                {"SpecialKey": "7", "TrafficValue": 3}]}}]}}],
        "signatures": [{"SignatureId": "s1", "SignatureName": "key", "SignatureKey": "qwerty", "SignatureSecret": "asd*****"}],
        "ip_controls": [{"IpControlId": "i1", "IpControlName": "office", "IpControlType": "ALLOW"}],
        "ip_control_items": [{"PolicyItemId": "P1", "IpControlId": "i1", "CidrIp": "10.0.0.0/8"}],
        "apps": [{"AppId": 123, "AppName": "mobile", "Description": "about"}],
        "app_keys": [{"AppId": 123, "AppKey": "k1", "AppSecret": "0123456789abcdef"}],
        "app_codes": [{"AppId": 123, "AppCode": "c1"}],
        "authorizations": [{"AppId": 123, "ApiId": "a2", "GroupId": "g1", "StageName": "TEST",
            "AuthorizedTime": "2025-02-01T00:00:00Z", "Description": "may"}],
        "plugins": [{"PluginId": "p1", "PluginName": "cors", "PluginType": "cors", "PluginData": "{}"}],
        "bindings": [
            {"Policy": "trafficControl", "PolicyId": "t1", "ApiId": "a2", "GroupId": "g1", "StageName": "TEST"},
            {"Policy": "plugin", "PolicyId": "p1", "ApiId": "a2", "GroupId": "g1", "StageName": "TEST"},
            {"Policy": "groupPlugin", "PolicyId": "p1", "GroupId": "g1", "StageName": "TEST"}],
        "models": [{"ModelId": "m1", "GroupId": "g1", "ModelName": "Pet", "Schema": "{}"}],
        "domains": [{"DomainName": "api.demo.com", "GroupId": "g1"}],
        "log_configs": [{"LogType": "PROVIDER", "SlsProject": "p", "SlsLogStore": "s"}],
        "datasets": [{"DatasetId": "d1", "DatasetName": "list", "DatasetType": "JWT_BLOCKING"}],
        "dataset_items": [{"DatasetItemId": "di1", "DatasetId": "d1", "Value": "x"}],
        "acls": [{"AclId": "acl-1", "AclName": "acl"}],
        "variables": [{"GroupId": "g1", "StageName": "TEST", "VariableName": "v", "VariableValue": "1"}],
    })
}

fn load(engine: &Engine, alibaba: &Value) -> Result<(), String> {
    let file = json!({"kind": "GatewaySnapshot", "alibaba": alibaba});
    let file = SnapshotFile::parse(file.to_string().as_bytes()).map_err(|error| error.to_string())?;
    engine.load(engine.project_id(), engine.instance_id(), file.holds).map_err(|error| error.to_string())
}

fn check(cloud: &Cloud) {
    let group = cloud.done("DescribeApiGroup", &[("GroupId", "g1")]);
    assert_eq!((&group["BasePath"], &group["CreatedTime"]), (&json!("/w"), &json!("2025-01-01T00:00:00Z")));
    assert_eq!(group["SubDomain"], "g1-local-1.alicloudapi.com");
    assert_eq!((&group["GroupName"], &group["InstanceId"]), (&json!("Weather"), &json!("apigateway-x")));
    let first = cloud.done("DescribeApi", &[("ApiId", "a1")]);
    assert_eq!(first["RequestConfig"]["RequestPath"], "/a/[id]");
    assert_eq!(first["DeployedInfos"]["DeployedInfo"][0]["EffectiveVersion"], "20250101080000000");
    let runs = cloud.done("DescribeDeployedApi", &[("ApiId", "a2"), ("StageName", "TEST")]);
    assert_eq!(
        (&runs["RequestConfig"]["RequestPath"], &runs["DeployedTime"]),
        (&json!("/before"), &json!("2025-03-01T00:00:00Z"))
    );
    let stage = cloud.done("DescribeApiStage", &[("GroupId", "g1"), ("StageId", "s1")]);
    assert_eq!(stage["Variables"]["VariableItem"][0]["VariableValue"], "1");
    for (action, parameters, pointer, value) in [
        ("DescribeVpcAccesses", vec![], "/VpcAccessAttributes/VpcAccessAttribute/0/Port", json!(80)),
        (
            "DescribeBackendInfo",
            vec![("BackendId", "b1")],
            "/BackendInfo/BackendModels/0/BackendConfig/ServiceAddress",
            json!("http://b"),
        ),
        (
            "DescribeTrafficControls",
            vec![],
            "/TrafficControls/TrafficControl/0/SpecialPolicies/SpecialPolicy/0/Specials/Special/0/TrafficValue",
            json!(3),
        ),
        ("DescribeSignatures", vec![], "/SignatureInfos/SignatureInfo/0/SignatureKey", json!("qwerty")),
        (
            "DescribeIpControlPolicyItems",
            vec![("IpControlId", "i1")],
            "/IpControlPolicyItems/IpControlPolicyItem/0/CidrIp",
            json!("10.0.0.0/8"),
        ),
        ("DescribeApp", vec![("AppId", "123")], "/AppName", json!("mobile")),
        ("DescribeAppSecurity", vec![("AppId", "123")], "/AppKey", json!("k1")),
        (
            "DescribeAuthorizedApps",
            vec![("ApiId", "a2")],
            "/AuthorizedApps/AuthorizedApp/0/AppId",
            json!(123),
        ),
        (
            "DescribeAuthorizedApis",
            vec![("AppId", "123")],
            "/AuthorizedApis/AuthorizedApi/0/AuthorizedTime",
            json!("2025-02-01T00:00:00Z"),
        ),
        (
            "DescribeApisByTrafficControl",
            vec![("TrafficControlId", "t1")],
            "/ApiInfos/ApiInfo/0/ApiName",
            json!("second"),
        ),
        (
            "DescribePluginApis",
            vec![("PluginId", "p1")],
            "/ApiSummarys/ApiPluginSummary/0/ApiId",
            json!("a2"),
        ),
        (
            "DescribePluginGroups",
            vec![("PluginId", "p1")],
            "/GroupSummarys/GroupPluginSummary/0/GroupName",
            json!("Weather"),
        ),
        ("DescribeModels", vec![("GroupId", "g1")], "/ModelDetails/ModelDetail/0/ModelName", json!("Pet")),
        ("DescribeDomain", vec![("GroupId", "g1"), ("DomainName", "api.demo.com")], "/GroupId", json!("g1")),
        ("DescribeLogConfig", vec![], "/LogInfos/LogInfo/0/LogType", json!("PROVIDER")),
        ("DescribeDatasetItemList", vec![("DatasetId", "d1")], "/DatasetItemInfoList/0/Value", json!("x")),
        ("DescribeAccessControlLists", vec![], "/Acls/Acl/0/AclId", json!("acl-1")),
    ] {
        let body = cloud.done(action, &parameters);
        assert_eq!(body.pointer(pointer), Some(&value), "{action}: {body}");
    }
    let tagged = cloud.done("DescribeApiGroups", &[("Tag.1.Key", "env")]);
    assert_eq!(tagged["TotalCount"], 1);
}

#[test]
fn what_was_seen_is_there_and_read_out_again() {
    let cloud = Cloud::new();
    load(&cloud.engine, &seen()).unwrap();
    check(&cloud);
    let holds = cloud.engine.dump(ALIBABA.0, ALIBABA.1).unwrap();
    let text = SnapshotFile { holds, ..SnapshotFile::default() }.text().unwrap();
    assert!(!text.contains("0123456789abcdef"), "secrets are masked");
    let again = SnapshotFile::parse(text.as_bytes()).unwrap();
    let other = Cloud::new();
    other.engine.load(other.engine.project_id(), other.engine.instance_id(), again.holds.clone()).unwrap();
    check(&other);
    let (mut once, mut twice) = (again.holds, other.engine.dump(ALIBABA.0, ALIBABA.1).unwrap());
    // A secret that is masked once more shows even less.
    for name in ["app_codes", "app_keys", "signatures"] {
        assert_eq!(once.alibaba.remove(name).map(|all| all.len()), Some(1));
        assert_eq!(twice.alibaba.remove(name).map(|all| all.len()), Some(1));
    }
    assert_eq!(once, twice);
}

#[test]
fn rules_hold_for_what_was_loaded() {
    let cloud = Cloud::new();
    load(&cloud.engine, &seen()).unwrap();
    assert_eq!(cloud.call("CreateApiGroup", &[("GroupName", "Weather")]).code(), "DuplicateGroupName");
    assert_eq!(cloud.call("DeleteApi", &[("ApiId", "a1")]).code(), "DependencyViolationApi");
    let config =
        json!({"RequestProtocol": "HTTP", "RequestHttpMethod": "GET", "RequestPath": "/a/[x]"}).to_string();
    let service = json!({"ServiceProtocol": "HTTP", "ServiceAddress": "http://b"}).to_string();
    let same = [
        ("GroupId", "g1"),
        ("ApiName", "third"),
        ("Visibility", "PRIVATE"),
        ("RequestConfig", config.as_str()),
        ("ServiceConfig", service.as_str()),
    ];
    assert_eq!(cloud.call("CreateApi", &same).code(), "DuplicateRequestPath");
}

#[test]
fn what_is_malformed_is_refused_as_a_whole() {
    for (bad, reason) in [
        (json!({"nothing": []}), "failed to load nothing: there is no such collection"),
        (
            json!({"groups": [{"GroupName": "Weather"}]}),
            "failed to load groups[0]: it lacks a member of its id",
        ),
        (json!({"groups": [1]}), "failed to load groups[0]: it is not an object"),
        (
            json!({"deployed": [{"ApiId": "a1", "StageName": "TEST"}]}),
            "failed to load deployed[0]: its API is not in `apis`",
        ),
    ] {
        let cloud = Cloud::new();
        let before = cloud.rows();
        assert_eq!(load(&cloud.engine, &bad), Err(reason.to_owned()));
        assert_eq!(cloud.rows(), before);
    }
}

#[test]
fn everything_survives_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let open = || Cloud { engine: Engine::open(folder.path(), options()).unwrap().into() };
    let cloud = open();
    load(&cloud.engine, &seen()).unwrap();
    let group = cloud.group("Another");
    let api = cloud.api(&group, "another");
    cloud.done("DeployApi", &[("ApiId", &api), ("StageName", "PRE"), ("Description", "x")]);
    let before = cloud.rows();
    drop(cloud);
    let cloud = open();
    assert_eq!(cloud.rows(), before);
    check(&cloud);
    let runs = cloud.done("DescribeDeployedApis", &[("StageName", "PRE")]);
    assert_eq!(runs["DeployedApis"]["DeployedApiItem"][0]["ApiId"], api);
}

#[test]
fn a_snapshot_without_this_gateway_says_nothing_of_it() {
    let cloud = Cloud::new();
    let dump = cloud.engine.dump(cloud.engine.project_id(), cloud.engine.instance_id()).unwrap();
    assert!(dump.alibaba.is_empty());
    let text = SnapshotFile { holds: dump, ..SnapshotFile::default() }.text().unwrap();
    assert!(!text.contains("alibaba"), "{text}");
    assert_eq!(Snapshot::default().alibaba.len(), 0);
}
