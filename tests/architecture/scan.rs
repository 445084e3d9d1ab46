//! Reads Rust source far enough to know which paths it names: comments and strings gone, `use` trees spread out,
//! `super` resolved. Macro bodies count too, since they are tokens like any other.

/// A word or a punctuation mark, and the line it stands on.
#[derive(Clone, Debug, PartialEq)]
pub struct Token {
    pub text: String,
    pub line: usize,
}

/// A path as written (`diesel::prelude`) or, from `crate`, `self` or `super`, resolved (`crate::store::db`).
#[derive(Clone, Debug, PartialEq)]
pub struct NamedPath {
    pub segments: Vec<String>,
    pub line: usize,
}

impl NamedPath {
    /// Whether the path is `prefix` or something in it.
    pub fn starts_with(&self, prefix: &str) -> bool {
        let mut own = self.segments.iter();
        prefix.split("::").all(|part| own.next().is_some_and(|segment| segment == part))
    }
}

/// Splits source into tokens; `::` is one token, every other punctuation mark stands alone.
pub fn tokens(source: &str) -> Vec<Token> {
    let chars: Vec<char> = source.chars().collect();
    let mut out = Vec::new();
    let (mut at, mut line) = (0, 1);
    let peek = |i: usize| chars.get(i).copied().unwrap_or('\0');
    while at < chars.len() {
        let c = chars[at];
        let start = at;
        if c == '/' && peek(at + 1) == '/' {
            while at < chars.len() && chars[at] != '\n' {
                at += 1;
            }
        } else if c == '/' && peek(at + 1) == '*' {
            at = after_block_comment(&chars, at);
        } else if c == '"' {
            at = after_string(&chars, at + 1);
        } else if let Some(end) = after_raw_string(&chars, at) {
            at = end;
        } else if c == '\'' {
            at = after_quote(&chars, at);
        } else if c.is_alphabetic() || c == '_' {
            while peek(at).is_alphanumeric() || peek(at) == '_' {
                at += 1;
            }
            // b"…" and c"…": the prefix belongs to the string.
            if peek(at) != '"' || at - start > 1 {
                out.push(Token { text: chars[start..at].iter().collect(), line });
            }
        } else if c.is_ascii_digit() {
            while peek(at).is_alphanumeric() || peek(at) == '_' {
                at += 1;
            }
        } else if c == ':' && peek(at + 1) == ':' {
            out.push(Token { text: "::".into(), line });
            at += 2;
        } else {
            if !c.is_whitespace() {
                out.push(Token { text: c.into(), line });
            }
            at += 1;
        }
        line += chars[start..at].iter().filter(|c| **c == '\n').count();
    }
    out
}

fn after_block_comment(chars: &[char], mut at: usize) -> usize {
    let mut depth = 0;
    while at < chars.len() {
        match (chars[at], chars.get(at + 1)) {
            ('/', Some('*')) => (depth, at) = (depth + 1, at + 2),
            ('*', Some('/')) => (depth, at) = (depth - 1, at + 2),
            _ => at += 1,
        }
        if depth == 0 {
            break;
        }
    }
    at.min(chars.len())
}

fn after_string(chars: &[char], mut at: usize) -> usize {
    while at < chars.len() && chars[at] != '"' {
        at += if chars[at] == '\\' { 2 } else { 1 };
    }
    (at + 1).min(chars.len())
}

fn after_raw_string(chars: &[char], at: usize) -> Option<usize> {
    let mut i = at;
    if matches!(chars[i], 'b' | 'c') {
        i += 1;
    }
    if chars.get(i) != Some(&'r') {
        return None;
    }
    i += 1;
    let hashes = chars[i..].iter().take_while(|c| **c == '#').count();
    i += hashes;
    if chars.get(i) != Some(&'"') {
        return None;
    }
    i += 1;
    while i < chars.len() {
        if chars[i] == '"' && chars[i + 1..].iter().take_while(|c| **c == '#').count() >= hashes {
            return Some(i + 1 + hashes);
        }
        i += 1;
    }
    Some(i)
}

