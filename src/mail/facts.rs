//! What a mail tells, as owned data for display. `jobs` loads it from the store right before sending.

use chrono::NaiveDate;
use chrono_tz::Tz;

use crate::domain::allowance::Allowance;
use crate::domain::approval::{Channel, Verdict};
use crate::domain::bulk::{WorkKind, WorkState};
use crate::domain::fulfilment::TaskAction;
use crate::domain::policy::LinkMode;
use crate::domain::revision::Edit;
use crate::kernel::Moment;
use crate::kernel::ids::{AssignmentId, BulkWorkId, PackageId, RequestId, TaskId, UserId};
use crate::kernel::secret::Token;

/// The instance that sends.
#[derive(Debug, Clone)]
pub struct Portal {
    /// Its name.
    pub name: String,
    /// Where people reach it, without a slash at the end: the only origin of links.
    pub base_url: String,
}

/// Whom a mail is for.
#[derive(Debug, Clone)]
pub struct Recipient {
    /// Name as shown.
    pub name: String,
    /// Address.
    pub address: String,
    /// Language and region. The texts are English so far; the language of the mail says so.
    pub locale: String,
    /// The zone in which the person reads times (SPEC NOT-3).
    pub zone: Tz,
}

/// A request as mails show it.
#[derive(Debug, Clone)]
pub struct Request {
    /// Its id, for links.
    pub id: RequestId,
    /// Name of the package.
    pub package: String,
    /// Name of its catalog.
    pub catalog: String,
    /// Whom it is for.
    pub person: String,
    /// What they do, such as "Account manager, Sales"; may be empty.
    pub position: String,
    /// Their organization or company; may be empty.
    pub organization: String,
    /// Who asked, if somebody else did.
    pub asked_by: Option<String>,
    /// Their words; may be empty.
    pub justification: String,
    /// Wanted start.
    pub wanted_start: Option<Moment>,
    /// Wanted end.
    pub wanted_end: Option<Moment>,
    /// When it was made.
    pub submitted_at: Moment,
    /// How many stages it has.
    pub stages: u8,
}

/// What an approver is asked.
#[derive(Debug, Clone)]
pub struct Approval {
    /// The request.
    pub request: Request,
    /// The stage that is asked, from 1.
    pub stage: u8,
    /// When its time is over.
    pub due: Moment,
    /// When alternates are, or were, asked too; none if the stage has no alternates (SPEC APR-4).
    pub forwards_at: Option<Moment>,
    /// What the package gives: "Resource: role".
    pub roles: Vec<String>,
    /// What the link permits (SPEC APR-12).
    pub mode: LinkMode,
    /// The secret of the link; none in mode *notice only*.
    pub token: Option<Token>,
    /// What the requestor changed since this stage was asked before: then it is asked again (SPEC REQ-9).
    pub changed: Vec<Edit>,
    /// In whose place the reader would decide (SPEC APR-11).
    pub in_place_of: Option<String>,
}

/// How a request or stage was decided.
#[derive(Debug, Clone)]
pub struct Decision {
    /// Who; a delegate as "Mia for Bob" (SPEC APR-11).
    pub by: String,
    /// When.
    pub at: Moment,
    /// Their words; may be empty.
    pub reason: String,
}

/// A decision in somebody's place, as one of the two reads of it (SPEC APR-11).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Delegated {
    /// The reader decided for this person.
    For(String),
    /// This person decided for the reader.
    By(String),
}

/// Access that somebody has or had.
#[derive(Debug, Clone)]
pub struct Access {
    /// The assignment, for links.
    pub assignment: AssignmentId,
    /// Name of the package.
    pub package: String,
    /// What it gives: "Resource: role".
    pub roles: Vec<String>,
    /// When it ends or ended.
    pub ends_at: Option<Moment>,
    /// Who holds it, if that is not the reader: a manager who asked for a report (SPEC POL-6).
    pub holder: Option<(UserId, String)>,
    /// Where the approvers allowed less than was asked.
    pub less: Option<Less>,
}

/// What was asked for where the approvers allowed less (SPEC APR-9).
#[derive(Debug, Clone, Copy)]
pub struct Less {
    /// What they allowed.
    pub allowed: Allowance,
    /// When access would have started.
    pub asked_start: Moment,
    /// When it would have ended.
    pub asked_end: Option<Moment>,
}

/// What came of work on many people or assignments (SPEC ASG-2).
#[derive(Debug, Clone)]
pub struct BulkResult {
    /// The work, for links.
    pub work: BulkWorkId,
    /// Of which package, for links.
    pub package_id: PackageId,
    /// Its name.
    pub package: String,
    /// What was done.
    pub kind: WorkKind,
    /// How it ended.
    pub state: WorkState,
    /// Who stopped it, or why it was given up; may be empty.
    pub note: String,
    /// How many rows there were.
    pub total: i32,
    /// How many were done.
    pub done: i32,
    /// For how many nothing had to be done.
    pub skipped: i32,
    /// How many were refused.
    pub refused: i32,
    /// How many broke.
    pub failed: i32,
}

/// Something that is to be done by hand (SPEC DLV-6).
#[derive(Debug, Clone)]
pub struct Task {
    /// Its id, for links.
    pub id: TaskId,
    /// Give or take back.
    pub action: TaskAction,
    /// Name of the resource.
    pub resource: String,
    /// Name of the role.
    pub role: String,
    /// Whom it is for.
    pub person: String,
    /// Their address, by which other systems know them.
    pub address: String,
    /// Name of the package.
    pub package: String,
    /// Why, in the words of the request; may be empty.
    pub justification: String,
    /// Until when the person keeps the role; none if it has no end, or is taken back.
    pub until: Option<Moment>,
    /// Until when it is to be done.
    pub due: Moment,
}

