"""APIs, publishing, histories."""

import json

from clients import V2, call, check, equal, names, old, refused

REQUEST = {"RequestProtocol": "HTTP,HTTPS", "RequestHttpMethod": "GET", "RequestPath": "/v3/[userId]", "BodyFormat": "FORM",
           "PostBodyDescription": ""}
SERVICE = {"ServiceProtocol": "HTTP", "ServiceHttpMethod": "GET", "ServiceAddress": "http://www.customerdomain.com",
           "ServiceTimeout": "1000", "ServicePath": "/v3/[userId]"}
PARAMETERS = [{"ApiParameterName": "userId", "Location": "PATH", "ParameterType": "String", "Required": "REQUIRED",
               "MaxLength": 20, "DemoValue": "7"}]
MAPPED = [{"ServiceParameterName": "userId", "RequestParameterName": "userId"}]


def lower(value):
    """The same with keys as other clients write them."""
    if isinstance(value, dict):
        return {k[0].lower() + k[1:]: lower(v) for k, v in value.items()}
    return [lower(v) for v in value] if isinstance(value, list) else value


def body(group, name, path="/v3/[userId]", **more):
    texts = {
        "RequestConfig": {**REQUEST, "RequestPath": path},
        "ServiceConfig": SERVICE,
        "RequestParameters": PARAMETERS,
        "ServiceParameters": [{"ServiceParameterName": "userId", "Location": "PATH", "ParameterType": "STRING"}],
        "ServiceParametersMap": MAPPED,
        "ConstantParameters": [{"ServiceParameterName": "k", "ConstantValue": "v", "Location": "HEAD"}],
        "SystemParameters": [{"ParameterName": "CaClientIp", "ServiceParameterName": "ip", "Location": "QUERY"}],
        "ErrorCodeSamples": [{"Code": "400", "Message": "Missing", "Description": "about"}],
    }
    texts.update(more.pop("texts", {}))
    plain = {"GroupId": group, "ApiName": name, "Visibility": "PRIVATE", "AuthType": "APP", "Description": "one",
             "ResultType": "JSON", "ResultSample": "200", "FailResultSample": "400"}
    plain.update(more)
    return {**plain, **{k: json.dumps(v) for k, v in texts.items() if v is not None}}


def definition(group):
    api = call("CreateApi", **body(group, "ApiName", Tag=[{"Key": "env", "Value": "uat"}]))["ApiId"]
    shown = call("DescribeApi", ApiId=api, GroupId=group)
    equal("plain members", [shown[k] for k in ("ApiName", "Visibility", "AuthType", "Description", "ResultType", "ResultSample",
          "FailResultSample", "AllowSignatureMethod", "AppCodeAuthType", "WebSocketApiType", "ForceNonceCheck", "DisableInternet", "Mock")],
          ["ApiName", "PRIVATE", "APP", "one", "JSON", "200", "400", "HmacSHA256", "DEFAULT", "COMMON", False, False, "CLOSED"])
    config = shown["RequestConfig"]
    equal("request", [config[k] for k in ("RequestProtocol", "RequestHttpMethod", "RequestPath", "BodyFormat", "RequestMode")],
          ["HTTP,HTTPS", "GET", "/v3/[userId]", "FORM", "MAPPING"])
    equal("service", [shown["ServiceConfig"][k] for k in ("ServiceAddress", "ServiceTimeout", "ServicePath", "Mock", "ServiceVpcEnable")],
          ["http://www.customerdomain.com", 1000, "/v3/[userId]", "FALSE", "FALSE"])
    one = shown["RequestParameters"]["RequestParameter"][0]
    equal("a parameter", (one["ApiParameterName"], one["Location"], one["MaxLength"], one["Required"]),
          ("userId", "PATH", 20, "REQUIRED"))
    equal("constants", shown["ConstantParameters"]["ConstantParameter"][0]["ConstantValue"], "v")
    equal("system", shown["SystemParameters"]["SystemParameter"][0]["ParameterName"], "CaClientIp")
    equal("mapped", shown["ServiceParametersMap"]["ServiceParameterMap"], MAPPED)
    equal("errors", shown["ErrorCodeSamples"]["ErrorCodeSample"][0]["Code"], "400")
    equal("tags", shown["TagList"]["Tag"], [{"TagKey": "env", "TagValue": "uat"}])
    equal("runs nowhere", [i["DeployedStatus"] for i in shown["DeployedInfos"]["DeployedInfo"]], ["NONDEPLOYED"] * 3)
    with_lower = {k: json.dumps(lower(json.loads(v))) if v[:1] in "[{" else v for k, v in body(group, "LowerName", "/lower").items()}
    other = old("CreateApi", **with_lower)["ApiId"]
    got, wanted = call("DescribeApi", ApiId=other), shown
    same = ("ServiceConfig", "RequestParameters", "ServiceParameters", "ServiceParametersMap", "ConstantParameters", "SystemParameters")
    equal("keys in lower case", {k: got[k] for k in same}, {k: wanted[k] for k in same})
    equal("by the older client", old("DescribeApi", ApiId=other)["ApiName"], "LowerName")
    call("DeleteApi", ApiId=other, GroupId=group)
    return api


