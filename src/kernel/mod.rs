//! The kernel: what every layer may use and what itself uses nothing of Latchkey. Time, identity, secrets,
//! addresses and plain text. No rule of the product lives here.

pub mod clock;
pub mod email;
pub mod ids;
pub mod page;
pub mod paths;
pub mod secret;
pub mod text;
#[macro_use]
pub mod text_enum;

pub use clock::{Clock, Moment};
pub use email::Email;
pub use ids::Ids;
pub use page::{Page, PageRequest};
