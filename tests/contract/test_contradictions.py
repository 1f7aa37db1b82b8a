"""Where the sources of the API disagree: each place, and the test that says what we do there."""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping
from pathlib import Path

from tests.contract.document import original

TESTS = Path(__file__).parents[1]

WHERE: Mapping[str, Mapping[str, str]] = {
    "contract.test_operations": {
        "C-14": "every_keyed_write_names_its_id_and_its_time",
        "C-18": "every_keyed_write_names_its_id_and_its_time",
        "C-35": "the_secret_key_is_needed_where_the_description_says_so",
        "C-52": "phantoms_drafts_and_announcements_are_no_operations",
        "C-79": "every_operation_is_in_the_bucket_of_the_published_limits_c_79",
        "C-83": "phantoms_drafts_and_announcements_are_no_operations",
        "C-84": "phantoms_drafts_and_announcements_are_no_operations",
    },
    "contract.test_promises": {
        "C-05": "a_reward_factor_is_passed_on_and_never_computed",
        "C-06": "points_of_a_request_are_whole",
        "C-07": "what_was_paid_is_sent_as_paid_and_never_derived",
        "C-10": "the_worth_of_a_point_is_what_the_configuration_says",
        "C-13": "points_given_by_hand_expire_after_days_and_never_on_a_date",
        "C-19": "lines_travel_by_the_names_of_the_tables_and_with_lists",
        "C-20": "lines_travel_by_the_names_of_the_tables_and_with_lists",
        "C-21": "lines_travel_by_the_names_of_the_tables_and_with_lists",
        "C-22": "any_channel_is_sent",
        "C-23": "a_branch_needs_its_id",
        "C-26": "a_redemption_travels_by_the_names_of_the_tables",
        "C-31": "a_referrer_may_come_with_an_order",
        "C-33": "the_version_of_the_path_is_v4_and_can_be_another",
        "C-43": "a_created_customer_is_read_in_either_shape",
        "C-45": "a_balance_of_other_members_is_a_balance_without_ours",
        "C-48": "a_referral_link_is_passed_on_whole",
        "C-54": "every_word_for_a_coupons_type_means_one_kind",
        "C-58": "a_release_tells_codes_whether_rows_are_texts_or_objects",
        "C-60": "coupons_of_a_customer_keep_what_only_some_pages_know",
        "C-64": "the_rows_of_an_order_come_at_once",
        "C-72": "every_shape_of_a_refusal_has_a_class_and_a_message",
        "C-73": "every_shape_of_a_refusal_has_a_class_and_a_message",
        "C-74": "what_means_the_same_is_of_one_class",
        "C-76": "what_means_the_same_is_of_one_class",
        "C-77": "what_means_the_same_is_of_one_class",
        "C-78": "what_means_the_same_is_of_one_class",
        "C-81": "a_key_is_sent_as_it_is_whatever_it_begins_with",
        "C-85": "claims_of_third_parties_change_nothing",
        "C-89": "a_disabled_program_is_told_by_the_answer_or_refused",
        "C-90": "any_id_of_a_customer_is_taken_and_a_long_one_is_a_finding",
    },
    "contract.test_requests": {
        "C-34": "both_keys_go_with_every_request_under_their_documented_names",
    },
    "endpoints.test_batches": {
        "C-68": "the_path_that_answers_is_remembered_by_the_client_and_its_copies_c68",
        "C-69": "both_shapes_of_a_job_are_read_into_one_c69",
        "C-70": "a_thousand_items_are_taken_and_not_one_more_c70",
        "C-71": "a_batch_whose_failures_could_not_be_told_apart_is_refused_c71",
    },
    "endpoints.test_configurations": {
        "C-49": "a_referral_program_is_a_list_in_every_shape_c_49",
        "C-50": "the_factor_of_a_tier_is_read_by_both_names_c_50",
        "C-51": "the_widget_is_read_in_both_shapes_and_kept_whole_c_51",
    },
    "endpoints.test_coupons": {
        "C-55": "one_coupon_is_named_by_the_path_and_read_as_a_list_of_one_c55",
        "C-57": "coupons_are_burned_by_code_or_by_lock_c57",
        "C-59": "a_coupon_is_generated_by_a_numeric_rule_c59_and_never_twice",
    },
    "endpoints.test_customer_lists": {
        "C-39": "notifications_are_walked_in_either_shape_c_39",
        "C-42": "a_friends_page_tells_where_to_go_on_c_42",
        "C-66": "the_other_rows_of_the_till_guides_are_walked_as_well_c_66",
    },
    "endpoints.test_customers": {
        "C-36": "the_language_travels_where_it_is_documented_c_36",
        "C-37": "tags_are_removed_by_a_delete_with_a_body_c_37",
        "C-38": "tags_travel_as_one_text_c_38",
        "C-41": "counts_are_numbers_of_all_pages_c_41",
        "C-46": "a_tier_is_read_in_either_shape_c_46",
        "C-86": "no_read_of_a_customer_takes_a_merge_key_c_86",
    },
    "endpoints.test_events": {
        "C-28": "place_order_is_refused_because_the_order_sends_it_c28",
        "C-32": "events_travel_by_name_with_the_merge_keys_c32",
    },
    "endpoints.test_leaderboard": {
        "C-53": "its_range_travels_in_utc_and_every_filter_by_its_name_c_53",
    },
    "endpoints.test_movements": {
        "C-09": "cashback_travels_as_the_guide_shows_it_and_its_id_may_be_a_number_c09_c11",
        "C-17": "a_refund_travels_with_its_own_time_and_its_lines_c17_c62",
        "C-62": "a_refund_travels_with_its_own_time_and_its_lines_c17_c62",
        "C-63": "a_redemption_takes_no_rule_c63",
        "C-75": "an_activation_is_repeated_after_a_lost_answer_and_while_busy_c75",
        "C-87": "points_are_activated_by_a_put_without_a_body_and_either_name_is_read_c87",
    },
    "endpoints.test_orders": {
        "C-04": "a_preview_of_rewards_sends_what_it_knows_c04",
    },
    "endpoints.test_payments": {
        "C-29": "a_payment_travels_as_the_guide_shows_it_c29",
    },
    "endpoints.test_referrals": {
        "C-47": "the_operation_is_what_the_table_says_c_35_c_47",
    },
    "endpoints.test_transactions": {
        "C-61": "a_rule_travels_as_text_c61",
    },
    "models.test_customers": {
        "C-44": "details_are_read_whole_and_not_shown_c_44",
    },
    "models.test_progress": {
        "C-65": "an_activity_that_no_filter_knows_is_read_c_65",
    },
    "models.test_requests": {
        "C-12": "a_zero_that_means_absent_is_not_sent",
    },
    "models.test_samples": {
        "C-01": "order_rows_are_per_unit_and_do_not_add_up_to_the_rewarded_points",
        "C-02": "quote_rows_come_without_campaign_product_or_factor",
        "C-03": "a_null_and_an_absent_member_are_both_none",
        "C-08": "every_spelling_of_a_hold_amount_is_read",
        "C-11": "a_manual_entry_answers_another_id_and_the_ledger_id_as_a_number",
        "C-15": "a_manual_entry_answers_another_id_and_the_ledger_id_as_a_number",
        "C-24": "the_quote_of_an_order_sends_only_what_a_quote_knows",
        "C-30": "a_receipt_in_the_words_of_the_point_of_sale_guides_is_read",
        "C-40": "a_transaction_has_a_text_id_no_zone_and_positive_points_in_both_directions",
        "C-67": "the_family_wallet_members_are_read_where_they_come",
    },
    "test_checkout": {
        "C-25": "an_order_uses_up_what_the_checkout_reserved",
        "C-56": "a_lock_that_came_with_unusable_coupons_is_released_c56",
    },
    "test_serialization": {
        "C-16": "a_timestamp_without_a_zone_is_never_local_time",
    },
    "test_session_tokens": {
        "C-82": "a_derived_key_stands_in_for_the_secret",
    },
    "test_webhooks": {
        "C-80": "the_bytes_as_sent_may_be_what_was_signed",
    },
}
"""By module: the place, and the test without its ``test_``."""

