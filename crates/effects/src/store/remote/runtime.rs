//! The threads on which requests are performed. Stores are used by ordinary threads, which wait.

use std::future::Future;
use std::sync::LazyLock;

use tokio::runtime::{Builder, Runtime};

static RUNTIME: LazyLock<Runtime> = LazyLock::new(|| {
    let runtime = Builder::new_multi_thread().thread_name("store").worker_threads(4).enable_all().build();
    runtime.expect("the system gives four threads")
});

/// Waits for an answer. Not to be called by a thread that drives other requests.
pub(in crate::store) fn wait<T>(answer: impl Future<Output = T>) -> T {
    RUNTIME.block_on(answer)
}
