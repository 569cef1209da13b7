//! `CreateApiGroup` and `DescribeGroupTraffic`, as their two pages in the vendor's document center say.

use serde_json::Value;

use super::Cloud;

fn members(answer: &Value) -> Vec<&str> {
    let mut names: Vec<&str> = answer.as_object().unwrap().keys().map(String::as_str).collect();
    names.sort_unstable();
    names
}

#[test]
fn a_group_as_its_page_says() {
    let cloud = Cloud::new();
    let made = cloud.done(
        "CreateApiGroup",
        &[
            ("GroupName", "Weather"),
            ("BasePath", "/qqq"),
            ("Description", "The weather informations"),
            ("Tag.1.Key", "key"),
            ("Tag.1.Value", "value"),
        ],
    );
    let named = [
        "BasePath",
        "Description",
        "GroupId",
        "GroupName",
        "InstanceId",
        "InstanceType",
        "RequestId",
        "SubDomain",
        "TagStatus",
    ];
    assert_eq!(members(&made), named, "these and no others");
    assert_eq!(made["TagStatus"], true);
    assert_eq!(made["BasePath"], "/qqq");
    assert_eq!(made["GroupName"], "Weather");
    assert_eq!(made["Description"], "The weather informations");
    assert_eq!(made["InstanceType"], "VPC_SHARED");
    let id = made["GroupId"].as_str().unwrap();
    assert!(id.len() == 32 && id.bytes().all(|byte| byte.is_ascii_hexdigit()), "{id}");
    let domain = made["SubDomain"].as_str().unwrap();
    assert!(domain.starts_with(&format!("{id}-")) && domain.ends_with(".alicloudapi.com"), "{domain}");
    let shown = cloud.done("DescribeApiGroup", &[("GroupId", id)]);
    for name in ["BasePath", "GroupName", "Description", "SubDomain", "InstanceId", "InstanceType"] {
        assert_eq!(shown[name], made[name], "{name}");
    }
    let tags = cloud.done("ListTagResources", &[("ResourceType", "apiGroup"), ("ResourceId.1", id)]);
    let tag = &tags["TagResources"]["TagResource"][0];
    assert_eq!((&tag["TagKey"], &tag["TagValue"]), (&"key".into(), &"value".into()));
}

#[test]
fn names_of_groups_are_4_to_50_letters_digits_and_underscores() {
    let cloud = Cloud::new();
    let (longest, longer) = ("w".repeat(50), "w".repeat(51));
    let (chinese, too_long) = ("天".repeat(50), "天".repeat(51));
    for name in ["Weat", "weather_2026", "天气服务", "天_1a", &*longest, &chinese] {
        cloud.group(name);
    }
    for name in
        ["Wea", "天气图", "1weather", "_weather", "wea-ther", "wea ther", "wea.ther", &*longer, &too_long]
    {
        let before = cloud.rows();
        let answer = cloud.call("CreateApiGroup", &[("GroupName", name)]);
        assert!(answer.status == 400 && !answer.code().is_empty(), "{name}: {answer:?}");
        assert_eq!(cloud.rows(), before, "{name}");
    }
    assert_eq!(cloud.call("CreateApiGroup", &[]).code(), "MissingGroupName");
    let twice = cloud.call("CreateApiGroup", &[("GroupName", "Weat")]);
    assert_eq!(twice.code(), "DuplicateGroupName", "a name is unique");
}

#[test]
fn descriptions_of_groups_are_up_to_180_characters() {
    let cloud = Cloud::new();
    let (longest, longer) = ("说".repeat(180), "d".repeat(181));
    let made = cloud.done("CreateApiGroup", &[("GroupName", "Weather"), ("Description", &longest)]);
    assert_eq!(made["Description"], *longest);
    let answer = cloud.call("CreateApiGroup", &[("GroupName", "Climate"), ("Description", &longer)]);
    assert_eq!(answer.code(), "InvalidDescription");
}

#[test]
fn a_user_has_up_to_100_groups() {
    let cloud = Cloud::new();
    for number in 0..100 {
        cloud.group(&format!("group_{number}"));
    }
    let answer = cloud.call("CreateApiGroup", &[("GroupName", "group_100")]);
    assert_eq!((answer.status, answer.code()), (400, "ExceedLimitApiGroup"));
}

#[test]
fn traffic_of_a_group_as_its_page_says() {
    let cloud = Cloud::new();
    let group = cloud.group("Weather");
    let all = [
        ("StartTime", "2023-01-29T01:27:43Z"),
        ("EndTime", "2023-06-16T02:16:53Z"),
        ("StageName", "RELEASE"),
        ("GroupId", &*group),
    ];
    let shown = cloud.done("DescribeGroupTraffic", &all);
    assert_eq!(members(&shown), ["RequestId", "TrafficPerSecond"]);
    assert_eq!(members(&shown["TrafficPerSecond"]), ["MonitorItem"]);
    for (left, _) in all {
        let some: Vec<_> = all.iter().filter(|(name, _)| *name != left).copied().collect();
        let answer = cloud.call("DescribeGroupTraffic", &some);
        assert_eq!(answer.code(), format!("Missing{left}"), "{answer:?}");
    }
    for (name, wrong) in
        [("StartTime", "2023-01-29 01:27:43"), ("EndTime", "yesterday"), ("StageName", "PRODUCTION")]
    {
        let some: Vec<_> =
            all.iter().map(|(n, value)| (*n, if *n == name { wrong } else { *value })).collect();
        let answer = cloud.call("DescribeGroupTraffic", &some);
        assert!(answer.status == 400 && answer.code().contains(name), "{answer:?}");
    }
}
