//! The README's commands on files by themselves, and that they print what the README says.

use trackside_testkit::binary::ElfBuilder;
use trackside_testkit::wheel::WheelBuilder;

use crate::common::{World, normal};

/// The machine of x86_64 in an ELF header.
const X86_64: u16 = 62;

/// Where the block of commands and answers begins.
const MARK: &str = "<!-- derive: each command below is run by a test, which compares what it prints -->\n```text\n";

/// What stands between the parts of a command that is longer than a line.
const CONTINUED: &str = " \\\n      ";

/// The folder that the README pretends to be in: one wheel of the channel, and a folder for PyPI.
fn world() -> World {
    let world = World::empty();
    let wheel = WheelBuilder::new("torch", "2.15.0+cu126")
        .tag("cp311", "cp311", "linux_x86_64")
        .requires("filelock")
        .requires("triton==3.5.0+cu126")
        .requires_python(">=3.10")
        .file("torch/__init__.py", b"from .version import __version__\n")
        .file("torch/version.py", b"__version__ = '2.15.0+cu126'\n")
        .file("torch/_C.so", &ElfBuilder::new(X86_64).needs("libc.so.6", &["GLIBC_2.17"]).filler(3000).bytes());
    world.build("", &wheel);
    std::fs::create_dir(world.path("dist/pypi")).unwrap();
    world
}

/// The words of a command; quotes keep spaces together.
fn words(command: &str) -> Vec<String> {
    let parts = command.split('\'').enumerate();
    parts
        .flat_map(|(number, part)| match number % 2 {
            0 => part.split_whitespace().map(str::to_owned).collect(),
            _ => vec![part.to_owned()],
        })
        .collect()
}

#[test]
fn the_readme_shows_what_a_derivation_prints() {
    let readme = include_str!("../../../../README.md");
    let (_, block) = readme.split_once(MARK).expect("the README shows a derivation");
    let (block, _) = block.split_once("```").expect("the block ends");
    let block = block.replace(CONTINUED, " ");
    let world = world();
    let mut printed = String::new();
    let commands: Vec<&str> = block.lines().filter_map(|line| line.strip_prefix("$ trackside ")).collect();
    for command in &commands {
        let output = world.command(words(command)).current_dir(world.path("dist")).output().unwrap();
        let told = [output.stdout, output.stderr].map(|text| String::from_utf8(text).unwrap()).concat();
        printed.push_str(&format!("$ trackside {command}\n{}", told.trim_end()));
        printed.push('\n');
    }
    assert_eq!(commands.len(), 5, "verify, derive, inspect, verify and --check");
    assert_eq!(normal(&block, world.root()), normal(&printed, world.root()), "really printed:\n{printed}");
}
