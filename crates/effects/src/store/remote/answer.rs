//! What a server's answer means for the caller, and asking again where that can help.

use std::error::Error;
use std::future::Future;
use std::hash::{BuildHasher as _, RandomState};
use std::time::{Duration, Instant};

use object_store::client::{HttpError, HttpErrorKind};

use super::connection::Passing;
use super::pace::Pace;
use crate::store::error::ServerFault;

/// How often something is asked before it is given up.
pub(in crate::store) const TRIES: u32 = 7;
/// The pause after the first try is about twice this; each later one is twice as long.
const FIRST_PAUSE: Duration = Duration::from_millis(50);
/// The longest pause.
const LONGEST_PAUSE: Duration = Duration::from_secs(8);
/// The most of what a server says that people are shown, in characters.
const SHOWN: usize = 300;
/// When nothing is asked once more, even if it was not asked so often: a server that says nothing at all is given
/// the time of two tries, not of seven.
const PATIENCE: Duration = Duration::from_secs(180);

/// Why a server did not do what was asked, as far as the caller must tell cases apart.
#[derive(Debug)]
pub(super) struct Refusal {
    pub(super) kind: RefusalKind,
    pub(super) source: Box<dyn Error + Send + Sync>,
}

/// The cases.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum RefusalKind {
    /// There is no such object (or upload).
    NotFound,
    /// The condition of the request does not hold.
    Condition {
        /// An earlier try was sent and its answer was lost, so this may be of our own making.
        doubtful: bool,
    },
    /// Anything else.
    Fault(ServerFault),
}

/// What a server said, without the layers around it.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(super) struct Said(String);

impl Said {
    /// The innermost cause, and of an answer in XML its code and message.
    fn of(error: &object_store::Error) -> Self {
        let innermost = causes(error).last().map(ToString::to_string).unwrap_or_default();
        let element = |name: &str| {
            let (_, rest) = innermost.split_once(&format!("<{name}>"))?;
            Some(rest.split_once('<')?.0.to_owned())
        };
        match (element("Code"), element("Message")) {
            (Some(code), Some(message)) => Self(format!("{code}: {message}")),
            (Some(code), None) => Self(code),
            (None, _) => Self(innermost.chars().take(SHOWN).collect()),
        }
    }
}

/// What a request does when it is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::store) enum Effect {
    /// Nothing: a lost answer leaves no doubt.
    Read,
    /// It changes something.
    Write,
}

/// What a failed try says about the next one.
enum Verdict {
    /// The server has said no.
    Definite(RefusalKind),
    /// It did not happen, the server is too busy: ask again, with fewer requests at once.
    Slow,
    /// It did not happen: ask again.
    Again,
    /// It may have happened: ask again, and remember that.
    Lost,
}

/// Asks until there is a definite answer. The request must do no harm when it is done twice: a read, or a
/// write with a condition.
pub(super) async fn ask<T, F>(pace: &Pace, effect: Effect, mut request: impl FnMut() -> F) -> Result<T, Refusal>
where
    F: Future<Output = object_store::Result<T>>,
{
    let (mut doubtful, begun) = (false, Instant::now());
    for tries in 1.. {
        let turn = pace.turn().await;
        let error = match request().await {
            Ok(value) => {
                pace.answered();
                return Ok(value);
            }
            Err(error) => error,
        };
        drop(turn);
        match verdict(&error) {
            Verdict::Definite(RefusalKind::Condition { .. }) => {
                return Err(Refusal { kind: RefusalKind::Condition { doubtful }, source: Said::of(&error).into() });
            }
            Verdict::Definite(kind) => return Err(Refusal { kind, source: Said::of(&error).into() }),
            Verdict::Slow => pace.too_many(),
            Verdict::Again => {}
            Verdict::Lost => doubtful |= effect == Effect::Write,
        }
        if tries == TRIES || begun.elapsed() > PATIENCE {
            let fault = if doubtful { ServerFault::Unknown } else { ServerFault::Transient };
            return Err(Refusal { kind: RefusalKind::Fault(fault), source: Said::of(&error).into() });
        }
        rest(tries).await;
    }
    unreachable!("the last try returns")
}

/// What an error means that is not worth asking again for.
pub(super) fn refusal(error: &object_store::Error, effect: Effect) -> Refusal {
    let kind = match (verdict(error), effect) {
        (Verdict::Definite(kind), _) => kind,
        (Verdict::Lost, Effect::Write) => RefusalKind::Fault(ServerFault::Unknown),
        (Verdict::Lost | Verdict::Slow | Verdict::Again, _) => RefusalKind::Fault(ServerFault::Transient),
    };
    Refusal { kind, source: Said::of(error).into() }
}

/// Waits before the next try.
pub(in crate::store) async fn rest(tries: u32) {
    tokio::time::sleep(pause(tries)).await;
}

/// Between half and the whole of a pause that doubles, so that clients that failed together do not come
/// back together.
fn pause(tries: u32) -> Duration {
    let whole = FIRST_PAUSE.saturating_mul(1 << tries.min(16)).min(LONGEST_PAUSE);
    let chance = RandomState::new().hash_one(tries) % 1000;
    whole / 2 + whole / 2 * u32::try_from(chance).unwrap_or(0) / 1000
}

fn verdict(error: &object_store::Error) -> Verdict {
    use object_store::Error as E;
    if let Some(passing) = causes(error).find_map(|cause| cause.downcast_ref::<Passing>()) {
        return match passing {
            Passing::Slow { .. } => Verdict::Slow,
            Passing::Race { .. } => Verdict::Again,
            Passing::Failed { .. } => Verdict::Lost,
        };
    }
    if let Some(broken) = causes(error).find_map(|cause| cause.downcast_ref::<HttpError>()) {
        return match broken.kind() {
            HttpErrorKind::Connect => Verdict::Again,
            _ => Verdict::Lost,
        };
    }
    Verdict::Definite(match error {
        E::NotFound { .. } if missing_store(error) => RefusalKind::Fault(ServerFault::NoStore),
        E::NotFound { .. } => RefusalKind::NotFound,
        E::AlreadyExists { .. } | E::Precondition { .. } | E::NotModified { .. } => {
            RefusalKind::Condition { doubtful: false }
        }
        E::PermissionDenied { .. } | E::Unauthenticated { .. } => RefusalKind::Fault(ServerFault::Denied),
        // Azure and GCS answer 404 with other codes for a container or bucket that is missing.
        error if missing_store(error) => RefusalKind::Fault(ServerFault::NoStore),
        error if denied(error) => RefusalKind::Fault(ServerFault::Denied),
        _ => RefusalKind::Fault(ServerFault::Refused),
    })
}

fn missing_store(error: &object_store::Error) -> bool {
    causes(error).any(|cause| {
        let text = cause.to_string();
        text.contains("NoSuchBucket") || text.contains("ContainerNotFound")
    })
}

/// Whether the credentials are the reason: the client library does not sort the answers to a listing by their
/// status, and some servers say it by another status than 401 and 403.
fn denied(error: &object_store::Error) -> bool {
    let words = ["status code: 401", "status code: 403", "<Code>ExpiredToken</Code>", "<Code>InvalidToken</Code>"];
    causes(error).any(|cause| {
        let text = cause.to_string();
        words.iter().any(|word| text.contains(word))
    })
}

fn causes<'a>(error: &'a object_store::Error) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(Some(error as &'a (dyn Error + 'static)), |&error| error.source())
}
