//! Reading of lists and details, as the gateways of all vendors have them.

use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt;
use std::marker::PhantomData;

use serde::Deserializer;
use serde::de::{DeserializeOwned, DeserializeSeed, Error, IgnoredAny, MapAccess, Visitor};
use serde_json::Value;
use serde_json::error::Category;
use tokio::task::JoinSet;

use super::ObserveError;
use crate::http::{CallError, Client, Request, not_json};

/// How many cached definitions are read again at every use.
const VERIFIED: usize = 3;

/// A change mark younger than this when it was read may hide a second change within the same second.
const RACY_SECONDS: i64 = 2;

/// How the pages of lists are asked for.
#[derive(Debug, Clone, Copy)]
pub(in crate::provider) struct Pages {
    /// The most rows that a gateway puts on a page.
    pub(in crate::provider) size: usize,
    /// The field with the number of all rows.
    pub(in crate::provider) total: &'static str,
    /// The parameters that ask for the page that begins after so many rows.
    pub(in crate::provider) query: fn(usize) -> [(&'static str, String); 2],
}

/// A list to be read.
#[derive(Debug, Clone)]
pub(in crate::provider) struct List {
    /// Where it is.
    pub(in crate::provider) path: String,
    /// The field with the rows; `outer.inner` is the field `inner` of the object `outer`.
    pub(in crate::provider) rows: &'static str,
    /// What else is asked.
    pub(in crate::provider) query: Vec<(String, String)>,
}

struct Page<T> {
    total: usize,
    rows: Vec<T>,
}

/// All rows of several lists, read at once; each comes back with its label, in the order in which they were asked for.
pub(in crate::provider) async fn several<T, L>(
    client: &Client,
    pages: Pages,
    lists: Vec<(L, List)>,
) -> Result<Vec<(L, Vec<T>)>, ObserveError>
where
    T: DeserializeOwned + Send + 'static,
    L: Send + 'static,
{
    let mut tasks = JoinSet::new();
    for (index, (label, list)) in lists.into_iter().enumerate() {
        let client = client.clone();
        tasks.spawn(async move { (index, label, all::<T>(client, pages, list).await) });
    }
    let mut found = Vec::with_capacity(tasks.len());
    while let Some(joined) = tasks.join_next().await {
        let (index, label, rows) = joined.map_err(|e| broken("several kinds", &e.to_string()))?;
        found.push((index, label, rows?));
    }
    found.sort_by_key(|(index, _, _)| *index);
    Ok(found.into_iter().map(|(_, label, rows)| (label, rows)).collect())
}

/// Reads several objects at once, each with its key.
pub(in crate::provider) async fn fetch(
    client: &Client,
    calls: Vec<(String, Request)>,
    what: &'static str,
) -> Result<HashMap<String, Value>, ObserveError> {
    let mut found = HashMap::with_capacity(calls.len());
    for (key, answer) in answers(client, calls, what).await? {
        found.insert(key, answer?);
    }
    Ok(found)
}

/// As [`fetch`], with what was refused.
pub(in crate::provider) async fn answers(
    client: &Client,
    calls: Vec<(String, Request)>,
    what: &'static str,
) -> Result<Vec<(String, Result<Value, CallError>)>, ObserveError> {
    let mut tasks = JoinSet::new();
    for (key, request) in calls {
        let client = client.clone();
        tasks.spawn(async move { (key, client.json(&request).await) });
    }
    let mut found = Vec::with_capacity(tasks.len());
    while let Some(joined) = tasks.join_next().await {
        found
            .push(joined.map_err(|e| ObserveError::Shape { what: what.to_owned(), message: e.to_string() })?);
    }
    Ok(found)
}

/// A few of what the cache knows, at random: they are read again all the same.
pub(in crate::provider) fn sample<T: Copy>(hits: &[T]) -> Vec<T> {
    let mut random = [0u8; 8 * VERIFIED];
    if hits.is_empty() || aws_lc_rs::rand::fill(&mut random).is_err() {
        return Vec::new();
    }
    let mut chosen: Vec<usize> = random
        .chunks_exact(8)
        .map(|chunk| {
            chunk.iter().fold(0usize, |n, byte| n.wrapping_mul(256).wrapping_add(usize::from(*byte)))
                % hits.len()
        })
        .collect();
    chosen.sort_unstable();
    chosen.dedup();
    chosen.into_iter().map(|i| hits[i]).collect()
}

/// Whether a change mark is old enough that a further change would have another.
pub(in crate::provider) fn settled(client: &Client, mark: &str) -> bool {
    mark.parse::<jiff::Timestamp>().is_ok_and(|at| at.as_second() + RACY_SECONDS <= client.server_time())
}

/// All rows of a list: the first page tells the total, the others are read at once.
pub(in crate::provider) async fn all<T: DeserializeOwned + Send + 'static>(
    client: Client,
    pages: Pages,
    list: List,
) -> Result<Vec<T>, ObserveError> {
    let first = page::<T>(&client, pages, &list, 0).await?;
    let mut rows = first.rows;
    let mut tasks = JoinSet::new();
    for offset in (pages.size..first.total).step_by(pages.size) {
        let (client, list) = (client.clone(), list.clone());
        tasks.spawn(async move { (offset, page::<T>(&client, pages, &list, offset).await) });
    }
    let mut rest = Vec::with_capacity(tasks.len());
    while let Some(joined) = tasks.join_next().await {
        let (offset, page) = joined.map_err(|e| broken(list.rows, &e.to_string()))?;
        rest.push((offset, page?));
    }
    rest.sort_by_key(|(offset, _)| *offset);
    rows.extend(rest.into_iter().flat_map(|(_, page)| page.rows));
    Ok(rows)
}

async fn page<T: DeserializeOwned>(
    client: &Client,
    pages: Pages,
    list: &List,
    offset: usize,
) -> Result<Page<T>, ObserveError> {
    let mut query = list.query.clone();
    query.extend((pages.query)(offset).map(|(name, value)| (name.to_owned(), value)));
    let request = Request::get(&*list.path, query);
    let read = |bytes: &[u8]| {
        let mut reader = serde_json::Deserializer::from_slice(bytes);
        let page = PageOf { pages, list: list.rows, rows: PhantomData }.deserialize(&mut reader);
        // Half an answer is tried again; one of another shape stays as it is.
        match page.and_then(|page| reader.end().map(|()| page)) {
            Ok(page) => Ok(Ok(page)),
            Err(e) if e.classify() == Category::Data => Ok(Err(broken(list.rows, &e.to_string()))),
            Err(e) => Err(not_json(&request, bytes, &e)),
        }
    };
    client.send(&request, read).await?
}

/// Reads a page in one go: the rows under the list's own name, and the total.
struct PageOf<T> {
    pages: Pages,
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
        write!(f, "an object with `{}` and `{}`", self.pages.total, self.list)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Page<T>, A::Error> {
        let (outer, inner) = self.list.split_once('.').unwrap_or((self.list, ""));
        let (mut rows, mut total) = (None, None);
        while let Some(key) = map.next_key::<Cow<'de, str>>()? {
            match &*key {
                key if key == self.pages.total => total = Some(map.next_value()?),
                key if key == outer && inner.is_empty() => rows = map.next_value::<Option<Vec<T>>>()?,
                key if key == outer => {
                    rows = map.next_value_seed(Inner { list: inner, rows: PhantomData })?;
                }
                _ => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        let total = total.ok_or_else(|| A::Error::missing_field(self.pages.total))?;
        Ok(Page { total, rows: rows.unwrap_or_default() })
    }
}

/// Reads a list that stands within an object of its own.
struct Inner<T> {
    list: &'static str,
    rows: PhantomData<T>,
}

impl<'de, T: DeserializeOwned> DeserializeSeed<'de> for Inner<T> {
    type Value = Option<Vec<T>>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de, T: DeserializeOwned> Visitor<'de> for Inner<T> {
    type Value = Option<Vec<T>>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "an object with `{}`", self.list)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut rows = None;
        while let Some(key) = map.next_key::<Cow<'de, str>>()? {
            if key == self.list {
                rows = map.next_value::<Option<Vec<T>>>()?;
            } else {
                map.next_value::<IgnoredAny>()?;
            }
        }
        Ok(rows)
    }
}

fn broken(what: &str, message: &str) -> ObserveError {
    ObserveError::Shape { what: format!("the list of {what}"), message: message.to_owned() }
}
