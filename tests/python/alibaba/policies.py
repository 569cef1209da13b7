"""Traffic controls, signature keys, IP controls, access control lists."""

import json

from apis import body
from clients import V2, call, check, equal, names, old, refused


def traffic(group, first, second):
    made = old("CreateTrafficControl", TrafficControlName="Throttling", TrafficControlUnit="MINUTE", ApiDefault=10000,
               UserDefault=5000, AppDefault=3000, Description="one")["TrafficControlId"]
    path = ("TrafficControls", "TrafficControl")

    def shown(**parameters):
        listed = call("DescribeTrafficControls", **parameters)
        for step in path:
            listed = listed[step]
        return listed

    equal("shown", [shown()[0][k] for k in ("TrafficControlName", "TrafficControlUnit", "ApiDefault", "UserDefault", "AppDefault", "Description")],
          ["Throttling", "MINUTE", 10000, 5000, 3000, "one"])
    call("ModifyTrafficControl", TrafficControlId=made, ApiDefault=20000)
    equal("the rest stays", (shown()[0]["ApiDefault"], shown()[0]["UserDefault"]), (20000, 5000))
    call("AddTrafficSpecialControl", TrafficControlId=made, SpecialType="APP", SpecialKey="123", TrafficValue=5)
    call("AddTrafficSpecialControl", TrafficControlId=made, SpecialType="APP", SpecialKey="123", TrafficValue=7)
    call("AddTrafficSpecialControl", TrafficControlId=made, SpecialType="USER", SpecialKey="u@x", TrafficValue=9)
    equal("special", shown()[0]["SpecialPolicies"]["SpecialPolicy"],
          [{"SpecialType": "APP", "Specials": {"Special": [{"SpecialKey": "123", "TrafficValue": 7}]}},
           {"SpecialType": "USER", "Specials": {"Special": [{"SpecialKey": "u@x", "TrafficValue": 9}]}}])
    call("DeleteTrafficSpecialControl", TrafficControlId=made, SpecialType="APP", SpecialKey="123")
    refused("no such limit", "NotFoundTrafficSpecialControl", 400, call, "DeleteTrafficSpecialControl", TrafficControlId=made,
            SpecialType="APP", SpecialKey="123")
    call("DeleteAllTrafficSpecialControl", TrafficControlId=made)
    equal("none left", shown()[0]["SpecialPolicies"]["SpecialPolicy"], [])
    at = {"GroupId": group, "StageName": "RELEASE"}
    call("SetTrafficControlApis", TrafficControlId=made, ApiIds=f"{first},{second}", **at)
    one = call("DescribeTrafficControlsByApi", ApiId=first, **at)["TrafficControlItems"]["TrafficControlItem"]
    equal("by API", [(i["TrafficControlItemId"], i["TrafficControlItemName"]) for i in one], [(made, "Throttling")])
    bound = call("DescribeApisByTrafficControl", TrafficControlId=made)
    equal("where", (bound["TotalCount"], names(bound, "ApiInfos", "ApiInfo", "ApiId"), names(bound, "ApiInfos", "ApiInfo", "StageName")),
          (2, [first, second], ["RELEASE"] * 2))
    other = call("CreateTrafficControl", TrafficControlName="Silver", TrafficControlUnit="DAY", ApiDefault=10)["TrafficControlId"]
    old("SetTrafficControlApis", TrafficControlId=other, ApiIds=second, **at)
    listed = call("DescribeApiTrafficControls", **at)
    equal("one at a time", names(listed, "ApiTrafficControls", "ApiTrafficControlItem", "TrafficControlName"), ["Throttling", "Silver"])
    equal("of some", names(call("DescribeApiTrafficControls", ApiIds=second, **at), "ApiTrafficControls", "ApiTrafficControlItem", "ApiId"), [second])
    equal("bound to", [t["TrafficControlName"] for t in shown(ApiId=first, **at)], ["Throttling"])
    refused("two of three", "MissingApiId", 400, call, "DescribeTrafficControls", **at)
    refused("bound", "DependencyViolationTrafficControl", 400, call, "DeleteTrafficControl", TrafficControlId=made)
    refused("no such API", "NotFoundApi", 400, call, "SetTrafficControlApis", TrafficControlId=made, ApiIds=f"{first},x", **at)
    refused("no such control", "NotFoundTrafficControl", 400, call, "SetTrafficControlApis", TrafficControlId="x", ApiIds=first, **at)
    refused("a taken name", "DuplicateTrafficControlName", 400, call, "CreateTrafficControl", TrafficControlName="Silver",
            TrafficControlUnit="DAY", ApiDefault=1)
    refused("another unit", "InvalidTrafficControlUnit", 400, call, "CreateTrafficControl", TrafficControlName="Bronze",
            TrafficControlUnit="WEEK", ApiDefault=1)
    refused("nothing at all", "InvalidApiDefault", 400, call, "CreateTrafficControl", TrafficControlName="Bronze",
            TrafficControlUnit="DAY", ApiDefault=0)
    call("RemoveTrafficControlApis", TrafficControlId=made, ApiIds=first, **at)
    call("RemoveTrafficControlApis", TrafficControlId=other, **at)
    equal("none bound", call("DescribeApiTrafficControls", **at)["TotalCount"], 0)
    for it in (made, other):
        call("DeleteTrafficControl", TrafficControlId=it)
    equal("deleted", call("DescribeTrafficControls")["TotalCount"], 0)


