//! Where plug-ins are attached (3.27.10). A plug-in's row does not tell how often it is attached, so each is asked.

use std::collections::HashMap;

use serde_json::Value;

use super::super::convert::{Names, plugin};
use super::pages::{ListCall, Reader};
use super::rows::{ApiRow, Named, text};
use super::{Known, shape};
use crate::address::{Address, RemoteId};
use crate::kind::Kind;
use crate::kinds::binding::Bound;
use crate::kinds::spec::Spec;
use crate::observed::{Detail, Live, Observed, State};
use crate::provider::{ObserveError, Want};

/// Of all plug-ins where a binding matters, or something leaves that they may hang on; else of those that are to go, which
/// others may have attached.
pub(super) async fn read(
    reader: &Reader<'_>,
    want: &Want,
    leaving: bool,
    plugins: &[Value],
    apis: &HashMap<&str, &ApiRow>,
    known: &Known,
    observed: &mut Observed,
) -> Result<(), ObserveError> {
    let all = leaving || want.kind(Kind::PluginBinding);
    let mut calls = Vec::new();
    for row in plugins {
        let named = Named::by(row, "plugin_id", "plugin_name")?;
        let address = Address::new(Kind::Plugin, &[&named.name]);
        if all || want.leaving.contains(&address) {
            let of_type = plugin::of_type(row).map_err(|e| shape(Kind::Plugin, &e.to_string()))?;
            let path = format!("/plugins/{}/attached-apis", crate::http::encode(&named.id));
            calls.push(ListCall::new(&path, "apis", (address, of_type)));
        }
    }
    for ((plugin, of_type), rows) in reader.lists::<Value, _>(calls).await? {
        if let Some(live) = observed.resources.get_mut(&plugin) {
            live.detail = Detail::Bound { count: rows.len() as u64 };
        }
        for row in rows {
            // One of an API that the list did not show was made a moment ago; the next plan sees both.
            let Some(api) = apis.get(text(&row, "api_id")) else { continue };
            let env_id = text(&row, "env_id");
            let environment = known.name(Kind::Environment, env_id).unwrap_or_else(|| format!("id:{env_id}"));
            let state = State::Known(Spec::Bound(Bound { to: plugin.name() }));
            let id = RemoteId::from(text(&row, "plugin_attach_id"));
            let address = api.address().child(Kind::PluginBinding, &environment);
            let address = address.child(Kind::PluginBinding, of_type.field());
            observed.insert(address, Live { id, state, detail: Detail::None });
        }
    }
    Ok(())
}
