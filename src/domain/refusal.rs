//! Why the product says no: one variant per rule, with the words for the person.

mod rules;

use crate::kernel::Moment;

/// A broken rule. `Display` gives the words for the person; [`Refusal::rule`] the number in `SPEC.md`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    // --- requesting (REQ-1), each with its own message
    /// The person's account is disabled.
    #[error("This account is disabled, so it cannot request access. An administrator can enable it.")]
    UserDisabled,
    /// The catalog is not published.
    #[error(
        "This package is not open for requests: its catalog is unpublished. The catalog's owners can publish it."
    )]
    CatalogUnpublished,
    /// A guest asks for something in a catalog that is for insiders.
    #[error("This catalog is not open to people from outside the organization. Its owners can change that.")]
    CatalogClosedToGuests,
    /// No enabled policy admits the person.
    #[error(
        "No policy of this package lets you request it. Ask the people who manage the package who it is for."
    )]
    NotAdmitted,
    /// The chosen policy is not among those that the person may use.
    #[error("That way to get the package is not open to you any more. Choose one of those shown.")]
    PolicyNotOffered,
    /// Several policies admit the person and none was chosen.
    #[error("Choose how you want to get this package.")]
    ChoosePolicy,
    /// The person already holds the package.
    #[error("You already have this package. See My access for what it gives and when it ends.")]
    AlreadyHeld,
    /// A request for the package is already open.
    #[error("There is already an open request for this package. You find it under My requests.")]
    AlreadyRequested,
    /// An incompatible holding.
    #[error(
        "This package cannot be held together with {0}. Give that up first, or ask the people who manage the package."
    )]
    Conflict(String),
    /// The policy wants a reason from the requestor.
    #[error("Say why you need this: the people who decide will read it.")]
    JustificationRequired,
    /// An answer that is missing or not valid; the text says which.
    #[error("{0}")]
    BadAnswer(String),
    /// The request cannot be cancelled any more.
    #[error("This request can no longer be cancelled: it is already {0}.")]
    NotCancelable(String),
    /// Only ended requests can be copied into a new one.
    #[error("Only a request that was denied, expired or cancelled can be sent again.")]
    NotResubmittable,

    // --- extending and changing (REQ-7), scheduling and asking for others (POL-6)
    /// Access without an end.
    #[error("This access does not end by itself, so there is nothing to extend.")]
    NothingToExtend,
    /// The policy does not extend.
    #[error(
        "The policy of this access does not allow to extend it. When it has ended you can ask for it again."
    )]
    ExtensionNotAllowed,
    /// The policy of the access is off or gone.
    #[error(
        "The policy of this access is switched off, so it cannot be extended now. It stays until its end. The people who manage the package can switch the policy on."
    )]
    PolicySwitchedOff,
    /// The policy does not admit its holder any more.
    #[error(
        "You are not among the people whom the policy of this access is for any more, so it cannot be extended. You keep it until its end."
    )]
    NoLongerAdmitted,
    /// The end is as late as the policy allows already.
    #[error("This access already lasts as long as its policy allows.")]
    AtTheLimit,
    /// The old end passed while the extension waited.
    #[error(
        "This access ended before the extension was decided, and an extension brings nothing back. The person can ask for it again."
    )]
    EndedMeanwhile,
    /// None of the answers can be changed later.
    #[error("None of the answers about this access can be changed.")]
    NoAnswersToChange,
    /// A change that changes nothing.
    #[error("Nothing was changed.")]
    NothingChanged,
    /// No policy lets managers ask.
    #[error(
        "Managers cannot request this package for the people who report to them. They can ask for it themselves, or the people who manage the package can change that."
    )]
    NotOnBehalf,
    /// Nobody was chosen to ask for.
    #[error("Choose whom the request is for.")]
    ChoosePerson,
    /// A manager takes access away without a reason.
    #[error("Say why you remove it: the person can read it.")]
    RemovalReasonRequired,

    // --- deciding
    /// The person may not decide this request.
    #[error("You are not among the people who can decide this request.")]
    NotAnApprover,
    /// Deciding for oneself.
    #[error("Nobody decides their own request. Someone else has to.")]
    OwnRequest,
    /// The request is not waiting for a decision.
    #[error("This request is not waiting for a decision any more: {0}.")]
    NotPending(String),
    /// The approver has already voted in this stage.
    #[error("You have already decided this request in this stage.")]
    AlreadyVoted,
    /// A delegate has voted in the approver's place.
    #[error("This has been decided in your place already, by the person who stands in for you.")]
    DecidedInYourPlace,
    /// The person whose place a delegate would take has voted.
    #[error("The person for whom you stand in has decided this already.")]
    PlaceTaken,
    /// The stage's time is over.
    #[error("The time to decide ended on {}.", .0.format("%-d %B %Y, %H:%M UTC"))]
    PastDue(Moment),
    /// The stage wants a reason from the approver.
    #[error("Give a reason for your decision. The requestor can read it.")]
    ReasonRequired,
    /// A start that an approver cannot allow; the text says why.
    #[error("{0}")]
    AllowedStart(&'static str),
    /// An end that an approver cannot allow; the text says why.
    #[error("{0}")]
    AllowedEnd(&'static str),
    /// Nothing that was approved stands any more, or yet.
    #[error("There is no access to revoke: {0}.")]
    NothingToRevoke(&'static str),
    /// Revoking without saying why.
    #[error("Say why you revoke it. The person can read it.")]
    RevokeReasonRequired,
    /// Neither approve nor deny was chosen.
    #[error("Choose whether to approve or deny.")]
    NoChoice,
    /// What the approver saw is not what is there now.
    #[error("This request has changed since you opened it. Look at it again before you decide.")]
    ChangedSinceOpened,
    /// A one-time code that is wrong, old or used up.
    #[error("This code is not right, or it is too old. Ask for a new one.")]
    WrongCode,
    /// Too many codes were asked for.
    #[error("Too many codes were sent. Wait an hour, or sign in to decide.")]
    TooManyCodes,

    // --- fulfilling by hand
    /// A task that somebody closed before.
    #[error("This task is closed: {0}.")]
    TaskClosed(String),
    /// A task about one's own access.
    #[error("This task is about your own access. Somebody else who owns the resource has to do it.")]
    OwnTask,
    /// A task that cannot be done, without saying why.
    #[error("Say why it cannot be done. The people who manage the package can read it.")]
    TaskReasonRequired,
    /// Time for a task that makes no sense.
    #[error("Give the owners between 1 and 30 days.")]
    TaskDays,
    /// A group is always changed by the portal itself.
    #[error("The members of a group are kept by the portal itself, so nobody has to add them by hand.")]
    GroupDeliversItself,

    // --- delegation
    /// Standing in for oneself.
    #[error("You cannot stand in for yourself. Choose somebody else.")]
    DelegateSelf,
    /// A disabled account cannot decide.
    #[error("{0} cannot sign in just now, so they cannot decide for you. Choose somebody else.")]
    DelegateDisabled(String),
    /// Approvals are handed to members only.
    #[error("{0} is a guest. Only members of the organization can stand in. Choose somebody else.")]
    DelegateGuest(String),
    /// A period that makes no sense; the text says why.
    #[error("{0}")]
    DelegationPeriod(&'static str),
    /// Two delegations of one person at the same time.
    #[error(
        "Somebody else stands in for you during these days already. End that first, or choose other days."
    )]
    DelegationOverlaps,
    /// A delegation that is over.
    #[error("This has ended already. Nothing changed.")]
    DelegationOver,

    // --- talking, and asking for changes (REQ-9)
    /// A request that has been over for too long.
    #[error("This request has been over for more than 30 days, so nothing more can be said about it.")]
    ConversationOver,
    /// A comment, or the changes that are asked for, without words.
    #[error("Write something first.")]
    NothingSaid,
    /// Changes are asked for already.
    #[error("Changes are asked for already. Wait for the requestor, decide, or add a comment.")]
    ChangesAskedAlready,
    /// Nobody asked for the access, so nobody can change the request.
    #[error("Nobody asked for this access, so nobody can change the request. Decide it as it is.")]
    NobodyToAsk,
    /// The request does not wait for changes.
    #[error("This request is not waiting for your changes any more: {0}.")]
    NoChangesAsked(String),
    /// Somebody acted on the request while its requestor was editing it.
    #[error(
        "An approver has acted on this request while you were editing. What you wrote is still here: look at the request, then send it back again."
    )]
    ActedMeanwhile,
    /// Nothing in the request was changed.
    #[error(
        "Nothing is different from before. Change your reason, your answers or the dates, or write a comment instead."
    )]
    NothingRevised,

    // --- assignments
    /// The assignment has already ended.
    #[error("This access has already ended.")]
    AlreadyEnded,
    /// Nothing was given up that could be tried again.
    #[error("Nothing of this access has failed, so there is nothing to try again.")]
    NothingFailed,
    /// A group of the portal is delivered by the portal.
    #[error("This resource stands for a group of the portal, which the portal itself keeps.")]
    GroupsAreDelivered,
    /// The address of a webhook; the text says what is wrong with it.
    #[error("{0}")]
    WebhookAddress(String),
    /// There is no webhook.
    #[error("This resource is not delivered by a webhook. Set its address first.")]
    NoWebhook,
    /// A start or end that makes no sense.
    #[error("{0}")]
    BadPeriod(String),
    /// Another end that is the one it has.
    #[error("This access ends then already.")]
    SameEnd,
    /// A list that is too long for one go.
    #[error("These are too many at once: at most {0} rows. Do them in parts.")]
    TooMany(usize),
    /// Nothing in a list can be done.
    #[error("There is nothing that could be done. Choose others, or change what you typed.")]
    NothingToDo,
    /// Work that was begun, stopped or thrown away.
    #[error("This has been started or thrown away already. Its page shows how it stands.")]
    WorkBegun,
    /// Work that is not under way.
    #[error("This is not under way any more, so there is nothing to stop.")]
    WorkOver,
    /// A job that did not fail.
    #[error("This job has not failed, so there is nothing to try again.")]
    JobNotFailed,
    /// The same job waits already.
    #[error("The same work waits already; it will be done.")]
    JobWaitsAlready,

    // --- directory
    /// An address that is taken.
    #[error("Another person already uses this e-mail address.")]
    EmailTaken,
    /// A name that is taken.
    #[error("There is already {0} with this name.")]
    NameTaken(&'static str),
    /// Sponsoring oneself.
    #[error("Nobody is their own sponsor. Name somebody else.")]
    OwnSponsor,
    /// A manager above whom the person already stands.
    #[error(
        "This would make a circle of managers: {0} already reports, directly or indirectly, to this person."
    )]
    ManagerCycle(String),
    /// The last administrator would go.
    #[error("At least one enabled administrator must remain. Make somebody else an administrator first.")]
    LastAdministrator,
    /// Members of a dynamic group come from its rule.
    #[error("The members of this group follow its rule and cannot be changed by hand.")]
    DynamicGroup,
    /// Membership of a dynamic group is no part of a package.
    #[error(
        "The members of {0} follow its rule, so a package cannot put people into it. Its role Owner can be granted."
    )]
    MembersByRule(String),
    /// A group whose members come from packages cannot follow a rule.
    #[error("These packages put people into the group: {0}. Take its role Member out of them first.")]
    MembersByPackage(String),
    /// An answer to a rule that nothing follows.
    #[error("No rule is followed here now.")]
    NoRule,
    /// The directory changed since an import was looked at.
    #[error(
        "The directory changed since this preview was made. Nothing was written. Look at it again and confirm it then."
    )]
    ImportStale,
    /// A file with rows that cannot be taken.
    #[error(
        "Nothing was written, because {0} rows cannot be taken. Mend the file, or take these rows out of it."
    )]
    ImportRefused(usize),
    /// A group that packages or policies use.
    #[error("This group is still in use: {0}.")]
    GroupInUse(String),

    // --- catalogs, resources, packages, policies
    /// The last owner of a catalog would go.
    #[error("A catalog keeps at least one owner. Name another owner first.")]
    LastOwner,
    /// The built-in catalog.
    #[error("The built-in catalog General always exists: it cannot be renamed or deleted.")]
    BuiltInCatalog,
    /// A catalog with packages.
    #[error("This catalog still has packages: {0}. Move or delete them first.")]
    CatalogNotEmpty(String),
    /// A resource that packages use.
    #[error("This resource is still used by {0}. Remove its roles from there first.")]
    ResourceInUse(String),
    /// A resource needs both keys.
    #[error("Only someone who owns both the catalog and the resource can do this.")]
    ResourceNotOwned,
    /// A role of a resource that is not in the package's catalog.
    #[error("The role “{0}” belongs to a resource that is not in this catalog.")]
    ForeignRole(String),
    /// A group that is a resource already.
    #[error("This group is already the resource “{0}”. Add that one to the catalog instead.")]
    GroupIsResource(String),
    /// The roles of a group resource are always the same.
    #[error("The roles of a group are always Member and Owner.")]
    FixedRoles,
    /// A resource without an owner.
    #[error("A resource keeps at least one owner. Name somebody who answers for it.")]
    NoResourceOwner,
    /// A package cannot move to a catalog without its resources.
    #[error("The catalog {0} does not hold everything that this package grants: {1}. Add it there first.")]
    ResourcesMissing(String, String),
    /// A package with live assignments.
    #[error("This package is still held or about to be held by {0}. Remove that access first.")]
    PackageInUse(String),
    /// A policy with live assignments or open requests.
    #[error("This policy still governs {0}. It can be switched off instead, which stops new requests.")]
    PolicyInUse(String),
    /// Separation of duties that cannot be meant; the text says why.
    #[error("{0}")]
    BadConflict(&'static str),
    /// A conflict that is there already.
    #[error("This package and {0} are kept apart already.")]
    ConflictThere(String),
    /// A conflict in both directions by somebody who does not keep both packages.
    #[error(
        "To keep both apart in either direction you also have to manage packages in the catalog of {0}. Leave the box empty, or ask the people who manage it."
    )]
    ConflictOneWay(String),
    /// A group that the package itself puts its holders into.
    #[error(
        "This package itself makes people members of {0}: whoever has it would be in conflict with it. Choose another group."
    )]
    ConflictWithItself(String),
    /// Questions that cannot be asked; the text says which and why.
    #[error("{0}")]
    BadQuestions(String),
    /// A policy that contradicts itself; the text says how.
    #[error("{0}")]
    BadPolicy(String),

    // --- accounts
    /// Sign-in failed; deliberately the same for every cause (SES-1).
    #[error("The e-mail address or the password is not right.")]
    WrongCredentials,
    /// Too many failures; wait (SES-3).
    #[error("Too many attempts. Try again in {0}.")]
    TryAgainIn(String),
    /// An invitation, reset or set-up link that is not good any more.
    #[error("This link has been used already or is too old. Ask for a new one.")]
    StaleAccountLink,
    /// A password that is too weak; the text says how.
    #[error("{0}")]
    WeakPassword(String),

    // --- mail
    /// A mail that still waits, or is being sent.
    #[error("This mail is already on its way.")]
    MailOnItsWay,

    // --- anything
    /// A text that cannot be taken; the text says why.
    #[error("{0}")]
    BadText(String),
    /// Somebody else saved in between.
    #[error("Somebody else changed this while you were editing. Compare, then save again.")]
    Stale,
}
