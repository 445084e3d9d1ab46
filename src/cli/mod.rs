//! The command line (SPEC OPS-1). A failure is one message that says what to do, and an exit code other than 0.

mod audit;
mod check;
mod import;
mod user;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};

use crate::bootstrap::{self, StartError};
use crate::config::{Config, Flags, Sources};
use crate::telemetry;

/// A self-hosted web portal for access: find it, request it, get it decided, delivered and ended on time.
#[derive(Debug, Parser)]
#[command(name = "latchkey", version, max_term_width = 100, arg_required_else_help = true)]
struct Cli {
    #[command(flatten)]
    settings: Settings,
    #[command(subcommand)]
    command: Command,
}

/// Settings. Each can also be an environment variable or a key of the configuration file.
#[derive(Debug, Args)]
struct Settings {
    /// The configuration file (LATCHKEY_CONFIG)
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Where the server listens [LATCHKEY_BIND, default 127.0.0.1:8080]
    #[arg(long, global = true, value_name = "ADDRESS:PORT")]
    bind: Option<String>,
    /// Where the embedded database and mail files live [LATCHKEY_DATA_DIR, default ./var]
    #[arg(long, global = true, value_name = "FOLDER")]
    data_dir: Option<String>,
    /// The database, sqlite://… or postgres://… (DATABASE_URL)
    #[arg(long, global = true, value_name = "URL")]
    database_url: Option<String>,
    /// Where people reach the portal (LATCHKEY_BASE_URL)
    #[arg(long, global = true, value_name = "URL")]
    base_url: Option<String>,
    /// The mail server, smtps://… or smtp://… [LATCHKEY_SMTP_URL, default: files]
    #[arg(long, global = true, value_name = "URL")]
    smtp_url: Option<String>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve the portal and do its background work
    Serve {
        /// Fill an empty database with a made-up organization, with a clock that can be moved
        #[arg(long)]
        demo: bool,
    },
    /// Do background work only: mails, deliveries, expiry
    Worker,
    /// Bring the database up to date
    Migrate,
    /// Accounts
    #[command(subcommand)]
    User(user::Command),
    /// Bring people in from files
    #[command(subcommand)]
    Import(import::Command),
    /// Read the configuration, report every problem, show what is in force
    CheckConfig,
    /// The audit log
    #[command(subcommand)]
    Audit(audit::Command),
}

impl Settings {
    fn sources(self) -> Result<Sources, StartError> {
        let given = [
            ("bind", self.bind),
            ("data_dir", self.data_dir),
            ("database_url", self.database_url),
            ("base_url", self.base_url),
            ("smtp_url", self.smtp_url),
        ];
        let flags: Flags = given.into_iter().filter_map(|(name, value)| Some((name, value?))).collect();
        Ok(Sources::gather(flags, self.config)?)
    }
}

/// Runs the command that the process was started with.
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    match run(cli) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("latchkey: {error}");
            ExitCode::from(error.code())
        }
    }
}

fn run(cli: Cli) -> Result<(), StartError> {
    let sources = cli.settings.sources()?;
    let config = Config::load(&sources)?;
    telemetry::start(&config);
    match cli.command {
        Command::Serve { demo } => bootstrap::serve(&config, demo),
        Command::Worker => bootstrap::work(&config),
        Command::Migrate => {
            let ran = bootstrap::migrate(&config)?;
            for name in &ran {
                println!("ran {name}");
            }
            println!("The database is up to date.");
            Ok(())
        }
        Command::User(command) => user::run(&config, command),
        Command::Import(command) => import::run(&config, command),
        Command::CheckConfig => {
            check::run(&config);
            Ok(())
        }
        Command::Audit(command) => audit::run(&config, command),
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    #[test]
    fn the_command_line_fits_together() {
        super::Cli::command().debug_assert();
    }
}
