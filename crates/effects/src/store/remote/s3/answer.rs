//! What the answers of S3 say, beside what was asked for: errors by their status and by their code, which may come with
//! a success.

use http::StatusCode;
use object_store::Error;
use object_store::client::HttpResponse;
use object_store::path::Path;
use serde::Deserialize;

use crate::store::remote::connection::{Passing, shortened, text};

/// An answer that is neither what was expected nor a definite "no" of a known kind.
#[derive(Debug, thiserror::Error)]
#[error("the server answered {status}: {text}")]
pub(super) struct Unexpected {
    pub(super) status: StatusCode,
    pub(super) text: String,
}

pub(super) fn not_implemented(error: &Error) -> bool {
    let Error::Generic { source, .. } = error else { return false };
    source.downcast_ref::<Unexpected>().is_some_and(|answer| answer.status == StatusCode::NOT_IMPLEMENTED)
}

pub(super) async fn refused(path: &Path, response: HttpResponse) -> Error {
    let status = response.status();
    let error = Unexpected { status, text: text(response).await };
    let path = path.to_string();
    match status.as_u16() {
        404 => Error::NotFound { path, source: error.into() },
        412 => Error::Precondition { path, source: error.into() },
        409 => Error::AlreadyExists { path, source: error.into() },
        401 => Error::Unauthenticated { path, source: error.into() },
        403 => Error::PermissionDenied { path, source: error.into() },
        _ => generic(error),
    }
}

pub(super) async fn parsed<T: for<'de> Deserialize<'de>>(
    path: &Path,
    response: HttpResponse,
) -> object_store::Result<T> {
    let status = response.status();
    let text = body(response).await?;
    match quick_xml::de::from_str(&text) {
        Ok(parsed) => Ok(parsed),
        Err(_) => Err(late(path, status, text)),
    }
}

/// An error that came with a success, as what it is with a status of its own: AWS says of copies and of completed
/// uploads that both may answer so, and `SlowDown` and `InternalError` are to be asked again.
pub(super) fn late(path: &Path, status: StatusCode, text: String) -> Error {
    let has = |codes: &[&str]| codes.iter().any(|code| text.contains(&format!("<Code>{code}</Code>")));
    if has(&["SlowDown", "ServiceUnavailable", "TooManyRequests"]) {
        return generic(Passing::Slow { status, text });
    }
    if has(&["InternalError", "RequestTimeout"]) {
        return generic(Passing::Failed { status, text });
    }
    if status.is_success() && !text.contains("<Code>") {
        // Cut short, or of somebody between: nobody knows whether it was done.
        return generic(Passing::Failed { status, text: format!("its answer is none: {}", shortened(&text)) });
    }
    let refused = has(&["PreconditionFailed"]);
    let error = Unexpected { status, text };
    if refused { Error::Precondition { path: path.to_string(), source: error.into() } } else { generic(error) }
}

/// The body of an answer that must be whole: what is cut off tells nothing of what was done.
pub(super) async fn body(response: HttpResponse) -> object_store::Result<String> {
    let bytes = response.into_body().bytes().await.map_err(generic)?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

pub(super) fn generic(source: impl std::error::Error + Send + Sync + 'static) -> Error {
    Error::Generic { store: "S3", source: Box::new(source) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::error::ServerFault;
    use crate::store::remote::answer::{Effect, RefusalKind, refusal};

    #[test]
    fn an_error_that_comes_with_a_success_is_told_by_its_code() {
        let kind_of = |text: &str| {
            let error = late(&Path::from("a"), StatusCode::OK, text.to_owned());
            refusal(&error, Effect::Write).kind
        };
        let kind = |code: &str| kind_of(&format!("<Error><Code>{code}</Code><Message>m</Message></Error>"));
        assert_eq!(kind("SlowDown"), RefusalKind::Fault(ServerFault::Transient));
        assert_eq!(kind("InternalError"), RefusalKind::Fault(ServerFault::Unknown));
        assert_eq!(kind("PreconditionFailed"), RefusalKind::Condition { doubtful: false });
        assert_eq!(kind("AccessForbidden"), RefusalKind::Fault(ServerFault::Refused));
        for nonsense in ["", "<CopyObjectResult><ETag>&quot;ab", "<html>Please log in</html>"] {
            assert_eq!(kind_of(nonsense), RefusalKind::Fault(ServerFault::Unknown), "{nonsense}");
        }
    }
}
