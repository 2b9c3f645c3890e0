//! Modules are declared in dependency order, lowest first, so they cannot form a ring.
//!
//! A file may name only those siblings of its own module, or of a module around it, that are
//! declared above. Names that a parent re-exports count as the module they come from.
//! Read from text: macros and `#[path]` are not followed. Test modules are exempt.

use super::finding::Finding;
use crate::source::{Named, Token, Tree, named_paths, tokens, without_tests};
use std::collections::BTreeMap;

/// One file of a crate and what it declares.
struct Module {
    path: Vec<String>,
    file: String,
    tokens: Vec<Token>,
    /// In order of declaration.
    children: Vec<String>,
    /// Names that this file imports from its own children.
    child_by_name: BTreeMap<String, String>,
}

const ROOTS: &[&str] = &["src/lib.rs", "src/main.rs"];
const TESTS: &str = "tests";

/// Finds names of modules that are declared further below.
pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for folder in tree.crate_folders() {
        for root in ROOTS {
            let mut modules = BTreeMap::new();
            collect(tree, &format!("{folder}/{root}"), Vec::new(), &mut modules);
            findings.extend(modules.values().flat_map(|module| upward(module, &modules)));
        }
    }
    findings
}

fn collect(
    tree: &Tree,
    file: &str,
    path: Vec<String>,
    modules: &mut BTreeMap<Vec<String>, Module>,
) {
    let Some(text) = tree.find_text(file) else {
        return;
    };
    let tokens = without_tests(&tokens(text));
    let children = declared(&tokens);
    let below = folder_of_children(file, path.is_empty());
    for child in &children {
        let child_path = [path.as_slice(), std::slice::from_ref(child)].concat();
        for place in [
            format!("{below}/{child}.rs"),
            format!("{below}/{child}/mod.rs"),
        ] {
            collect(tree, &place, child_path.clone(), modules);
        }
    }
    let child_by_name = imported(&tokens, &path, &children);
    let module = Module {
        path: path.clone(),
        file: file.to_owned(),
        tokens,
        children,
        child_by_name,
    };
    modules.insert(path, module);
}

fn folder_of_children(file: &str, is_root: bool) -> String {
    let (folder, name) = file.rsplit_once('/').unwrap_or(("", file));
    if is_root || name == "mod.rs" {
        folder.to_owned()
    } else {
        file.trim_end_matches(".rs").to_owned()
    }
}

/// The names in `mod name;`, in order.
fn declared(tokens: &[Token]) -> Vec<String> {
    let declarations = tokens
        .windows(3)
        .filter(|w| w[0].text == "mod" && w[2].text == ";");
    declarations
        .map(|w| w[1].text.clone())
        .filter(|name| name != TESTS)
        .collect()
}

/// What `use child::Name` makes known in this file and, through it, in the files below.
fn imported(tokens: &[Token], here: &[String], children: &[String]) -> BTreeMap<String, String> {
    let uses = (0..tokens.len()).filter(|&at| tokens[at].text == "use");
    let named = uses.flat_map(|at| named_paths(&tokens[at + 1..]));
    let from_child = named.filter_map(|Named { path, name }| {
        let path = absolute(here, path);
        let child = path.strip_prefix(here)?.first()?;
        (children.contains(child) && *child != name).then(|| (name, child.clone()))
    });
    from_child.collect()
}

/// The references of one file that point to a later sibling.
fn upward(module: &Module, modules: &BTreeMap<Vec<String>, Module>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (line, path) in references(module) {
        let shared = module
            .path
            .iter()
            .zip(&path)
            .take_while(|(a, b)| a == b)
            .count();
        let (Some(own), Some(name)) = (module.path.get(shared), path.get(shared)) else {
            continue;
        };
        let Some(parent) = modules.get(&module.path[..shared]) else {
            continue;
        };
        let other = parent.child_by_name.get(name).unwrap_or(name);
        let place = |wanted: &String| parent.children.iter().position(|child| child == wanted);
        if place(other) > place(own) {
            let text = format!(
                "`{own}` names `{other}`, which {} declares below it",
                parent.file
            );
            findings.push(Finding::on_line(&module.file, line, text));
        }
    }
    findings
}

