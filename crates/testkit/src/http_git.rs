//! A small HTTP/1.1 server on the loopback interface around git's own `git http-backend`, with a
//! password and with faults, so that clients are judged by git's server code.

mod backend;
pub(crate) mod wire;

use std::io;
use std::io::Write as _;
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

use wire::Request;

/// A running server; it stops when it is dropped.
#[derive(Debug)]
pub struct Server {
    address: SocketAddr,
    shared: Arc<Shared>,
    acceptor: Option<JoinHandle<()>>,
}

#[derive(Debug)]
struct Shared {
    root: PathBuf,
    login: Option<(String, String)>,
    stopping: AtomicBool,
    receive_packs: AtomicUsize,
    drop_answer_of: AtomicUsize,
    cut_connection_of: AtomicUsize,
    unavailable: AtomicUsize,
    log: Mutex<Vec<String>>,
}

/// Serves every repository below `root` to whoever knows the user and the password.
///
/// # Errors
/// When no port can be opened.
pub fn serve(root: impl Into<PathBuf>, user: &str, password: &str) -> io::Result<Server> {
    start(root.into(), Some((user.to_owned(), password.to_owned())))
}

/// Serves every repository below `root` to everyone.
///
/// # Errors
/// When no port can be opened.
pub fn serve_openly(root: impl Into<PathBuf>) -> io::Result<Server> {
    start(root.into(), None)
}

fn start(root: PathBuf, login: Option<(String, String)>) -> io::Result<Server> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let address = listener.local_addr()?;
    let shared = Arc::new(Shared {
        root,
        login,
        stopping: AtomicBool::new(false),
        receive_packs: AtomicUsize::new(0),
        drop_answer_of: AtomicUsize::new(0),
        cut_connection_of: AtomicUsize::new(0),
        unavailable: AtomicUsize::new(0),
        log: Mutex::new(Vec::new()),
    });
    let for_thread = Arc::clone(&shared);
    let acceptor = std::thread::Builder::new().name("git-http".into()).spawn(move || accept(&listener, &for_thread))?;
    Ok(Server { address, shared, acceptor: Some(acceptor) })
}

impl Server {
    /// The URL of a repository below the root, such as `core.git`. It holds no password.
    pub fn url(&self, repository: &str) -> String {
        format!("http://{}/{repository}", self.address)
    }

    /// Host and port, such as `127.0.0.1:40211`.
    pub fn host(&self) -> String {
        self.address.to_string()
    }

    /// Lets the `n`-th push from now (1 is the next) take effect and then ends the connection in the
    /// middle of the answer's headers, so that the client cannot know what happened.
    pub fn drop_answer_of_push(&self, n: usize) {
        let seen = self.shared.receive_packs.load(Ordering::SeqCst);
        self.shared.drop_answer_of.store(seen + n, Ordering::SeqCst);
    }

    /// Lets the `n`-th push from now take effect and then ends the connection without a byte of an answer,
    /// as a proxy that dies does. Mind that curl then sends the same request once more.
    pub fn cut_connection_of_push(&self, n: usize) {
        let seen = self.shared.receive_packs.load(Ordering::SeqCst);
        self.shared.cut_connection_of.store(seen + n, Ordering::SeqCst);
    }

    /// Answers the next `count` requests with 503.
    pub fn be_unavailable(&self, count: usize) {
        self.shared.unavailable.store(count, Ordering::SeqCst);
    }

    /// What was asked so far, one line `METHOD path status` per request.
    pub fn requests(&self) -> Vec<String> {
        self.shared.log.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
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
        drop(std::thread::Builder::new().spawn(move || converse(&stream, &shared)));
    }
}

/// What is sent back.
enum Reply {
    /// An answer.
    Whole(wire::Answer),
    /// The beginning of an answer, and then the end of the connection.
    Half,
    /// The end of the connection.
    Nothing,
}

/// Answers one request after the other until the client or a fault ends the connection.
fn converse(mut stream: &TcpStream, shared: &Shared) -> io::Result<()> {
    let mut reader = io::BufReader::new(stream);
    while let Some(request) = wire::read_request(&mut reader, stream)? {
        let reply = shared.reply(&request)?;
        let status = match &reply {
            Reply::Whole(answer) => answer.status.as_str(),
            Reply::Half | Reply::Nothing => "cut",
        };
        let line = format!("{} {} {status}", request.method, request.path);
        shared.log.lock().unwrap_or_else(PoisonError::into_inner).push(line);
        match reply {
            Reply::Whole(answer) => wire::write_answer(stream, &answer)?,
            Reply::Half => {
                stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n")?;
                return stream.shutdown(Shutdown::Both);
            }
            Reply::Nothing => return stream.shutdown(Shutdown::Both),
        }
    }
    Ok(())
}

impl Shared {
    fn reply(&self, request: &Request) -> io::Result<Reply> {
        let took_one = self.unavailable.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1));
        if took_one.is_ok() {
            return Ok(Reply::Whole(wire::Answer::text("503 Service Unavailable", "try again later\n")));
        }
        if let Some((user, password)) = &self.login
            && request.basic_login() != Some(format!("{user}:{password}"))
        {
            let mut answer = wire::Answer::text("401 Unauthorized", "who are you?\n");
            answer.headers.push("WWW-Authenticate: Basic realm=\"git\"".into());
            return Ok(Reply::Whole(answer));
        }
        let user = self.login.as_ref().map_or("anonymous", |(user, _)| user);
        let answer = backend::run(&self.root, user, request)?;
        // Before a big push git sends an empty one, to see whether it may; that is not a push.
        if request.path.ends_with("/git-receive-pack") && request.body.len() > 4 {
            let number = self.receive_packs.fetch_add(1, Ordering::SeqCst) + 1;
            if number == self.drop_answer_of.load(Ordering::SeqCst) {
                return Ok(Reply::Half);
            }
            if number == self.cut_connection_of.load(Ordering::SeqCst) {
                return Ok(Reply::Nothing);
            }
        }
        Ok(Reply::Whole(answer))
    }
}
