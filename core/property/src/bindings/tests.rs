use super::*;

const RIGHT: Known = Known { role: BindingRole::Owner, account_verified: true, identity_is_own: true, holds_house: true };

#[test]
fn an_owner_who_types_his_own_checked_identity_is_bound_at_once() {
    assert_eq!(decide(RIGHT), BindingState::Bound);
    assert_eq!(decide(Known { role: BindingRole::CoOwner, ..RIGHT }), BindingState::Bound);
}

#[test]
fn another_mans_name_and_id_number_bind_nothing() {
    assert_eq!(decide(Known { identity_is_own: false, ..RIGHT }), BindingState::ManualReview);
    assert_eq!(decide(Known { account_verified: false, ..RIGHT }), BindingState::ManualReview);
}

#[test]
fn a_house_that_he_does_not_hold_is_reviewed_by_a_person() {
    assert_eq!(decide(Known { holds_house: false, ..RIGHT }), BindingState::ManualReview);
}

#[test]
fn family_tenants_and_representatives_are_never_bound_at_once() {
    for role in [BindingRole::Family, BindingRole::Occupant, BindingRole::Representative] {
        assert_eq!(decide(Known { role, ..RIGHT }), BindingState::ManualReview);
    }
}
