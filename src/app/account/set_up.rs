//! The first administrator of an empty database (SPEC SES-5).

use std::collections::BTreeMap;

use serde_json::json;

use super::{Visitor, begin_session, check_password, hashing, links};
use crate::app::{App, AppError, Cx};
use crate::domain::Refusal;
use crate::domain::access::DirectoryRole;
use crate::domain::account::LinkPurpose;
use crate::domain::audit::{ObjectKind, Record};
use crate::domain::directory::{Holder, Profile, User, UserKind, UserSource};
use crate::kernel::Email;
use crate::kernel::ids::{AccountLinkId, EntityId as _, UserId};
use crate::kernel::secret::Token;
use crate::store::credentials::{self, Credentials};
use crate::store::role_grants::{self, NewGrant};
use crate::store::{Tx, account_links, users};

/// Who is to be an administrator.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewAdministrator {
    /// Full name, cleaned.
    pub name: String,
    /// Address.
    pub email: Email,
}

impl NewAdministrator {
    /// As the password rules see the person before they exist.
    fn as_credentials(&self) -> Credentials {
        Credentials {
            user: UserId(uuid::Uuid::nil()),
            name: self.name.clone(),
            given_name: String::new(),
            surname: String::new(),
            email: self.email.to_string(),
            hash: None,
        }
    }

    /// Is the password good enough for this person (SPEC SES-1)?
    pub fn check_password(&self, password: &str) -> Result<(), AppError> {
        check_password(password, &self.as_credentials())
    }
}

/// At the start of a server: a token for a set-up link if the directory is empty, to be printed once. Earlier
/// links stop working.
pub fn offer(tx: &mut Tx<'_>, cx: &Cx) -> Result<Option<Token>, AppError> {
    if users::any(tx)? {
        return Ok(None);
    }
    account_links::void_set_up(tx, cx.now)?;
    let link: AccountLinkId = cx.id();
    account_links::create(tx, link, None, LinkPurpose::SetUp, cx.now)?;
    links::mint(tx, link, cx.now)
}

/// Uses the set-up link: creates the first administrator, and signs them in: gives the
/// key of the session.
pub async fn run(
    app: &App,
    visitor: &Visitor,
    token: Token,
    new: NewAdministrator,
    password: &str,
) -> Result<Token, AppError> {
    if !links::look_set_up(app, token.clone()).await? {
        return Err(Refusal::StaleAccountLink.into());
    }
    new.check_password(password)?;
    let hash = hashing::hash(password.to_owned()).await?;
    let cx = visitor.cx(app);
    let visitor = visitor.clone();
    app.db
        .write(move |tx| {
            let link = links::open(tx, &token, LinkPurpose::SetUp, cx.now)?
                .ok_or(AppError::from(Refusal::StaleAccountLink))?;
            if !account_links::use_up(tx, link.id, cx.now)? || users::any(tx)? {
                return Err(Refusal::StaleAccountLink.into());
            }
            let user = create_administrator(tx, &cx, &new, &hash)?;
            begin_session(tx, &cx, &visitor, user)
        })
        .await
}

/// Creates a local account that is an administrator. Refuses an address that is taken.
pub fn create_administrator(
    tx: &mut Tx<'_>,
    cx: &Cx,
    new: &NewAdministrator,
    password_hash: &str,
) -> Result<UserId, AppError> {
    let user: UserId = cx.id();
    let (given_name, surname) = new.name.split_once(' ').unwrap_or((&new.name, ""));
    let profile = Profile {
        email: new.email.clone(),
        display_name: new.name.clone(),
        given_name: given_name.to_owned(),
        surname: surname.trim().to_owned(),
        kind: UserKind::Member,
        department: String::new(),
        job_title: String::new(),
        company: String::new(),
        office: String::new(),
        country: String::new(),
        employee_id: String::new(),
        hired_on: None,
        manager: None,
        time_zone: cx.instance.time_zone.name().to_owned(),
        locale: "en".to_owned(),
        extension: BTreeMap::new(),
    };
    users::insert(
        tx,
        &User {
            id: user,
            profile,
            enabled: true,
            source: UserSource::Local,
            organization: None,
            created_at: cx.now,
            last_sign_in_at: None,
            deleted_at: None,
            version: 1,
        },
    )
    .map_err(|error| {
        if error.is_taken("users_email_folded_key") {
            AppError::from(Refusal::EmailTaken)
        } else {
            error.into()
        }
    })?;
    credentials::set_password(tx, user, password_hash, cx.now)?;
    role_grants::grant_directory(
        tx,
        NewGrant {
            id: cx.id(),
            role: DirectoryRole::Administrator,
            holder: Holder::User(user),
            by: cx.user(),
            at: cx.now,
        },
    )?;
    cx.record(
        tx,
        Record::of("user.createAdministrator", ObjectKind::User, user.uuid(), &new.name)
            .about(user)
            .change(json!(null), json!({ "roles": [DirectoryRole::Administrator] })),
    );
    Ok(user)
}
