"""Plug-ins, VPC accesses, backends, models, datasets, logs, domains."""

import json
import os

from apis import SERVICE, body
from clients import V2, call, check, equal, names, old, refused

CERTIFICATES = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "engine", "certificates")


def plugins(group, api):
    data = json.dumps({"unit": "MINUTE", "apiDefault": 20})
    made = call("CreatePlugin", PluginName="firstPlugin", PluginType="trafficControl", PluginData=data, Description="one",
                Tag=[{"Key": "env", "Value": "uat"}])
    plugin = made["PluginId"]
    equal("tagged", made["TagStatus"], True)

    def shown(**parameters):
        return call("DescribePlugins", **parameters)["Plugins"]["PluginAttribute"]

    one = shown(PluginId=plugin)[0]
    equal("shown", (one["PluginName"], one["PluginType"], one["PluginData"], one["Description"], one["Tags"]["TagInfo"]),
          ("firstPlugin", "trafficControl", data, "one", [{"Key": "env", "Value": "uat"}]))
    call("ModifyPlugin", PluginId=plugin, PluginData="unit: HOUR\napiDefault: 5\n")
    equal("YAML", (shown()[0]["PluginData"], shown()[0]["PluginName"]), ("unit: HOUR\napiDefault: 5\n", "firstPlugin"))
    for what, kind, bad in [("no unit", "trafficControl", "{}"), ("another unit", "trafficControl", '{"unit":"WEEK","apiDefault":1}'),
                            ("no addresses", "ipControl", '{"type":"ALLOW","items":[{"blocks":["x"]}]}'),
                            ("no origins", "cors", "{}"), ("a word for a number", "caching", '{"duration":"long"}'),
                            ("no users", "basicAuth", "{}"), ("no key", "backendSignature", '{"secret":"s"}'),
                            ("no parameter", "jwtAuth", '{"parameterLocation":"header"}')]:
        refused(what, "InvalidPluginData", 400, call, "CreatePlugin", PluginName="other", PluginType=kind, PluginData=bad)
    refused("neither JSON nor YAML", "InvalidFormatPluginData", 400, call, "CreatePlugin", PluginName="other", PluginType="cors", PluginData="[")
    refused("another type", "InvalidPluginType", 400, call, "CreatePlugin", PluginName="other", PluginType="magic", PluginData="{}")
    refused("a taken name", "DuplicatePluginName", 400, call, "CreatePlugin", PluginName="firstPlugin", PluginType="cors",
            PluginData='{"allowOrigins":"*"}')
    check("types", {"ipControl", "trafficControl", "backendSignature", "jwtAuth", "cors", "caching"} <=
          set(names(call("DescribePluginSchemas"), "PluginSchemas", "PluginSchema", "Name")))
    for template in call("DescribePluginTemplates")["Templates"]["Template"]:
        it = call("CreatePlugin", PluginName="sample", PluginType=template["DocumentId"], PluginData=template["Sample"])
        call("DeletePlugin", PluginId=it["PluginId"])
    at = {"GroupId": group, "StageName": "TEST"}
    refused("not published", "NotFoundDeployment", 400, call, "AttachPlugin", PluginId=plugin, ApiId=api, **at)
    call("DeployApi", ApiId=api, Description="x", **at)
    call("AttachPlugin", PluginId=plugin, ApiId=api, **at)
    equal("where", names(call("DescribePluginApis", PluginId=plugin), "ApiSummarys", "ApiPluginSummary", "ApiId"), [api])
    equal("by path", call("DescribePluginApis", PluginId=plugin, Path="/nothing")["TotalCount"], 0)
    equal("by API", names(call("DescribePluginsByApi", ApiId=api, **at), "Plugins", "PluginAttribute", "PluginId"), [plugin])
    second = call("CreatePlugin", PluginName="second", PluginType="trafficControl", PluginData=data)["PluginId"]
    cors = call("CreatePlugin", PluginName="cors", PluginType="cors", PluginData='{"allowOrigins":"*"}')["PluginId"]
    for it in (second, cors):
        call("AttachPlugin", PluginId=it, ApiIds=api, **at)
    equal("one of each type", sorted(names(call("DescribePluginsByApi", ApiId=api, **at), "Plugins", "PluginAttribute", "PluginName")),
          ["cors", "second"])
    refused("attached", "DependencyViolationPlugin", 400, call, "DeletePlugin", PluginId=cors)
    call("AttachGroupPlugin", PluginId=plugin, **at)
    equal("by group", names(call("DescribePluginsByGroup", **at), "Plugins", "PluginAttribute", "PluginId"), [plugin])
    equal("groups", names(call("DescribePluginGroups", PluginId=plugin), "GroupSummarys", "GroupPluginSummary", "GroupName"), ["Around"])
    call("DetachGroupPlugin", PluginId=plugin, **at)
    call("DetachPlugin", PluginId=second, ApiId=api, **at)
    call("DetachPlugin", PluginId=cors, **at)
    equal("none left", call("DescribePluginsByApi", ApiId=api, **at)["TotalCount"], 0)
    for it in (plugin, second, cors):
        call("DeletePlugin", PluginId=it)
    refused("gone", "NotFoundPlugin", 400, call, "DeletePlugin", PluginId=plugin)
    call("AbolishApi", ApiId=api, **at)


