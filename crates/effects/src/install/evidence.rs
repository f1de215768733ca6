//! Compares what an installer says it took with what the manifests say.

use std::collections::{BTreeMap, BTreeSet};

use trackside_domain::name::PackageName;
use trackside_domain::storage_key::percent_decoded;

use super::{Installed, Wheel};

/// What is to be said of each package of the train that was to be installed, or that came in uninvited: which
/// file it is, or what is wrong. `wheels` are those that were asked for, `train` all packages of the train.
pub fn judge(
    wheels: &[Wheel],
    train: &BTreeSet<PackageName>,
    installed: &[Installed],
) -> Vec<(PackageName, Result<String, String>)> {
    let mut wanted: BTreeMap<&PackageName, Vec<&Wheel>> = BTreeMap::new();
    for wheel in wheels {
        wanted.entry(&wheel.package).or_default().push(wheel);
    }
    let names: BTreeSet<&PackageName> = wanted
        .keys()
        .copied()
        .chain(installed.iter().map(|item| &item.package).filter(|name| train.contains(*name)))
        .collect();
    let verdict = |name: &PackageName| {
        let items: Vec<&Installed> = installed.iter().filter(|item| item.package == *name).collect();
        one(wanted.get(name).map_or(&[][..], Vec::as_slice), &items)
    };
    names.into_iter().map(|name| (name.clone(), verdict(name))).collect()
}

fn one(wanted: &[&Wheel], items: &[&Installed]) -> Result<String, String> {
    if items.is_empty() {
        return Err("the installer's report does not name it".to_owned());
    }
    let mut told = String::new();
    for item in items {
        let sha256 = item.sha256.as_deref().unwrap_or("none");
        let Some(wheel) =
            wanted.iter().find(|wheel| wheel.sha256.to_string() == sha256 && same_url(&wheel.url, &item.url))
        else {
            return Err(format!(
                "the installer took {} with sha256 {sha256}, which is no file of the manifest",
                item.url
            ));
        };
        told = format!("{} with sha256 {}", wheel.file, wheel.sha256.short());
    }
    Ok(told)
}

/// Installers differ in what they escape; the fragment is not part of the place.
fn same_url(one: &str, other: &str) -> bool {
    let place =
        |url: &str| percent_decoded(url.split('#').next().unwrap_or_default()).map(std::borrow::Cow::into_owned);
    place(one).is_some() && place(one) == place(other)
}

#[cfg(test)]
mod tests {
    use trackside_domain::digest::Sha256;

    use super::*;

    const URL: &str = "http://127.0.0.1:1/packages/torch/2.15.0-rc1/files/cpu/torch-2.15.0%2Bcpu-py3-none-any.whl";

    fn wheel() -> Wheel {
        Wheel {
            package: "torch".parse().unwrap(),
            version: "2.15.0+cpu".to_owned(),
            file: "torch-2.15.0+cpu-py3-none-any.whl".parse().unwrap(),
            url: URL.to_owned(),
            sha256: Sha256::of(b"torch"),
            requires_python: None,
        }
    }

    fn item(package: &str, url: &str, bytes: Option<&str>) -> Installed {
        let sha256 = bytes.map(|bytes| Sha256::of(bytes.as_bytes()).to_string());
        Installed { package: package.parse().unwrap(), url: url.to_owned(), sha256 }
    }

    fn told(installed: &[Installed]) -> String {
        let train = ["torch", "torchvision"].map(|name| name.parse().unwrap()).into();
        let lines = judge(&[wheel()], &train, installed).into_iter().map(|(name, said)| format!("{name}: {said:?}\n"));
        lines.collect()
    }

    #[test]
    fn only_the_url_and_the_digest_of_the_manifest_are_accepted() {
        let good = item("torch", URL, Some("torch"));
        let unescaped = item("torch", &URL.replace("%2B", "+"), Some("torch"));
        let dependency = item("filelock", "https://example.org/filelock.whl", Some("x"));
        for accepted in [vec![good.clone()], vec![unescaped], vec![good.clone(), dependency]] {
            assert!(told(&accepted).starts_with("torch: Ok("), "{accepted:?}");
        }
        for refused in [
            vec![],
            vec![item("torch", URL, None)],
            vec![item("torch", URL, Some("other"))],
            vec![item("torch", "https://example.org/torch-2.15.0%2Bcpu-py3-none-any.whl", Some("torch"))],
            // A second one replaces the first.
            vec![good.clone(), item("torch", "https://example.org/torch.whl", Some("evil"))],
        ] {
            assert!(told(&refused).starts_with("torch: Err("), "{refused:?}");
        }
    }

    #[test]
    fn a_package_of_the_train_that_nobody_asked_for_is_refused() {
        let installed =
            [item("torch", URL, Some("torch")), item("TorchVision", "https://example.org/v.whl", Some("v"))];
        assert!(told(&installed).contains("torchvision: Err("), "{}", told(&installed));
    }
}
