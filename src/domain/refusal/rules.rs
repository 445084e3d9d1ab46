//! The rule of the specification behind each refusal.

use super::Refusal;

impl Refusal {
    /// The number of the rule in `SPEC.md`.
    pub fn rule(&self) -> &'static str {
        use Refusal::*;
        match self {
            UserDisabled
            | CatalogUnpublished
            | CatalogClosedToGuests
            | NotAdmitted
            | AlreadyHeld
            | AlreadyRequested
            | BadAnswer(_) => "REQ-1",
            PolicyNotOffered | ChoosePolicy => "POL-3",
            Conflict(_) | BadConflict(_) | ConflictThere(_) | ConflictOneWay(_) | ConflictWithItself(_) => {
                "SOD-1"
            }
            JustificationRequired => "POL-6",
            NotCancelable(_) => "REQ-5",
            NotResubmittable => "REQ-6",
            NothingToExtend | ExtensionNotAllowed | PolicySwitchedOff | NoLongerAdmitted | AtTheLimit
            | EndedMeanwhile | NoAnswersToChange | NothingChanged => "REQ-7",
            NotOnBehalf | ChoosePerson => "POL-6",
            RemovalReasonRequired => "ASG-3",
            NotAnApprover => "APR-14",
            OwnRequest => "APR-2",
            NotPending(_) | AlreadyVoted => "APR-6",
            DecidedInYourPlace | PlaceTaken | DelegateSelf | DelegateDisabled(_) | DelegateGuest(_)
            | DelegationPeriod(_) | DelegationOverlaps | DelegationOver => "APR-11",
            PastDue(_) => "APR-5",
            ReasonRequired => "APR-7",
            AllowedStart(_) | AllowedEnd(_) => "APR-9",
            NothingToRevoke(_) | RevokeReasonRequired => "APR-10",
            TaskClosed(_) => "DLV-4",
            OwnTask | TaskReasonRequired | TaskDays | GroupDeliversItself => "DLV-6",
            NoChoice | ChangedSinceOpened | WrongCode | TooManyCodes => "APR-12",
            ConversationOver | NothingSaid | ChangesAskedAlready | NobodyToAsk | NoChangesAsked(_)
            | ActedMeanwhile | NothingRevised => "REQ-9",
            AlreadyEnded | SameEnd => "ASG-3",
            NothingFailed => "DLV-3",
            GroupsAreDelivered | WebhookAddress(_) | NoWebhook => "DLV-6",
            BadPeriod(_) => "LIF-1",
            TooMany(_) | NothingToDo | WorkBegun | WorkOver => "ASG-2",
            JobNotFailed | JobWaitsAlready => "PGE-4",
            EmailTaken | OwnSponsor => "DIR-1",
            NameTaken(_) | BadText(_) => "PGE-3",
            ManagerCycle(_) => "DIR-6",
            LastAdministrator | LastOwner => "ROL-3",
            NoRule => "AUT-4",
            ImportStale | ImportRefused(_) => "DIR-3",
            DynamicGroup | MembersByRule(_) | MembersByPackage(_) | GroupInUse(_) => "DIR-4",
            BuiltInCatalog => "CAT-1",
            CatalogNotEmpty(_) | ResourceInUse(_) => "CAT-3",
            ResourceNotOwned => "ROL-2",
            GroupIsResource(_) | FixedRoles | NoResourceOwner => "CAT-4",
            ForeignRole(_) => "PKG-1",
            ResourcesMissing(..) => "PKG-5",
            PackageInUse(_) | PolicyInUse(_) => "PKG-4",
            BadPolicy(_) => "POL-1",
            BadQuestions(_) => "QST-1",
            WrongCredentials | StaleAccountLink | WeakPassword(_) => "SES-1",
            TryAgainIn(_) => "SES-3",
            MailOnItsWay => "NOT-4",
            Stale => "PGE-3",
        }
    }
}