/// The paths from the crate's root that a file names, with their lines.
fn references(module: &Module) -> Vec<(usize, Vec<String>)> {
    let mut found = Vec::new();
    let mut inline = InlineModules::default();
    for (at, token) in module.tokens.iter().enumerate() {
        inline.see(&module.tokens, at);
        let follows_path = at > 0 && module.tokens[at - 1].text == "::";
        let goes_on = module
            .tokens
            .get(at + 1)
            .is_some_and(|next| next.text == "::");
        if follows_path || !goes_on || !matches!(token.text.as_str(), "crate" | "super" | "self") {
            continue;
        }
        let here = [module.path.as_slice(), &inline.names()].concat();
        let named = named_paths(&module.tokens[at..]);
        found.extend(
            named
                .into_iter()
                .map(|named| (token.line, absolute(&here, named.path))),
        );
    }
    found
}

fn absolute(here: &[String], path: Vec<String>) -> Vec<String> {
    let mut found = here.to_vec();
    for word in path {
        match word.as_str() {
            "crate" => found.clear(),
            "self" => {}
            "super" => drop(found.pop()),
            _ => found.push(word),
        }
    }
    found
}

/// The `mod name { … }` blocks around a token, which move `super` by one.
#[derive(Default)]
struct InlineModules {
    depth: usize,
    name_by_depth: BTreeMap<usize, String>,
}

impl InlineModules {
    fn see(&mut self, tokens: &[Token], at: usize) {
        match tokens[at].text.as_str() {
            "{" => {
                self.depth += 1;
                if at >= 2 && tokens[at - 2].text == "mod" {
                    self.name_by_depth
                        .insert(self.depth, tokens[at - 1].text.clone());
                }
            }
            "}" => {
                self.name_by_depth.remove(&self.depth);
                self.depth = self.depth.saturating_sub(1);
            }
            _ => {}
        }
    }

    fn names(&self) -> Vec<String> {
        self.name_by_depth.values().cloned().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::finding::assert_findings;

    /// A crate with `low` above `high`, the latter a folder with `first` above `second`.
    #[track_caller]
    fn check_crate(file: &str, text: &str, expected: &[&str]) {
        let mut files = BTreeMap::from([
            ("crates/app/Cargo.toml", ""),
            (
                "crates/app/src/lib.rs",
                "mod low;\npub mod high;\n#[cfg(test)]\nmod tests;",
            ),
            ("crates/app/src/low.rs", ""),
            (
                "crates/app/src/high/mod.rs",
                "mod first;\nmod second;\npub use second::Late; use crate::high::second::x as Y;",
            ),
            ("crates/app/src/high/first.rs", ""),
            ("crates/app/src/high/second.rs", ""),
            ("crates/app/src/tests.rs", "use crate::high;"),
        ]);
        files.insert(file, text);

        let tree = Tree::of(&files.into_iter().collect::<Vec<_>>());

        assert_findings(&check(&tree), expected);
    }

    #[test]
    fn looking_down_is_silent() {
        check_crate(
            "crates/app/src/high/second.rs",
            "use super::first; use crate::{low::A, high::B};",
            &[],
        );
        check_crate(
            "crates/app/src/low.rs",
            "// crate::high\nconst A: &str = \"crate::high\";",
            &[],
        );
        check_crate(
            "crates/app/src/low.rs",
            "#[cfg(test)]\nmod tests { use crate::high; }",
            &[],
        );
    }

    #[test]
    fn looking_up_is_found() {
        let found = "crates/app/src/low.rs:2: `low` names `high`, which crates/app/src/lib.rs declares below it";
        check_crate(
            "crates/app/src/low.rs",
            "\nuse crate::{low, high::A};",
            &[found],
        );
        check_crate(
            "crates/app/src/low.rs",
            "\nfn a() { super::high::b(); }",
            &[found],
        );
        check_crate(
            "crates/app/src/low.rs",
            "mod a {\nuse super::super::high;}",
            &[found],
        );
    }

    #[test]
    fn a_sibling_behind_a_re_export_is_found() {
        let found = "crates/app/src/high/first.rs:1: `first` names `second`, which \
                     crates/app/src/high/mod.rs declares below it";
        check_crate("crates/app/src/high/first.rs", "use super::Late;", &[found]);
        check_crate(
            "crates/app/src/high/first.rs",
            "fn a(_: crate::high::Y) {}",
            &[found],
        );
    }
}
