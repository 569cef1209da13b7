//! Snapshots to rows and back.
//!
//! Each collection is a list of objects as the wire shows them; what was seen in a list may lack what only details show.
//! What an object holds of other collections (tags, domains of a group, special policies, where an API runs) is taken
//! out of it, so both forms work; what a collection says itself wins.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::super::model::{Coll, Doc, Record, Row};
use super::super::snapshot::LoadError;
use super::super::store::{Gateway, Tx};
use super::super::time::{Nanos, parse, seconds};
use super::definition::path_key;
use super::deploy;

/// Collection name to objects.
pub(crate) type Collections = BTreeMap<String, Vec<Value>>;

/// A collection of a snapshot.
struct Seeded {
    name: &'static str,
    coll: Coll,
    /// The members that make its id; a single one is not kept beside the id.
    id: &'static [&'static str],
    /// What the times of making and changing are called.
    times: (&'static str, &'static str),
}

const fn seeded(name: &'static str, coll: Coll, id: &'static [&'static str]) -> Seeded {
    Seeded { name, coll, id, times: ("CreatedTime", "ModifiedTime") }
}

const fn bound(name: &'static str, coll: Coll, id: &'static [&'static str], time: &'static str) -> Seeded {
    Seeded { name, coll, id, times: (time, "") }
}

/// Every collection; what refers to another comes after it.
static ALL: [Seeded; 25] = [
    seeded("instances", Coll::CloudInstance, &["InstanceId"]),
    seeded("groups", Coll::CloudGroup, &["GroupId"]),
    seeded("vpc_accesses", Coll::CloudVpc, &["VpcAccessId"]),
    seeded("backends", Coll::CloudBackend, &["BackendId"]),
    Seeded {
        times: ("GmtCreate", "GmtModified"),
        ..seeded("backend_models", Coll::CloudBackendModel, &["BackendModelId"])
    },
    seeded("apis", Coll::CloudApi, &["ApiId"]),
    bound("deployed", Coll::CloudVersion, &["ApiId", "StageName", "HistoryVersion"], "DeployedTime"),
    seeded("variables", Coll::CloudVariable, &["GroupId", "StageName", "VariableName"]),
    seeded("traffic_controls", Coll::CloudTraffic, &["TrafficControlId"]),
    seeded("traffic_specials", Coll::CloudSpecial, &["TrafficControlId", "SpecialType", "SpecialKey"]),
    seeded("signatures", Coll::CloudSignature, &["SignatureId"]),
    Seeded {
        times: ("CreateTime", "ModifiedTime"),
        ..seeded("ip_controls", Coll::CloudIpControl, &["IpControlId"])
    },
    Seeded {
        times: ("CreateTime", "ModifiedTime"),
        ..seeded("ip_control_items", Coll::CloudIpItem, &["PolicyItemId"])
    },
    seeded("acls", Coll::CloudAcl, &["AclId"]),
    seeded("apps", Coll::CloudApp, &["AppId"]),
    seeded("app_keys", Coll::CloudKey, &["AppKey"]),
    seeded("app_codes", Coll::CloudCode, &["AppId", "AppCode"]),
    bound("authorizations", Coll::CloudAuth, &["AppId", "ApiId", "StageName"], "AuthorizedTime"),
    seeded("plugins", Coll::CloudPlugin, &["PluginId"]),
    bound("bindings", Coll::CloudBinding, &["Policy", "Place", "StageName", "Slot"], "BoundTime"),
    seeded("models", Coll::CloudModel, &["ModelId"]),
    seeded("domains", Coll::CloudDomain, &["DomainName"]),
    seeded("log_configs", Coll::CloudLog, &["LogType"]),
    seeded("datasets", Coll::CloudDataset, &["DatasetId"]),
    seeded("dataset_items", Coll::CloudDatasetItem, &["DatasetItemId"]),
];

/// Members that are secrets: a snapshot that is read out has them masked.
const SECRETS: [&str; 4] = ["AppSecret", "SignatureSecret", "CertificatePrivateKey", "AppCode"];
/// What is computed anew.
const COMPUTED: [&str; 6] =
    ["RegionId", "GroupName", "TagStatus", "SubDomain", "DeployedInfos", "CustomDomains"];

type Rows = Vec<(Coll, Row)>;

/// Turns collections into rows.
pub(crate) fn rows(mut given: Collections, now: Nanos) -> Result<Rows, LoadError> {
    if let Some(name) = given.keys().find(|name| *name != "tags" && !ALL.iter().any(|it| it.name == **name)) {
        return Err(LoadError::Unknown { collection: name.clone() });
    }
    let tags = given.remove("tags").unwrap_or_default();
    let mut more = Collections::new();
    more.insert("tags".to_owned(), tags);
    let mut rows = Rows::new();
    let mut known: BTreeSet<(Coll, Box<str>)> = BTreeSet::new();
    let mut drafts: BTreeMap<String, Doc> = BTreeMap::new();
    for kind in &ALL {
        let own = given.remove(kind.name).unwrap_or_default();
        let found = more.remove(kind.name).unwrap_or_default();
        for (index, object) in own.into_iter().chain(found).enumerate() {
            let malformed = |reason| LoadError::Malformed { collection: kind.name, index, reason };
            let Value::Object(mut doc) = object else { return Err(malformed("it is not an object")) };
            take_out(kind, &mut doc, &mut more);
            complete(kind, &mut doc, &drafts).map_err(malformed)?;
            let record = record(kind, doc, now).map_err(malformed)?;
            if kind.coll == Coll::CloudApi {
                drafts.insert(record.id.to_string(), record.doc.clone());
            }
            if !known.insert((kind.coll, record.id.clone())) {
                continue;
            }
            if kind.coll == Coll::CloudVersion {
                let running = deploy::deployment(&record, record.created);
                if known.insert((Coll::CloudDeployment, running.id.clone())) {
                    rows.push((Coll::CloudDeployment, Row::Record(running)));
                } else {
                    continue;
                }
            }
            rows.push((kind.coll, Row::Record(record)));
        }
    }
    for tag in more.remove("tags").unwrap_or_default() {
        let text = |name: &str| tag[name].as_str().unwrap_or("").to_owned();
        let id = format!("{}/{}/{}", text("ResourceType"), text("ResourceId"), text("TagKey"));
        let doc = tag.as_object().cloned().unwrap_or_default();
        rows.push((Coll::CloudTag, Row::Record(Record { id: id.into(), created: now, updated: now, doc })));
    }
    Ok(rows)
}

/// The text of a member; of a number its digits.
fn text(doc: &Doc, name: &str) -> String {
    match doc.get(name) {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Number(number)) => number.to_string(),
        _ => String::new(),
    }
}

/// The items of a list, wrapped or not.
fn list(value: Option<Value>) -> Vec<Value> {
    match value {
        Some(Value::Array(items)) => items,
        Some(Value::Object(holder)) => match holder.into_iter().next() {
            Some((_, Value::Array(items))) => items,
            _ => Vec::new(),
        },
        _ => Vec::new(),
    }
}

/// Takes out of an object what belongs into other collections.
fn take_out(kind: &Seeded, doc: &mut Doc, more: &mut Collections) {
    let id = text(doc, kind.id[0]);
    let mut give = |name: &str, value: Value| more.entry(name.to_owned()).or_default().push(value);
    let resource = match kind.coll {
        Coll::CloudGroup => "apiGroup",
        Coll::CloudPlugin => "plugin",
        Coll::CloudApp => "app",
        Coll::CloudApi => "api",
        Coll::CloudVpc => "vpcAccess",
        Coll::CloudBackend => "backend",
        Coll::CloudModel => "model",
        Coll::CloudDataset => "dataset",
        _ => "",
    };
    if !resource.is_empty() {
        for tag in list(doc.shift_remove("Tags")).into_iter().chain(list(doc.shift_remove("TagList"))) {
            let member = |a: &str, b: &str| tag.get(a).or(tag.get(b)).cloned().unwrap_or_default();
            give(
                "tags",
                json!({"ResourceType": resource, "ResourceId": id, "TagKey": member("Key", "TagKey"),
                    "TagValue": member("Value", "TagValue")}),
            );
        }
    }
    for mut item in list(doc.shift_remove("CustomDomains")) {
        item["GroupId"] = id.as_str().into();
        give("domains", item);
    }
    for info in
        list(doc.shift_remove("DeployedInfos")).into_iter().filter(|it| it["DeployedStatus"] == "DEPLOYED")
    {
        give(
            "deployed",
            json!({"ApiId": id, "StageName": info["StageName"], "HistoryVersion": info["EffectiveVersion"]}),
        );
    }
    for policy in list(doc.shift_remove("SpecialPolicies")) {
        for mut special in list(policy.get("Specials").cloned()) {
            special["SpecialType"] = policy["SpecialType"].clone();
            special["TrafficControlId"] = id.as_str().into();
            give("traffic_specials", special);
        }
    }
}

/// Puts in what indexes and handlers need.
fn complete(kind: &Seeded, doc: &mut Doc, drafts: &BTreeMap<String, Doc>) -> Result<(), &'static str> {
    for name in ["AppId", "PolicyId"] {
        if doc.get(name).is_some_and(Value::is_number) {
            let text = text(doc, name);
            doc.insert(name.to_owned(), text.into());
        }
    }
    match kind.coll {
        Coll::CloudApi => index(doc),
        Coll::CloudVersion => {
            if text(doc, "HistoryVersion").is_empty() {
                // Lists of what runs do not show the number.
                let when = parse(&text(doc, "DeployedTime")).unwrap_or(0);
                let number = format!("{}000", super::super::time::version_number(when));
                doc.insert("HistoryVersion".to_owned(), number.into());
            }
            let api_id = text(doc, "ApiId");
            let draft = drafts.get(&api_id).ok_or("its API is not in `apis`")?;
            let mut definition = if doc.contains_key("RequestConfig") { doc.clone() } else { draft.clone() };
            index(&mut definition);
            for name in COMPUTED.iter().chain(&["ApiId", "StageName", "HistoryVersion", "DeployedTime"]) {
                definition.shift_remove(*name);
            }
            doc.retain(|name, _| {
                ["ApiId", "StageName", "HistoryVersion", "DeployedTime"].contains(&name.as_str())
            });
            doc.insert("GroupId".to_owned(), draft.get("GroupId").cloned().unwrap_or_default());
            doc.insert("Definition".to_owned(), definition.into());
        }
        Coll::CloudBinding => {
            let place = if text(doc, "ApiId").is_empty() { text(doc, "GroupId") } else { text(doc, "ApiId") };
            let slot =
                if text(doc, "Policy").ends_with("lugin") { text(doc, "PolicyId") } else { String::new() };
            doc.insert("Place".to_owned(), place.into());
            doc.insert("Slot".to_owned(), slot.into());
        }
        _ => {}
    }
    Ok(())
}

