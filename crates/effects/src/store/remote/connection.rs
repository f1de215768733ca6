//! The connection to a server: every answer that is not about the object itself (too many requests, an
//! error of the server) becomes an error of the connection, so that it can be told apart from a "no".

use std::time::Duration;

use async_trait::async_trait;
use http::{HeaderValue, StatusCode};
use object_store::ClientOptions;
use object_store::client::{
    HttpClient, HttpConnector, HttpError, HttpErrorKind, HttpRequest, HttpResponse, HttpService, ReqwestConnector,
};

/// How long a server may take to accept a connection.
const CONNECT: Duration = Duration::from_secs(10);
/// How long a server may say nothing. Completing an upload of many parts takes it a while.
const SILENCE: Duration = Duration::from_secs(120);
/// The most of an error's text that is kept, in bytes.
const TEXT: usize = 2000;

/// An answer that is no definite "no".
#[derive(Debug, thiserror::Error)]
pub(super) enum Passing {
    /// Nothing was done: there are too many requests.
    #[error("the server is too busy ({status}): {text}")]
    Slow {
        /// 429 or 503.
        status: StatusCode,
        /// What the server says about it.
        text: String,
    },
    /// Nothing was done yet: another write of the same object is under way.
    #[error("another write of it is under way ({text})")]
    Race {
        /// What the server says about it.
        text: String,
    },
    /// Nobody knows whether it was done.
    #[error("the server failed ({status}): {text}")]
    Failed {
        /// 5xx or 408.
        status: StatusCode,
        /// What the server says about it.
        text: String,
    },
}

/// Makes connections that are watched.
#[derive(Debug, Default)]
pub(super) struct Connector;

#[derive(Debug)]
struct Watched(HttpClient);

/// What every connection is set to.
pub(super) fn options(plain_http: bool) -> ClientOptions {
    let agent = HeaderValue::from_static(concat!("trackside/", env!("CARGO_PKG_VERSION")));
    ClientOptions::new()
        .with_user_agent(agent)
        .with_allow_http(plain_http)
        .with_http1_only()
        .with_connect_timeout(CONNECT)
        .with_timeout_disabled()
        .with_read_timeout(SILENCE)
        .with_pool_max_idle_per_host(256)
}

impl HttpConnector for Connector {
    fn connect(&self, options: &ClientOptions) -> object_store::Result<HttpClient> {
        // Two of our crates use rustls; whoever comes first installs what it computes with.
        drop(rustls::crypto::ring::default_provider().install_default());
        Ok(HttpClient::new(Watched(ReqwestConnector::default().connect(options)?)))
    }
}

#[async_trait]
impl HttpService for Watched {
    async fn call(&self, request: HttpRequest) -> Result<HttpResponse, HttpError> {
        let response = self.0.execute(request).await?;
        let status = response.status();
        let passing = match status {
            StatusCode::SERVICE_UNAVAILABLE | StatusCode::TOO_MANY_REQUESTS => {
                Passing::Slow { status, text: text(response).await }
            }
            StatusCode::INSUFFICIENT_STORAGE | StatusCode::NOT_IMPLEMENTED => return Ok(response),
            StatusCode::REQUEST_TIMEOUT => Passing::Failed { status, text: text(response).await },
            StatusCode::CONFLICT => {
                let (parts, body) = response.into_parts();
                let body = body.bytes().await?;
                let text = String::from_utf8_lossy(&body).into_owned();
                // Also OperationAborted: "a conflicting conditional operation is currently in progress".
                if !text.contains("ConditionalRequestConflict") && !text.contains("OperationAborted") {
                    return Ok(HttpResponse::from_parts(parts, body.into()));
                }
                Passing::Race { text: shortened(&text) }
            }
            status if status.is_server_error() => Passing::Failed { status, text: text(response).await },
            _ => return Ok(response),
        };
        Err(HttpError::new(HttpErrorKind::Unknown, passing))
    }
}

/// The text of an answer, as far as it can be read.
pub(super) async fn text(response: HttpResponse) -> String {
    let body = response.into_body().bytes().await.unwrap_or_default();
    shortened(&String::from_utf8_lossy(&body))
}

/// What is shown of it.
pub(super) fn shortened(text: &str) -> String {
    let plain = |char: char| if char.is_control() { ' ' } else { char };
    text.chars().take(TEXT).map(plain).collect::<String>().trim().to_owned()
}
