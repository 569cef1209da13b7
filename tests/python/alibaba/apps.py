"""Applications, their keys and codes, authorizations from both sides."""

from apis import body
from clients import V2, call, check, equal, names, old, refused


def applications():
    made = call("CreateApp", AppName="CreateAppTest", Description="test", Extend="110210264071", Tag=[{"Key": "env", "Value": "uat"}])
    app = made["AppId"]
    check("a number", isinstance(app, int))
    equal("tagged", made["TagStatus"], True)
    shown = call("DescribeApp", AppId=app)
    equal("shown", (shown["AppName"], shown["Description"], shown["Extend"], shown["Disabled"]), ("CreateAppTest", "test", "110210264071", False))
    call("ModifyApp", AppId=app, AppName="renamed", Disabled=True)
    shown = call("DescribeApp", AppId=app)
    equal("changed", (shown["AppName"], shown["Description"], shown["Disabled"]), ("renamed", "test", True))
    other = old("CreateApp", AppName="another")["AppId"]
    path = ("Apps", "AppAttribute", "AppName")
    equal("all", sorted(names(call("DescribeAppAttributes"), *path)), ["another", "renamed"])
    equal("by tag", names(call("DescribeAppAttributes", Tag=[{"Key": "env", "Value": "uat"}]), *path), ["renamed"])
    equal("by id", names(old("DescribeAppAttributes", AppId=other), *path), ["another"])
    equal("by name", names(call("DescribeAppAttributes", AppName="noth"), *path), ["another"])
    equal("the owner's", call("DescribeApps", AppOwner=1)["TotalCount"], 2)
    refused("neither id nor owner", "MissingAppIdOrAppOwner", 400, call, "DescribeApps")
    refused("a taken name", "DuplicateAppName", 400, call, "CreateApp", AppName="another")
    refused("a long name", "InvalidAppName", 400, call, "CreateApp", AppName="a" * 27)
    refused("nobody", "NotFoundApp", 400, call, "DescribeApp", AppId=1)
    refused("no id", "MissingAppId", 400, call, "DescribeApp")
    return app, other


def keys(app):
    first = call("DescribeAppSecurity", AppId=app)
    check("made up", first["AppKey"].isdigit() and len(first["AppSecret"]) == 32 and len(first["AppCode"]) == 32)
    equal("by key", call("DescribeAppAttributes", AppKey=first["AppKey"])["TotalCount"], 1)
    equal("by code", names(call("DescribeAppAttributes", AppCode=first["AppCode"]), "Apps", "AppAttribute", "AppId"), [app])
    call("ResetAppSecret", AppKey=first["AppKey"])
    second = call("DescribeAppSecurity", AppId=app)
    equal("another secret, the same key", (second["AppKey"], second["AppSecret"] != first["AppSecret"]), (first["AppKey"], True))
    call("ResetAppSecret", using=V2, AppKey=first["AppKey"], NewAppKey="testAppKey", NewAppSecret="mine")
    equal("of one's own", [call("DescribeAppSecurity", AppId=app)[k] for k in ("AppKey", "AppSecret")], ["testAppKey", "mine"])
    call("ResetAppCode", AppCode=first["AppCode"], NewAppCode="code1")
    equal("another code", call("DescribeAppSecurity", AppId=app)["AppCode"], "code1")
    call("CreateAppKey", AppId=str(app), AppKey="second", AppSecret="secret2")
    call("CreateAppCode", AppId=str(app))
    listed = call("DescribeAppSecurities", AppId=app)["AppSecuritys"]["AppSecurity"]
    equal("two of each", ([s["AppKey"] for s in listed], listed[0]["AppCode"]), (["testAppKey", "second"], "code1"))
    refused("a taken key", "DuplicateAppKey", 400, call, "CreateAppKey", AppId=str(app), AppKey="second")
    refused("a taken code", "DuplicateAppCode", 400, call, "CreateAppCode", AppId=str(app), AppCode="code1")
    refused("an unknown key", "NotFoundAppKey", 400, call, "ResetAppSecret", AppKey="nothing")
    call("DeleteAppKey", AppId=str(app), AppKey="second")
    call("DeleteAppCode", AppId=str(app), AppCode=listed[1]["AppCode"])
    equal("one of each", len(call("DescribeAppSecurities", AppId=app)["AppSecuritys"]["AppSecurity"]), 1)
    refused("not twice", "NotFoundAppKey", 400, call, "DeleteAppKey", AppId=str(app), AppKey="second")


