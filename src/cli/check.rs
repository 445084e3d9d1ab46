//! `latchkey check-config`.

use crate::config::Config;

/// Shows what is in force; problems were reported before this is reached.
pub(super) fn run(config: &Config) {
    for line in &config.report {
        println!("{:<24}{:<44}{}", line.key, line.value, line.origin);
    }
    println!("The configuration is good.");
}
