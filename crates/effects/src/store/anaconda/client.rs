//! Requests to anaconda.org, asked again where that can help. The token goes to that server and nowhere else.

use std::collections::BTreeMap;
use std::time::Duration;

use http::header::{ACCEPT, AUTHORIZATION, LOCATION};
use http::{HeaderValue, StatusCode};
use reqwest::{RequestBuilder, Response};
use serde::de::DeserializeOwned;
use tokio::sync::Semaphore;

use super::wire;
use crate::store::error::{ServerFault, StoreError};
use crate::store::remote::answer::{Effect, TRIES, rest};

type Cause = Box<dyn std::error::Error + Send + Sync>;

/// How long the server may take to accept a connection.
const CONNECT: Duration = Duration::from_secs(10);
/// How long it may say nothing.
pub(super) const SILENCE: Duration = Duration::from_secs(120);
/// Requests under way at the same time.
const AT_ONCE: usize = 8;
/// The longest answer that is read, in bytes.
const LONGEST: usize = 64 << 20;
/// The most of an error's text that is kept, in characters.
const TEXT: usize = 500;

/// A server with the token for it.
pub(super) struct Client {
    pub(super) http: reqwest::Client,
    /// For what takes long to be sent: a limit of silence would count the time of sending.
    pub(super) sender: reqwest::Client,
    endpoint: String,
    token: Option<HeaderValue>,
    /// The token as it might come back in an answer.
    secret: Option<String>,
    turns: Semaphore,
}

/// A whole answer.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) body: Vec<u8>,
    /// An earlier try was sent and its answer was lost.
    pub(super) doubtful: bool,
    /// What the server says about it, without secrets.
    said: String,
}

/// Why the server did not do what was asked.
#[derive(Debug)]
pub(super) struct Refusal {
    pub(super) fault: ServerFault,
    pub(super) source: Cause,
}

impl Client {
    /// Makes a client. No request is sent.
    pub(super) fn new(endpoint: &str, environment: &BTreeMap<String, String>) -> Result<Self, Cause> {
        // Two of our crates use rustls; whoever comes first installs what it computes with.
        drop(rustls::crypto::ring::default_provider().install_default());
        let secret = environment.get("ANACONDA_API_TOKEN").filter(|token| !token.is_empty()).cloned();
        let token = secret.as_ref().map(|secret| {
            let mut header =
                HeaderValue::from_str(&format!("token {secret}")).map_err(|_| "ANACONDA_API_TOKEN is no token")?;
            header.set_sensitive(true);
            Ok::<_, Cause>(header)
        });
        let builder = || {
            let agent = concat!("trackside/", env!("CARGO_PKG_VERSION"));
            let builder = reqwest::Client::builder().user_agent(agent).connect_timeout(CONNECT);
            builder.redirect(reqwest::redirect::Policy::none()).tcp_keepalive(CONNECT)
        };
        let (http, sender) = (builder().read_timeout(SILENCE).build()?, builder().build()?);
        let endpoint = endpoint.to_owned();
        Ok(Self { http, sender, endpoint, token: token.transpose()?, secret, turns: Semaphore::new(AT_ONCE) })
    }

    pub(super) fn has_token(&self) -> bool {
        self.token.is_some()
    }

    pub(super) async fn get(&self, path: &str) -> Result<Answer, Refusal> {
        self.ask(Effect::Read, || self.signed(self.http.get(self.url(path)))).await
    }

    pub(super) async fn post(&self, path: &str, body: &serde_json::Value) -> Result<Answer, Refusal> {
        let json = body.to_string();
        let request = || {
            let request = self.signed(self.http.post(self.url(path)));
            request.header(http::header::CONTENT_TYPE, "application/json").body(json.clone())
        };
        self.ask(Effect::Write, request).await
    }

    pub(super) fn url(&self, path: &str) -> String {
        format!("{}/{path}", self.endpoint)
    }

    /// A request to the server itself, with the token.
    pub(super) fn signed(&self, request: RequestBuilder) -> RequestBuilder {
        let request = request.header(ACCEPT, "application/json");
        match &self.token {
            Some(token) => request.header(AUTHORIZATION, token.clone()),
            None => request,
        }
    }

