"""Groups, stages, variables, tags."""

import re

from clients import OLD, READY, V2, call, check, equal, names, old, refused


def groups():
    made = call("CreateApiGroup", GroupName="Weather", Description="The weather informations", BasePath="/qqq")
    check("request id", re.fullmatch(r"[0-9A-F]{8}(-[0-9A-F]{4}){3}-[0-9A-F]{12}", made["RequestId"]))
    equal("created", (made["GroupName"], made["BasePath"], made["Description"], made["TagStatus"], made["InstanceType"]),
          ("Weather", "/qqq", "The weather informations", False, "VPC_SHARED"))
    group = made["GroupId"]
    equal("domain", made["SubDomain"], f"{group}-{READY['region']}.alicloudapi.com")
    shown = call("DescribeApiGroup", GroupId=group)
    equal("shown", (shown["GroupName"], shown["Status"], shown["BillingStatus"], shown["IllegalStatus"], shown["TrafficLimit"]),
          ("Weather", "NORMAL", "NORMAL", "NORMAL", 500))
    equal("stages", [s["StageName"] for s in shown["StageItems"]["StageInfo"]], ["RELEASE", "PRE", "TEST"])
    check("times", re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", shown["CreatedTime"]))
    changed = call("ModifyApiGroup", GroupId=group, GroupName="Weather_2")
    equal("renamed, the rest stays", (changed["GroupName"], changed["Description"], changed["BasePath"]),
          ("Weather_2", "The weather informations", "/qqq"))
    equal("by the other signature", call("DescribeApiGroup", using=V2, GroupId=group)["GroupName"], "Weather_2")
    equal("by the older client", old("DescribeApiGroup", GroupId=group)["GroupName"], "Weather_2")
    by_old = old("CreateApiGroup", GroupName="from_old", Description="x y+z&ä=%")
    equal("a text with everything", by_old["Description"], "x y+z&ä=%")
    equal("the same by the newer", call("DescribeApiGroup", GroupId=by_old["GroupId"])["Description"], "x y+z&ä=%")
    chinese = call("CreateApiGroup", GroupName="天气预报")
    equal("a name in Chinese", chinese["GroupName"], "天气预报")
    listed = call("DescribeApiGroups")
    equal("total", (listed["TotalCount"], listed["PageNumber"], listed["PageSize"]), (3, 1, 10))
    one = listed["ApiGroupAttributes"]["ApiGroupAttribute"][0]
    check("members of a list", {"GroupId", "GroupName", "SubDomain", "TrafficLimit", "CreatedTime", "RegionId", "Tags"} <= set(one))
    path = ("ApiGroupAttributes", "ApiGroupAttribute", "GroupName")
    equal("a part of the name", names(call("DescribeApiGroups", GroupName="eather"), *path), ["Weather_2"])
    equal("by id", names(call("DescribeApiGroups", GroupId=group), *path), ["Weather_2"])
    equal("page 2", names(call("DescribeApiGroups", PageNumber=2, PageSize=2, Sort="asc"), *path).__len__(), 1)
    equal("after the end", names(call("DescribeApiGroups", PageNumber=9, PageSize=2), *path), [])
    for gone in (by_old["GroupId"], chinese["GroupId"]):
        call("DeleteApiGroup", GroupId=gone)
        refused("gone", "NotFoundApiGroup", 400, call, "DescribeApiGroup", GroupId=gone)
    check("deleting what is not there", call("DeleteApiGroup", GroupId=chinese["GroupId"])["RequestId"])
    check("the same by the older client", old("DeleteApiGroup", GroupId="nothing")["RequestId"])
    return group


def refusals(group):
    for what, code, parameters in [
        ("no name", "MissingGroupName", {}),
        ("a short name", "InvalidGroupName", {"GroupName": "abc"}),
        ("a long name", "InvalidGroupName", {"GroupName": "a" * 51}),
        ("a name with a hyphen", "InvalidGroupName", {"GroupName": "ab-cd"}),
        ("a name with a digit first", "InvalidGroupName", {"GroupName": "1abc"}),
        ("a taken name", "DuplicateGroupName", {"GroupName": "Weather_2"}),
        ("a long description", "InvalidDescription", {"GroupName": "Weather_3", "Description": "a" * 181}),
        ("a path without a slash", "InvalidBasePath", {"GroupName": "Weather_3", "BasePath": "qqq"}),
        ("an unknown instance", "NotFoundInstance", {"GroupName": "Weather_3", "InstanceId": "apigateway-x"}),
        ("a tag twice", "RepeatedTagKey", {"GroupName": "Weather_3", "Tag": [{"Key": "a"}, {"Key": "a"}]}),
    ]:
        refused(what, code, 400, call, "CreateApiGroup", **parameters)
    equal("nothing was made", call("DescribeApiGroups")["TotalCount"], 1)
    refused("older: a short name", "InvalidGroupName", 400, old, "CreateApiGroup", GroupName="abc")
    refused("older: no group", "NotFoundApiGroup", 400, old, "DescribeApiGroup", GroupId="nothing")
    refused("page 0", "InvalidPageNumber", 400, call, "DescribeApiGroups", PageNumber=0)
    refused("51 on a page", "InvalidPageSize", 400, call, "DescribeApiGroups", PageSize=51)
    refused("a word for a number", "InvalidFormatPageSize", 400, old, "DescribeApiGroups", PageSize="x")
    refused("another order", "InvalidSort", 400, call, "DescribeApiGroups", Sort="up")
    refused("changing what is not there", "NotFoundApiGroup", 400, call, "ModifyApiGroup", GroupId="x", GroupName="abcd")
    refused("not implemented", "NotImplemented", 501, call, "OpenApiGatewayService")


def network(group):
    call("ModifyApiGroupNetworkPolicy", GroupId=group, HttpsPolicy="HTTPS2_TLS1_2", VpcIntranetEnable=True,
         InternetIPV6Enable=True, InnerDomainEnable=False)
    shown = call("DescribeApiGroup", GroupId=group)
    equal("network", (shown["HttpsPolicy"], shown["Ipv6Status"], shown["DisableInnerDomain"], bool(shown["VpcDomain"])),
          ("HTTPS2_TLS1_2", "BIND", True, True))
    call("ModifyIntranetDomainPolicy", GroupId=group, VpcIntranetEnable=False)
    equal("no VPC domain", call("DescribeApiGroup", GroupId=group).get("VpcDomain"), "")
    call("ModifyApiGroupVpcWhitelist", GroupId=group, VpcIds="vpc-1,vpc-2")
    equal("whitelist", call("DescribeApiGroupVpcWhitelist", GroupId=group)["VpcIds"], "vpc-1,vpc-2")
    call("ModifyApiGroup", GroupId=group, UserLogConfig='{"requestBody":true}', PassthroughHeaders="host")
    shown = call("DescribeApiGroup", GroupId=group)
    equal("settings as they were sent", (shown["UserLogConfig"], shown["PassthroughHeaders"]), ('{"requestBody":true}', "host"))
    refused("no JSON", "InvalidFormatUserLogConfig", 400, call, "ModifyApiGroup", GroupId=group, UserLogConfig="{")
    instance = call("DescribeInstances")["Instances"]["InstanceAttribute"][0]
    equal("the shared instance", (instance["InstanceId"], instance["InstanceType"]), (shown["InstanceId"], "VPC_SHARED"))


def variables(group):
    stages = {s["StageName"]: s["StageId"] for s in call("DescribeApiGroup", GroupId=group)["StageItems"]["StageInfo"]}
    stage = stages["TEST"]
    call("CreateApiStageVariable", GroupId=group, StageId=stage, VariableName="serverName", VariableValue="api.domain.com")
    old("CreateApiStageVariable", GroupId=group, StageId=stage, VariableName="other", VariableValue="x", SupportRoute="true")
    shown = old("DescribeApiStage", GroupId=group, StageId=stage)
    equal("variables", [(v["VariableName"], v["VariableValue"]) for v in shown["Variables"]["VariableItem"]],
          [("serverName", "api.domain.com"), ("other", "x")])
    equal("routed", [v.get("SupportRoute") for v in shown["Variables"]["VariableItem"]], [None, True])
    refused("a taken name", "DuplicateVariableName", 400, call, "CreateApiStageVariable", GroupId=group, StageId=stage,
            VariableName="other", VariableValue="y")
    refused("an unknown stage", "NotFoundStage", 400, call, "CreateApiStageVariable", GroupId=group, StageId="x", VariableName="a")
    call("DeleteApiStageVariable", GroupId=group, StageId=stage, VariableName="other")
    refused("gone", "NotFoundStageVariable", 400, call, "DeleteApiStageVariable", GroupId=group, StageId=stage, VariableName="other")
    equal("another stage has none",
          old("DescribeApiStage", GroupId=group, StageId=stages["RELEASE"])["Variables"]["VariableItem"], [])


def tags(group):
    other = call("CreateApiGroup", GroupName="tagged", Tag=[{"Key": "env", "Value": "uat"}, {"Key": "team", "Value": "a"}])
    equal("made with tags", other["TagStatus"], True)
    kind = {"ResourceType": "apiGroup"}
    call("TagResources", ResourceId=[group, other["GroupId"]], Tag=[{"Key": "env", "Value": "prod"}], **kind)
    listed = call("ListTagResources", ResourceId=[other["GroupId"]], **kind)["TagResources"]["TagResource"]
    equal("a tag has one value", sorted((t["TagKey"], t["TagValue"]) for t in listed), [("env", "prod"), ("team", "a")])
    listed = call("ListTagResources", Tag=[{"Key": "env", "Value": "prod"}], **kind)["TagResources"]["TagResource"]
    equal("by tag", {t["ResourceId"] for t in listed}, {group, other["GroupId"]})
    path = ("ApiGroupAttributes", "ApiGroupAttribute", "GroupName")
    equal("groups by tag", names(call("DescribeApiGroups", Tag=[{"Key": "team", "Value": "a"}]), *path), ["tagged"])
    equal("older: groups by tag", names(old("DescribeApiGroups", Tag=[{"Key": "team", "Value": "a"}]), *path), ["tagged"])
    call("UntagResources", ResourceId=[other["GroupId"]], TagKey=["env"], **kind)
    call("UntagResources", ResourceId=[group], All=True, **kind)
    equal("untagged", call("ListTagResources", Tag=[{"Key": "env"}], **kind)["TagResources"]["TagResource"], [])
    refused("an unknown resource", "NotFoundResourceId", 400, call, "TagResources", ResourceId=["x"], Tag=[{"Key": "a", "Value": "b"}], **kind)
    refused("a tag without a key", "InvalidParameter.TagKey", 400, call, "TagResources", ResourceId=[group],
            Tag=[{"Value": "a"}], **kind)
    refused("neither tag nor resource", "MissingResourceId", 400, call, "ListTagResources", **kind)
    call("DeleteApiGroup", GroupId=other["GroupId"])
    equal("tags go along", call("ListTagResources", Tag=[{"Key": "team"}], **kind)["TagResources"]["TagResource"], [])


def run():
    group = groups()
    refusals(group)
    network(group)
    variables(group)
    tags(group)
    call("DeleteApiGroup", GroupId=group)
