//! Paging of lists.

/// Which part of a list is wanted. Pages count from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PageRequest {
    /// The page, from 1.
    pub number: i64,
    /// Rows per page.
    pub size: i64,
}

impl PageRequest {
    /// Rows per page where a page does not say otherwise.
    pub const DEFAULT_SIZE: i64 = 25;

    /// The page of this number; anything that is not a page is the first.
    pub fn new(number: i64) -> Self {
        Self { number: number.clamp(1, 1_000_000), size: Self::DEFAULT_SIZE }
    }

    /// Everything on one page (exports): up to a million rows.
    pub fn everything() -> Self {
        Self { number: 1, size: 1_000_000 }
    }

    /// How many rows come before this page.
    pub fn offset(self) -> i64 {
        (self.number - 1) * self.size
    }
}

impl Default for PageRequest {
    fn default() -> Self {
        Self::new(1)
    }
}

/// One page of a list.
#[derive(Debug, Clone)]
pub struct Page<T> {
    /// The rows.
    pub items: Vec<T>,
    /// Rows in the whole list.
    pub total: i64,
    /// Which page this is.
    pub at: PageRequest,
}

impl<T> Page<T> {
    /// The same page of other rows.
    pub fn map<U>(self, f: impl FnMut(T) -> U) -> Page<U> {
        Page { items: self.items.into_iter().map(f).collect(), total: self.total, at: self.at }
    }

    /// How many pages the list has, at least one.
    pub fn pages(&self) -> i64 {
        ((self.total + self.at.size - 1) / self.at.size).max(1)
    }
}
