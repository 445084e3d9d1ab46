//! What notices about accounts and codes tell. Their secrets are made here, when they are sent.

use super::{Loader, Told, folded, no};
use crate::app::{AppError, account, links};
use crate::kernel::Moment;
use crate::kernel::ids::{AccountLinkId, LinkId, UserId};
use crate::kernel::secret::Token;
use crate::mail::facts::Facts;
use crate::store::{account_links, links as kept_links};

impl Loader<'_, '_> {
    pub(super) fn decision_code(&mut self, link: LinkId) -> Result<Told, AppError> {
        let bound = kept_links::get(self.tx, link)?
            .is_some_and(|l| l.approver == self.user && folded(&l.address) == folded(self.address));
        if !bound {
            return no("the link is bound to another mailbox");
        }
        Ok(match links::make_code(self.tx, self.cx, link)? {
            Some((code, until)) => Ok(Facts::DecisionCode { code, until }),
            None => Err("the code is not needed any more".to_owned()),
        })
    }

    pub(super) fn account_link(
        &mut self,
        user: UserId,
        id: AccountLinkId,
    ) -> Result<Result<(Token, Moment), String>, AppError> {
        let link = account_links::find(self.tx, id)?;
        let Some(link) = link.filter(|l| l.user == Some(user) && user == self.user) else {
            return Ok(Err("the link is not there any more".to_owned()));
        };
        Ok(match account::links::mint(self.tx, id, self.cx.now)? {
            Some(token) => Ok((token, link.expires_at)),
            None => Err("the link was used, replaced, or is too old".to_owned()),
        })
    }
}