def authorizations(app, other):
    group = call("CreateApiGroup", GroupName="ForApps")["GroupId"]
    apis = [call("CreateApi", **body(group, f"Api_{n}", f"/{n}"))["ApiId"] for n in range(3)]
    call("SetAppsAuthorities", GroupId=group, ApiId=apis[0], StageName="RELEASE", AppIds=f"{app},{other}", Description="both",
         AuthValidTime="Fri, 05 Oct 2035 16:00:00 GMT")
    listed = call("DescribeAuthorizedApps", GroupId=group, ApiId=apis[0])
    one = listed["AuthorizedApps"]["AuthorizedApp"][0]
    equal("who may call", (listed["TotalCount"], one["AppId"], one["AppName"], one["StageName"], one["Description"], one["Operator"],
          one["AuthVaildTime"]), (2, app, "renamed", "RELEASE", "both", "PROVIDER", "2035-10-05T16:00:00Z"))
    equal("tags", one["Tag"]["TagInfo"], [{"Key": "env", "Value": "uat"}])
    old("SetApisAuthorities", AppId=other, StageName="TEST", ApiIds=f"{apis[1]},{apis[2]}")
    call("SetApisAuthorities", using=V2, AppId=other, StageName="TEST", GroupId=group)
    listed = call("DescribeAuthorizedApis", AppId=other)
    equal("what it may call", sorted(zip(names(listed, "AuthorizedApis", "AuthorizedApi", "ApiName"),
          names(listed, "AuthorizedApis", "AuthorizedApi", "StageName"))),
          [("Api_0", "RELEASE"), ("Api_0", "TEST"), ("Api_1", "TEST"), ("Api_2", "TEST")])
    equal("by path", names(call("DescribeApisByApp", AppId=other, Path="/1"), "AppApiRelationInfos", "AppApiRelationInfo", "ApiName"), ["Api_1"])
    merged = call("DescribeApisWithStageNameIntegratedByApp", AppId=other)["AppApiRelationInfos"]["AppApiRelationInfo"]
    stages = {m["ApiName"]: sorted(m["StageNameAndAuth"]) for m in merged}
    equal("by API", stages, {"Api_0": ["RELEASE", "TEST"], "Api_1": ["TEST"], "Api_2": ["TEST"]})
    equal("in one stage", call("DescribeAuthorizedApps", ApiId=apis[0], StageName="TEST")["TotalCount"], 1)
    refused("an unknown application", "NotFoundApp", 400, call, "SetAppsAuthorities", ApiId=apis[1], StageName="PRE", AppIds=f"{app},1")
    equal("none was authorized", call("DescribeAuthorizedApps", ApiId=apis[1], StageName="PRE")["TotalCount"], 0)
    refused("no API", "MissingApiIds", 400, call, "SetApisAuthorities", AppId=app, StageName="PRE")
    refused("a time that is none", "InvalidFormatAuthValidTime", 400, call, "SetAppsAuthorities", ApiId=apis[1], StageName="PRE",
            AppIds=str(app), AuthValidTime="tomorrow")
    call("RemoveApisAuthorities", AppId=other, StageName="TEST", ApiIds=f"{apis[1]},{apis[2]}")
    call("RemoveAppsAuthorities", ApiId=apis[0], StageName="RELEASE", AppIds=str(app))
    refused("not twice", "NotFoundAuthorization", 400, call, "RemoveAppsAuthorities", ApiId=apis[0], StageName="RELEASE", AppIds=str(app))
    equal("what is left", call("DescribeAuthorizedApis", AppId=other)["TotalCount"], 2)
    call("DeleteApp", AppId=other)
    equal("authorizations go along", call("DescribeAuthorizedApps", ApiId=apis[0])["TotalCount"], 0)
    for api in apis:
        call("DeleteApi", ApiId=api)
    call("DeleteApiGroup", GroupId=group)


def run():
    app, other = applications()
    keys(app)
    authorizations(app, other)
    call("DeleteApp", AppId=app)
    refused("gone", "NotFoundApp", 400, call, "DescribeAppSecurity", AppId=app)
