//! The head of an answer, as far as a download looks at it.

use super::DownloadError;

/// Status and headers; a header that is absent, or that the host hides from this page, is `None`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Head {
    /// The status code.
    pub status: u16,
    /// `Content-Range`
    pub content_range: Option<String>,
    /// `Content-Length`, in bytes
    pub content_length: Option<u64>,
    /// `Content-Type`
    pub content_type: Option<String>,
    /// `Content-Encoding`
    pub content_encoding: Option<String>,
    /// `ETag`
    pub etag: Option<String>,
    /// `Retry-After`
    pub retry_after: Option<String>,
}

/// What `Content-Range` says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ContentRange {
    /// `bytes FIRST-LAST/TOTAL`
    Part {
        /// The first byte sent.
        first: u64,
        /// The last byte sent.
        last: u64,
        /// The file's size.
        total: u64,
    },
    /// `bytes */TOTAL`
    Unsatisfied {
        /// The file's size.
        total: u64,
    },
}

/// How long a host wants to be left alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RetryAfter {
    /// In seconds.
    pub seconds: u64,
}

impl Head {
    /// `Content-Range`, where it makes sense: `first <= last < total`.
    pub fn content_range(&self) -> Option<ContentRange> {
        let rest = self.content_range.as_deref()?.trim().strip_prefix("bytes ")?;
        let (part, total) = rest.split_once('/')?;
        let total = total.trim().parse().ok()?;
        if part.trim() == "*" {
            return Some(ContentRange::Unsatisfied { total });
        }
        let (first, last) = part.split_once('-')?;
        let (first, last) = (first.trim().parse().ok()?, last.trim().parse().ok()?);
        (first <= last && last < total).then_some(ContentRange::Part { first, last, total })
    }

    /// The entity tag, unless it is a weak one, which says nothing about single bytes.
    pub fn strong_etag(&self) -> Option<String> {
        self.etag.clone().filter(|etag| etag.starts_with('"'))
    }

    /// Whether the body is announced as HTML.
    pub fn is_web_page(&self) -> bool {
        self.content_type
            .as_deref()
            .is_some_and(|kind| kind.trim_start().to_ascii_lowercase().starts_with("text/html"))
    }

    /// Whether the bytes that arrive are not those that `Content-Length` counts.
    pub fn is_encoded(&self) -> bool {
        self.content_encoding.as_deref().is_some_and(|encoding| encoding != "identity")
    }

    /// The whole file's size, as an answer to `HEAD` or to a request for the first byte tells it. It is `None` where the
    /// host does not say, or hides it from this page.
    ///
    /// # Errors
    /// When the answer is no success, or a web page.
    pub fn file_size(&self) -> Result<Option<u64>, DownloadError> {
        match self.status {
            200 | 206 if self.is_web_page() => Err(DownloadError::WebPage),
            200 => Ok(self.content_length.filter(|_| !self.is_encoded())),
            206 => Ok(match self.content_range() {
                Some(ContentRange::Part { total, .. }) => Some(total),
                _ => None,
            }),
            status => Err(DownloadError::Status { status }),
        }
    }

    /// `Retry-After`, in seconds or as a date; `now_ms` counts milliseconds since 1970.
    pub fn retry_after(&self, now_ms: f64) -> Option<RetryAfter> {
        let text = self.retry_after.as_deref()?.trim();
        let seconds = match text.parse() {
            Ok(seconds) => seconds,
            Err(_) => unix_seconds(text)?.saturating_sub((now_ms / 1000.0) as u64),
        };
        Some(RetryAfter { seconds })
    }
}

/// Seconds since 1970 of a date such as `Sun, 06 Nov 1994 08:49:37 GMT` (RFC 9110, section 5.6.7).
fn unix_seconds(text: &str) -> Option<u64> {
    const MONTHS: [&str; 12] =
        ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let (_, date) = text.split_once(", ")?;
    let mut words = date.split(' ');
    let day: u64 = words.next()?.parse().ok()?;
    let month_name = words.next()?;
    let month = MONTHS.iter().position(|name| *name == month_name)? as u64 + 1;
    let year: u64 = words.next()?.parse().ok()?;
    let mut clock = words.next()?.split(':').map(|part| part.parse::<u64>().ok());
    let (hour, minute, second) = (clock.next()??, clock.next()??, clock.next()??);
    if words.next() != Some("GMT") || !(1970..10_000).contains(&year) || !(1..=31).contains(&day) {
        return None;
    }
    // Days since 1970 by counting years from March, so that leap days come last.
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let days = 365 * year + year / 4 - year / 100 + year / 400 + (153 * month + 2) / 5 + day - 1 - 719_468;
    Some(days * 86_400 + hour * 3_600 + minute * 60 + second)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn range(text: &str) -> Option<ContentRange> {
        Head { content_range: Some(text.into()), ..Head::default() }.content_range()
    }

    #[test]
    fn ranges_are_read_exactly() {
        assert_eq!(range("bytes 2-4/10"), Some(ContentRange::Part { first: 2, last: 4, total: 10 }));
        assert_eq!(range("bytes */10"), Some(ContentRange::Unsatisfied { total: 10 }));
        for wrong in
            ["bytes 4-2/10", "bytes 2-10/10", "bytes 2-4/*", "items 2-4/10", "bytes -4/10", "bytes 2-/10", ""]
        {
            assert_eq!(range(wrong), None, "{wrong:?}");
        }
    }

    #[test]
    fn the_size_is_what_the_host_says_of_the_whole_file() {
        let head = Head { status: 200, content_length: Some(70), ..Head::default() };
        assert_eq!(head.file_size(), Ok(Some(70)));
        let packed = Head { content_encoding: Some("gzip".into()), ..head.clone() };
        assert_eq!(packed.file_size(), Ok(None), "the length is that of the packed file");
        let part = Head { status: 206, content_length: Some(1), ..Head::default() };
        assert_eq!(part.file_size(), Ok(None), "the host hides the whole length");
        let part = Head { content_range: Some("bytes 0-0/70".into()), ..part };
        assert_eq!(part.file_size(), Ok(Some(70)));
        let page = Head { content_type: Some("text/html".into()), ..head };
        assert_eq!(page.file_size(), Err(DownloadError::WebPage));
        let missing = Head { status: 404, content_length: Some(9), ..Head::default() };
        assert_eq!(missing.file_size(), Err(DownloadError::Status { status: 404 }));
    }

    #[test]
    fn only_strong_tags_count() {
        let tag = |etag: &str| Head { etag: Some(etag.into()), ..Head::default() }.strong_etag();
        assert_eq!(tag("\"a\""), Some("\"a\"".into()));
        assert_eq!(tag("W/\"a\""), None);
    }

    #[test]
    fn a_host_may_say_when_to_come_back_in_seconds_or_by_date() {
        let after = |text: &str, now_ms| {
            Head { retry_after: Some(text.into()), ..Head::default() }
                .retry_after(now_ms)
                .map(|after| after.seconds)
        };
        assert_eq!(after("17", 0.0), Some(17));
        // 784111777 is that date in seconds, the example of RFC 9110.
        assert_eq!(after("Sun, 06 Nov 1994 08:49:37 GMT", 784_111_700_000.0), Some(77));
        assert_eq!(after("Sun, 06 Nov 1994 08:49:37 GMT", 784_999_999_000.0), Some(0));
        assert_eq!(after("Thu, 29 Feb 2024 00:00:00 GMT", 1_709_164_790_000.0), Some(10));
        assert_eq!(after("soon", 0.0), None);
    }
}
