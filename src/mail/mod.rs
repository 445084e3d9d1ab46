//! Mail: the words of each notice and how they leave the house. Knows `kernel` and `domain` only.
