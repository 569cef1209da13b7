//! Rows of lists.

use serde::{Deserialize, Deserializer};

use super::super::convert::api;
use crate::address::Address;
use crate::kind::Kind;

/// A row of `DescribeApis`, as far as it is used.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub(in crate::provider::alibaba) struct ApiRow {
    pub(in crate::provider::alibaba) api_id: String,
    pub(in crate::provider::alibaba) api_name: String,
    pub(in crate::provider::alibaba) group_id: String,
    #[serde(deserialize_with = "nullable")]
    pub(in crate::provider::alibaba) group_name: String,
    #[serde(deserialize_with = "nullable")]
    api_method: String,
    #[serde(deserialize_with = "nullable")]
    api_path: String,
    #[serde(deserialize_with = "nullable")]
    pub(in crate::provider::alibaba) modified_time: String,
    deployed_infos: Infos,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct Infos {
    deployed_info: Vec<Info>,
}

/// Whether an API runs in an environment, and which version.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub(in crate::provider::alibaba) struct Info {
    pub(in crate::provider::alibaba) stage_name: String,
    #[serde(deserialize_with = "nullable")]
    pub(in crate::provider::alibaba) effective_version: String,
    #[serde(deserialize_with = "nullable")]
    deployed_status: String,
}

fn nullable<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    Ok(Option::<String>::deserialize(deserializer)?.unwrap_or_default())
}

impl ApiRow {
    pub(in crate::provider::alibaba) fn address(&self) -> Address {
        Address::new(Kind::Api, &[&self.group_name, &self.api_name])
    }

    /// The environments that it runs in.
    pub(in crate::provider::alibaba) fn deployed(&self) -> impl Iterator<Item = &Info> {
        self.deployed_infos.deployed_info.iter().filter(|info| info.deployed_status == "DEPLOYED")
    }

    /// As `ApiSpec::request_claim`.
    pub(super) fn claim(&self) -> String {
        api::claim(&self.group_name, &self.api_method, &self.api_path)
    }
}
