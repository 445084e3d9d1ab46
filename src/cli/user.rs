//! `latchkey user …`.

use std::io::{BufRead as _, IsTerminal as _};
use std::path::PathBuf;

use clap::Subcommand;

use crate::app::AppError;
use crate::app::account::{hashing, set_up};
use crate::bootstrap::{self, StartError};
use crate::config::Config;
use crate::kernel::{Email, text};

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Create an account that is an administrator
    CreateAdmin {
        /// The address to sign in with
        #[arg(long, value_name = "ADDRESS", value_parser = |text: &str| Email::parse(text))]
        email: Email,
        /// The full name
        #[arg(long, value_name = "NAME", value_parser = |typed: &str| text::line(typed, 200))]
        name: String,
        /// A file whose first line is the password; without it, the password is read from standard input
        #[arg(long, value_name = "FILE")]
        password_file: Option<PathBuf>,
    },
}

pub(super) fn run(config: &Config, command: Command) -> Result<(), StartError> {
    let Command::CreateAdmin { email, name, password_file } = command;
    let opened = bootstrap::open(config, false)?;
    let password = password(password_file)?;
    let failed = |error: AppError| StartError::of_app(error, &opened.url);
    let new = set_up::NewAdministrator { name, email };
    new.check_password(&password).map_err(failed)?;
    let hash = hashing::hash_now(&password).map_err(failed)?;
    let app = &opened.app;
    let cx = app.system_cx("user create-admin");
    app.db.write_now(|tx| set_up::create_administrator(tx, &cx, &new, &hash)).map_err(failed)?;
    println!("{} can sign in at {} as administrator.", new.email, app.instance.base_url);
    Ok(())
}

fn password(file: Option<PathBuf>) -> Result<String, StartError> {
    let failed = |error: std::io::Error| StartError::System {
        what: "the password could not be read",
        cause: error.to_string(),
    };
    let first = match file {
        Some(path) => std::fs::read_to_string(path).map_err(failed)?,
        None => {
            let input = std::io::stdin();
            if input.is_terminal() {
                eprintln!(
                    "Password, at least 12 characters (it shows while you type; --password-file avoids that):"
                );
            }
            let mut line = String::new();
            input.lock().read_line(&mut line).map_err(failed)?;
            line
        }
    };
    Ok(first.lines().next().unwrap_or_default().to_owned())
}
