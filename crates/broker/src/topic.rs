//! Topic names and filters: which are valid, which match (MQTT 3.1.1 §4.7, MQTT 5 §4.7).
//! Pure text; knows no sessions.

/// Longest topic or filter a packet can carry.
const BYTES_MAX: usize = u16::MAX as usize;

/// True if `name` may be published to.
pub(crate) fn is_name(name: &str) -> bool {
    !name.is_empty()
        && name.len() <= BYTES_MAX
        && !name.bytes().any(|byte| matches!(byte, b'+' | b'#' | 0))
}

/// True if `filter` may be subscribed to and has at most `levels_max` levels, those of a shared one
/// counted behind its group.
pub(crate) fn is_filter(filter: &str, levels_max: usize) -> bool {
    if filter.len() > BYTES_MAX || filter.contains('\0') {
        return false;
    }
    if !is_shared(filter) {
        return is_plain_filter(filter, levels_max);
    }
    split_shared(filter).is_some_and(|(group, inner)| {
        !group.is_empty() && !group.contains(['+', '#']) && is_plain_filter(inner, levels_max)
    })
}

fn is_plain_filter(filter: &str, levels_max: usize) -> bool {
    let mut levels = filter.split('/').enumerate().peekable();
    if filter.is_empty() {
        return false;
    }
    while let Some((index, level)) = levels.next() {
        let last = levels.peek().is_none();
        let wildcard = level.contains(['+', '#']);
        if index >= levels_max || (wildcard && level.len() > 1) || (level == "#" && !last) {
            return false;
        }
    }
    true
}

/// How a shared subscription begins (MQTT 5 §4.8.2).
const SHARE: &str = "$share/";

/// True if `filter` asks for a shared subscription, well or badly.
pub(crate) fn is_shared(filter: &str) -> bool {
    filter.starts_with(SHARE)
}

/// The group and the filter proper of `$share/{group}/{filter}`; None for any other filter.
pub(crate) fn split_shared(filter: &str) -> Option<(&str, &str)> {
    filter.strip_prefix(SHARE)?.split_once('/')
}

/// True if the valid `filter` matches the valid `name`.
pub(crate) fn matches(filter: &str, name: &str) -> bool {
    if name.starts_with('$') && filter.starts_with(['+', '#']) {
        return false;
    }
    let mut names = name.split('/');
    for level in filter.split('/') {
        match (level, names.next()) {
            ("#", _) => return true,
            ("+", Some(_)) => {}
            (level, Some(name)) if level == name => {}
            (_, _) => return false,
        }
    }
    names.next().is_none()
}

/// The part of `filter` before its first wildcard: every matching name starts with it, save that
/// `a/#` also matches `a`.
pub(crate) fn literal_prefix(filter: &str) -> &str {
    match filter.find(['+', '#']) {
        Some(at) => filter[..at].trim_end_matches('/'),
        None => filter,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_have_no_wildcards_and_no_nul() {
        assert!(is_name("a/b") && is_name("/") && is_name("$thing/up"));
        assert!(!is_name("") && !is_name("a/+") && !is_name("a#") && !is_name("a\0"));
    }

    #[test]
    fn wildcards_of_a_filter_stand_alone_and_the_rest_is_last() {
        for good in ["#", "+", "a/+/b", "a/#", "/", "+/+", "/#"] {
            assert!(is_filter(good, 8), "{good}");
        }
        for bad in ["", "a/#/b", "a#", "a+/b", "##", "a\0b", "+#"] {
            assert!(!is_filter(bad, 8), "{bad}");
        }
    }

    #[test]
    fn a_shared_filter_names_a_group_and_a_filter() {
        for good in ["$share/g/a", "$share/g/#", "$share/g//", "$share/g/+/b"] {
            assert!(is_filter(good, 8), "{good}");
        }
        for bad in [
            "$share/",
            "$share/g",
            "$share/g/",
            "$share//a",
            "$share/+/a",
            "$share/g#/a",
            "$share/g/a#",
        ] {
            assert!(!is_filter(bad, 8), "{bad}");
        }
        assert_eq!(split_shared("$share/g/a/b"), Some(("g", "a/b")));
        assert_eq!(split_shared("$shared/g/a"), None);
        assert!(is_filter("$share/g/a/b", 2) && !is_filter("$share/g/a/b/c", 2));
    }

    #[test]
    fn a_filter_has_a_limited_number_of_levels() {
        assert!(is_filter("a/b/c", 3));
        assert!(!is_filter("a/b/c/d", 3));
    }

    #[test]
    fn matching_follows_the_examples_of_the_standard() {
        assert!(matches("sport/tennis/#", "sport/tennis"));
        assert!(matches("sport/tennis/#", "sport/tennis/p1/ranking"));
        assert!(matches("sport/+", "sport/"));
        assert!(!matches("sport/+", "sport"));
        assert!(matches("/+", "/finance") && matches("+/+", "/finance"));
        assert!(!matches("+", "/finance"));
    }

    #[test]
    fn leading_wildcards_do_not_match_dollar_topics() {
        assert!(!matches("#", "$SYS/a") && !matches("+/a", "$SYS/a"));
        assert!(matches("$SYS/#", "$SYS/a") && matches("$SYS/+", "$SYS/a"));
    }
}
