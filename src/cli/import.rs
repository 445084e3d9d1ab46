//! `latchkey import …`.

use std::io::{BufRead as _, IsTerminal as _, Write as _};
use std::path::PathBuf;

use clap::Subcommand;

use crate::app::AppError;
use crate::app::directory::import::{Outcome, Plan, apply, judge};
use crate::bootstrap::{self, StartError};
use crate::config::Config;
use crate::domain::access::system_directory;
use crate::domain::import;

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Add and change users from a CSV file: first a preview, then all of it or nothing
    Users {
        /// The file, in UTF-8; its first line names the columns
        file: PathBuf,
        /// Only say what would be done
        #[arg(long)]
        dry_run: bool,
        /// Do it without asking
        #[arg(long)]
        yes: bool,
        /// Invite new people by mail
        #[arg(long)]
        invite: bool,
    },
}

pub(super) fn run(config: &Config, command: Command) -> Result<(), StartError> {
    let Command::Users { file, dry_run, yes, invite } = command;
    let cannot = |cause: String| StartError::System { what: "the file cannot be imported", cause };
    let bytes = std::fs::read(&file).map_err(|e| cannot(e.to_string()))?;
    let sheet = import::decode(&bytes).and_then(|text| import::read(&text)).map_err(cannot)?;
    let opened = bootstrap::open(config, false)?;
    let failed = |error: AppError| StartError::of_app(error, &opened.url);
    let app = &opened.app;
    let zone = app.instance.time_zone.name();
    let plan = app.db.read_now(|conn| judge(conn, &sheet, zone)).map_err(failed)?;
    show(&plan);
    if plan.counts.refused > 0 {
        return Err(cannot(format!("{} rows cannot be taken; nothing was written", plan.counts.refused)));
    }
    if dry_run || plan.counts.added + plan.counts.changed == 0 {
        println!("Nothing was written.");
        return Ok(());
    }
    if !yes && !agreed().map_err(|e| cannot(e.to_string()))? {
        println!("Nothing was written.");
        return Ok(());
    }
    let cx = app.system_cx("import users");
    let counts = app
        .db
        .write_now(|tx| apply(tx, &cx, system_directory(), &sheet, &plan.fingerprint, invite))
        .map_err(failed)?;
    println!("Done: {} added, {} changed.", counts.added, counts.changed);
    Ok(())
}

fn show(plan: &Plan) {
    for row in &plan.rows {
        match row.outcome {
            Outcome::Same => {}
            Outcome::Added => println!("line {}: add {} ({})", row.line, row.email, row.name),
            Outcome::Changed => {
                let changes: Vec<String> =
                    row.changes.iter().map(|(what, was, is)| format!("{what}: {was:?} -> {is:?}")).collect();
                println!("line {}: change {}: {}", row.line, row.email, changes.join(", "));
            }
            Outcome::Refused => {
                println!("line {}: refused {}: {}", row.line, row.email, row.reasons.join(" "));
            }
        }
    }
    let c = plan.counts;
    println!("{} to add, {} to change, {} as they are, {} refused.", c.added, c.changed, c.same, c.refused);
}

fn agreed() -> std::io::Result<bool> {
    let input = std::io::stdin();
    if !input.is_terminal() {
        println!("Say --yes to do it without being asked.");
        return Ok(false);
    }
    print!("Write this to the database? [y/N] ");
    std::io::stdout().flush()?;
    let mut line = String::new();
    input.lock().read_line(&mut line)?;
    Ok(matches!(line.trim(), "y" | "Y" | "yes"))
}
