//! Listings as the server gives them (`ListObjectsV2`). The client library refuses a whole listing for one key that
//! it cannot name, such as `a//b`, and takes a page that is cut short without a token for the last.

use bytes::Bytes;
use http::Method;
use http::header::DATE;
use jiff::Timestamp;
use jiff::fmt::rfc2822;
use object_store::path::Path;
use serde::Deserialize;

use super::S3;
use super::answer::{generic, parsed};

/// One page of a listing.
#[derive(Debug, Default)]
pub(in crate::store::remote) struct Page {
    pub(in crate::store::remote) objects: Vec<Listed>,
    /// When the server answered, by its own clock, in seconds since 1970.
    pub(in crate::store::remote) date: Option<i64>,
    /// Where the next page begins; none if this is the last.
    pub(in crate::store::remote) next: Option<String>,
}

/// An object as a listing shows it.
#[derive(Debug)]
pub(in crate::store::remote) struct Listed {
    /// Whatever the server calls it: not every key is one of ours.
    pub(in crate::store::remote) key: String,
    pub(in crate::store::remote) size: u64,
    pub(in crate::store::remote) etag: Option<String>,
    /// Seconds since 1970.
    pub(in crate::store::remote) modified: i64,
}

#[derive(Deserialize)]
#[serde(rename = "ListBucketResult", rename_all = "PascalCase")]
struct ListBucketResult {
    is_truncated: bool,
    next_continuation_token: Option<String>,
    #[serde(default)]
    contents: Vec<Content>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Content {
    key: String,
    size: u64,
    last_modified: Timestamp,
    #[serde(rename = "ETag")]
    etag: Option<String>,
}

/// An answer that contradicts itself: to go on would take what is not shown for what is not there.
#[derive(Debug, thiserror::Error)]
#[error("the server says that its listing goes on, and not where")]
struct NoToken;

impl S3 {
    /// The objects whose keys begin with `prefix` and come after a key; with a token from where the page before has
    /// ended.
    pub(in crate::store::remote) async fn list(
        &self,
        prefix: &str,
        after: Option<&str>,
        token: Option<&str>,
    ) -> object_store::Result<Page> {
        // Not with `encoding-type`: s3s-fs says that it has encoded the keys, and has not.
        let mut query = vec![("list-type", "2".to_owned())];
        query.extend((!prefix.is_empty()).then(|| ("prefix", prefix.to_owned())));
        match token {
            Some(token) => query.push(("continuation-token", token.to_owned())),
            None => query.extend(after.map(|key| ("start-after", key.to_owned()))),
        }
        let everything = Path::default();
        let response = self.send(Method::GET, &everything, &query, &[], Bytes::new()).await?;
        let date = response.headers().get(DATE).and_then(|date| http_date(date.to_str().ok()?));
        let result: ListBucketResult = parsed(&everything, response).await?;
        let page = page(result).map_err(generic)?;
        Ok(Page { date, ..page })
    }
}

fn page(result: ListBucketResult) -> Result<Page, NoToken> {
    let next = match (result.is_truncated, result.next_continuation_token) {
        (false, _) => None,
        (true, None) => return Err(NoToken),
        (true, token) => token,
    };
    let listed =
        |Content { key, size, last_modified, etag }| Listed { key, size, etag, modified: last_modified.as_second() };
    Ok(Page { objects: result.contents.into_iter().map(listed).collect(), date: None, next })
}

/// A `Date` header.
fn http_date(text: &str) -> Option<i64> {
    Some(rfc2822::parse(text).ok()?.timestamp().as_second())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(inside: &str) -> Result<Page, String> {
        let text =
            format!("<ListBucketResult xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">{inside}</ListBucketResult>");
        let result = quick_xml::de::from_str(&text).map_err(|error| error.to_string())?;
        page(result).map_err(|error| error.to_string())
    }

    #[test]
    fn keys_are_taken_as_they_are() {
        let content = "<Contents><Key>a%20b+c//&lt;e&gt;</Key><LastModified>2026-10-01T12:00:00.000Z</LastModified>\
            <ETag>&quot;abc&quot;</ETag><Size>7</Size><StorageClass>STANDARD</StorageClass></Contents>";
        let page = read(&format!("<IsTruncated>false</IsTruncated>{content}<KeyCount>2</KeyCount>{content}")).unwrap();
        let first = &page.objects[0];
        assert_eq!((first.key.as_str(), first.size, first.etag.as_deref()), ("a%20b+c//<e>", 7, Some("\"abc\"")));
        assert_eq!((page.objects.len(), first.modified, page.next), (2, 1_790_856_000, None));
    }

    #[test]
    fn the_clock_of_a_server_is_read() {
        assert_eq!(http_date("Thu, 01 Oct 2026 12:00:00 GMT"), Some(1_790_856_000));
        assert_eq!(http_date("now"), None);
    }

    #[test]
    fn a_listing_that_contradicts_itself_is_none() {
        let token = |token: &str| format!("<NextContinuationToken>{token}</NextContinuationToken>");
        let truncated = |inside: &str| read(&format!("<IsTruncated>true</IsTruncated>{inside}"));
        assert!(truncated("").unwrap_err().contains("and not where"));
        assert_eq!(truncated(&token("there")).unwrap().next.as_deref(), Some("there"));
        assert!(read("<IsTruncated>perhaps</IsTruncated>").is_err());
        assert!(read("").is_err());
    }
}
