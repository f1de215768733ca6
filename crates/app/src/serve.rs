//! The web server of a store: read-only, for installers that are to see the channels
//! exactly as an edge shows them.
//!
//! It serves what the storage layout calls public and nothing else: no listings, no journals, no
//! temporary files, nothing behind a symbolic link. What it says about each object (type, caching)
//! comes from the layout too; `docs/edge.md` gives the same rules for other servers.

mod answer;
mod conditional;
mod negotiate;
mod open;
mod range;

pub use open::Root;

use std::future::Future;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::pin::pin;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use axum::Router;
use tokio::net::TcpListener;
use tokio::runtime::Runtime;
use tokio::sync::{Notify, oneshot};

/// How long a transfer may go on after the server was told to stop. Its `Content-Length` tells the
/// reader of a longer one that it was cut short.
const GRACE: Duration = Duration::from_secs(1);

/// Why the server did not start or did not go on.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// There is no such folder.
    #[error("`{}` is not a folder that can be served", path.display())]
    Root {
        /// The folder.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// The address is taken, not of this machine or not allowed.
    #[error("cannot listen on {addr}")]
    Listen {
        /// The address.
        addr: SocketAddr,
        /// What the system says.
        source: std::io::Error,
    },
    /// The server's threads could not be started.
    #[error("cannot start the server's threads")]
    Start(#[source] std::io::Error),
    /// The server ended by itself.
    #[error("the server ended unexpectedly")]
    Ended,
}

/// A server in the background. It stops when it is dropped.
#[derive(Debug)]
pub struct Running {
    addr: SocketAddr,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Running {
    /// The address that it listens on, with the real port.
    pub const fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// The URL of a folder of the store, such as `whl/cpu`; with a slash at its end.
    pub fn url(&self, folder: &str) -> String {
        format!("http://{}/{folder}/", self.addr)
    }

    /// Stops the server: open transfers get a short grace.
    ///
    /// # Errors
    /// When it had ended before, which it never does by itself.
    pub fn stop(mut self) -> Result<(), ServeError> {
        self.end()
    }

    fn end(&mut self) -> Result<(), ServeError> {
        // The receiver is gone only if the server's thread is: the join tells.
        let heard = self.stop.take().is_none_or(|stop| stop.send(()).is_ok());
        let joined = self.thread.take().is_none_or(|thread| thread.join().is_ok());
        if heard && joined { Ok(()) } else { Err(ServeError::Ended) }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // Who wants to know how it ended calls `stop`.
        drop(self.end());
    }
}

/// The server as a service, for a store.
pub fn router(root: Root) -> Router {
    Router::new().fallback(answer::answer).with_state(Arc::new(root))
}

/// Serves the store `root` until `stop` is sent to or its sender is dropped.
/// `started` is told the real address, once connections are taken.
///
/// # Errors
/// When the folder cannot be read or the address cannot be listened on.
pub fn run(
    root: impl Into<Root>,
    addr: SocketAddr,
    stop: oneshot::Receiver<()>,
    started: impl FnOnce(SocketAddr),
) -> Result<(), ServeError> {
    let root = root.into();
    let (runtime, listener, addr) = bind(&root, addr)?;
    started(addr);
    serve(&runtime, listener, root, stop);
    Ok(())
}

/// Serves the store `root` in the background. Port 0 takes a free one.
///
/// # Errors
/// When the folder cannot be read or the address cannot be listened on.
pub fn spawn(root: impl Into<Root>, addr: SocketAddr) -> Result<Running, ServeError> {
    let root = root.into();
    let (runtime, listener, addr) = bind(&root, addr)?;
    let (stop, stopped) = oneshot::channel();
    let body = move || serve(&runtime, listener, root, stopped);
    let thread = std::thread::Builder::new().name("serve".to_owned()).spawn(body).map_err(ServeError::Start)?;
    Ok(Running { addr, stop: Some(stop), thread: Some(thread) })
}

fn bind(root: &Root, addr: SocketAddr) -> Result<(Runtime, TcpListener, SocketAddr), ServeError> {
    // A typing error is told now, not as a 503 to every reader.
    if let Root::Folder(path) = root {
        std::fs::read_dir(path).map_err(|source| ServeError::Root { path: path.clone(), source })?;
    }
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .map_err(ServeError::Start)?;
    let refused = |source| ServeError::Listen { addr, source };
    let listener = runtime.block_on(TcpListener::bind(addr)).map_err(refused)?;
    let addr = listener.local_addr().map_err(refused)?;
    Ok((runtime, listener, addr))
}

fn serve(runtime: &Runtime, listener: TcpListener, root: Root, stop: oneshot::Receiver<()>) {
    let stopping = Arc::new(Notify::new());
    let told = Arc::clone(&stopping);
    let stopped = async move {
        // An error means that the sender is gone, which is the same request.
        drop(stop.await);
        told.notify_one();
    };
    let server = axum::serve(listener, router(root)).with_graceful_shutdown(stopped);
    runtime.block_on(until_stopped(server.into_future(), &stopping));
}

/// Waits for the server's end: at most the grace after it was told to stop. Its result says
/// nothing, because `axum::serve` goes on after every error of a connection.
async fn until_stopped<T>(server: impl Future<Output = T>, stopping: &Notify) {
    let mut server = pin!(server);
    tokio::select! {
        _ = &mut server => {}
        () = stopping.notified() => drop(tokio::time::timeout(GRACE, server).await),
    }
}
