//! The crash points of a plan: every effect that writes, at every moment.
//!
//! Reads are no crash points: a process that dies while it reads has changed nothing.

use trackside_domain::plan::Plan;

use crate::watch::CrashPoint;
use crate::watch::Moment;

/// All points at which a process that performs the plan can die in the middle of something.
pub(super) fn of_plan(plan: &Plan) -> Vec<CrashPoint> {
    let writing = plan.effects().filter(|(_, _, action)| action.writes());
    let points = writing.flat_map(|(step, effect, _)| {
        Moment::ALL.map(|moment| CrashPoint { step: step.id.to_string(), effect, moment, together: false })
    });
    points.collect()
}

#[cfg(test)]
mod tests {
    use trackside_domain::action::{Action, Content, Location};
    use trackside_domain::digest::Sha256;
    use trackside_domain::plan::{Command, Draft, Making, Phase, Step};

    use super::*;

    fn location(key: &str) -> Location {
        Location { store: "/srv/store".parse().unwrap(), key: key.parse().unwrap() }
    }

    #[test]
    fn every_writing_effect_has_four_points_and_a_read_has_none() {
        let create = |key| Action::CreateObject { to: location(key), content: Content::Text("x".into()) };
        let read = Action::ReadBack { at: location("a"), size: 1, sha256: Sha256::of(b"x") };
        let steps = vec![
            Step::new(&["store", "torch"], "two objects", Phase::Write, vec![create("a"), create("b")]),
            Step::new(&["read", "torch"], "read them", Phase::ReadBack, vec![read]),
        ];
        let command = Command::Stage { candidate: "2.15.0-rc1".parse().unwrap() };
        let draft = Draft { command, preconditions: Vec::new(), steps, notes: Vec::new() };
        let plan = draft
            .seal(Making { tool: "test", now: jiff::Timestamp::UNIX_EPOCH, options: Vec::new(), parent: None })
            .unwrap();
        let points: Vec<String> = of_plan(&plan).iter().map(ToString::to_string).collect();
        insta::assert_snapshot!(points.join("\n"), @r"
        store-torch/0:after-intent
        store-torch/0:mid-transfer
        store-torch/0:after-effect
        store-torch/0:after-receipt
        store-torch/1:after-intent
        store-torch/1:mid-transfer
        store-torch/1:after-effect
        store-torch/1:after-receipt
        ");
    }
}