def refusals(group, api):
    def no(what, code, **more):
        refused(what, code, 400, call, "CreateApi", **body(group, "Other", "/other", **more))

    no("no group", "NotFoundApiGroup", GroupId="x")
    no("a short name", "InvalidApiName", ApiName="abc")
    no("a taken name", "DuplicateApiName", ApiName="ApiName")
    no("another visibility", "InvalidVisibility", Visibility="SECRET")
    no("another way of authentication", "InvalidAuthType", AuthType="NONE")
    no("no JSON", "InvalidFormatRequestConfig", texts={"RequestConfig": None}, RequestConfig="{")
    no("no path", "MissingRequestPath", texts={"RequestConfig": {"RequestProtocol": "HTTP", "RequestHttpMethod": "GET"}})
    no("another method", "InvalidRequestHttpMethod", texts={"RequestConfig": {**REQUEST, "RequestHttpMethod": "FETCH"}})
    no("another protocol", "InvalidRequestProtocol", texts={"RequestConfig": {**REQUEST, "RequestProtocol": "FTP"}})
    no("a path without a slash", "InvalidRequestPath", texts={"RequestConfig": {**REQUEST, "RequestPath": "v3"}})
    no("the path of another", "DuplicateRequestPath", texts={"RequestConfig": {**REQUEST, "RequestPath": "/v3/[id]"}})
    no("no address", "MissingServiceAddress", texts={"ServiceConfig": {"ServiceProtocol": "HTTP"}})
    no("a word for a number", "InvalidFormatServiceTimeout", texts={"ServiceConfig": {**SERVICE, "ServiceTimeout": "soon"}})
    no("a parameter twice", "RepeatedApiParameterName", texts={"RequestParameters": PARAMETERS * 2})
    no("a place that is none", "InvalidLocation", texts={"RequestParameters": [{**PARAMETERS[0], "Location": "SKY"}]})
    no("mapped from nothing", "InvalidServiceParametersMap",
       texts={"ServiceParametersMap": [{"ServiceParameterName": "userId", "RequestParameterName": "x"}]})
    no("an unknown VPC", "NotFoundVpc", texts={"ServiceConfig": {**SERVICE, "ServiceVpcEnable": "TRUE", "VpcConfig": {"Name": "x"}}})
    no("an unknown backend", "NotFoundBackend", BackendEnable=True, BackendId="x")
    refused("no visibility", "MissingVisibility", 400, call, "CreateApi", GroupId=group, ApiName="Other",
            RequestConfig=json.dumps(REQUEST), ServiceConfig="{}")
    equal("nothing was made", call("DescribeApis", GroupId=group)["TotalCount"], 1)
    refused("of another group", "NotFoundApi", 400, call, "DescribeApi", ApiId=api,
            GroupId=call("CreateApiGroup", GroupName="Elsewhere")["GroupId"])
    refused("an API in the group", "DependencyViolationApiGroup", 400, call, "DeleteApiGroup", GroupId=group)


