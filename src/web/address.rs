//! The address of a list with its state: search, filters, order, page (SPEC PGE-2).

/// A path with parameters. Empty ones are left out.
#[derive(Debug, Clone)]
pub struct Address {
    path: String,
    parameters: Vec<(&'static str, String)>,
}

impl Address {
    /// A path without parameters.
    pub fn new(path: impl Into<String>) -> Self {
        Self { path: path.into(), parameters: Vec::new() }
    }

    /// With a parameter, in the place of one of this name.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        let value = value.into();
        match self.parameters.iter_mut().find(|(n, _)| *n == name) {
            Some((_, old)) => *old = value,
            None => self.parameters.push((name, value)),
        }
        self
    }

    /// The same list at this page.
    pub fn page(&self, number: i64) -> String {
        self.clone().with("page", number.to_string()).to_string()
    }

    /// The same list ordered by this column, from the first page: descending if it is ordered by it ascending now.
    pub fn ordered(&self, column: &str, now: Option<bool>) -> String {
        let direction = if now == Some(true) { "desc" } else { "" };
        self.clone().with("sort", column).with("dir", direction).with("page", "").to_string()
    }
}

impl std::fmt::Display for Address {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        for (name, value) in self.parameters.iter().filter(|(_, value)| !value.is_empty()) {
            query.append_pair(name, value);
        }
        let query = query.finish();
        f.write_str(&self.path)?;
        if query.is_empty() { Ok(()) } else { write!(f, "?{query}") }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pge_2_the_state_of_a_list_is_in_its_address() {
        let list = Address::new("/admin/users").with("q", "a&b").with("kind", "");
        assert_eq!(list.to_string(), "/admin/users?q=a%26b");
        assert_eq!(list.page(3), "/admin/users?q=a%26b&page=3");
        assert_eq!(list.ordered("email", Some(true)), "/admin/users?q=a%26b&sort=email&dir=desc");
        assert_eq!(list.ordered("email", None), "/admin/users?q=a%26b&sort=email");
    }
}
