"""API products, and what is known of the region."""

from apis import body
from clients import READY, call, check, equal, names, old, refused


def products():
    group = call("CreateApiGroup", GroupName="Products")["GroupId"]
    api = call("CreateApi", **body(group, "InProduct", "/p"))["ApiId"]
    app = call("CreateApp", AppName="buyer")["AppId"]
    one = [{"ApiId": api, "StageName": "RELEASE"}]
    refused("not published", "NotFoundDeployment", 400, call, "AttachApiProduct", ApiProductId="product", Apis=one)
    refused("no product", "NotFoundApiProduct", 400, call, "DescribeApiProductApis", ApiProductId="product")
    call("DeployApi", ApiId=api, StageName="RELEASE", Description="x")
    call("AttachApiProduct", ApiProductId="product", Apis=one)
    listed = call("DescribeApiProductApis", ApiProductId="product")["ApiInfoList"]["ApiInfo"]
    equal("its APIs", [(i["ApiName"], i["Path"], i["StageName"]) for i in listed], [("InProduct", "/p", "RELEASE")])
    call("SetAppsAuthToApiProduct", ApiProductId="product", AppIds=[app], Description="may")
    call("SetApiProductsAuthorities", ApiProductIds=["product"], AppId=app, AuthValidTime="2035-06-12T03:07:37Z")
    callers = call("DescribeAppsByApiProduct", ApiProductId="product")["AuthorizedApps"]["AuthorizedApp"]
    equal("its callers", [(c["AppId"], c["AppName"], c["AuthValidTime"]) for c in callers], [(app, "buyer", "2035-06-12T03:07:37Z")])
    equal("of an application", names(call("DescribeApiProductsByApp", AppId=app), "ApiProductInfoList", "ApiProductInfo", "ApiProductId"),
          ["product"])
    call("RemoveApiProductsAuthorities", ApiProductIds=["product"], AppId=app)
    refused("not twice", "NotFoundAuthorization", 400, call, "RemoveApiProductsAuthorities", ApiProductIds=["product"], AppId=app)
    call("DetachApiProduct", ApiProductId="product", Apis=one)
    refused("empty, so gone", "NotFoundApiProduct", 400, call, "DeleteApiProduct", ApiProductId="product")
    call("AttachApiProduct", ApiProductId="product", Apis=one)
    call("DeleteApiProduct", ApiProductId="product")
    call("AbolishApi", ApiId=api, StageName="RELEASE")
    call("DeleteApi", ApiId=api)
    call("DeleteApiGroup", GroupId=group)
    call("DeleteApp", AppId=app)


def region():
    equal("regions", names(old("DescribeRegions"), "Regions", "Region", "RegionId"), [READY["region"]])
    check("zones", len(call("DescribeZones")["Zones"]["Zone"]) == 2)
    equal("stages", [s["StageName"] for s in call("DescribeStageModels")["StageModelInfoList"]], ["RELEASE", "PRE", "TEST"])
    check("system parameters", "CaClientIp" in names(call("DescribeSystemParameters"), "SystemParams", "SystemParamItem", "ParamName"))
    before = call("DescribeSummaryData")
    group = call("CreateApiGroup", GroupName="Counted")["GroupId"]
    equal("counted", call("DescribeSummaryData")["UsageGroupNum"], before["UsageGroupNum"] + 1)
    call("DeleteApiGroup", GroupId=group)
    equal("nothing was bought", call("DescribePurchasedApis")["TotalCount"], 0)
    refused("no fourth stage", "NotImplemented", 501, call, "CreateStageModel", StageName="LIVE", StageAlias="live")


def run():
    products()
    region()
