//! What hosts are asked before anybody has agreed to a download: lists and sizes, never a file.

use js_sys::Date;
use protocol::{Address, ErrorKind, NamedBy, NewItem, Origin, Repository, WireError};
use web_sys::AbortController;

use super::time::sleep;
use crate::fetch::{
    DownloadError, Patience,
    browser::{Ask, Peek, ask, peek},
    hub::{self, HubError, HubFile, Next},
};

/// Why a reading of an address is not the right one.
enum Miss {
    /// It names a file that is not there; another reading may name one that is.
    NoFile(WireError),
    Failed(WireError),
}

/// The first of the readings whose files are all there, with what the host says of them.
///
/// # Errors
/// Why none is: of several, what was wrong with the first.
pub(super) async fn inquire(hub: &str, readings: Vec<NewItem>) -> Result<NewItem, WireError> {
    let mut first = None;
    for reading in readings {
        match quote(hub, reading).await {
            Ok(item) => return Ok(item),
            Err(Miss::NoFile(error)) => first = first.or(Some(error)),
            Err(Miss::Failed(error)) => return Err(error),
        }
    }
    Err(first.unwrap_or_else(|| WireError::new(ErrorKind::InvalidRequest, "The address names nothing.")))
}

async fn quote(hub: &str, mut item: NewItem) -> Result<NewItem, Miss> {
    let mut of_hub = Vec::new();
    for file in &item.files {
        let Origin::Url(address) = &file.from else { return Ok(item) };
        of_hub.extend(HubFile::at(hub, address));
    }
    if let Some(HubFile { repository, revision, .. }) = of_hub.first()
        && of_hub.len() == item.files.len()
    {
        let repository = look_up(hub, repository, Some(revision)).await.map_err(Miss::Failed)?;
        return hub::quote(&item, &of_hub, &repository).map_err(|error| match error {
            HubError::NoFile { .. } => Miss::NoFile(error.into()),
            _ => Miss::Failed(error.into()),
        });
    }
    for file in &mut item.files {
        if let Origin::Url(address) = &file.from {
            file.size_bytes = size_of(address, &file.name).await?;
        }
    }
    Ok(item)
}

/// The size of a file, by `HEAD`, or where that is refused by asking for its first byte.
async fn size_of(address: &str, name: &str) -> Result<Option<u64>, Miss> {
    let invalid = |error: protocol::AddressError| {
        Miss::Failed(WireError::new(ErrorKind::InvalidRequest, format!("{name}: {error}.")))
    };
    let asked = Address::parse(address, NamedBy::Person).map_err(invalid)?;
    let host = asked.host();
    let mut outcome = None;
    for way in [Peek::Head, Peek::FirstByte] {
        match peek(address, way).await {
            Ok((head, from)) => {
                asked.sent_on_to(&from).map_err(invalid)?;
                match head.file_size() {
                    Ok(Some(size_bytes)) => return Ok(Some(size_bytes)),
                    // What HEAD refuses or does not say, the range may give.
                    other => outcome = Some(other),
                }
            }
            Err(why) if way == Peek::FirstByte && outcome.is_none() => {
                let message = format!("{host} cannot be reached from this page ({why}).");
                return Err(Miss::Failed(WireError::new(ErrorKind::Network, message)));
            }
            Err(_) => {}
        }
    }
    match outcome {
        Some(Err(error)) => {
            let is_missing = matches!(error, DownloadError::Status { status: 404 | 410 });
            let mut error = WireError::from(error);
            error.message = format!("{name} from {host}: {}.", error.message);
            Err(if is_missing { Miss::NoFile(error) } else { Miss::Failed(error) })
        }
        _ => Ok(None),
    }
}

/// A repository of the hub, at a revision; without one, at its newest commit.
///
/// # Errors
/// When the hub does not say, or says something else.
pub(super) async fn look_up(
    hub: &str,
    repository: &str,
    revision: Option<&str>,
) -> Result<Repository, WireError> {
    let invalid =
        |error: protocol::AddressError| WireError::new(ErrorKind::InvalidRequest, error.to_string());
    let address = hub::listing_address(hub, repository, revision)?;
    let address = Address::parse(&address, NamedBy::Person).map_err(invalid)?;
    let failed = |what: String| WireError::new(ErrorKind::Network, format!("{repository}: {what}"));
    let control = AbortController::new().map_err(|_| failed("it cannot be asked for".to_owned()))?;
    let signal = control.signal();
    let request =
        Ask { address: address.as_str(), from_bytes: None, may_cache: true, if_range: None, signal: &signal };
    let mut patience = Patience::default();
    let reply = loop {
        let reply =
            ask(&request).await.map_err(|why| failed(format!("the hub cannot be reached ({why})")))?;
        if let Err(error) = address.sent_on_to(&reply.address) {
            reply.body.close();
            return Err(failed(format!("the hub sends on to another place: {error}")));
        }
        match hub::read_head(&reply.head, repository, revision, &mut patience, Date::now())? {
            Next::Read => break reply,
            Next::AskAgain { wait_ms } => {
                reply.body.close();
                sleep(wait_ms).await;
            }
        }
    };
    let mut answer = Vec::new();
    while let Some(part) = reply.body.next().await.map_err(&failed)? {
        if answer.len() as u64 + u64::from(part.length()) > hub::MAX_ANSWER_BYTES {
            return Err(failed("the hub's answer is too large".to_owned()));
        }
        answer.extend(part.to_vec());
    }
    Ok(hub::read_listing(hub, &answer)?)
}