def changes(group, api):
    call("ModifyApi", ApiId=api, **body(group, "Renamed", Description="two", AuthType="ANONYMOUS",
                                        texts={"ConstantParameters": None, "SystemParameters": None}))
    shown = call("DescribeApi", ApiId=api)
    equal("changed", (shown["ApiName"], shown["Description"], shown["AuthType"]), ("Renamed", "two", "ANONYMOUS"))
    equal("what was not sent is gone", (shown["ConstantParameters"]["ConstantParameter"], shown["AllowSignatureMethod"]), ([], ""))
    call("ModifyApiConfiguration", ApiId=api, Description="three", ServiceTimeout=2000, RequestPath="/v4/[userId]")
    shown = call("DescribeApi", ApiId=api)
    equal("configured", (shown["Description"], shown["ServiceConfig"]["ServiceTimeout"], shown["RequestConfig"]["RequestPath"],
          shown["ApiName"], shown["ServiceConfig"]["ServiceAddress"]),
          ("three", 2000, "/v4/[userId]", "Renamed", "http://www.customerdomain.com"))
    call("ModifyApiConfiguration", ApiId=api, ServiceProtocol="Mock", MockConfig=json.dumps({"MockResult": "hello", "MockStatusCode": 200}))
    shown = call("DescribeApi", ApiId=api)
    equal("mocked", (shown["Mock"], shown["MockResult"], shown["ServiceConfig"]["MockStatusCode"]), ("OPEN", "hello", 200))
    refused("a bad change", "InvalidRequestPath", 400, call, "ModifyApiConfiguration", ApiId=api, RequestPath="no")
    equal("changed nothing", call("DescribeApi", ApiId=api)["RequestConfig"]["RequestPath"], "/v4/[userId]")


def lists(group):
    more = [call("CreateApi", **body(group, f"Listed_{n}", f"/l/{n}", Visibility="PUBLIC" if n % 2 else "PRIVATE"))["ApiId"]
            for n in range(12)]
    path = ("ApiSummarys", "ApiSummary", "ApiName")
    first = call("DescribeApis", GroupId=group)
    equal("first page", (first["TotalCount"], first["PageNumber"], first["PageSize"], len(names(first, *path))), (13, 1, 10, 10))
    second = call("DescribeApis", GroupId=group, PageNumber=2)
    equal("second page", len(names(second, *path)), 3)
    equal("no API twice", len(set(names(first, *path) + names(second, *path))), 13)
    equal("100 on a page", len(names(old("DescribeApis", GroupId=group, PageSize=100), *path)), 13)
    refused("101 on a page", "InvalidPageSize", 400, call, "DescribeApis", PageSize=101)
    equal("a part of the name", len(names(call("DescribeApis", ApiName="sted_1"), *path)), 3)
    equal("public", call("DescribeApis", GroupId=group, Visibility="PUBLIC")["TotalCount"], 6)
    equal("by path", names(call("DescribeApis", ApiPath="/l/7"), *path), ["Listed_7"])
    equal("by method", call("DescribeApis", ApiMethod="POST")["TotalCount"], 0)
    one = call("DescribeApis", ApiId=more[0])["ApiSummarys"]["ApiSummary"][0]
    equal("members", (one["ApiPath"], one["ApiMethod"], one["GroupId"], one["Visibility"]), ("/l/0", "GET", group, "PRIVATE"))
    refused("lists of no group", "NotFoundApiGroup", 400, call, "DescribeApis", GroupId="x")
    return more


