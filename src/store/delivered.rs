//! The portal's own directory as a target of delivery: the `directory` connector (SPEC DLV-6). It lives in the
//! store, because its target does: granting is part of the transaction that delivers, so it cannot half-succeed.

use diesel::prelude::*;

use super::dialect::insert_or_ignore;
use super::error::StoreError;
use super::schema::{group_members, group_owners, resource_roles, resources, role_holdings};
use super::tx::Tx;
use crate::domain::catalog::{ConnectorKind, GroupRole};
use crate::domain::delivery::{Connector, ConnectorError, Order};
use crate::kernel::Moment;
use crate::kernel::ids::{GroupId, ResourceRoleId};

/// The `directory` connector over one transaction.
pub struct DirectoryConnector<'t, 'c> {
    tx: &'t mut Tx<'c>,
    now: Moment,
}

impl<'t, 'c> DirectoryConnector<'t, 'c> {
    /// Delivers within this transaction.
    pub fn new(tx: &'t mut Tx<'c>, now: Moment) -> Self {
        Self { tx, now }
    }

    fn group_role(&mut self, role: ResourceRoleId) -> Result<Option<(GroupId, GroupRole)>, StoreError> {
        let row: (Option<GroupId>, Option<GroupRole>) = resource_roles::table
            .inner_join(resources::table)
            .filter(resource_roles::id.eq(role))
            .select((resources::group_id, resource_roles::group_role))
            .first(&mut **self.tx)?;
        Ok(row.0.zip(row.1))
    }

    fn try_grant(&mut self, order: &Order) -> Result<(), StoreError> {
        insert_or_ignore!(
            self.tx,
            role_holdings::table,
            (
                role_holdings::resource_role_id.eq(order.role),
                role_holdings::user_id.eq(order.user),
                role_holdings::since.eq(self.now),
            )
        )?;
        match self.group_role(order.role)? {
            Some((group, GroupRole::Member)) => {
                insert_or_ignore!(
                    self.tx,
                    group_members::table,
                    (
                        group_members::group_id.eq(group),
                        group_members::user_id.eq(order.user),
                        group_members::added_at.eq(self.now),
                    )
                )?;
            }
            Some((group, GroupRole::Owner)) => {
                insert_or_ignore!(
                    self.tx,
                    group_owners::table,
                    (
                        group_owners::group_id.eq(group),
                        group_owners::user_id.eq(order.user),
                        group_owners::added_at.eq(self.now),
                    )
                )?;
            }
            None => {}
        }
        Ok(())
    }

    fn try_revoke(&mut self, order: &Order) -> Result<(), StoreError> {
        diesel::delete(role_holdings::table.find((order.role, order.user))).execute(&mut **self.tx)?;
        match self.group_role(order.role)? {
            Some((group, GroupRole::Member)) => {
                diesel::delete(group_members::table.find((group, order.user))).execute(&mut **self.tx)?;
            }
            Some((group, GroupRole::Owner)) => {
                diesel::delete(group_owners::table.find((group, order.user))).execute(&mut **self.tx)?;
            }
            None => {}
        }
        Ok(())
    }
}

impl Connector for DirectoryConnector<'_, '_> {
    type Broken = StoreError;

    fn kind(&self) -> ConnectorKind {
        ConnectorKind::Directory
    }

    fn grant(&mut self, order: &Order) -> Result<Result<(), ConnectorError>, StoreError> {
        self.try_grant(order).map(Ok)
    }

    fn revoke(&mut self, order: &Order) -> Result<Result<(), ConnectorError>, StoreError> {
        self.try_revoke(order).map(Ok)
    }
}
