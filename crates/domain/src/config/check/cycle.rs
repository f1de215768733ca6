//! Finding a cycle among names.

use std::collections::BTreeMap;

/// A cycle such as `a -> b -> a`, if there is one; the same one for the same graph.
pub(super) fn find(graph: &BTreeMap<String, Vec<String>>) -> Option<Vec<String>> {
    let mut done: Vec<&str> = Vec::new();
    for start in graph.keys() {
        let mut path: Vec<(&str, usize)> = vec![(start, 0)];
        while let Some((name, next)) = path.last_mut() {
            let name: &str = name;
            let target = graph.get(name).and_then(|targets| targets.get(*next));
            *next += 1;
            let Some(target) = target else {
                done.push(name);
                path.pop();
                continue;
            };
            if let Some(at) = path.iter().position(|(on_path, _)| on_path == target) {
                let names = path.iter().skip(at).map(|(name, _)| (*name).to_owned());
                return Some(names.chain([target.clone()]).collect());
            }
            if !done.contains(&target.as_str()) && graph.contains_key(target) {
                path.push((target, 0));
            }
        }
    }
    None
}
