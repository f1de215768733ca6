//! A history that looks like that of a real library: several authors, plain fixes, a merge, old tags.

use std::io;

use super::Repo;

/// What a believable repository is made of.
#[derive(Debug, Clone, Copy)]
pub struct History<'a> {
    /// The branch that the work happens on, such as `main`.
    pub branch: &'a str,
    /// The files of the first commit.
    pub files: &'a [(&'a str, &'a str)],
    /// How many commits follow the first one.
    pub commits: usize,
}

const AUTHORS: [(&str, &str); 4] = [
    ("Ada Maintainer", "ada@example.org"),
    ("Grace Kernel", "grace@example.org"),
    ("Edsger Typer", "edsger@example.org"),
    ("Barbara Index", "barbara@example.org"),
];

const SUBJECTS: [&str; 8] = [
    "Fix the shape check of strided inputs",
    "Add a fast path for contiguous tensors",
    "Document the behaviour on empty input",
    "Stop copying the weights twice",
    "Test the backward pass in half precision",
    "Remove a helper nobody calls",
    "Name the dimension that does not match",
    "Speed up the data loader on many cores",
];

/// Fills `repo`: a first commit with the files, then commits by several authors that each touch a
/// source file of their own. The same input gives the same ids on every machine; the id of the tip.
///
/// # Errors
/// When git fails.
pub fn believable(repo: &Repo, history: &History<'_>) -> io::Result<String> {
    let mut tip = repo.commit(history.branch, "Start the project\n\nWhat there is so far.", history.files)?;
    for number in 1..=history.commits {
        let (name, email) = AUTHORS[number % AUTHORS.len()];
        let subject = SUBJECTS[number % SUBJECTS.len()];
        let message = format!("{subject} (#{})\n\nReviewed-by: Ada Maintainer <ada@example.org>", 1000 + number);
        let path = format!("src/part_{}.py", number % SUBJECTS.len());
        let text = format!("# {subject}\nREVISION = {number}\n");
        tip = repo.draft(history.branch, &message).author(name, email).file(&path, text).write()?;
    }
    Ok(tip)
}
