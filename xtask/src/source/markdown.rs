//! Links and headings of Markdown, read line by line.
//!
//! Fenced blocks and code spans hold no links. Anchors follow GitHub's rule: lower case, spaces
//! become dashes, punctuation vanishes, a repeated heading gets a number.

use std::collections::{BTreeMap, BTreeSet};

/// Where each link of the text points, with its line (from 1).
pub(crate) fn targets(text: &str) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    for (line, prose) in prose_lines(text) {
        let prose = without_spans(prose);
        found.extend(
            inline_targets(&prose)
                .into_iter()
                .map(|target| (line, target)),
        );
        found.extend(find_definition(&prose).map(|target| (line, target)));
    }
    found
}

/// The anchors that a link into this text may name.
pub(crate) fn anchors(text: &str) -> BTreeSet<String> {
    let mut count_by_slug = BTreeMap::new();
    let mut found = BTreeSet::new();
    for (_, line) in prose_lines(text) {
        if let Some(heading) = find_heading(line) {
            let slug = slug(heading);
            let count = count_by_slug.entry(slug.clone()).or_insert(0_usize);
            found.insert(if *count == 0 {
                slug
            } else {
                format!("{slug}-{count}")
            });
            *count += 1;
        }
        found.extend(named_anchors(line));
    }
    found
}

/// The lines outside fenced blocks, numbered from 1.
fn prose_lines(text: &str) -> Vec<(usize, &str)> {
    let mut fence: Option<&str> = None;
    let mut kept = Vec::new();
    for (index, line) in text.lines().enumerate() {
        let mark = fence_mark(line);
        match fence {
            None if mark.is_empty() => kept.push((index + 1, line)),
            None => fence = Some(mark),
            Some(open) if mark.starts_with(open) && line.trim() == mark => fence = None,
            Some(_) => {}
        }
    }
    kept
}

/// The run of three or more backticks or tildes at the front of a line, else nothing.
fn fence_mark(line: &str) -> &str {
    let line = line.trim_start();
    let mark = line.chars().next().unwrap_or(' ');
    let length = line.chars().take_while(|&c| c == mark).count();
    if matches!(mark, '`' | '~') && length >= 3 {
        &line[..length]
    } else {
        ""
    }
}

/// Blanks what stands between equal runs of backticks.
fn without_spans(line: &str) -> String {
    let mut kept = String::new();
    let mut rest = line;
    while let Some(start) = rest.find('`') {
        let run = rest[start..].len() - rest[start..].trim_start_matches('`').len();
        let (ticks, after) = rest[start..].split_at(run);
        kept.push_str(&rest[..start]);
        rest = after.find(ticks).map_or(after, |end| &after[end + run..]);
        kept.push(' ');
    }
    kept + rest
}

fn inline_targets(line: &str) -> Vec<String> {
    let starts = line
        .match_indices("](")
        .map(|(at, mark)| &line[at + mark.len()..]);
    starts
        .filter_map(|rest| Some(destination(&rest[..closing(rest)?])))
        .collect()
}

/// Where the parenthesis closes that was opened before `rest`.
fn closing(rest: &str) -> Option<usize> {
    let mut depth = 1_usize;
    for (at, c) in rest.char_indices() {
        match c {
            '(' => depth += 1,
            ')' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return Some(at);
        }
    }
    None
}

/// The place without its title or angle brackets.
fn destination(text: &str) -> String {
    let text = text.trim();
    let bracketed = text.strip_prefix('<').and_then(|rest| rest.split_once('>'));
    let place = bracketed.map_or_else(|| text.split_whitespace().next(), |(place, _)| Some(place));
    place.unwrap_or_default().to_owned()
}

/// `[label]: place`, but not the footnote `[^1]: text`.
fn find_definition(line: &str) -> Option<String> {
    let (label, place) = line.trim_start().strip_prefix('[')?.split_once("]:")?;
    (!label.starts_with('^') && !label.contains(']')).then(|| destination(place))
}

fn find_heading(line: &str) -> Option<&str> {
    let text = line.trim_start_matches('#');
    let level = line.len() - text.len();
    ((1..=6).contains(&level) && text.starts_with(' '))
        .then(|| text.trim().trim_end_matches('#').trim_end())
}

fn slug(heading: &str) -> String {
    let heading = without_places(heading).to_lowercase();
    let kept = heading.chars().filter_map(|c| match c {
        ' ' => Some('-'),
        '-' | '_' => Some(c),
        _ => c.is_alphanumeric().then_some(c),
    });
    kept.collect()
}

/// A linked heading is known by its text, not by where it points.
fn without_places(heading: &str) -> String {
    let mut kept = String::new();
    let mut rest = heading;
    while let Some((before, after)) = rest.split_once("](") {
        kept.push_str(before);
        rest = closing(after).map_or("", |end| &after[end + 1..]);
    }
    kept + rest
}

/// Anchors written as `<a id="x">` or `<a name="x">`.
fn named_anchors(line: &str) -> Vec<String> {
    let tags = line.split("<a ").skip(1);
    let value = |tag: &str| {
        let (_, rest) = tag
            .split_once("id=\"")
            .or_else(|| tag.split_once("name=\""))?;
        rest.split_once('"').map(|(value, _)| value.to_owned())
    };
    tags.filter_map(value).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_are_found_outside_code() {
        let text = "[a](b.md) `[c](d)` ![e](<f g.png> \"t\")\n```\n[h](i)\n```\n[j]: k.md\n[^1]: l";

        let found = targets(text);

        let expected = [(1, "b.md"), (1, "f g.png"), (5, "k.md")];
        assert_eq!(
            found,
            expected.map(|(line, target)| (line, target.to_owned()))
        );
    }

    #[test]
    fn anchors_follow_the_rule_of_the_host() {
        let text = "# A `b_c`: d\n## 门口机 (x) ##\n# A b_c d\n[e](f)\n<a id=\"own\">\n```\n# no\n```\n\
                    ### [Linked](to.md) 2.1";

        let found: Vec<String> = anchors(text).into_iter().collect();

        assert_eq!(
            found,
            ["a-b_c-d", "a-b_c-d-1", "linked-21", "own", "门口机-x"]
        );
    }
}
