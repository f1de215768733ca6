//! s3s-fs, an S3 of the Rust world, in this process: it checks signatures and checksums, and keeps its objects
//! in a folder. Its conditions do not hold when writers race.

use std::net::SocketAddr;

use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto::Builder as Connection;
use s3s::auth::SimpleAuth;
use s3s::service::{S3Service, S3ServiceBuilder};
use s3s_fs::FileSystem;
use tokio::net::TcpListener;
use tokio::runtime::Runtime;

/// A running server; it stops when it is dropped.
pub(crate) struct S3s {
    folder: tempfile::TempDir,
    address: SocketAddr,
    /// Drives the connections.
    _runtime: Runtime,
}

impl S3s {
    pub(crate) const KEY_ID: &'static str = "test-key-id";
    pub(crate) const KEY: &'static str = "test-key";

    pub(crate) fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut service = S3ServiceBuilder::new(FileSystem::new(folder.path()).unwrap());
        service.set_auth(SimpleAuth::from_single(Self::KEY_ID, Self::KEY));
        let service = service.build();
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
        let address = listener.local_addr().unwrap();
        drop(runtime.spawn(serve(listener, service)));
        Self { folder, address, _runtime: runtime }
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    pub(crate) fn create_bucket(&self, name: &str) {
        std::fs::create_dir(self.folder.path().join(name)).unwrap();
    }
}

async fn serve(listener: TcpListener, service: S3Service) {
    loop {
        let Ok((stream, _)) = listener.accept().await else { continue };
        let service = service.clone();
        drop(tokio::spawn(async move {
            // A client that goes away is its own problem.
            drop(Connection::new(TokioExecutor::new()).serve_connection(TokioIo::new(stream), service).await);
        }));
    }
}