/// The members of a definition that lists and indexes need; a list shows them instead of the settings.
fn index(doc: &mut Doc) {
    if !doc.contains_key("RequestConfig") {
        let config =
            json!({"RequestHttpMethod": text(doc, "ApiMethod"), "RequestPath": text(doc, "ApiPath")});
        doc.insert("RequestConfig".to_owned(), config);
    }
    let config = doc.get("RequestConfig").and_then(Value::as_object).cloned().unwrap_or_default();
    let path = text(&config, "RequestPath");
    let vpc = doc.get("ServiceConfig").map(|service| service["VpcConfig"]["Name"].clone());
    let backend = doc.get("BackendConfig").map(|backend| backend["BackendId"].clone());
    doc.insert("PathKey".to_owned(), path_key(&path).into());
    doc.insert("ApiPath".to_owned(), path.into());
    doc.insert("ApiMethod".to_owned(), text(&config, "RequestHttpMethod").into());
    for (name, value) in [("VpcName", vpc), ("BackendId", backend)] {
        if let Some(value) = value.filter(Value::is_string) {
            doc.insert(name.to_owned(), value);
        }
    }
}

fn record(kind: &Seeded, mut doc: Doc, now: Nanos) -> Result<Record, &'static str> {
    let parts: Vec<String> = kind.id.iter().map(|name| text(&doc, name)).collect();
    // Only what fills the last place of a binding may be absent.
    let needed = if kind.coll == Coll::CloudBinding { 3 } else { parts.len() };
    if parts[..needed].iter().any(String::is_empty) {
        return Err("it lacks a member of its id");
    }
    let mut moment = |name: &str| doc.shift_remove(name).and_then(|time| parse(time.as_str()?));
    let created = moment(kind.times.0);
    let updated = moment(kind.times.1);
    if kind.id.len() == 1 && !matches!(kind.coll, Coll::CloudKey | Coll::CloudDomain | Coll::CloudLog) {
        doc.shift_remove(kind.id[0]);
    }
    for name in COMPUTED.into_iter().filter(|name| kind.coll != Coll::CloudGroup || *name != "GroupName") {
        doc.shift_remove(name);
    }
    let created = created.unwrap_or(now);
    Ok(Record { id: parts.join("/").into(), created, updated: updated.unwrap_or(created), doc })
}

