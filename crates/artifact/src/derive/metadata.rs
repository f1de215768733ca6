//! METADATA under another version: that line, and those that the rules name.

use trackside_domain::derivation::{RequirementRule, Rules};

use super::error::Flaw;
use super::lines::{self, Field};
use super::requirement::Rewrite;

/// METADATA as the rules make it. Every byte that no rule touches stays.
pub(super) fn rewrite(text: &str, rules: &Rules) -> Result<String, Flaw> {
    let (fields, body) = lines::split(text);
    let rewrites: Vec<Rewrite> = rules.requirements.iter().map(Rewrite::read).collect::<Result<_, _>>()?;
    let mut used = Used { version: false, rewrites: vec![false; rewrites.len()], classifiers: Vec::new() };
    let mut out = String::with_capacity(text.len());
    for field in &fields {
        out.push_str(&used.rewritten(field, rules, &rewrites)?);
    }
    out.push_str(body);
    used.check(rules)?;
    Ok(out)
}

/// Which rules have had an effect.
struct Used<'a> {
    version: bool,
    rewrites: Vec<bool>,
    classifiers: Vec<&'a str>,
}

impl<'a> Used<'a> {
    fn rewritten(&mut self, field: &Field<'a>, rules: &Rules, rewrites: &[Rewrite]) -> Result<String, Flaw> {
        if field.is("Version") && !self.version {
            self.version = true;
            return if field.folded { Err(Flaw::Folded("Version")) } else { Ok(field.with(&rules.version.to)) };
        }
        if field.is("Classifier") && rules.drop_classifiers.iter().any(|dropped| dropped == field.value) {
            self.classifiers.push(field.value);
            return if field.folded { Err(Flaw::Folded("Classifier")) } else { Ok(String::new()) };
        }
        if field.is("Requires-Dist") {
            let joined = field.text.split_once(':').map(|(_, value)| unfolded(value)).unwrap_or_default();
            let found = rewrites.iter().enumerate().find_map(|(index, rewrite)| Some((index, rewrite.apply(&joined)?)));
            if let Some((index, value)) = found {
                self.rewrites[index] = true;
                return if field.folded { Err(Flaw::Folded("Requires-Dist")) } else { Ok(field.with(&value)) };
            }
        }
        Ok(field.text.to_owned())
    }

    fn check(&self, rules: &Rules) -> Result<(), Flaw> {
        if !self.version {
            return Err(Flaw::NoVersion);
        }
        let unused = rules.requirements.iter().zip(&self.rewrites).find(|(_, used)| !**used);
        if let Some((RequirementRule { from, .. }, _)) = unused {
            return Err(Flaw::RequirementNotThere(from.clone()));
        }
        let unused = rules.drop_classifiers.iter().find(|dropped| !self.classifiers.contains(&dropped.as_str()));
        unused.map_or(Ok(()), |dropped| Err(Flaw::ClassifierNotThere(dropped.clone())))
    }
}

fn unfolded(value: &str) -> String {
    value.lines().map(str::trim).collect::<Vec<_>>().join(" ").trim().to_owned()
}

#[cfg(test)]
mod tests {
    use trackside_domain::derivation::VersionChange;

    use super::*;

    const TEXT: &str = "Metadata-Version: 2.1\r\nName: torch\nVersion: 2.6.0+cu124 \r\nClassifier: A :: B\nClassifier: C\n\
        Requires-Dist: torch-tools==2.6.0+cu124 ; extra == \"x\"\nRequires-Dist: TRITON (==3.2.0+x)\nX-Version: 2.6.0+cu124\n\
        \nVersion: 2.6.0+cu124\n";

    fn rules() -> Rules {
        Rules::new(VersionChange { from: "2.6.0+cu124".into(), to: "2.6.0".into() })
    }

    fn requirement(from: &str, to: &str) -> RequirementRule {
        RequirementRule { from: from.into(), to: to.into() }
    }

    #[test]
    fn only_the_lines_of_the_rules_change() {
        let rules = Rules {
            requirements: vec![
                requirement("torch_tools==2.6.0+cu124", "torch-tools==2.6.0"),
                requirement("triton ==3.2.0+x", "triton==3.2.0"),
            ],
            drop_classifiers: vec!["C".into()],
            ..rules()
        };
        insta::assert_snapshot!(rewrite(TEXT, &rules).unwrap().replace('\r', "<CR>"), @r#"
        Metadata-Version: 2.1<CR>
        Name: torch
        Version: 2.6.0 <CR>
        Classifier: A :: B
        Requires-Dist: torch-tools==2.6.0 ; extra == "x"
        Requires-Dist: TRITON (==3.2.0)
        X-Version: 2.6.0+cu124

        Version: 2.6.0+cu124
        "#);
    }

    #[test]
    fn a_rule_without_effect_is_refused() {
        for (rules, expected) in [
            (
                Rules { requirements: vec![requirement("triton==3.2.0", "triton")], ..rules() },
                "no requirement `triton==3.2.0`",
            ),
            (Rules { requirements: vec![requirement("triton==3", "triton==3")], ..rules() }, "changes nothing"),
            (Rules { requirements: vec![requirement("a[b]==3", "a")], ..rules() }, "a name and versions, nothing else"),
            (Rules { requirements: vec![requirement("a==3", "a=3")], ..rules() }, "`a=3` in a rule is no requirement"),
            (Rules { drop_classifiers: vec!["D".into()], ..rules() }, "no classifier `D`"),
        ] {
            let found = rewrite(TEXT, &rules).unwrap_err().to_string();
            assert!(found.contains(expected), "{found}");
        }
        assert!(matches!(rewrite("Name: torch\n\n", &rules()), Err(Flaw::NoVersion)));
    }

    #[test]
    fn folded_lines_are_not_rewritten() {
        let folded = TEXT.replace("(==3.2.0+x)", "\n  (==3.2.0+x)");
        let rules = Rules { requirements: vec![requirement("triton==3.2.0+x", "triton==3.2.0")], ..rules() };
        assert!(matches!(rewrite(&folded, &rules), Err(Flaw::Folded("Requires-Dist"))));
        assert!(matches!(rewrite("Version: 2.6.0\n +cu124\n", &rules), Err(Flaw::Folded("Version"))));
    }
}