NOBODYS: Mapping[str, str] = {
    "C-27": "the keys of an event that Gameball makes itself: no client sees them",
    "C-88": "payloads that are missing in a source: there is nothing to do",
}
"""Places that concern no client."""


def sayings(module: str) -> dict[str, str]:
    """The name of each test of a module, and what it says about itself."""
    path = TESTS.joinpath(*module.split(".")).with_suffix(".py")
    found = ast.walk(ast.parse(path.read_text("utf-8")))
    functions = [it for it in found if isinstance(it, ast.FunctionDef | ast.AsyncFunctionDef)]
    return {it.name: f"{it.name} {ast.get_docstring(it) or ''}" for it in functions}


def test_every_place_is_named_by_the_test_that_is_said_to_be_about_it() -> None:
    silent = []
    for module, tests in WHERE.items():
        said = sayings(module)
        for place, name in tests.items():
            number = place.removeprefix("C-")
            if not re.search(rf"(C-|_c_?){number}(?!\d)", said[f"test_{name}"]):
                silent.append((place, name))
    assert [] == silent


def test_every_place_has_a_test_or_concerns_nobody() -> None:
    listed = re.findall(r"^\| (C-\d\d) \|", original("contradictions.md"), re.MULTILINE)
    tested = [place for tests in WHERE.values() for place in tests]
    assert sorted(listed) == sorted([*tested, *NOBODYS])
    assert 90 == len(listed)