def signatures(group, api):
    made = call("CreateSignature", SignatureName="backend", SignatureKey="qwertyuiop", SignatureSecret="asdfghjkl")
    equal("made", made["SignatureName"], "backend")
    key = made["SignatureId"]
    changed = call("ModifySignature", SignatureId=key, SignatureName="renamed")
    equal("changed", (changed["SignatureId"], changed["SignatureName"]), (key, "renamed"))
    one = old("DescribeSignatures", SignatureId=key)["SignatureInfos"]["SignatureInfo"][0]
    equal("shown", (one["SignatureName"], one["SignatureKey"], one["SignatureSecret"]), ("renamed", "qwertyuiop", "asdfghjkl"))
    at = {"GroupId": group, "StageName": "TEST"}
    call("SetSignatureApis", SignatureId=key, ApiIds=api, **at)
    equal("by API", names(call("DescribeSignaturesByApi", ApiId=api, **at), "Signatures", "SignatureItem", "SignatureName"), ["renamed"])
    equal("of the group", names(call("DescribeApiSignatures", **at), "ApiSignatures", "ApiSignatureItem", "SignatureId"), [key])
    equal("where", names(call("DescribeApisBySignature", SignatureId=key), "ApiInfos", "ApiInfo", "ApiId"), [api])
    equal("not elsewhere", call("DescribeApiSignatures", GroupId=group, StageName="PRE")["TotalCount"], 0)
    refused("bound", "DependencyViolationSignature", 400, call, "DeleteSignature", SignatureId=key)
    refused("a short key", "InvalidSignatureKey", 400, call, "CreateSignature", SignatureName="other", SignatureKey="q", SignatureSecret="asdfghjkl")
    said = refused("a bad secret", "InvalidSignatureSecret", 400, call, "CreateSignature", SignatureName="other", SignatureKey="qwerty",
                   SignatureSecret="not good at all")
    check("the secret is not said", "not good" not in said)
    call("RemoveSignatureApis", SignatureId=key, ApiIds=api, **at)
    call("DeleteSignature", SignatureId=key)
    refused("gone", "NotFoundSignature", 400, call, "DeleteSignature", SignatureId=key)


