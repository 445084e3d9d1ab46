//! What mails tell of comments, and of changes that an approver asks for (SPEC REQ-9).

use super::{GONE, Loader, Told, no};
use crate::app::{AppError, request};
use crate::domain::conversation::{SpeaksAs, Standing};
use crate::kernel::ids::{ChangeRequestId, CommentId, RequestId};
use crate::mail::facts::Facts;
use crate::store::{conversation, notice_facts, people, policies, principals, requests};

/// How an approver is spoken of whose name the policy keeps to itself.
const SOMEBODY: &str = "An approver";

impl Loader<'_, '_> {
    /// As what the reader stands in the conversation right now; `None` if it is nothing to them any more.
    fn reader(&mut self, request: &requests::Request) -> Result<Option<Standing>, AppError> {
        let Some(me) = principals::load(self.tx, self.user)? else {
            return Ok(None);
        };
        Ok(Some(request::talk_standing(self.tx, self.cx.now, &me, request)?)
            .filter(|standing| standing.reads))
    }

    pub(super) fn comment_added(&mut self, id: RequestId, comment: CommentId) -> Result<Told, AppError> {
        let Some(comment) = conversation::find_comment(self.tx, comment)?.filter(|c| c.request == id) else {
            return no("the comment is not there any more");
        };
        let Some(known) = self.known(id)? else {
            return no(GONE);
        };
        let Some(standing) = self.reader(&known.row)? else {
            return no("the person may not see the request any more");
        };
        let terms = policies::terms(self.tx, known.row.policy, known.row.policy_version)?;
        let hidden = !terms.show_approvers
            && comment.author_as == SpeaksAs::Approver
            && standing.speaks == Some(SpeaksAs::Requestor);
        let by = if hidden { SOMEBODY.to_owned() } else { people::name(self.tx, comment.author)? };
        Ok(Ok(Facts::CommentAdded {
            request: known.shown,
            by,
            at: comment.at,
            text: comment.text,
            decides: standing.speaks == Some(SpeaksAs::Approver),
        }))
    }

    pub(super) fn changes_requested(
        &mut self,
        id: RequestId,
        changes: ChangeRequestId,
    ) -> Result<Told, AppError> {
        let asked = conversation::find_changes(self.tx, changes)?.filter(|c| c.request == id);
        let Some(asked) = asked.filter(|c| c.ended_at.is_none()) else {
            return no("the changes are not waited for any more");
        };
        let Some(known) = self.known(id)? else {
            return no(GONE);
        };
        if known.row.requestor != Some(self.user) {
            return no("somebody else sent the request");
        }
        let terms = notice_facts::terms(self.tx, known.row.policy, known.row.policy_version)?;
        let by = if terms.show_approvers { people::name(self.tx, asked.by)? } else { SOMEBODY.to_owned() };
        Ok(Ok(Facts::ChangesRequested {
            due: known.row.due_at,
            request: known.shown,
            by,
            at: asked.at,
            text: asked.text,
        }))
    }
}
