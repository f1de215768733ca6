//! A model of anaconda.org over HTTP: its API, and the storage that it sends uploads and downloads to. Nobody
//! outside has the server, so its own client judges the model: it uploads, copies and labels here.

mod api;
mod dist;
mod state;
mod storage;

use std::collections::BTreeMap;
use std::io::{self, BufReader};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;

use crate::http_git::wire::{Answer, Request, read_request, write_answer};
pub use state::Dist;
use state::State;

/// A running model; it stops when it is dropped.
#[derive(Debug)]
pub struct Anaconda {
    shared: Arc<Shared>,
    api: Listening,
    storage: Listening,
}

#[derive(Debug)]
struct Shared {
    state: Mutex<State>,
    stopping: AtomicBool,
}

#[derive(Debug)]
struct Listening {
    address: SocketAddr,
    acceptor: Option<JoinHandle<()>>,
}

type Serve = fn(&mut State, &Request) -> Answer;

impl Anaconda {
    /// A server with these owners, which whoever knows the token may write to.
    ///
    /// # Errors
    /// When no port can be opened.
    pub fn start(token: &str, owners: &[&str]) -> io::Result<Self> {
        let shared =
            Arc::new(Shared { state: Mutex::new(State::new(token, owners)), stopping: AtomicBool::new(false) });
        let api = listen(&shared, "API", api::serve)?;
        let storage = listen(&shared, "storage", storage::serve)?;
        let model = Self { shared, api, storage };
        model.storage_is_at(model.storage.address);
        Ok(model)
    }

    /// Where the API listens.
    pub fn address(&self) -> SocketAddr {
        self.api.address
    }

    /// Where the storage listens.
    pub fn storage_address(&self) -> SocketAddr {
        self.storage.address
    }

    /// From now on clients are sent to this address for the storage, such as that of a proxy before it.
    pub fn storage_is_at(&self, address: SocketAddr) {
        self.state().storage = format!("http://{address}");
    }

    /// From now on a file that was announced and never committed is in the way of the next upload of it, or is
    /// not. Nobody has written down what the server does.
    pub fn keep_leftovers(&self, keep: bool) {
        self.state().keeps_leftovers = keep;
    }

    /// Every committed file by `owner/package/version/subdir/file`, with its digest and its labels.
    pub fn files(&self) -> BTreeMap<String, (String, Vec<String>)> {
        let state = self.state();
        let files = state.files.iter();
        files
            .map(|(path, file)| (path.to_string(), (file.sha256.clone(), file.labels.iter().cloned().collect())))
            .collect()
    }

    /// Changes what the server says of a committed file, as nobody could.
    ///
    /// # Panics
    /// When there is no such file.
    pub fn alter(&self, path: &str, change: impl FnOnce(&mut Dist)) {
        let mut state = self.state();
        let file = state.files.iter_mut().find(|(place, _)| place.to_string() == path);
        change(file.expect("there is such a file").1);
    }

    /// Loses a file, as its owner can on the site.
    pub fn lose(&self, path: &str) {
        self.state().files.retain(|place, _| place.to_string() != path);
    }

    /// How many files were announced and not committed.
    pub fn staged(&self) -> usize {
        self.state().staged.len()
    }

    /// What was asked so far, one line `METHOD path status` per request of the API and of the storage.
    pub fn requests(&self) -> Vec<String> {
        self.state().log.clone()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.shared.state()
    }
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn listen(shared: &Arc<Shared>, name: &str, serve: Serve) -> io::Result<Listening> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let address = listener.local_addr()?;
    let shared = Arc::clone(shared);
    let acceptor = std::thread::Builder::new().name(name.to_owned()).spawn(move || {
        for stream in listener.incoming() {
            if shared.stopping.load(Ordering::SeqCst) {
                return;
            }
            let Ok(stream) = stream else { continue };
            let shared = Arc::clone(&shared);
            // A client that goes away in the middle is its own problem, and so is the thread that served it.
            drop(std::thread::Builder::new().spawn(move || converse(&stream, &shared, serve)));
        }
    })?;
    Ok(Listening { address, acceptor: Some(acceptor) })
}

fn converse(stream: &TcpStream, shared: &Shared, serve: Serve) -> io::Result<()> {
    let mut reader = BufReader::new(stream);
    while let Some(request) = read_request(&mut reader, stream)? {
        let answer = {
            let mut state = shared.state();
            let answer = serve(&mut state, &request);
            let status = answer.status.split(' ').next().unwrap_or_default();
            let line = format!("{} {} {status}", request.method, request.path);
            state.log.push(line);
            answer
        };
        write_answer(stream, &answer)?;
        if request.header("connection").is_some_and(|value| value.eq_ignore_ascii_case("close")) {
            break;
        }
    }
    Ok(())
}

impl Drop for Anaconda {
    fn drop(&mut self) {
        self.shared.stopping.store(true, Ordering::SeqCst);
        for listening in [&mut self.api, &mut self.storage] {
            // Wakes the acceptor; if that fails the listener is already gone.
            drop(TcpStream::connect(listening.address));
            if let Some(acceptor) = listening.acceptor.take() {
                drop(acceptor.join());
            }
        }
    }
}
