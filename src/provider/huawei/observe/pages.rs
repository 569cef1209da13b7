//! Paged lists: the first page tells the total, the others are read at once.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use serde::Deserializer;
use serde::de::{DeserializeOwned, DeserializeSeed, Error, IgnoredAny, MapAccess, Visitor};
use serde_json::error::Category;
use tokio::task::JoinSet;

use super::super::tables::{Paging, Tables};
use crate::http::{Client, Request, not_json};
use crate::provider::ObserveError;

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

struct Page<T> {
    total: usize,
    rows: Vec<T>,
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
        list_all(self.client.clone(), self.tables.paging, self.path(path), list, query.to_vec()).await
    }

    /// All rows of several lists, read at once; each comes back with its label.
    pub(super) async fn lists<T, L>(&self, calls: Vec<ListCall<L>>) -> Result<Vec<(L, Vec<T>)>, ObserveError>
    where
        T: DeserializeOwned + Send + 'static,
        L: Send + 'static,
    {
        let mut tasks = JoinSet::new();
        for (index, ListCall { path, list, query, label }) in calls.into_iter().enumerate() {
            let (client, paging, path) = (self.client.clone(), self.tables.paging, self.path(&path));
            tasks
                .spawn(async move { (index, label, list_all::<T>(client, paging, path, list, query).await) });
        }
        let mut found = Vec::with_capacity(tasks.len());
        while let Some(joined) = tasks.join_next().await {
            let (index, label, rows) = joined.map_err(|e| broken("several kinds", &e.to_string()))?;
            found.push((index, label, rows?));
        }
        found.sort_by_key(|(index, _, _)| *index);
        Ok(found.into_iter().map(|(_, label, rows)| (label, rows)).collect())
    }
}

async fn list_all<T: DeserializeOwned + Send + 'static>(
    client: Client,
    paging: Paging,
    path: String,
    list: &'static str,
    query: Vec<(String, String)>,
) -> Result<Vec<T>, ObserveError> {
    let first = page::<T>(&client, paging, &path, list, &query, 0).await?;
    let mut rows = first.rows;
    let mut tasks = JoinSet::new();
    for offset in (Paging::SIZE..first.total).step_by(Paging::SIZE) {
        let (client, path, query) = (client.clone(), path.clone(), query.clone());
        tasks.spawn(async move { (offset, page::<T>(&client, paging, &path, list, &query, offset).await) });
    }
    let mut rest = Vec::with_capacity(tasks.len());
    while let Some(joined) = tasks.join_next().await {
        let (offset, page) = joined.map_err(|e| broken(list, &e.to_string()))?;
        rest.push((offset, page?));
    }
    rest.sort_by_key(|(offset, _)| *offset);
    rows.extend(rest.into_iter().flat_map(|(_, page)| page.rows));
    Ok(rows)
}

async fn page<T: DeserializeOwned>(
    client: &Client,
    paging: Paging,
    path: &str,
    list: &'static str,
    query: &[(String, String)],
    offset: usize,
) -> Result<Page<T>, ObserveError> {
    let mut query = query.to_vec();
    query.extend(paging.query(offset).map(|(name, value)| (name.to_owned(), value)));
    let request = Request::get(path, query);
    let read = |bytes: &[u8]| {
        let mut reader = serde_json::Deserializer::from_slice(bytes);
        let page = PageOf { list, rows: PhantomData }.deserialize(&mut reader);
        // Half an answer is tried again; one of another shape stays as it is.
        match page.and_then(|page| reader.end().map(|()| page)) {
            Ok(page) => Ok(Ok(page)),
            Err(e) if e.classify() == Category::Data => Ok(Err(broken(list, &e.to_string()))),
            Err(e) => Err(not_json(&request, bytes, &e)),
        }
    };
    client.send(&request, read).await?
}

/// Reads a page in one go: the rows under the list's own name, and `total`.
struct PageOf<T> {
    list: &'static str,
    rows: PhantomData<T>,
}

impl<'de, T: DeserializeOwned> DeserializeSeed<'de> for PageOf<T> {
    type Value = Page<T>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Page<T>, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de, T: DeserializeOwned> Visitor<'de> for PageOf<T> {
    type Value = Page<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "an object with `total` and `{}`", self.list)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Page<T>, A::Error> {
        let (mut rows, mut total) = (None, None);
        while let Some(key) = map.next_key::<Cow<'de, str>>()? {
            match &*key {
                "total" => total = Some(map.next_value()?),
                key if key == self.list => rows = map.next_value::<Option<Vec<T>>>()?,
                _ => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        let total = total.ok_or_else(|| A::Error::missing_field("total"))?;
        Ok(Page { total, rows: rows.unwrap_or_default() })
    }
}

fn broken(what: &str, message: &str) -> ObserveError {
    ObserveError::Shape { what: format!("the list of {what}"), message: message.to_owned() }
}