def networks(group):
    at = {"VpcId": "vpc-1", "InstanceId": "i-1"}
    old("SetVpcAccess", Name="first", Port=80, **at)
    made = call("SetVpcAccess", Name="second", Port=81, **at)["VpcAccessId"]
    listed = call("DescribeVpcAccesses", Name="sec")["VpcAccessAttributes"]["VpcAccessAttribute"]
    equal("shown", [(v["Name"], v["Port"], v["VpcAccessId"]) for v in listed], [("second", 81, made)])
    equal("an accurate name", call("DescribeVpcAccesses", Name="sec", AccurateQuery=True)["TotalCount"], 0)
    equal("by port", names(call("DescribeVpcAccesses", Port="80"), "VpcAccessAttributes", "VpcAccessAttribute", "Name"), ["first"])
    refused("a taken name", "DuplicateName", 400, call, "SetVpcAccess", Name="first", Port=82, **at)
    refused("a taken port", "DuplicateVpcAccess", 400, call, "SetVpcAccess", Name="third", Port=81, **at)
    refused("a port that is none", "InvalidPort", 400, call, "SetVpcAccess", Name="third", Port=65536, **at)
    service = {**SERVICE, "ServiceVpcEnable": "TRUE", "VpcConfig": {"Name": "second", "VpcScheme": "HTTP"}}
    api = call("CreateApi", **body(group, "ThroughVpc", "/vpc", texts={"ServiceConfig": service}))["ApiId"]
    vpc = call("DescribeApi", ApiId=api)["ServiceConfig"]["VpcConfig"]
    equal("completed", vpc, {"InstanceId": "i-1", "Name": "second", "Port": 81, "VpcId": "vpc-1", "VpcScheme": "HTTP"})
    call("DeployApi", ApiId=api, StageName="RELEASE", Description="x")
    using = call("DescribeApisByVpcAccess", VpcName="second")["ApiVpcAccessInfos"]["ApiVpcAccessInfo"]
    equal("used by", [(u["ApiName"], u["StageName"], u["Port"]) for u in using], [("ThroughVpc", "RELEASE", 81)])
    task = call("ModifyVpcAccessAndUpdateApis", Name="second", InstanceId="i-2", Port=90, NeedBatchWork=True)["OperationId"]
    equal("updated", len(call("DescribeUpdateVpcInfoTask", OperationUid=task)["ApiUpdateVpcInfoResults"]["ApiUpdateVpcInfoResult"]), 1)
    equal("what runs follows", call("DescribeDeployedApi", ApiId=api, StageName="RELEASE")["ServiceConfig"]["VpcConfig"]["Port"], 90)
    gone = call("RemoveVpcAccess", VpcId="vpc-1", InstanceId="i-2", Port=90)["Apis"]["Api"]
    equal("what runs with it", [g["ApiId"] for g in gone], [api])
    refused("not again", "NotFoundVpc", 400, call, "RemoveVpcAccess", VpcId="vpc-1", InstanceId="i-2", Port=90)
    refused("cannot be published", "NotFoundVpc", 400, call, "DeployApi", ApiId=api, StageName="PRE", Description="x")
    call("SetVpcAccess", Name="second", Port=81, **at)
    task = call("RemoveVpcAccessAndAbolishApis", Port=81, **at)["OperationId"]
    equal("offline", len(call("DescribeAbolishApiTask", OperationUid=task)["ApiAbolishResults"]["ApiAbolishResult"]), 1)
    call("DeleteApi", ApiId=api)
    call("RemoveVpcAccess", Port=80, **at)


