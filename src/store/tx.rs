//! A writing transaction.

use std::ops::{Deref, DerefMut};

use diesel::connection::TransactionManager as _;

use super::conn::Conn;
use super::error::StoreError;
use crate::domain::audit::{Author, Record};
use crate::kernel::Moment;
use crate::kernel::ids::AuditId;

/// A writing transaction. Only [`super::Db::write`] makes one, so whoever asks for `&mut Tx` can be sure that
/// everything commits together or not at all (I14).
pub struct Tx<'c> {
    pub(super) conn: &'c mut Conn,
    pub(super) records: Vec<Pending>,
}

/// An audit record that waits for the commit.
pub(super) struct Pending {
    pub(super) id: AuditId,
    pub(super) at: Moment,
    pub(super) author: Author,
    pub(super) record: Record,
}

impl Tx<'_> {
    /// Records a change for the audit log. The events are appended to the chain right before the commit, so that
    /// concurrent writers wait for each other at the chain's end only, and briefly; if that fails, the change
    /// fails (I7).
    pub fn record(&mut self, id: AuditId, at: Moment, author: &Author, record: Record) {
        self.records.push(Pending { id, at, author: author.clone(), record });
    }

    /// Does a part that may fail by itself: if it does, what it wrote and recorded is taken back, and the rest of the
    /// transaction goes on.
    pub fn attempt<T, E: From<StoreError>>(
        &mut self,
        work: impl FnOnce(&mut Self) -> Result<T, E>,
    ) -> Result<T, E> {
        type Manager = <Conn as diesel::Connection>::TransactionManager;
        let records = self.records.len();
        Manager::begin_transaction(self.conn).map_err(StoreError::from)?;
        let done = work(self);
        match &done {
            Ok(_) => Manager::commit_transaction(self.conn).map_err(StoreError::from)?,
            Err(_) => {
                self.records.truncate(records);
                Manager::rollback_transaction(self.conn).map_err(StoreError::from)?;
            }
        }
        done
    }
}

impl Deref for Tx<'_> {
    type Target = Conn;
    fn deref(&self) -> &Conn {
        self.conn
    }
}

impl DerefMut for Tx<'_> {
    fn deref_mut(&mut self) -> &mut Conn {
        self.conn
    }
}