def publishing(group, api, more):
    refused("runs nowhere", "NotFoundDeployment", 400, call, "DescribeDeployedApi", ApiId=api, StageName="TEST")
    call("DeployApi", GroupId=group, ApiId=api, StageName="TEST", Description="first")
    shown = call("DescribeDeployedApi", GroupId=group, ApiId=api, StageName="TEST")
    equal("runs", (shown["StageName"], shown["ApiName"], shown["RequestConfig"]["RequestPath"]), ("TEST", "Renamed", "/v4/[userId]"))
    call("ModifyApiConfiguration", ApiId=api, Description="four")
    equal("the draft alone changed", (call("DescribeDeployedApi", ApiId=api, StageName="TEST")["Description"],
          call("DescribeApi", ApiId=api)["Description"]), ("three", "four"))
    old("DeployApi", GroupId=group, ApiId=api, StageName="TEST", Description="second")
    versions = call("DescribeApiHistories", GroupId=group, ApiId=api)["ApiHisItems"]["ApiHisItem"]
    equal("two versions, newest first", [(v["Status"], v["Description"]) for v in versions], [("ONLINE", "four"), ("OFFLINE", "three")])
    check("numbers", all(len(v["HistoryVersion"]) == 17 for v in versions) and versions[0]["HistoryVersion"] > versions[1]["HistoryVersion"])
    before = versions[1]["HistoryVersion"]
    equal("a version", call("DescribeApiHistory", GroupId=group, ApiId=api, StageName="TEST", HistoryVersion=before)["Description"], "three")
    call("SwitchApi", GroupId=group, ApiId=api, StageName="TEST", HistoryVersion=before, Description="back")
    equal("switched", call("DescribeDeployedApi", ApiId=api, StageName="TEST")["Description"], "three")
    info = call("DescribeApi", ApiId=api)["DeployedInfos"]["DeployedInfo"]
    equal("what runs", [(i["StageName"], i["DeployedStatus"], i["EffectiveVersion"]) for i in info],
          [("RELEASE", "NONDEPLOYED", ""), ("PRE", "NONDEPLOYED", ""), ("TEST", "DEPLOYED", before)])
    refused("an unknown version", "NotFoundHistoryVersion", 400, call, "SwitchApi", ApiId=api, StageName="TEST",
            HistoryVersion="1", Description="x")
    refused("it runs", "DependencyViolationApi", 400, call, "DeleteApi", ApiId=api)
    refused("another stage", "InvalidStageName", 400, call, "DeployApi", ApiId=api, StageName="LIVE", Description="x")
    refused("no remark", "MissingDescription", 400, call, "DeployApi", ApiId=api, StageName="TEST")
    batch = [{"ApiUid": one, "GroupId": group} for one in more]
    task = call("BatchDeployApis", StageName="RELEASE", Description="all", Api=batch)["OperationId"]
    done = call("DescribeDeployApiTask", OperationUid=task)["DeployedResults"]["DeployedResult"]
    equal("a batch", (len(done), {d["DeployedStatus"] for d in done}), (12, {"OVER"}))
    listed = call("DescribeDeployedApis", GroupId=group, StageName="RELEASE", PageSize=100)
    equal("all run", (listed["TotalCount"], listed["DeployedApis"]["DeployedApiItem"][0]["ApiPath"]), (12, "/l/0"))
    equal("of one name", call("DescribeDeployedApis", ApiName="Listed_11")["TotalCount"], 1)
    equal("undeployed", names(call("DescribeApis", GroupId=group, StageName="RELEASE", UnDeployed=True), "ApiSummarys", "ApiSummary",
          "ApiName"), ["Renamed"])
    refused("one of the batch is not there", "NotFoundApi", 400, call, "BatchDeployApis", StageName="PRE", Description="x",
            Api=batch[:1] + [{"ApiUid": "x", "GroupId": group}])
    equal("none was published", call("DescribeDeployedApis", StageName="PRE")["TotalCount"], 0)
    refused("none of the batch", "MissingApi", 400, call, "BatchDeployApis", StageName="PRE", Description="x")
    call("AbolishApi", GroupId=group, ApiId=api, StageName="TEST")
    refused("not twice", "NotFoundDeployment", 400, call, "AbolishApi", ApiId=api, StageName="TEST")
    equal("older: documentation", old("DescribeApiDoc", ApiId=more[0], StageName="RELEASE")["ApiName"], "Listed_0")
    off = [{**one, "StageName": "RELEASE"} for one in batch]
    task = call("BatchAbolishApis", using=V2, Api=off)["OperationId"]
    done = call("DescribeAbolishApiTask", OperationUid=task)["ApiAbolishResults"]["ApiAbolishResult"]
    equal("all offline", (len(done), call("DescribeDeployedApis")["TotalCount"]), (12, 0))
    refused("a task of another kind", "NotFoundOperationUid", 400, call, "DescribeDeployApiTask", OperationUid=task)
    equal("the history stays", call("DescribeHistoryApis", GroupId=group)["TotalCount"], 14)
    for one in more:
        call("DeleteApi", ApiId=one, GroupId=group)
    old("DeleteApi", ApiId=api, GroupId=group)
    refused("gone", "NotFoundApi", 400, call, "DescribeApi", ApiId=api)
    equal("its history, too", call("DescribeHistoryApis", GroupId=group)["TotalCount"], 0)


def run():
    group = call("CreateApiGroup", GroupName="ForApis")["GroupId"]
    api = definition(group)
    refusals(group, api)
    changes(group, api)
    publishing(group, api, lists(group))
    call("DeleteApiGroup", GroupId=group)