def backends(group):
    backend = call("CreateBackend", BackendName="testBackend", BackendType="HTTP", Description="one")["BackendId"]
    call("ModifyBackend", BackendId=backend, BackendName="renamed", BackendType="HTTP")
    listed = call("DescribeBackendList", BackendName="nam")["BackendInfoList"]
    equal("listed", [(b["BackendName"], b["Description"]) for b in listed], [("renamed", "one")])
    api = call("CreateApi", **body(group, "WithBackend", "/backend", BackendEnable=True, BackendId=backend,
                                   texts={"ServiceConfig": {"ServicePath": "/x"}}))["ApiId"]
    equal("in the API", call("DescribeApi", ApiId=api)["BackendConfig"]["BackendName"], "renamed")
    refused("no configuration", "NotFoundBackendModel", 400, call, "DeployApi", ApiId=api, StageName="TEST", Description="x")
    data = json.dumps({"ServiceAddress": "http://backend:8080"})
    refused("no address", "MissingServiceAddress", 400, call, "CreateBackendModel", BackendId=backend, StageName="TEST",
            BackendType="HTTP", BackendModelData="{}")
    model = call("CreateBackendModel", BackendId=backend, StageName="TEST", BackendType="HTTP", BackendModelData=data)["BackendModelId"]
    refused("one per stage", "DuplicateBackendModel", 400, call, "CreateBackendModel", BackendId=backend, StageName="TEST",
            BackendType="HTTP", BackendModelData=data)
    info = call("DescribeBackendInfo", BackendId=backend)["BackendInfo"]
    equal("its configuration", (info["BackendName"], info["BackendModels"][0]["StageName"],
          info["BackendModels"][0]["BackendConfig"]["ServiceAddress"]), ("renamed", "TEST", "http://backend:8080"))
    call("DeployApi", ApiId=api, StageName="TEST", Description="x")
    equal("drafts", names(call("DescribeApisByBackend", BackendId=backend), "ApiInfoList", "ApiInfo", "ApiName"), ["WithBackend"])
    equal("what runs", call("DescribeApisByBackend", BackendId=backend, StageName="TEST")["TotalCount"], 1)
    task = call("ModifyBackendModel", BackendId=backend, BackendModelId=model, BackendModelData=json.dumps({"serviceAddress": "http://new"}))
    done = call("DescribeUpdateBackendTask", OperationUid=task["OperationId"])["ApiUpdateBackendResults"]["ApiUpdateBackendResult"]
    equal("updated", [d["BackendId"] for d in done], [backend])
    refused("in use", "DependencyViolationBackend", 400, call, "DeleteBackend", BackendId=backend)
    task = call("DeleteBackendModel", BackendId=backend, BackendModelId=model, StageName="TEST")["OperationId"]
    equal("taken offline", len(call("DescribeAbolishApiTask", OperationUid=task)["ApiAbolishResults"]["ApiAbolishResult"]), 1)
    call("DeleteApi", ApiId=api)
    call("DeleteBackend", BackendId=backend)
    refused("gone", "NotFoundBackend", 400, call, "DescribeBackendInfo", BackendId=backend)


