//! RECORD of the output: the rows of the input in their order, with new names, digests and sizes.

use std::collections::BTreeMap;

use trackside_domain::derivation::MemberContent;

use crate::base64url;
use crate::record::Row;

/// RECORD with `renamed` paths and, by their path in the input, the `changed` contents. Every other
/// digest is carried over from the input. RECORD's own row has none; a row ends with one `\n`.
pub(super) fn rebuild(
    rows: &[Row],
    renamed: impl Fn(&str) -> Option<String>,
    changed: &BTreeMap<&str, MemberContent>,
) -> String {
    let mut text = String::new();
    for row in rows {
        let path = renamed(&row.path).unwrap_or_else(|| row.path.clone());
        let (hash, size) = match changed.get(row.path.as_str()) {
            Some(content) => {
                (format!("sha256={}", base64url::encode(content.sha256.as_bytes())), content.size.to_string())
            }
            None => (row.hash.clone(), row.size.clone()),
        };
        text.push_str(&[path, hash, size].map(|field| quoted(&field)).join(","));
        text.push('\n');
    }
    text
}

/// A field as Python's `csv` module writes it: quoted where it must be.
fn quoted(field: &str) -> String {
    if field.contains([',', '"']) { format!("\"{}\"", field.replace('"', "\"\"")) } else { field.to_owned() }
}

#[cfg(test)]
mod tests {
    use trackside_domain::digest::Sha256;

    use super::*;

    #[test]
    fn rows_keep_their_order_and_what_did_not_change() {
        let row = |path: &str, hash: &str, size: &str| Row { path: path.into(), hash: hash.into(), size: size.into() };
        let rows = [
            row("z,\"y\".py", "sha256=x", "1"),
            row("a-1.dist-info/METADATA", "sha256=y", "2"),
            row("a-1.dist-info/RECORD", "", ""),
        ];
        let changed = BTreeMap::from([("a-1.dist-info/METADATA", MemberContent { size: 3, sha256: Sha256::of(b"") })]);
        let renamed = |path: &str| path.strip_prefix("a-1.dist-info/").map(|name| format!("a-2.dist-info/{name}"));
        insta::assert_snapshot!(rebuild(&rows, renamed, &changed), @r#"
        "z,""y"".py",sha256=x,1
        a-2.dist-info/METADATA,sha256=47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU,3
        a-2.dist-info/RECORD,,
        "#);
    }
}
