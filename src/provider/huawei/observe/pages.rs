//! Lists below one gateway.

use serde::de::DeserializeOwned;

use super::super::tables::Tables;
use crate::http::Client;
use crate::provider::ObserveError;
use crate::provider::reading::{self, List};

/// Reads below one gateway.
#[derive(Debug, Clone)]
pub(super) struct Reader<'a> {
    pub(super) client: &'a Client,
    root: &'a str,
    pub(super) tables: &'static Tables,
}

/// A list to be read.
#[derive(Debug)]
pub(super) struct ListCall<L> {
    path: String,
    list: &'static str,
    query: Vec<(String, String)>,
    /// What to know it by.
    label: L,
}

impl<L> ListCall<L> {
    pub(super) fn new(path: &str, list: &'static str, label: L) -> Self {
        Self { path: path.to_owned(), list, query: Vec::new(), label }
    }

    /// With a parameter.
    pub(super) fn filtered(mut self, parameter: &str, value: String) -> Self {
        self.query.push((parameter.to_owned(), value));
        self
    }
}

impl<'a> Reader<'a> {
    pub(super) fn new(client: &'a Client, root: &'a str, tables: &'static Tables) -> Self {
        Self { client, root, tables }
    }

    /// The id of the gateway.
    pub(super) fn gateway(&self) -> &str {
        super::super::objects::gateway_of(self.root)
    }

    /// The path of a request below the gateway, or by `../` above it.
    pub(super) fn path(&self, path: &str) -> String {
        super::super::objects::join(self.root, path)
    }

    /// All rows of a list.
    pub(super) async fn list<T: DeserializeOwned + Send + 'static>(
        &self,
        path: &str,
        list: &'static str,
        query: &[(String, String)],
    ) -> Result<Vec<T>, ObserveError> {
        let list = List { path: self.path(path), rows: list, query: query.to_vec() };
        reading::all(self.client.clone(), self.tables.paging.pages(), list).await
    }

    /// All rows of several lists, read at once; each comes back with its label.
    pub(super) async fn lists<T, L>(&self, calls: Vec<ListCall<L>>) -> Result<Vec<(L, Vec<T>)>, ObserveError>
    where
        T: DeserializeOwned + Send + 'static,
        L: Send + 'static,
    {
        let list = |ListCall { path, list, query, label }| {
            (label, List { path: self.path(&path), rows: list, query })
        };
        let lists = calls.into_iter().map(list).collect();
        reading::several(self.client, self.tables.paging.pages(), lists).await
    }
}
