//! Writes mails as files: the default, to be read with any mail reader, and what scripts and tests look at.

use std::fs;
use std::io::Write as _;
use std::path::PathBuf;

use lettre::Message;

use super::Transport;
use crate::mail::message::{Envelope, SendError};

/// A folder of `*.eml` files, whose names sort by time.
#[derive(Debug, Clone)]
pub struct Folder {
    path: PathBuf,
}

impl Folder {
    /// Writes into this folder; it is made when the first mail comes.
    pub fn new(path: PathBuf) -> Self {
        Self { path }
    }

    fn write(&self, name: &str, content: &[u8]) -> std::io::Result<()> {
        fs::create_dir_all(&self.path)?;
        // Whoever watches the folder must never see half a mail: written aside, then moved.
        let aside = self.path.join(format!(".{name}.part"));
        let mut file = fs::File::create(&aside)?;
        file.write_all(content)?;
        file.sync_all()?;
        fs::rename(&aside, self.path.join(name))
    }
}

impl Transport for Folder {
    fn send(&self, message: &Message, envelope: &Envelope<'_>) -> Result<(), SendError> {
        // The notice's id makes the name unique, and a mail that is sent again replaces no older one.
        let id: String = envelope
            .message_id
            .chars()
            .skip(1)
            .take_while(|c| *c != '@')
            .filter(|c| c.is_ascii_alphanumeric() || *c == '-')
            .collect();
        let at = envelope.now.format("%Y%m%dT%H%M%S%6fZ");
        let name = format!("{at}-{}-{id}.eml", envelope.kind);
        self.write(&name, &message.formatted()).map_err(|e| {
            SendError::Later(format!("the mail cannot be written into {}: {e}", self.path.display()))
        })
    }
}

#[cfg(test)]
mod tests {
    use crate::mail::samples;

    #[test]
    fn not_4_mails_are_whole_files_whose_names_sort_by_time() {
        let folder = tempfile::tempdir().unwrap();
        let mailer = samples::mailer(super::Folder::new(folder.path().join("mail")));
        let first: crate::kernel::Moment = "2026-11-22T09:00:00Z".parse().unwrap();
        for hours in [3, 1, 2] {
            let now = first + chrono::Duration::hours(hours);
            samples::send(&mailer, &format!("<0193-{hours}@portal.example>"), now).unwrap();
        }
        let mut names: Vec<String> = std::fs::read_dir(folder.path().join("mail"))
            .unwrap()
            .map(|e| e.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        let ids: Vec<&str> = names.iter().map(|n| n.rsplit_once("-0193-").unwrap().1).collect();
        assert_eq!(ids, ["1.eml", "2.eml", "3.eml"], "{names:?}");
        let text = std::fs::read_to_string(folder.path().join("mail").join(&names[0])).unwrap();
        assert!(text.contains("X-Latchkey-Notice: approvalRequested"), "{text}");
        assert!(text.trim_end().ends_with("--"), "the last boundary is there");
    }

    #[test]
    fn a_folder_that_cannot_be_written_is_tried_again_later() {
        let folder = tempfile::tempdir().unwrap();
        let blocked = folder.path().join("mail");
        std::fs::write(&blocked, "a file where the folder should be").unwrap();
        let mailer = samples::mailer(super::Folder::new(blocked));
        let now = "2026-11-22T09:00:00Z".parse().unwrap();
        let error = samples::send(&mailer, "<1@portal.example>", now).unwrap_err();
        assert!(matches!(error, super::SendError::Later(_)), "{error}");
    }
}