/// Puts rows in place; an instance that groups name and nobody described is made up.
pub(crate) fn put(tx: &mut Tx, rows: Rows, now: Nanos) {
    for (coll, row) in rows {
        tx.put(coll, row);
    }
    let named: BTreeSet<String> =
        tx.records(Coll::CloudGroup).map(|group| group.text("InstanceId").to_owned()).collect();
    for id in named.into_iter().filter(|id| !id.is_empty()) {
        if tx.record(Coll::CloudInstance, &id).is_none() {
            let group = tx.records_by(Coll::CloudGroup, "InstanceId", &[&id]).next();
            let kind = group.map_or("", |group| group.text("InstanceType")).to_owned();
            let mut doc = Doc::new();
            doc.insert("InstanceType".to_owned(), kind.into());
            doc.insert("Status".to_owned(), "RUNNING".into());
            let row = Record { id: id.into(), created: now, updated: now, doc };
            tx.put(Coll::CloudInstance, Row::Record(row));
        }
    }
}

/// Everything the gateway holds, in the same form.
pub(crate) fn dump(gateway: &Gateway) -> Collections {
    let mut out = Collections::new();
    for kind in &ALL {
        let one = |record: &Record| object(kind, record);
        let all: Vec<Value> = match kind.coll {
            // Only what runs: older versions are in no list.
            Coll::CloudVersion => {
                gateway.records(Coll::CloudDeployment).filter_map(|it| deployed(gateway, it)).collect()
            }
            coll => gateway.records(coll).map(one).collect(),
        };
        if !all.is_empty() {
            out.insert(kind.name.to_owned(), all);
        }
    }
    let tags: Vec<Value> =
        gateway.records(Coll::CloudTag).map(|tag| Value::Object(tag.doc.clone())).collect();
    if !tags.is_empty() {
        out.insert("tags".to_owned(), tags);
    }
    out
}

