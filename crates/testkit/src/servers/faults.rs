//! A proxy before a server: it cuts, loses, delays and refuses what a test says, takes conditions away if it
//! is told to, and remembers every request, so that a test can say "nothing was written twice".
//!
//! Requests are forwarded as they were sent, with their `Host`, so that signatures stay right. Each has a
//! connection of its own: no client library repeats it silently because it thought the connection stale.

mod relay;

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use relay::Request;

/// What happens to a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// The connection is reset before anything reaches the server.
    Reset,
    /// The server never sees it; this status is the answer (500, 503, 429), as S3 words it.
    Status(u16),
    /// The server has done it, and the connection ends in the middle of the answer's body (of its head, if
    /// there is no body).
    Truncated,
    /// The server has done it, and the connection ends without a byte of the answer.
    Lost,
    /// The server has done it, and says that it has not: this status is the answer.
    Denied(u16),
    /// It waits this long before it is forwarded.
    Late(Duration),
    /// It waits before it is forwarded until [`Proxy::release`] is called.
    Held,
}

/// Which requests a fault is for.
#[derive(Debug, Clone, Copy)]
pub struct Rule<'a> {
    /// The method; empty for all.
    pub method: &'a str,
    /// A part of the decoded path and query; empty for all.
    pub part: &'a str,
    /// The first of the matching requests that gets the fault, counted from 1 and from now.
    pub nth: usize,
    /// How many in a row.
    pub times: usize,
    /// What happens to them.
    pub fault: Fault,
}

/// A request that came by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    /// `GET`, `PUT`, ...
    pub method: String,
    /// The path, decoded.
    pub path: String,
    /// The query, decoded; empty if there is none.
    pub query: String,
    /// What the server behind answered, also when the client never heard it.
    pub status: Option<u16>,
    /// The fault that it got.
    pub fault: Option<Fault>,
    /// The path of the object that it copies, if it is a copy.
    pub copied_from: Option<String>,
}

/// A running proxy; it stops when it is dropped.
#[derive(Debug)]
pub struct Proxy {
    address: SocketAddr,
    shared: Arc<Shared>,
    acceptor: Option<JoinHandle<()>>,
}

#[derive(Debug)]
struct Shared {
    upstream: SocketAddr,
    stopping: AtomicBool,
    without_conditions: AtomicBool,
    one_at_a_time: AtomicBool,
    /// Held while a write is forwarded, if they go one at a time.
    turn: Mutex<()>,
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    rules: Vec<Counted>,
    seen: Vec<Seen>,
    latency: Duration,
    held: usize,
    released: bool,
}

/// A rule and how many requests matched it so far.
#[derive(Debug)]
struct Counted {
    method: String,
    part: String,
    first: usize,
    last: usize,
    fault: Fault,
    matched: usize,
}

impl Proxy {
    /// A proxy before the server at `upstream`.
    ///
    /// # Errors
    /// When no port can be opened.
    pub fn before(upstream: SocketAddr) -> io::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let address = listener.local_addr()?;
        let shared = Arc::new(Shared {
            upstream,
            stopping: AtomicBool::new(false),
            without_conditions: AtomicBool::new(false),
            one_at_a_time: AtomicBool::new(false),
            turn: Mutex::default(),
            state: Mutex::default(),
            changed: Condvar::new(),
        });
        let for_thread = Arc::clone(&shared);
        let acceptor =
            std::thread::Builder::new().name("proxy".into()).spawn(move || accept(&listener, &for_thread))?;
        Ok(Self { address, shared, acceptor: Some(acceptor) })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// From now on a fault for the requests of the rule. Rules are looked at in their order; a request gets
    /// the first fault that is due, and counts for all rules that match it.
    pub fn inject(&self, rule: Rule<'_>) {
        let Rule { method, part, nth, times, fault } = rule;
        let (first, last) = (nth, nth + times - 1);
        let rule = Counted { method: method.into(), part: part.into(), first, last, fault, matched: 0 };
        let mut state = self.shared.state();
        state.released &= fault != Fault::Held;
        state.rules.push(rule);
    }

    /// Forgets all rules, and lets go on what is held.
    pub fn clear(&self) {
        self.shared.state().rules.clear();
        self.release();
    }

    /// From now on no condition reaches the server, as if it did not know conditions.
    pub fn drop_conditions(&self) {
        self.shared.without_conditions.store(true, Ordering::SeqCst);
    }

    /// From now on writes reach the server one at a time. moto decides about a condition and writes in two
    /// moves, between which another write may come; a real S3 does it in one, and so does moto behind this.
    pub fn one_write_at_a_time(&self) {
        self.shared.one_at_a_time.store(true, Ordering::SeqCst);
    }

    /// From now on every request waits this long before it is forwarded.
    pub fn set_latency(&self, latency: Duration) {
        self.shared.state().latency = latency;
    }