/// What a mail tells: one variant per notice.
#[derive(Debug, Clone)]
pub enum Facts {
    /// Mails 2, 4, 11 and 13.
    ApprovalRequested(Approval),
    /// Mails 3, 5, 12 and 14.
    ApprovalReminder(Approval),
    /// Mails 1 and 15.
    ApprovalForwarded(Approval),
    /// Mails 6 and 17.
    StageExpired {
        /// The request.
        request: Request,
        /// The stage, from 1.
        stage: u8,
        /// When its time was over.
        at: Moment,
    },
    /// Mails 8 and 16.
    StageApproved {
        /// The request.
        request: Request,
        /// The stage, from 1.
        stage: u8,
        /// By whom, in order.
        decisions: Vec<Decision>,
    },
    /// Mail 7.
    RequestApproved {
        /// The request.
        request: Request,
        /// Does the reader get the access, or did they ask for it? Else they could decide it.
        own: bool,
        /// By whom, in order.
        decisions: Vec<Decision>,
    },
    /// Mail 9.
    RequestDenied {
        /// The request.
        request: Request,
        /// Would the reader have got the access, or did they ask for it? Else they could decide it.
        own: bool,
        /// By whom.
        decision: Option<Decision>,
    },
    /// Mail 10.
    RequestExpired {
        /// The request.
        request: Request,
        /// When.
        at: Moment,
    },
    /// Mail 18.
    AccessDelivered {
        /// What.
        access: Access,
    },
    /// Mail 19.
    ExtensionReminder {
        /// What, with its end.
        access: Access,
        /// That end.
        ends_at: Moment,
    },
    /// Mail 20.
    AccessEnded {
        /// What.
        access: Access,
        /// Why, in words.
        why: String,
        /// What the person who ended it said; may be empty.
        reason: String,
        /// Had it begun? Else it was called off before its start (SPEC DLV-8).
        begun: bool,
    },
    /// Access got another end.
    EndChanged {
        /// What, with its new end.
        access: Access,
        /// When it would have ended.
        before: Option<Moment>,
        /// Who changed it.
        by: String,
        /// Why; may be empty.
        reason: String,
    },
    /// Work on many people or assignments is over.
    BulkResult(BulkResult),
    /// A role could not be delivered or taken back.
    DeliveryFailed {
        /// The request that tells of it.
        request: RequestId,
        /// Name of the package.
        package: String,
        /// Who holds it, or held it.
        person: String,
        /// "Resource: role".
        role: String,
        /// Was it to be taken back?
        removal: bool,
        /// What went wrong.
        error: String,
    },
    /// The daily mail.
    DailyDigest {
        /// The recipient's day.
        day: NaiveDate,
        /// What waits for their decision, due soonest first: "“Deal desk” for Alice", and until when.
        waiting: Vec<(String, Moment)>,
        /// What of their own access ends soon: its name, and when.
        ending: Vec<(String, Moment)>,
    },
    /// A decision in the recipient's name.
    DecisionConfirmed {
        /// The request.
        request: Request,
        /// What was decided.
        verdict: Verdict,
        /// When.
        at: Moment,
        /// By which channel.
        channel: Channel,
        /// From which address.
        ip: String,
        /// The words that were given; may be empty.
        reason: String,
        /// If it was decided in somebody's place (SPEC APR-11): by whom and for whom.
        delegated: Option<Delegated>,
    },
    /// A one-time code.
    DecisionCode {
        /// The code.
        code: String,
        /// Until when it is good.
        until: Moment,
    },
    /// Somebody hands their approvals over while they are away.
    ApprovalDelegated {
        /// Who.
        by: String,
        /// From when.
        from: Moment,
        /// Until when.
        until: Moment,
        /// Why; may be empty.
        reason: String,
    },
    /// A delegation was ended before its time.
    DelegationEnded {
        /// Who takes their approvals back.
        by: String,
        /// Had it begun?
        begun: bool,
    },
    /// A manager asked for access for the reader.
    RequestedForYou {
        /// The request.
        request: Request,
        /// When its stage's time is over.
        due: Option<Moment>,
    },
    /// Somebody said something about a request.
    CommentAdded {
        /// The request.
        request: Request,
        /// Who.
        by: String,
        /// When.
        at: Moment,
        /// What.
        text: String,
        /// Does the reader see it as an approver?
        decides: bool,
    },
    /// An approver asks the reader to change their request.
    ChangesRequested {
        /// The request.
        request: Request,
        /// Who.
        by: String,
        /// When.
        at: Moment,
        /// What to change.
        text: String,
        /// When the stage's time is over.
        due: Option<Moment>,
    },
    /// Something is to be done by hand.
    FulfilmentTask {
        /// What.
        task: Task,
    },
    /// It is still to be done.
    FulfilmentReminder {
        /// What.
        task: Task,
        /// Is its time over?
        overdue: bool,
    },
    /// An account is waiting.
    Invitation {
        /// The secret of the link.
        token: Token,
        /// Until when it is good.
        until: Moment,
    },
    /// A new password was asked for.
    PasswordReset {
        /// The secret of the link.
        token: Token,
        /// Until when it is good.
        until: Moment,
    },
}

impl Facts {
    /// What of it must not be kept.
    pub fn secret(&self) -> Option<&str> {
        match self {
            Self::ApprovalRequested(a) | Self::ApprovalReminder(a) | Self::ApprovalForwarded(a) => {
                a.token.as_ref().map(Token::reveal)
            }
            Self::DecisionCode { code, .. } => Some(code),
            Self::Invitation { token, .. } | Self::PasswordReset { token, .. } => Some(token.reveal()),
            _ => None,
        }
    }
}
