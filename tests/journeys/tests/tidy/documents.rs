//! The documents: README stays short, every document can be reached from it, and every link leads somewhere.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Component, Path, PathBuf};

use super::{none, root, tracked};

/// Longest README, in lines.
const README: usize = 180;
/// What a link to a file or a picture begins with, in Markdown and in the HTML that README holds.
const OPENINGS: [(&str, char); 3] = [("](", ')'), ("src=\"", '"'), ("srcset=\"", '"')];

#[test]
fn readme_is_short() {
    let lines = read("README.md").lines().count();
    assert!(
        lines <= README,
        "README.md has {lines} lines, at most {README} are wanted: move a part to another document"
    );
}

#[test]
fn documents_are_linked_from_readme_or_from_the_list_of_decisions() {
    let mut linked = BTreeSet::from(["README.md".to_owned()]);
    for list in ["README.md", "shared/decisions/README.md"] {
        linked.extend(links(list).into_iter().map(|link| target(list, &link).0));
    }
    let unlinked: Vec<_> = documents().into_iter().filter(|document| !linked.contains(document)).collect();
    none(&unlinked, "linked neither from README.md nor from shared/decisions/README.md");
}

#[test]
fn links_lead_to_a_file_and_a_heading() {
    let mut broken = Vec::new();
    for document in documents() {
        for link in links(&document) {
            let (path, heading) = target(&document, &link);
            if !root().join(&path).exists() {
                broken.push(format!("{document}: {link}: there is no {path}"));
            } else if let Some(heading) = heading
                && !headings(&path).contains(&heading)
            {
                broken.push(format!("{document}: {link}: {path} has no such heading"));
            }
        }
    }
    none(&broken, "links that lead nowhere");
}

#[test]
fn files_named_in_the_architecture_exist() {
    let text = prose("shared/README.md");
    let code = text.split('`').skip(1).step_by(2);
    let files = code.filter(|code| code.contains('/') && code.contains(".rs") && !code.contains('*'));
    let missing: Vec<_> = files
        .filter(|file| !root().join(file).exists() && !root().join("shared").join(file).exists())
        .map(str::to_owned)
        .collect();
    none(&missing, "files that shared/README.md names and that do not exist");
}

#[test]
fn heading_becomes_the_anchor_that_github_makes() {
    assert_eq!(anchor("What a month costs"), "what-a-month-costs");
    assert_eq!(anchor("Why not …?"), "why-not-");
    assert_eq!(anchor("0001: One function writes; three cannot"), "0001-one-function-writes-three-cannot");
}

/// All documents that git knows.
fn documents() -> Vec<String> {
    tracked().into_iter().filter(|path| Path::new(path).extension() == Some("md".as_ref())).collect()
}

fn read(document: &str) -> String {
    fs::read_to_string(root().join(document)).unwrap()
}

/// A document's lines outside of its blocks of code.
fn prose(document: &str) -> String {
    let text = read(document);
    let parts = text.split("```").step_by(2);
    parts.collect()
}

/// The links of a document to other files or to its own headings, as they are written.
fn links(document: &str) -> Vec<String> {
    let text = prose(document);
    let mut links = Vec::new();
    for (opening, closing) in OPENINGS {
        for part in text.split(opening).skip(1) {
            let link = part.split(closing).next().unwrap_or_default();
            if !link.contains("://") {
                links.push(link.to_owned());
            }
        }
    }
    links
}

/// The file that a link of `document` leads to, from the root, and the heading in it.
fn target(document: &str, link: &str) -> (String, Option<String>) {
    let (path, heading) = match link.split_once('#') {
        Some((path, heading)) => (path, Some(heading.to_owned())),
        None => (link, None),
    };
    if path.is_empty() {
        return (document.to_owned(), heading);
    }
    let mut resolved = PathBuf::new();
    for component in Path::new(document).with_file_name(path).components() {
        if component == Component::ParentDir {
            resolved.pop();
        } else {
            resolved.push(component);
        }
    }
    (resolved.to_string_lossy().into_owned(), heading)
}

/// The anchors of a document's headings.
fn headings(document: &str) -> BTreeSet<String> {
    let text = prose(document);
    let headings = text.lines().filter(|line| line.starts_with('#'));
    headings.map(|line| anchor(line.trim_start_matches('#').trim())).collect()
}

/// The anchor that GitHub gives a heading: lower case, without punctuation, hyphens for spaces.
fn anchor(heading: &str) -> String {
    let kept = |c: &char| c.is_alphanumeric() || " -_".contains(*c);
    heading.to_lowercase().chars().filter(kept).map(|c| if c == ' ' { '-' } else { c }).collect()
}