fn deployed(gateway: &Gateway, deployment: &Record) -> Option<Value> {
    let (api, stage) = (deployment.text("ApiId"), deployment.text("StageName"));
    let version = deploy::running(gateway, api, stage)?;
    let mut doc = deploy::definition(version)?.clone();
    for name in ["ApiId", "StageName", "HistoryVersion"] {
        doc.insert(name.to_owned(), version.text(name).into());
    }
    doc.insert("DeployedTime".to_owned(), seconds(deployment.created).into());
    Some(doc.into())
}

fn object(kind: &Seeded, record: &Record) -> Value {
    let mut doc = record.doc.clone();
    // They say again what the others say: the id is made of them.
    for name in ["Place", "Slot"] {
        doc.shift_remove(name);
    }
    if let [id] = kind.id {
        doc.insert((*id).to_owned(), record.id.as_ref().into());
    }
    for (name, time) in [(kind.times.0, record.created), (kind.times.1, record.updated)] {
        if !name.is_empty() {
            doc.insert(name.to_owned(), seconds(time).into());
        }
    }
    for name in SECRETS {
        if let Some(Value::String(secret)) = doc.get(name) {
            // What came masked from another gateway is shown as it came.
            let masked = if secret.contains("*****") { secret.to_owned() } else { super::mask(secret) };
            doc.insert(name.to_owned(), masked.into());
        }
    }
    doc.into()
}
