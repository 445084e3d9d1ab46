//! `latchkey audit …`.

use clap::Subcommand;

use crate::bootstrap::{self, StartError};
use crate::config::Config;
use crate::store::audit;

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Check that nothing in the audit log was changed, removed or inserted
    Verify {
        /// Number and hash of an event that were noted earlier, elsewhere: proves a cut-off or rewritten log too
        #[arg(long, value_name = "NUMBER:HASH", value_parser = anchor)]
        anchor: Option<(i64, String)>,
    },
}

fn anchor(text: &str) -> Result<(i64, String), String> {
    let wrong = || "write it as the last check printed it, like 1204:9f86d08…".to_owned();
    let (number, hash) = text.split_once(':').ok_or_else(wrong)?;
    let number: i64 = number.parse().map_err(|_| wrong())?;
    let is_hash = hash.len() == 64 && hash.bytes().all(|b| b.is_ascii_hexdigit());
    if number > 0 && is_hash { Ok((number, hash.to_lowercase())) } else { Err(wrong()) }
}

pub(super) fn run(config: &Config, command: Command) -> Result<(), StartError> {
    let Command::Verify { anchor } = command;
    let db = bootstrap::read_only(config)?;
    let at = anchor.as_ref().map(|(number, hash)| (*number, hash.as_str()));
    let found = db
        .read_now(|conn| audit::verify(conn, at))
        .map_err(|error| StartError::of_store(error, &db.url().to_string()))?;
    match found {
        Ok(verified) => {
            println!("{} events, none changed, removed or inserted.", verified.events);
            if verified.events > 0 {
                println!(
                    "Note this elsewhere for the next check: --anchor {}:{}",
                    verified.events, verified.head
                );
            }
            Ok(())
        }
        Err(broken) => Err(StartError::AuditBroken(broken)),
    }
}

#[cfg(test)]
mod tests {
    use super::anchor;

    #[test]
    fn an_anchor_is_a_number_and_a_hash() {
        let hash = "AB".repeat(32);
        assert_eq!(anchor(&format!("7:{hash}")), Ok((7, hash.to_lowercase())));
        for bad in ["", "7", "7:", "x:abc", &format!("0:{hash}"), "7:abc"] {
            assert!(anchor(bad).is_err(), "{bad}");
        }
    }
}