def models(group):
    schema = json.dumps({"type": "object", "properties": {"id": {"type": "integer"}}})
    made = call("CreateModel", GroupId=group, ModelName="Test", Schema=schema, Description="one")
    check("reference", made["ModelRef"].endswith(f"{group}/{made['ModelId']}"))
    call("ModifyModel", GroupId=group, ModelName="Test", NewModelName="NewTest")
    one = call("DescribeModels", GroupId=group)["ModelDetails"]["ModelDetail"][0]
    equal("changed", (one["ModelName"], one["Schema"], one["Description"]), ("NewTest", schema, "one"))
    refused("a taken name", "DuplicateModelName", 400, call, "CreateModel", GroupId=group, ModelName="NewTest", Schema=schema)
    refused("no JSON", "InvalidFormatSchema", 400, call, "CreateModel", GroupId=group, ModelName="Other", Schema="{")
    refused("no object", "InvalidSchema", 400, call, "CreateModel", GroupId=group, ModelName="Other", Schema='{"type":"string"}')
    call("DeleteModel", GroupId=group, ModelName="NewTest")
    refused("gone", "NotFoundModel", 400, call, "DeleteModel", GroupId=group, ModelName="NewTest")


def datasets():
    made = call("CreateDataset", DatasetName="addresses", DatasetType="IP_WHITELIST_CIDR")["DatasetId"]
    call("ModifyDataset", DatasetId=made, DatasetName="renamed", Description="about")
    info = call("DescribeDatasetInfo", DatasetId=made)["DatasetInfo"]
    equal("shown", (info["DatasetName"], info["DatasetType"], info["Description"]), ("renamed", "IP_WHITELIST_CIDR", "about"))
    item = call("CreateDatasetItem", DatasetId=made, Value="10.0.0.0/8", ExpiredTime="2035-01-01T00:00:00Z")["DatasetItemId"]
    call("ModifyDatasetItem", DatasetId=made, DatasetItemId=item, Description="private")
    by_value = call("DescribeDatasetItemInfo", DatasetId=made, Value="10.0.0.0/8")["DatasetItemInfo"]
    equal("by value", (by_value["DatasetItemId"], by_value["Description"], by_value["ExpiredTime"]), (item, "private", "2035-01-01T00:00:00Z"))
    equal("items", call("DescribeDatasetItemList", DatasetId=made, DatasetItemIds=item)["TotalCount"], 1)
    equal("datasets", call("DescribeDatasetList", DatasetIds=made)["DatasetInfoList"][0]["DatasetName"], "renamed")
    refused("no address", "InvalidValue", 400, call, "CreateDatasetItem", DatasetId=made, Value="x")
    refused("a taken value", "DuplicateValue", 400, call, "CreateDatasetItem", DatasetId=made, Value="10.0.0.0/8")
    refused("a time that is none", "InvalidFormatExpiredTime", 400, call, "CreateDatasetItem", DatasetId=made, Value="1.1.1.1", ExpiredTime="x")
    call("DeleteDatasetItem", DatasetId=made, DatasetItemId=item)
    refused("gone", "NotFoundDatasetItem", 400, call, "DescribeDatasetItemInfo", DatasetId=made, DatasetItemId=item)
    call("DeleteDataset", DatasetId=made)


def logs():
    call("CreateLogConfig", SlsProject="project", SlsLogStore="store")
    call("ModifyLogConfig", SlsProject="other", SlsLogStore="store", LogType="PROVIDER")
    equal("shown", [(i["LogType"], i["SlsProject"]) for i in call("DescribeLogConfig")["LogInfos"]["LogInfo"]], [("PROVIDER", "other")])
    refused("twice", "DuplicateLogType", 400, call, "CreateLogConfig", SlsProject="project", SlsLogStore="store")
    old("DeleteLogConfig", LogType="PROVIDER")
    refused("gone", "NotFoundLogConfig", 400, call, "DeleteLogConfig", LogType="PROVIDER")


def read(name):
    with open(os.path.join(CERTIFICATES, name)) as file:
        return file.read()


