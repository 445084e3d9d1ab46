//! Changing what mails say (SPEC NOT-6).

use serde_json::{Value, json};
use uuid::Uuid;

use crate::app::{AppError, Cx};
use crate::domain::Refusal;
use crate::domain::access::{self, Principal};
use crate::domain::audit::{ObjectKind, Record};
use crate::domain::notice::Notice;
use crate::domain::notice_text::Texts;
use crate::kernel::secret;
use crate::store::{StoreError, Tx, notice_texts};

/// Puts these texts in place of the portal's own. `version` is the one that the form was filled from.
pub fn save(
    tx: &mut Tx<'_>,
    cx: &Cx,
    by: &Principal,
    kind: &str,
    version: i64,
    texts: Texts,
) -> Result<(), AppError> {
    let texts = texts.parse(kind).map_err(|problems| {
        let words: Vec<String> = problems.iter().map(|(_, problem)| problem.to_string()).collect();
        Refusal::BadText(words.join(" "))
    })?;
    put(tx, cx, by, kind, version, &texts, "notice.text")
}

/// Goes back to the portal's own texts.
pub fn reset(tx: &mut Tx<'_>, cx: &Cx, by: &Principal, kind: &str, version: i64) -> Result<(), AppError> {
    put(tx, cx, by, kind, version, &Texts::default(), "notice.textReset")
}

fn put(
    tx: &mut Tx<'_>,
    cx: &Cx,
    by: &Principal,
    kind: &str,
    version: i64,
    texts: &Texts,
    action: &'static str,
) -> Result<(), AppError> {
    access::manage_directory(by)?;
    if !Notice::KINDS.contains(&kind) {
        return Err(AppError::NotFound);
    }
    let old = notice_texts::find(tx, kind)?;
    if old.version != version {
        return Err(Refusal::Stale.into());
    }
    if old.texts == *texts {
        return Ok(());
    }
    notice_texts::save(tx, kind, version, texts, cx.user(), cx.now).map_err(|error| match error {
        StoreError::Stale => AppError::from(Refusal::Stale),
        other => other.into(),
    })?;
    let name = format!("Mail text: {}", Notice::words(kind));
    let record = Record::of(action, ObjectKind::Setting, object_of(kind), name);
    cx.record(tx, record.change(values(&old.texts), values(texts)));
    Ok(())
}

fn values(texts: &Texts) -> Value {
    json!({
        "subject": texts.subject, "heading": texts.heading, "opening": texts.opening, "closing": texts.closing,
    })
}

/// The id under which the audit log knows the texts of a kind: always the same.
fn object_of(kind: &str) -> Uuid {
    let hash = secret::hash(&format!("notice text {kind}"));
    let digits: String = hash.chars().take(32).collect();
    Uuid::parse_str(&digits).unwrap_or_default()
}
