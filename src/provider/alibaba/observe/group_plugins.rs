//! Plug-ins that others attached to whole groups (`AttachGroupPlugin`), which no manifest does. They keep both from going: a
//! plug-in that is attached cannot be deleted, and with a group its attachments would go.

use std::collections::BTreeSet;

use serde_json::Value;

use super::super::objects::{self, STAGES};
use super::{HUNDRED, list, text};
use crate::address::Address;
use crate::http::Client;
use crate::kind::Kind;
use crate::observed::{Holder, Observed};
use crate::provider::reading;
use crate::provider::{ObserveError, Want};

/// Of the groups and plug-ins that are to go.
pub(super) async fn read(client: &Client, want: &Want, observed: &mut Observed) -> Result<(), ObserveError> {
    let leaving: BTreeSet<&Address> = want.leaving.iter().collect();
    let mut lists = Vec::new();
    for address in leaving {
        let (Some(live), Some(object)) = (observed.get(address), objects::object(address.kind)) else {
            continue;
        };
        let by = (object.id, live.id.as_str());
        match address.kind {
            Kind::Plugin => {
                let rows = "GroupSummarys.GroupPluginSummary";
                lists.push(((address.clone(), ""), list("DescribePluginGroups", rows, &[by])));
            }
            Kind::Group => lists.extend(STAGES.map(|stage| {
                let rows = "Plugins.PluginAttribute";
                let query = [by, ("StageName", stage)];
                ((address.clone(), stage), list("DescribePluginsByGroup", rows, &query))
            })),
            _ => {}
        }
    }
    let found = reading::several::<Value, (Address, &str)>(client, HUNDRED, lists).await?;
    for ((address, stage), rows) in found {
        for row in rows {
            let name = |field| text(&row, field).unwrap_or_default();
            let what = match address.kind {
                Kind::Plugin => format!("the group {} in {}", name("GroupName"), name("StageName")),
                _ => format!("the plug-in {} in {stage}", name("PluginName")),
            };
            observed.holders.entry(address.clone()).or_default().push(Holder { what, on: None });
        }
    }
    Ok(())
}