def domains(group):
    at = {"GroupId": group, "DomainName": "api.demo.com"}
    made = call("SetDomain", BindStageName="TEST", **at)
    equal("bound", (made["DomainName"], made["DomainBindingStatus"], made["DomainLegalStatus"]), ("api.demo.com", "BINDING", "NORMAL"))
    other = call("CreateApiGroup", GroupName="OtherGroup")["GroupId"]
    refused("another group's", "DomainAlreadyBind", 400, call, "SetDomain", GroupId=other, DomainName="api.demo.com")
    refused("no name", "InvalidDomainName", 400, call, "SetDomain", GroupId=group, DomainName="nothing")
    item = call("DescribeApiGroup", GroupId=group)["CustomDomains"]["DomainItem"]
    equal("in the group", [(i["DomainName"], i["BindStageName"]) for i in item], [("api.demo.com", "TEST")])
    call("SetDomainWebSocketStatus", ActionValue="OPEN", **at)
    equal("sockets", call("DescribeDomain", **at)["DomainWebSocketStatus"], "OPEN")
    call("ReactivateDomain", **at)
    call("SetDomain", GroupId=group, DomainName="*.prd.demo.com")
    call("SetWildcardDomainPatterns", GroupId=group, DomainName="*.prd.demo.com", WildcardDomainPatterns='["{svc}.prd.demo.com"]')
    refused("no pattern", "InvalidFormatWildcardDomainPatterns", 400, call, "SetWildcardDomainPatterns", GroupId=group,
            DomainName="*.prd.demo.com", WildcardDomainPatterns="{")
    call("SetDomain", GroupId=other, DomainName="api.demo.com", IsForce=True)
    refused("taken away", "NotFoundDomain", 400, call, "DescribeDomain", **at)
    check("deleting what is not there", call("DeleteDomain", **at)["RequestId"])
    check("the other's stays", call("DescribeDomain", GroupId=other, DomainName="api.demo.com")["DomainName"])
    certificates(group)
    call("DeleteApiGroup", GroupId=other)
    refused("the group is gone", "InvalidGroupId.NotFound", 400, call, "DeleteDomainCertificate", GroupId=other,
            DomainName="api.demo.com", CertificateId="x")


def certificates(group):
    at = {"GroupId": group, "DomainName": "pay.example.com"}
    call("SetDomain", **at)
    good = {"CertificateName": "test_cert", "CertificateBody": read("leaf.pem"), "CertificatePrivateKey": read("leaf.key")}
    said = refused("no certificate", "InvalidCertificateBody", 400, call, "SetDomainCertificate", **{**good, "CertificateBody": "x"}, **at)
    said += refused("another key", "InvalidCertificatePrivateKey", 400, call, "SetDomainCertificate",
                    **{**good, "CertificatePrivateKey": read("rsa.key")}, **at)
    check("no key is said", "PRIVATE KEY" not in said)
    call("SetDomainCertificate", SslVerifyDepth="2", **good, **at)
    shown = call("DescribeDomain", **at)
    equal("shown", (shown["CertificateName"], shown["CertificateBody"], shown["CertificatePrivateKey"]), ("test_cert", good["CertificateBody"], ""))
    check("times in milliseconds", 10 ** 12 < shown["CertificateValidStart"] < shown["CertificateValidEnd"])
    item = [i for i in call("DescribeApiGroup", GroupId=group)["CustomDomains"]["DomainItem"] if i["DomainName"] == at["DomainName"]][0]
    equal("in the group", (item["CertificateId"], item["SslVerifyDepth"], "CertificateBody" in item), (shown["CertificateId"], 2, False))
    call("SetDomain", GroupId=group, DomainName="other.test.org")
    refused("another domain", "InvalidDomainName", 400, call, "SetDomainCertificate", GroupId=group, DomainName="other.test.org", **good)
    for _ in range(2):
        call("DeleteDomainCertificate", CertificateId=shown["CertificateId"], **at)
    equal("gone", call("DescribeDomain", **at)["CertificateId"], "")


def run():
    group = call("CreateApiGroup", GroupName="Around")["GroupId"]
    api = call("CreateApi", **body(group, "ApiAround", "/around"))["ApiId"]
    plugins(group, api)
    networks(group)
    backends(group)
    models(group)
    datasets()
    logs()
    domains(group)
    call("DeleteApi", using=V2, ApiId=api)
    call("DeleteApiGroup", GroupId=group)
