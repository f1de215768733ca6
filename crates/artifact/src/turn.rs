//! The turns of large members: several threads inflate one at a time in a process.

use std::sync::{Mutex, MutexGuard, PoisonError};

/// Over the whole process and not over one archive, because memory and cores are the process's: callers
/// may verify several files at once. The chunks of one member that several threads inflate are most of
/// what a verification holds in memory, and they keep four cores busy.
static TURN: Mutex<()> = Mutex::new(());

/// Held while several threads inflate one member.
pub(crate) struct Turn(#[expect(dead_code, reason = "held, never looked at")] MutexGuard<'static, ()>);

/// Waits until no other member is inflated by several threads.
pub(crate) fn wait() -> Turn {
    // Whoever panicked while it had the turn left nothing behind that could be broken.
    Turn(TURN.lock().unwrap_or_else(PoisonError::into_inner))
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::thread;

    use super::*;

    #[test]
    fn only_one_has_the_turn() {
        let inside = AtomicUsize::new(0);
        let most = AtomicUsize::new(0);
        let take = || {
            for _ in 0..200 {
                let _turn = wait();
                most.fetch_max(inside.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                thread::yield_now();
                inside.fetch_sub(1, Ordering::SeqCst);
            }
        };
        thread::scope(|scope| (0..8).for_each(|_| drop(scope.spawn(take))));
        assert_eq!(most.into_inner(), 1);
    }
}
