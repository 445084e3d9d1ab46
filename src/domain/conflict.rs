//! Separation of duties: what a package cannot be held together with (SPEC SOD-1 to SOD-3).

use serde::{Deserialize, Serialize};

use crate::kernel::ids::{GroupId, PackageId};

/// What stands against a package. Whoever holds it cannot get the package; the other direction is an entry of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Against {
    /// Another package.
    Package(PackageId),
    /// A group.
    Group(GroupId),
}

impl Against {
    /// Reads what [`Against`] writes: `package:…`, `group:…`.
    pub fn parse(text: &str) -> Option<Self> {
        let (kind, id) = text.split_once(':')?;
        match kind {
            "package" => id.parse().ok().map(Self::Package),
            "group" => id.parse().ok().map(Self::Group),
            _ => None,
        }
    }

    /// The package, if it is one.
    pub fn package(self) -> Option<PackageId> {
        match self {
            Self::Package(id) => Some(id),
            Self::Group(_) => None,
        }
    }

    /// The group, if it is one.
    pub fn group(self) -> Option<GroupId> {
        match self {
            Self::Group(id) => Some(id),
            Self::Package(_) => None,
        }
    }
}

impl std::fmt::Display for Against {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Package(id) => write!(f, "package:{id}"),
            Self::Group(id) => write!(f, "group:{id}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    #[test]
    fn what_is_written_is_read() {
        for one in
            [Against::Package(PackageId(Uuid::from_u128(1))), Against::Group(GroupId(Uuid::from_u128(2)))]
        {
            assert_eq!(Against::parse(&one.to_string()), Some(one));
        }
        for bad in ["", "package", "package:", "group:x", "user:00000000-0000-0000-0000-000000000001"] {
            assert_eq!(Against::parse(bad), None, "{bad}");
        }
    }
}
