//! Random projects: packages that depend on each other, repositories that pin each other, matrices,
//! deliveries. The names run against the order of the dependencies, so that no order is right by luck.

use crate::plan::tests::project;
use crate::project::Project;

/// Turns random bytes into decisions; when they run out, every decision is the first choice.
#[derive(Debug)]
pub(super) struct Dice(std::vec::IntoIter<u8>);

impl Dice {
    pub(super) fn new(bytes: Vec<u8>) -> Self {
        Self(bytes.into_iter())
    }

    /// A number below `sides`.
    pub(super) fn roll(&mut self, sides: u8) -> u8 {
        self.0.next().unwrap_or(0) % sides
    }

    /// Yes or no.
    pub(super) fn flip(&mut self) -> bool {
        self.roll(2) == 1
    }
}

/// A project of two to five packages, each from a repository of its own.
pub(super) fn sketch(dice: &mut Dice) -> Project {
    let count = 2 + usize::from(dice.roll(4));
    let mut main = String::from(
        "waves = [\"first\", \"second\"]\n[project]\nname = \"Random\"\nidentity = \"R <r@example.org>\"\n\
         [channels.test]\nstore = \"./test\"\n[backup]\nstore = \"./backup\"\n[channels.stable]\nstore = \"./stable\"\n",
    );
    if dice.flip() {
        main += "mirrors = [{ store = \"./mirror\" }, { store = \"./other\" }]\n";
    }
    let mut line = String::from("line = \"1.0\"\n[releases.\"1.0.0\"]\n");
    for index in 0..count {
        let (repository, package) = (format!("r{}", 9 - index), format!("p{}", 9 - index));
        // No wave may be empty.
        let wave = if index == 0 || (index > 1 && dice.flip()) { "second" } else { "first" };
        main += &format!("[repositories.{repository}]\nurl = \"./{repository}\"\nwave = \"{wave}\"\n");
        let deliver = |topic| if topic { "topic-branch" } else { "push" };
        let (edits, bump) = (deliver(dice.flip()), deliver(dice.flip()));
        main += &format!("version = {{ file = \"v\" }}\ndeliver = {{ edits = \"{edits}\", bump = \"{bump}\" }}\n");
        for other in (0..index).filter(|_| dice.flip()).map(|other| format!("r{}", 9 - other)) {
            main += &format!(
                "[[repositories.{repository}.edits]]\nkind = \"pin\"\nfile = \"{other}.pin\"\nrepository = \"{other}\"\nto = \"commit\"\n"
            );
        }
        let after: Vec<String> =
            (0..index).filter(|_| dice.flip()).map(|other| format!("\"p{}\"", 9 - other)).collect();
        main += &format!("[packages.{package}]\nrepository = \"{repository}\"\nafter = [{}]\n", after.join(", "));
        let accelerators = ["\"cpu\"", "\"cpu\", \"cu1\""][usize::from(dice.roll(2))];
        let local = if dice.flip() { "{accelerator}" } else { "none" };
        main += &format!(
            "[[packages.{package}.matrix]]\nkind = \"wheel\"\npython = [\"py3\"]\nabi = \"none\"\nplatforms = [\"any\"]\n\
             accelerators = [{accelerators}]\nlocal = \"{local}\"\nfolder = \"{{accelerator}}\"\n"
        );
        line += &format!("{package} = \"1.0.0\"\n");
    }
    project(&main, &line)
}