def ip_controls(group, api):
    made = call("CreateIpControl", IpControlName="controlName", IpControlType="ALLOW", Description="test",
                IpControlPolicys=[{"CidrIp": "114.1.1.0/24"}, {"CidrIp": "1.2.3.4;1.2.3.5", "AppId": "11"}])["IpControlId"]

    def items(using=call, **more):
        return using("DescribeIpControlPolicyItems", IpControlId=made, **more)["IpControlPolicyItems"]["IpControlPolicyItem"]

    equal("items", [(i["CidrIp"], i["AppId"]) for i in items(old)], [("114.1.1.0/24", ""), ("1.2.3.4;1.2.3.5", "11")])
    item = call("AddIpControlPolicyItem", IpControlId=made, CidrIp="2001:db8::/32")["PolicyItemId"]
    check("ids of items", item.startswith("P") and item[1:].isdigit())
    call("ModifyIpControlPolicyItem", IpControlId=made, PolicyItemId=item, CidrIp="10.0.0.1")
    equal("changed", [i["CidrIp"] for i in items(PolicyItemId=item)], ["10.0.0.1"])
    call("RemoveIpControlPolicyItem", IpControlId=made, PolicyItemIds=";".join(i["PolicyItemId"] for i in items()[:2]))
    equal("one left", [i["PolicyItemId"] for i in items()], [item])
    refused("all or none", "NotFoundPolicyItem", 400, call, "RemoveIpControlPolicyItem", IpControlId=made, PolicyItemIds=f"{item};P1")
    equal("it is still there", len(items()), 1)
    for bad in ("300.1.1.1", "1.1.1.1/33", ";".join(["1.1.1.1"] * 11), "1.1.1.1,1.1.1.2"):
        refused(f"addresses {bad[:20]}", "InvalidCidrIp", 400, call, "AddIpControlPolicyItem", IpControlId=made, CidrIp=bad)
    call("ModifyIpControl", IpControlId=made, Description="two")
    one = call("DescribeIpControls", IpControlName="control")["IpControlInfos"]["IpControlInfo"][0]
    equal("shown", (one["Description"], one["IpControlType"]), ("two", "ALLOW"))
    block = call("CreateIpControl", IpControlName="blocked", IpControlType="REFUSE", IpControlPolicys=[{"CidrIp": "1.1.1.1", "AppId": "1"}])
    equal("no application in a blacklist", [i["AppId"] for i in call("DescribeIpControlPolicyItems", IpControlId=block["IpControlId"])
          ["IpControlPolicyItems"]["IpControlPolicyItem"]], [""])
    equal("by type", call("DescribeIpControls", IpControlType="REFUSE")["TotalCount"], 1)
    refused("bad items", "InvalidCidrIp", 400, call, "CreateIpControl", IpControlName="third", IpControlType="ALLOW",
            IpControlPolicys=[{"CidrIp": "1.1.1.1"}, {"CidrIp": "x"}])
    equal("made nothing", call("DescribeIpControls")["TotalCount"], 2)
    at = {"GroupId": group, "StageName": "PRE"}
    call("SetIpControlApis", IpControlId=made, ApiIds=api, **at)
    equal("of the group", names(call("DescribeApiIpControls", **at), "ApiIpControls", "ApiIpControlItem", "IpControlName"), ["controlName"])
    equal("where", names(call("DescribeApisByIpControl", IpControlId=made), "ApiInfos", "ApiInfo", "StageName"), ["PRE"])
    refused("bound", "DependencyViolationIpControl", 400, call, "DeleteIpControl", IpControlId=made)
    call("RemoveIpControlApis", IpControlId=made, ApiIds=api, **at)
    for it in (made, block["IpControlId"], made):
        check("deleted, twice the same", call("DeleteIpControl", IpControlId=it)["RequestId"])


def lists():
    made = call("CreateAccessControlList", AclName="test.Acl-1/a")["AclId"]
    check("ids of lists", made.startswith("acl-"))
    two = json.dumps([{"entry": "192.168.1.0/24", "comment": "test"}, {"entry": "10.0.0.0/8"}])
    call("AddAccessControlListEntry", AclId=made, AclEntrys=two)
    call("AddAccessControlListEntry", AclId=made, AclEntrys=json.dumps([{"entry": "10.0.0.0/8", "comment": "new"}]))
    shown = call("DescribeAccessControlListAttribute", AclId=made)
    equal("entries", [(e["AclEntryIp"], e["AclEntryComment"]) for e in shown["AclEntrys"]["AclEntry"]],
          [("192.168.1.0/24", "test"), ("10.0.0.0/8", "")])
    call("RemoveAccessControlListEntry", AclId=made, AclEntrys=json.dumps([{"entry": "192.168.1.0/24"}]))
    call("SetAccessControlListAttribute", AclId=made, AclName="renamed")
    shown = call("DescribeAccessControlListAttribute", AclId=made)
    equal("changed", (shown["AclName"], len(shown["AclEntrys"]["AclEntry"])), ("renamed", 1))
    refused("no mask", "InvalidAclEntrys", 400, call, "AddAccessControlListEntry", AclId=made, AclEntrys='[{"entry":"1.1.1.1"}]')
    instance = call("DescribeInstances")["Instances"]["InstanceAttribute"][0]["InstanceId"]
    refused("a shared instance", "InvalidInstanceId", 400, call, "EnableInstanceAccessControl", AclId=made, AclType="black", InstanceId=instance)
    for number in range(4):
        call("CreateAccessControlList", AclName=f"more{number}")
    refused("five at most", "ExceedLimitAccessControlList", 400, call, "CreateAccessControlList", AclName="sixth")
    equal("listed", call("DescribeAccessControlLists", using=V2)["TotalCount"], 5)
    for acl in call("DescribeAccessControlLists")["Acls"]["Acl"]:
        call("DeleteAccessControlList", AclId=acl["AclId"])
    equal("deleted", call("DescribeAccessControlLists")["TotalCount"], 0)


def run():
    group = call("CreateApiGroup", GroupName="ForPolicies")["GroupId"]
    first, second = (call("CreateApi", **body(group, f"Api_{n}", f"/{n}"))["ApiId"] for n in range(2))
    traffic(group, first, second)
    signatures(group, first)
    ip_controls(group, first)
    lists()
    for api in (first, second):
        call("DeleteApi", ApiId=api)
    call("DeleteApiGroup", GroupId=group)