    /// Asks until there is a definite answer. The request must do no harm when it is done twice.
    pub(super) async fn ask(&self, effect: Effect, request: impl Fn() -> RequestBuilder) -> Result<Answer, Refusal> {
        let mut doubtful = false;
        for tries in 1.. {
            let source: Cause = match self.once(request()).await {
                Ok(answer) if is_slow(answer.status) => answer.said.into(),
                Ok(answer) if is_lost(answer.status) => {
                    doubtful |= effect == Effect::Write;
                    answer.said.into()
                }
                Ok(answer) => return Ok(Answer { doubtful, ..answer }),
                Err(error) => {
                    doubtful |= effect == Effect::Write && !error.is_connect();
                    // The URL of a download holds a signature.
                    error.without_url().into()
                }
            };
            if tries == TRIES {
                let fault = if doubtful { ServerFault::Unknown } else { ServerFault::Transient };
                return Err(Refusal { fault, source });
            }
            rest(tries).await;
        }
        unreachable!("the last try returns")
    }

    async fn once(&self, request: RequestBuilder) -> reqwest::Result<Answer> {
        // The semaphore is never closed.
        let _turn = self.turns.acquire().await;
        let mut response = request.send().await?;
        let status = response.status();
        let mut body = Vec::new();
        while let Some(piece) = response.chunk().await? {
            if body.len() + piece.len() > LONGEST {
                break;
            }
            body.extend_from_slice(&piece);
        }
        let said = self.said(status, &body);
        Ok(Answer { status, body, doubtful: false, said })
    }

    /// What an answer says, in words: the error of the server, or the status.
    fn said(&self, status: StatusCode, body: &[u8]) -> String {
        let text = match serde_json::from_slice::<wire::Said>(body) {
            Ok(said) => said.error,
            Err(_) => String::from_utf8_lossy(body).into_owned(),
        };
        let plain = |char: char| if char.is_control() { ' ' } else { char };
        let text: String = text.chars().take(TEXT).map(plain).collect();
        let text = match &self.secret {
            Some(secret) => text.replace(secret.as_str(), "[token]"),
            None => text,
        };
        format!("{status}: {}", text.trim())
    }
}

/// Whether it did not happen, and may later.
pub(super) fn is_slow(status: StatusCode) -> bool {
    matches!(status, StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE)
}

/// Whether nobody knows if it happened.
pub(super) fn is_lost(status: StatusCode) -> bool {
    status == StatusCode::REQUEST_TIMEOUT || status.is_server_error() && status != StatusCode::NOT_IMPLEMENTED
}

/// Where an answer leads, if it leads elsewhere.
pub(super) fn location(response: &Response) -> Option<String> {
    let is_redirect = response.status().is_redirection();
    response.headers().get(LOCATION).filter(|_| is_redirect)?.to_str().ok().map(str::to_owned)
}

impl Answer {
    /// The JSON that it holds.
    pub(super) fn json<T: DeserializeOwned>(&self) -> Result<T, Refusal> {
        serde_json::from_slice(&self.body).map_err(|error| Refusal {
            fault: ServerFault::Refused,
            source: format!("no answer of anaconda.org: {error}").into(),
        })
    }

    /// A definite "no", by its status.
    pub(super) fn sorted(self) -> Refusal {
        match self.status {
            StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => {
                let source = format!("{}; the token is that of ANACONDA_API_TOKEN", self.said);
                Refusal { fault: ServerFault::Denied, source: source.into() }
            }
            _ => self.refusal(ServerFault::Refused),
        }
    }

    pub(super) fn refusal(self, fault: ServerFault) -> Refusal {
        Refusal { fault, source: self.said.into() }
    }
}

impl Refusal {
    /// The error of whoever asked.
    pub(super) fn on(self, action: &'static str, what: String) -> StoreError {
        StoreError::Server { action, what, fault: self.fault, source: self.source }
    }
}

impl std::fmt::Debug for Client {
    /// Without the token.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Client").field("endpoint", &self.endpoint).finish_non_exhaustive()
    }
}
