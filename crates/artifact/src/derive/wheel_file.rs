//! WHEEL for another file name: its tags and its build tag.

use trackside_domain::wheel::WheelFileName;

use super::error::Flaw;
use super::lines;

/// WHEEL with exactly the tags of the file name, one line for each, where the first one stood, and
/// its build tag. Every other byte stays.
pub(super) fn rewrite(text: &str, file: &WheelFileName) -> Result<String, Flaw> {
    let (fields, body) = lines::split(text);
    let first = fields.iter().position(|field| field.is("Tag")).ok_or(Flaw::NoTag)?;
    let end = fields[first].line_end();
    let mut build = file.build().map(|build| format!("Build: {build}{end}"));
    let mut out = String::with_capacity(text.len());
    for (index, field) in fields.iter().enumerate() {
        if field.is("Build") {
            if let (Some(value), Some(_)) = (file.build(), build.take()) {
                out.push_str(&field.with(value));
            }
        } else if !field.is("Tag") {
            out.push_str(field.text);
        } else if index == first {
            let stands_later = fields[index..].iter().any(|field| field.is("Build"));
            if !stands_later && let Some(line) = build.take() {
                out.push_str(&line);
            }
            file.tags().expand().for_each(|tag| out.push_str(&format!("Tag: {tag}{end}")));
        }
    }
    out.push_str(body);
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rewritten(text: &str, name: &str) -> String {
        rewrite(text, &name.parse().unwrap()).unwrap().replace('\r', "<CR>")
    }

    #[test]
    fn tags_and_build_become_those_of_the_file_name() {
        let text = "Wheel-Version: 1.0\r\nGenerator: x\nTag: cp311-cp311-linux_x86_64\r\nTag: a-b-c\nX: y\n\n";
        insta::assert_snapshot!(rewritten(text, "a-1-2-cp311-cp311-manylinux_2_17_x86_64.manylinux2014_x86_64.whl"), @r"
        Wheel-Version: 1.0<CR>
        Generator: x
        Build: 2<CR>
        Tag: cp311-cp311-manylinux_2_17_x86_64<CR>
        Tag: cp311-cp311-manylinux2014_x86_64<CR>
        X: y

        ");
    }

    #[test]
    fn a_build_line_stays_where_it_stands_or_goes() {
        let text = "Tag: x-y-z\nBuild: 1\nX: y\n";
        assert_eq!(rewritten(text, "a-1-2-py3-none-any.whl"), "Tag: py3-none-any\nBuild: 2\nX: y\n");
        assert_eq!(rewritten(text, "a-1-py3-none-any.whl"), "Tag: py3-none-any\nX: y\n");
        assert_eq!(rewritten("Build: 1\nTag: x", "a-1-2-py3-none-any.whl"), "Build: 2\nTag: py3-none-any\n");
    }

    #[test]
    fn what_has_no_tags_is_refused() {
        assert!(matches!(rewrite("Wheel-Version: 1.0\n", &"a-1-py3-none-any.whl".parse().unwrap()), Err(Flaw::NoTag)));
    }
}