    /// Returns when a request is held.
    pub fn wait_until_held(&self) {
        let mut state = self.shared.state();
        while state.held == 0 {
            state = self.shared.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Lets all held requests go on, also those to come.
    pub fn release(&self) {
        self.shared.state().released = true;
        self.shared.changed.notify_all();
    }

    /// All requests so far, in the order in which they were dealt with.
    pub fn seen(&self) -> Vec<Seen> {
        self.shared.state().seen.clone()
    }

    /// Forgets the requests so far.
    pub fn forget(&self) {
        self.shared.state().seen.clear();
    }

    /// How many requests with this method came by.
    pub fn count(&self, method: &str) -> usize {
        self.shared.state().seen.iter().filter(|seen| seen.method == method).count()
    }

    /// How often the server behind has written each path: created, replaced or deleted what is there. An
    /// upload that is completed again is the same upload, and S3 answers as it did before.
    pub fn writes(&self) -> BTreeMap<String, usize> {
        let mut writes = BTreeMap::new();
        let mut completed = BTreeSet::new();
        for seen in self.shared.state().seen.iter().filter(|seen| seen.is_write()) {
            if seen.method != "POST" || completed.insert((seen.path.clone(), seen.query.clone())) {
                *writes.entry(seen.path.clone()).or_default() += 1;
            }
        }
        writes
    }
}

impl Seen {
    /// Whether the server behind changed an object that readers see. A part of an upload is none yet, and what is
    /// below `doctor/` comes and goes in a trial.
    pub fn is_write(&self) -> bool {
        let has = |name: &str| self.query.split('&').any(|pair| pair.split('=').next() == Some(name));
        let done = self.status.is_some_and(|status| (200..300).contains(&status));
        done && !self.path.contains("/doctor/")
            && match self.method.as_str() {
                "PUT" => {
                    !has("partNumber") && !self.query.contains("comp=block&") && !self.query.ends_with("comp=block")
                }
                "POST" => has("uploadId"),
                "DELETE" => !has("uploadId"),
                _ => false,
            }
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.release();
        self.shared.stopping.store(true, Ordering::SeqCst);
        // Wakes the acceptor; if that fails the listener is already gone.
        drop(TcpStream::connect(self.address));
        if let Some(acceptor) = self.acceptor.take() {
            drop(acceptor.join());
        }
    }
}

fn accept(listener: &TcpListener, shared: &Arc<Shared>) {
    for stream in listener.incoming() {
        if shared.stopping.load(Ordering::SeqCst) {
            return;
        }
        let Ok(stream) = stream else { continue };
        let shared = Arc::clone(shared);
        // A client that goes away in the middle is its own problem, and so is the thread that served it.
        drop(std::thread::Builder::new().spawn(move || shared.serve(&stream)));
    }
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Deals with the one request of a connection.
    fn serve(&self, client: &TcpStream) -> io::Result<()> {
        let Some(request) = Request::read(client)? else { return Ok(()) };
        let fault = self.due(&request);
        self.wait_for(fault);
        let seen = |status| Seen { status, fault, ..request.seen() };
        match fault {
            Some(Fault::Reset) => {
                self.note(seen(None));
                relay::reset(client)
            }
            Some(Fault::Status(status)) => {
                self.note(seen(None));
                relay::refuse(client, status, &request)
            }
            None | Some(Fault::Truncated | Fault::Lost | Fault::Denied(_) | Fault::Late(_) | Fault::Held) => {
                let without_conditions = self.without_conditions.load(Ordering::SeqCst);
                let alone = self.one_at_a_time.load(Ordering::SeqCst)
                    && !matches!(request.seen().method.as_str(), "GET" | "HEAD");
                let turn = alone.then(|| self.turn.lock().unwrap_or_else(PoisonError::into_inner));
                let answer = request.forward(self.upstream, without_conditions)?;
                drop(turn);
                self.note(seen(relay::status(&answer)));
                match fault {
                    Some(Fault::Lost) => relay::reset(client),
                    Some(Fault::Truncated) => relay::send(client, relay::half(&answer)),
                    Some(Fault::Denied(status)) => relay::refuse(client, status, &request),
                    _ => relay::send(client, &answer),
                }
            }
        }
    }

    fn note(&self, seen: Seen) {
        self.state().seen.push(seen);
    }

    /// The fault for a request; it is counted for every rule.
    fn due(&self, request: &Request) -> Option<Fault> {
        let mut due = None;
        for rule in &mut self.state().rules {
            if request.matches(&rule.method, &rule.part) {
                rule.matched += 1;
                if (rule.first..=rule.last).contains(&rule.matched) {
                    due = due.or(Some(rule.fault));
                }
            }
        }
        due
    }

    /// Waits as long as the latency and the fault say.
    fn wait_for(&self, fault: Option<Fault>) {
        let late = match fault {
            Some(Fault::Late(late)) => late,
            _ => Duration::ZERO,
        };
        let mut state = self.state();
        if fault == Some(Fault::Held) {
            state.held += 1;
            self.changed.notify_all();
            while !state.released {
                state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
            }
            state.held -= 1;
        }
        let pause = state.latency + late;
        drop(state);
        if !pause.is_zero() {
            relay::pause(pause);
        }
    }
}
