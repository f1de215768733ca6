//! How many requests a server gets at the same time: one more with each answer until it first says that they
//! are too many (503 `SlowDown`, 429), then half as many, and from there one more with each round, as TCP does.

use std::sync::{Mutex, PoisonError};

use tokio::sync::Notify;

/// Where it begins.
const FIRST: f64 = 64.0;
/// The most requests at the same time; more of them only queue in a server.
const MOST: f64 = 256.0;

/// The number of requests that may be under way, which adapts.
#[derive(Debug)]
pub(super) struct Pace {
    state: Mutex<State>,
    freed: Notify,
}

#[derive(Debug, Clone, Copy)]
struct State {
    limit: f64,
    under_way: f64,
    /// Whether the server has ever said that it was too much.
    warned: bool,
}

/// One request that is under way.
#[derive(Debug)]
pub(super) struct Turn<'a>(&'a Pace);

impl Default for Pace {
    fn default() -> Self {
        Self { state: Mutex::new(State { limit: FIRST, under_way: 0.0, warned: false }), freed: Notify::new() }
    }
}

impl Pace {
    /// Waits until one more request may be sent.
    pub(super) async fn turn(&self) -> Turn<'_> {
        loop {
            let freed = self.freed.notified();
            if self.with(State::take) {
                return Turn(self);
            }
            freed.await;
        }
    }

    /// The server answered.
    pub(super) fn answered(&self) {
        self.with(|state| {
            let more = if state.warned { 1.0 / state.limit } else { 1.0 };
            state.limit = (state.limit + more).min(MOST);
        });
        self.freed.notify_one();
    }

    /// The server said that it gets too many requests.
    pub(super) fn too_many(&self) {
        self.with(|state| {
            state.warned = true;
            state.limit = (state.limit / 2.0).max(1.0);
        });
    }

    fn with<T>(&self, change: impl FnOnce(&mut State) -> T) -> T {
        change(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl State {
    fn take(&mut self) -> bool {
        let free = self.under_way + 1.0 <= self.limit.max(1.0);
        if free {
            self.under_way += 1.0;
        }
        free
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        self.0.with(|state| state.under_way -= 1.0);
        self.0.freed.notify_one();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limit(pace: &Pace) -> f64 {
        pace.with(|state| state.limit)
    }

    #[test]
    fn it_halves_when_it_is_too_much_and_grows_slowly_when_it_is_not() {
        let pace = Pace::default();
        pace.answered();
        assert!((limit(&pace) - FIRST - 1.0).abs() < f64::EPSILON, "one more with each answer, at first");
        let pace = Pace::default();
        pace.too_many();
        assert!((limit(&pace) - FIRST / 2.0).abs() < f64::EPSILON);
        for _ in 0..8 {
            pace.answered();
        }
        assert!(limit(&pace) < FIRST / 2.0 + 1.01, "about one more after as many answers as were allowed at once");
        for _ in 0..20 {
            pace.too_many();
        }
        assert!((limit(&pace) - 1.0).abs() < f64::EPSILON, "one request is always allowed");
    }

    #[test]
    fn only_as_many_as_allowed_are_under_way() {
        let pace = Pace::default();
        let mut taken = 0;
        while pace.with(State::take) {
            taken += 1;
        }
        assert!((f64::from(taken) - FIRST).abs() < f64::EPSILON);
        drop(Turn(&pace));
        assert!(pace.with(State::take), "what is given back can be taken again");
    }
}
