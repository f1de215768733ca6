//! Several things at the same time, on a bounded number of threads.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

/// Does `work` on every item, at most `width` of them at the same time, in the order of the items as far
/// as there is one. After the first failure nothing more is begun; what is under way is finished. The
/// answer of each item; `None` for those that were not begun.
pub fn together<T: Sync, R: Send, E: Send>(
    width: usize,
    items: &[T],
    work: impl Fn(usize, &T) -> Result<R, E> + Sync,
) -> Vec<Option<Result<R, E>>> {
    let next = AtomicUsize::new(0);
    let failed = AtomicBool::new(false);
    let answers = Mutex::new(items.iter().map(|_| None).collect::<Vec<_>>());
    let worker = || {
        while !failed.load(Ordering::SeqCst) {
            let index = next.fetch_add(1, Ordering::SeqCst);
            let Some(item) = items.get(index) else { break };
            let answer = work(index, item);
            if answer.is_err() {
                failed.store(true, Ordering::SeqCst);
            }
            answers.lock().unwrap_or_else(PoisonError::into_inner)[index] = Some(answer);
        }
    };
    match width.min(items.len()) {
        0 | 1 => worker(),
        several => std::thread::scope(|scope| (0..several).for_each(|_| drop(scope.spawn(worker)))),
    }
    answers.into_inner().unwrap_or_else(PoisonError::into_inner)
}

/// The same for work that is worth nothing unless all of it succeeds.
///
/// # Errors
/// The failure of the first item that failed.
pub fn all_together<T: Sync, R: Send, E: Send>(
    width: usize,
    items: &[T],
    work: impl Fn(&T) -> Result<R, E> + Sync,
) -> Result<Vec<R>, E> {
    let answers = together(width, items, |_, item| work(item));
    let mut done = Vec::with_capacity(answers.len());
    let mut failure = None;
    for answer in answers.into_iter().flatten() {
        match answer {
            Ok(result) => done.push(result),
            Err(error) => drop(failure.get_or_insert(error)),
        }
    }
    failure.map_or(Ok(done), Err)
}

/// Two things at the same time.
pub fn both<A: Send, B>(one: impl FnOnce() -> A + Send, other: impl FnOnce() -> B) -> (A, B) {
    std::thread::scope(|scope| {
        let one = scope.spawn(one);
        let other = other();
        (one.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)), other)
    })
}

#[cfg(test)]
mod tests {
    use std::sync::Barrier;

    use super::*;

    #[test]
    fn as_many_as_allowed_are_under_way_and_answers_keep_their_places() {
        let barrier = Barrier::new(4);
        let items: Vec<usize> = (0..8).collect();
        // Each waits for three others: with fewer than four threads this would never end.
        let answers = all_together(4, &items, |item| {
            barrier.wait();
            Ok::<_, ()>(item * 10)
        });
        assert_eq!(answers, Ok((0..8).map(|item| item * 10).collect()));
    }

    #[test]
    fn nothing_is_begun_after_a_failure() {
        let items: Vec<usize> = (0..100).collect();
        let answers = together(1, &items, |index, _| if index == 3 { Err(index) } else { Ok(index) });
        let begun: Vec<usize> =
            answers.iter().enumerate().filter(|(_, answer)| answer.is_some()).map(|(index, _)| index).collect();
        assert_eq!(begun, [0, 1, 2, 3]);
        let barrier = Barrier::new(2);
        let failed = all_together(2, &[1, 2], |item| {
            barrier.wait();
            Err::<(), _>(*item)
        });
        assert_eq!(failed, Err(1), "of two failures the first item's counts");
        assert_eq!(all_together(3, &[], |_: &u8| Ok::<_, ()>(())), Ok(vec![]));
    }
}