/// After a character literal, or after the quote of a lifetime.
fn after_quote(chars: &[char], at: usize) -> usize {
    match (chars.get(at + 1), chars.get(at + 2)) {
        (Some('\\'), _) => {
            let close = chars.iter().skip(at + 3).position(|c| *c == '\'');
            close.map_or(chars.len(), |i| at + 3 + i + 1)
        }
        (Some(_), Some('\'')) => at + 3,
        _ => at + 1,
    }
}

/// Every path with at least two segments, and every `use`, in the file that is the module `module`.
pub fn paths(source: &str, module: &[String]) -> Vec<NamedPath> {
    let tokens = tokens(source);
    let mut found = Vec::new();
    // The inline modules around the current token: (name, depth of braces at which it ends).
    let mut inline: Vec<(String, usize)> = Vec::new();
    let mut depth: usize = 0;
    let mut at = 0;
    while at < tokens.len() {
        let text = tokens[at].text.as_str();
        let next = |n: usize| tokens.get(at + n).map_or("", |t| t.text.as_str());
        if text == "{" {
            depth += 1;
        } else if text == "}" {
            depth = depth.saturating_sub(1);
            inline.retain(|(_, end)| *end <= depth);
        } else if text == "mod" && next(2) == "{" {
            inline.push((next(1).to_owned(), depth + 1));
        } else if text == "use" || (is_word(text) && next(1) == "::") {
            // `<T as Trait>::x`, `a.b::<T>()` and the rest of a path start nowhere; a leading `::` is a crate.
            let here: Vec<String> =
                module.iter().cloned().chain(inline.iter().map(|(name, _)| name.clone())).collect();
            let mut start = at + usize::from(text == "use");
            start += usize::from(tokens.get(start).is_some_and(|t| t.text == "::"));
            at = tree(&tokens, start, &[], &here, &mut found).max(at + 1);
            continue;
        }
        at += 1;
    }
    found
}

fn is_word(text: &str) -> bool {
    text.starts_with(|c: char| c.is_alphabetic() || c == '_')
}

/// Reads one path or `use` tree that starts at `at`; returns where it ends.
fn tree(
    tokens: &[Token],
    mut at: usize,
    prefix: &[String],
    here: &[String],
    found: &mut Vec<NamedPath>,
) -> usize {
    let mut segments = prefix.to_vec();
    let mut line = tokens.get(at).map_or(0, |t| t.line);
    let push = |segments: &[String], line: usize, found: &mut Vec<NamedPath>| {
        if !segments.is_empty() {
            found.push(NamedPath { segments: segments.to_vec(), line });
        }
    };
    while let Some(token) = tokens.get(at) {
        match token.text.as_str() {
            "{" => {
                at += 1;
                while let Some(token) = tokens.get(at) {
                    match token.text.as_str() {
                        "}" => return at + 1,
                        "," => at += 1,
                        _ => at = tree(tokens, at, &segments, here, found).max(at + 1),
                    }
                }
                return at;
            }
            "self" if !segments.is_empty() => {}
            "self" => segments = root(here),
            "super" => {
                if segments.is_empty() {
                    segments = root(here);
                }
                if segments.len() > 1 {
                    segments.pop();
                }
            }
            "*" => {}
            word if is_word(word) => {
                segments.push(word.to_owned());
                line = token.line;
            }
            _ => {
                push(&segments, line, found);
                return at;
            }
        }
        at += 1;
        match tokens.get(at).map(|t| t.text.as_str()) {
            Some("::") => at += 1,
            Some("as") => {
                push(&segments, line, found);
                return at + 2;
            }
            _ => {
                push(&segments, line, found);
                return at;
            }
        }
    }
    push(&segments, line, found);
    at
}

fn root(here: &[String]) -> Vec<String> {
    std::iter::once("crate".to_owned()).chain(here.iter().cloned()).collect()
}
