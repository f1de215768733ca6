//! Which stores must heed which conditions before a plan begins, and what a waiver takes out.

use jiff::civil::date;

use super::{held, project};
use crate::action::{Action, Content, Location};
use crate::plan::{Command, Draft, Phase, Plan, Precondition, Step};
use crate::project::Project;

const LINE: &str = "line = \"1.0\"\n[releases.\"1.0.0\"]\np = \"1.0.0\"\n";

/// A project with all kinds of stores, and these waivers.
fn with(waivers: &str) -> Project {
    let main = format!(
        "waves = [\"one\"]\n[project]\nname = \"P\"\nidentity = \"R <r@example.org>\"\n\
         [channels.test]\nstore = \"s3://both\"\n[channels.stable]\nstore = \"s3://both\"\n\
         mirrors = [{{ store = \"az://mirror\" }}]\n[backup]\nstore = \"./backup\"\n{waivers}\n\
         [repositories.r]\nurl = \"./r\"\nwave = \"one\"\nversion = {{ file = \"v\" }}\n\
         [packages.p]\nrepository = \"r\"\n[[packages.p.matrix]]\nkind = \"wheel\"\npython = [\"py3\"]\nabi = \"none\"\n\
         platforms = [\"any\"]\naccelerators = [\"cpu\"]\nlocal = \"none\"\nfolder = \"cpu\"\n"
    );
    project(&main, LINE)
}

/// What is asked of the stores and said of them in such a plan.
fn told(project: &Project, state: &str) -> Vec<String> {
    let plan = plan(project, state);
    let of_stores = |one: &&Precondition| matches!(one, Precondition::StoreHeeds { .. } | Precondition::Waived { .. });
    let held = plan.preconditions.iter().filter(of_stores).map(held);
    held.chain(plan.notes).chain([format!("expires {}", plan.expires)]).collect()
}

/// A plan that creates an object in a folder and in a mirror, and replaces a page in `stable`.
fn plan(project: &Project, state: &str) -> Plan {
    let at = |store: &str| Location { store: store.parse().unwrap(), key: "whl/p/index.html".parse().unwrap() };
    let create = |store| Action::CreateObject { to: at(store), content: Content::Text("x".into()) };
    let replace = Action::ReplaceObject { at: at("s3://both"), expect: None, text: "x".into() };
    let steps = vec![
        Step::new(&["write"], "write", Phase::Write, vec![create("/backup"), create("az://mirror")]),
        Step::new(&["page"], "page", Phase::PackagePages, vec![replace]),
    ];
    let command = Command::Promote { release: "1.0.0".parse().unwrap() };
    let draft = Draft { command, preconditions: Vec::new(), steps, notes: Vec::new() };
    let draft = draft.heeded(project, &state.parse().unwrap(), date(2026, 11, 29));
    draft.seal(super::making("2026-11-29T12:00:00Z".parse().unwrap())).unwrap()
}

fn waiver(code: &str, subject: &str, expires: &str) -> String {
    format!(
        "[[waivers]]\ncode = \"{code}\"\nsubject = \"{subject}\"\nreason = \"R\"\nowner = \"O\"\nexpires = {expires}\n"
    )
}

#[test]
fn servers_are_tried_for_what_the_plan_relies_on_and_folders_are_not() {
    let plain = with("");
    let all = "test, stable heeds create-only, compare-and-swap";
    let expected = ["mirror-1 heeds create-only", all, "expires 2026-12-06T12:00:00Z"];
    assert_eq!(told(&plain, "/state"), expected);
    assert_eq!(told(&plain, "gs://state")[1], "state heeds create-only");
}

#[test]
fn a_waiver_takes_out_one_condition_of_one_store_until_its_last_day() {
    let one = with(&waiver("create-only", "mirror-1", "2026-11-29"));
    let told_of = told(&one, "/state");
    assert_eq!(told_of[0], "create-only of mirror-1 is waived");
    assert_eq!(told_of[1], "test, stable heeds create-only, compare-and-swap");
    assert!(
        told_of[2].starts_with("waiver create-only: mirror-1 is not tried, until 2026-11-29, for O: R; if it ignores")
    );
    assert_eq!(told_of[3], "expires 2026-11-30T00:00:00Z", "nor can the plan be started later");
    let over = with(&waiver("create-only", "mirror-1", "2026-11-28"));
    assert_eq!(told(&over, "/state"), told(&with(""), "/state"));
    let other = with(&waiver("compare-and-swap", "stable", "2026-12-31"));
    let told_of = told(&other, "/state");
    assert_eq!(told_of[1], "compare-and-swap of stable is waived");
    assert_eq!(told_of[2], "test, stable heeds create-only");
    assert_eq!(told_of[4], "expires 2026-12-06T12:00:00Z", "a plan lives no longer for it");
}

#[test]
fn a_page_is_looked_at_again_unless_its_write_asks_a_server_that_is_tried() {
    let again = |project: &Project| {
        let plan = plan(project, "/state");
        let is_page = |one: &&&Precondition| matches!(one, Precondition::ObjectIs { .. });
        let objects = plan.preconditions.iter().filter(|one| is_page(&one)).count();
        let left = plan.not_asked_by_writes();
        assert_eq!(plan.preconditions.len() - left.len(), objects - left.iter().filter(is_page).count(), "all others");
        (objects, left.iter().filter(is_page).count())
    };
    assert_eq!(again(&with("")), (1, 0));
    assert_eq!(again(&with(&waiver("compare-and-swap", "stable", "2026-12-31"))), (1, 1));
    assert_eq!(again(&with(&waiver("create-only", "stable", "2026-12-31"))), (1, 1));
}
