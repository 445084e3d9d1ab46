//! The permission table, and what a permit covers.

use super::*;

fn with(roles: &[DirectoryRole], catalog: &[CatalogRole]) -> (Principal, CatalogId) {
    let id = CatalogId(Uuid::from_u128(7));
    let mut catalogs = BTreeMap::new();
    if !catalog.is_empty() {
        catalogs.insert(id, catalog.iter().copied().collect());
    }
    let p = Principal {
        user: UserId(Uuid::from_u128(1)),
        name: "P".into(),
        guest: false,
        roles: roles.iter().copied().collect(),
        catalogs,
    };
    (p, id)
}

/// The table of SPEC section 2, column by column: owner, package manager, assignment manager, reader.
#[test]
fn the_permission_table_of_catalog_roles() {
    let rows = [
        (CatalogTask::See, [true, true, true, true]),
        (CatalogTask::Edit, [true, false, false, false]),
        (CatalogTask::Resources, [true, false, false, false]),
        (CatalogTask::Packages, [true, true, false, false]),
        (CatalogTask::SeeAssignments, [true, true, true, true]),
        (CatalogTask::Assignments, [true, true, true, false]),
        (CatalogTask::BypassApproval, [true, false, false, false]),
    ];
    for (task, expected) in rows {
        for (role, allowed) in CatalogRole::ALL.iter().zip(expected) {
            let (p, id) = with(&[], &[*role]);
            assert_eq!(p.may_in(task, id), allowed, "{task:?} by {role}");
            assert!(!p.may_in(task, CatalogId(Uuid::from_u128(8))), "never in a foreign catalog");
        }
        let (admin, id) = with(&[DirectoryRole::Administrator], &[]);
        let (auditor, _) = with(&[DirectoryRole::Auditor], &[]);
        let (creator, _) = with(&[DirectoryRole::CatalogCreator], &[]);
        assert!(admin.may_in(task, id));
        assert_eq!(auditor.may_in(task, id), task.reads_only(), "the auditor reads");
        assert!(!creator.may_in(task, id), "ROL-1: a catalog creator sees no other catalog");
    }
}

#[test]
fn rol_2_a_resource_needs_two_keys() {
    let (owner, id) = with(&[], &[CatalogRole::Owner]);
    let (admin, _) = with(&[DirectoryRole::Administrator], &[]);
    let (manager, _) = with(&[], &[CatalogRole::PackageManager]);
    assert!(edit_resources(&owner, id, true).is_ok());
    assert!(edit_resources(&owner, id, false).is_err());
    assert!(edit_resources(&admin, id, false).is_ok());
    assert!(edit_resources(&manager, id, true).is_err());
}

#[test]
fn rol_6_strangers_get_not_found_and_insiders_forbidden() {
    let (stranger, id) = with(&[], &[]);
    let (reader, _) = with(&[], &[CatalogRole::Reader]);
    assert_eq!(edit_catalog(&stranger, id).unwrap_err(), Denied::Invisible);
    assert!(matches!(
        edit_catalog(&reader, id).unwrap_err(),
        Denied::Forbidden { needed: "Catalog owner", .. }
    ));
}
