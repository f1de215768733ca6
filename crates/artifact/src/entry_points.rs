//! entry_points.txt: the scripts and plug-ins of a wheel, read as Python's `configparser` reads it.

use std::collections::BTreeSet;

use trackside_domain::finding::Code;

use crate::finding::Findings;

/// The groups of which installers make scripts: their names become those of files. What stands in
/// `DEFAULT` belongs to every group for `configparser`.
const SCRIPTS: [&str; 3] = ["DEFAULT", "console_scripts", "gui_scripts"];

/// The entries of one section in the order of the file.
#[derive(Debug, Default, PartialEq, Eq)]
struct Section {
    name: String,
    entries: Vec<(String, String)>,
}

/// Checks the file at `path`, which a wheel may have.
pub(crate) fn check(bytes: &[u8], path: &str, findings: &mut Findings) {
    let sections = std::str::from_utf8(bytes).map_err(|_| "it is not UTF-8".to_owned()).and_then(parse);
    let sections = match sections {
        Ok(sections) => sections,
        Err(reason) => return findings.member(Code::EntryPointsMalformed, path, reason),
    };
    for section in &sections {
        for (name, value) in &section.entries {
            let what = || format!("`{} = {}` in `{}`", shown(name), shown(value), shown(&section.name));
            let is_script = SCRIPTS.contains(&section.name.as_str());
            match check_value(value, is_script) {
                _ if is_script && !is_script_name(name) => {
                    findings.member(Code::EntryPointsMalformed, path, format!("{}: no name of a script", what()));
                }
                Err(reason) if is_script => {
                    findings.member(Code::EntryPointsMalformed, path, format!("{}: {reason}", what()));
                }
                Err(reason) => findings.member(Code::EntryPointValue, path, format!("{}: {reason}", what())),
                Ok(()) => {}
            }
        }
    }
}

/// PyPI's rule, and stricter: a name of dots is a folder.
fn is_script_name(name: &str) -> bool {
    name.chars().all(|char| char.is_alphanumeric() || "_.-".contains(char)) && !name.chars().all(|char| char == '.')
}

/// Checks `module:object [extras]`; only a script must have the object.
fn check_value(value: &str, is_script: bool) -> Result<(), &'static str> {
    // pip makes no script of `module : object`, nor of a value that goes on in the next line.
    if is_script && (value.contains('\n') || value.contains(" :") || value.contains(": ")) {
        return Err("pip makes no script of it: nothing may stand around its colon");
    }
    let (object, extras) = match value.split_once('[') {
        Some((object, extras)) => (object.trim_end(), Some(extras)),
        None => (value, None),
    };
    if extras.is_some_and(|extras| !extras.trim_end().ends_with(']') || extras.matches(['[', ']']).count() > 1) {
        return Err("its extras are not in brackets");
    }
    let (module, attribute) = match object.split_once(':') {
        Some((module, attribute)) => (module.trim_end(), Some(attribute.trim_start())),
        None => (object, None),
    };
    let dotted = |text: &str| text.split('.').all(is_identifier);
    match attribute {
        _ if !dotted(module) => Err("no module is named"),
        Some(attribute) if !dotted(attribute) => Err("no object is named"),
        None if is_script => Err("no object is named"),
        _ => Ok(()),
    }
}

fn is_identifier(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|char| char.is_alphanumeric() || char == '_')
}

/// The sections. Comments begin with `#` or `;`, a line that is indented deeper than the one before
/// continues its value, nothing may stand twice.
fn parse(text: &str) -> Result<Vec<Section>, String> {
    let mut sections: Vec<Section> = Vec::new();
    let mut names = BTreeSet::new();
    let mut entries = BTreeSet::new();
    let mut depth = 0;
    for (index, line) in text.split('\n').enumerate() {
        let content = line.trim();
        if content.is_empty() || content.starts_with(['#', ';']) {
            continue;
        }
        let indent = line.len() - line.trim_start().len();
        let open = sections.last_mut().and_then(|section| section.entries.last_mut());
        if let Some((_, value)) = open.filter(|_| indent > depth) {
            value.push('\n');
            value.push_str(content);
            continue;
        }
        depth = indent;
        let refused = |reason: &str| Err(format!("line {}: {reason}", index + 1));
        if let Some(name) = section_name(content) {
            if !names.insert(name.to_owned()) {
                return refused("the section stands there already");
            }
            entries.clear();
            sections.push(Section { name: name.to_owned(), entries: Vec::new() });
            continue;
        }
        let Some(section) = sections.last_mut() else {
            return refused("it belongs to no section");
        };
        let Some((name, value)) = content.split_once('=').map(|(name, value)| (name.trim_end(), value.trim_start()))
        else {
            return refused("it is no `name = value`");
        };
        if name.is_empty() || !entries.insert(name.to_owned()) {
            return refused("its name is empty or stands there already");
        }
        section.entries.push((name.to_owned(), value.to_owned()));
    }
    Ok(sections)
}

/// The name in `[name]`, up to the last bracket.
fn section_name(content: &str) -> Option<&str> {
    let (name, _) = content.strip_prefix('[')?.rsplit_once(']')?;
    (!name.is_empty()).then_some(name)
}

/// A part of the file in a message.
fn shown(text: &str) -> String {
    text.chars().take(60).flat_map(char::escape_debug).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn told(text: &[u8]) -> Vec<String> {
        let mut findings = Findings::default();
        check(text, "entry_points.txt", &mut findings);
        findings.into_vec().iter().map(ToString::to_string).collect()
    }

    #[test]
    fn what_builds_write_is_read() {
        for text in [
            "",
            "# nothing\n; at all\n",
            "[console_scripts]\ntorchrun = torch.distributed.run:main\n",
            "[console_scripts]\r\na=b:c\r\n\r\n[gui_scripts]\r\nd = e:f.g [x,y]\r\n",
            "[console_scripts]\n    a = b:c\n    d = e:f\n",
            "[console_scripts] junk\na.b-c_1 = b:c\n",
            "[torchrun.logs_specs]\ndefault = torch.distributed.elastic:Logs\nother=module\n",
            "[a b]\nany name = x\n",
            "[empty]\n",
        ] {
            assert!(told(text.as_bytes()).is_empty(), "{text:?}: {:?}", told(text.as_bytes()));
        }
    }

    #[test]
    fn a_deeper_line_continues_the_value() {
        let sections = parse("[a]\nb = c\n  d\n\n  # e\n  f\n").unwrap();
        assert_eq!(sections[0].entries, [("b".to_owned(), "c\nd\nf".to_owned())]);
    }

    proptest! {
        #[test]
        fn no_bytes_make_the_reader_panic(bytes in proptest::collection::vec(any::<u8>(), 0..80), text in "[\\[\\]=:; #a.\n\r\t-]{0,60}") {
            told(&bytes);
            told(text.as_bytes());
        }

        #[test]
        fn scripts_with_good_names_pass(names in proptest::collection::btree_set("[a-z_][a-zA-Z0-9_.-]{0,8}", 0..5)) {
            let lines: String = names.iter().map(|name| format!("{name} = module.sub:main\n")).collect();
            let text = format!("[console_scripts]\n{lines}");
            prop_assert!(told(text.as_bytes()).is_empty());
        }
    }
}
