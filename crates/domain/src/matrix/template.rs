//! Texts with `{placeholder}` in them, filled strictly: what is unknown or has no value is an error.

/// The placeholders that a row's patterns may hold.
pub const PLACEHOLDERS: [&str; 5] = ["package", "version", "python", "platform", "accelerator"];

/// Why a pattern of a row cannot be filled.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TemplateError {
    /// No such placeholder.
    #[error("`{{{name}}}` in `{template}` is no placeholder; there are {}", known())]
    Unknown {
        /// The whole pattern.
        template: String,
        /// What stands between the braces.
        name: String,
    },
    /// The row lists no values for it.
    #[error("`{template}` holds `{{{name}}}`, but the row lists no {name}")]
    NoValue {
        /// The whole pattern.
        template: String,
        /// The placeholder.
        name: String,
    },
    /// A brace stands alone.
    #[error("a brace in `{template}` has no partner")]
    Brace {
        /// The whole pattern.
        template: String,
    },
}

fn known() -> String {
    PLACEHOLDERS.map(|name| format!("`{{{name}}}`")).join(", ")
}

/// Puts the value of each placeholder in its place.
pub(super) fn fill(template: &str, value: impl Fn(&str) -> Option<String>) -> Result<String, TemplateError> {
    let mut filled = String::with_capacity(template.len());
    let mut rest = template;
    while let Some(at) = rest.find(['{', '}']) {
        let (before, from_brace) = rest.split_at(at);
        let brace = || TemplateError::Brace { template: template.to_owned() };
        let (name, after) = from_brace.strip_prefix('{').and_then(|rest| rest.split_once('}')).ok_or_else(brace)?;
        if !PLACEHOLDERS.contains(&name) {
            return Err(TemplateError::Unknown { template: template.to_owned(), name: name.to_owned() });
        }
        let no_value = || TemplateError::NoValue { template: template.to_owned(), name: name.to_owned() };
        filled.push_str(before);
        filled.push_str(&value(name).ok_or_else(no_value)?);
        rest = after;
    }
    filled.push_str(rest);
    Ok(filled)
}
