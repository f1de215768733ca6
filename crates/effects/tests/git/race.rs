//! Many machines push at the same moment: one wins, the others know that they lost.

use std::sync::Barrier;

use trackside_effects::git::{PushOutcome, RefOutcome, Refusal};

use crate::world::{World, bot, changes, fetch, update};

#[test]
fn of_eight_racing_pushes_exactly_one_wins() {
    let world = World::new();
    let core = world.core();
    let barrier = Barrier::new(8);
    let outcomes: Vec<_> = std::thread::scope(|scope| {
        let racers: Vec<_> = (0..8)
            .map(|number| {
                let (world, core, barrier) = (&world, &core, &barrier);
                scope.spawn(move || {
                    let cache = world.cache(&format!("machine-{number}"), core);
                    let base = fetch(&cache, "main");
                    let files = [("winner.txt", number.to_string())];
                    let files: Vec<_> = files.iter().map(|(path, text)| (*path, text.as_str())).collect();
                    let new = cache.commit_tree_with(&base, &changes(&files), "Race", &bot()).expect("a commit").commit;
                    let updates =
                        [update("refs/heads/main", Some(&base), &new), update("refs/heads/release/2.15", None, &new)];
                    barrier.wait();
                    (new, cache.push(&updates, &|_| ()).expect("an outcome"))
                })
            })
            .collect();
        racers.into_iter().map(|racer| racer.join().expect("a racer")).collect()
    });
    let winners: Vec<_> = outcomes.iter().filter(|(_, outcome)| outcome.is_done()).collect();
    assert_eq!(winners.len(), 1, "{outcomes:?}");
    for full_ref in ["refs/heads/main", "refs/heads/release/2.15"] {
        assert_eq!(core.id(full_ref).expect("the ref"), winners[0].0.as_str());
    }
    for (_, outcome) in outcomes.iter().filter(|(_, outcome)| !outcome.is_done()) {
        let PushOutcome::Answered { refs, .. } = outcome else { unreachable!("{outcome:?}") };
        let lost = |outcome: &RefOutcome| matches!(outcome, RefOutcome::Refused(Refusal::Stale | Refusal::Together));
        assert!(refs.values().all(lost), "{outcome:?}");
        assert!(refs.values().any(|outcome| *outcome == RefOutcome::Refused(Refusal::Stale)), "{outcome:?}");
    }
}
