"""The promises of the product: what each says, and the tests that carry it.

Ids are those of the house's safety rules: P policy, A approval, I identity, L journal, G gateway,
K kill switch, R risk, D language, M memory, C caches and batches, B bars and other records,
F feeds, S supply, T the tests themselves.
A new promise is an id with its sentence, and below it the tests (file.function) whose names begin
with that id.
"""

from dataclasses import dataclass

TABLE = """
P1: What no rule permits, and what cannot be judged, is denied.
  test_entry_points.test_P1_the_lock_itself_lets_the_right_ones_in
  test_policy_rules.test_P1_what_no_rule_permits_is_denied
  test_policy_rules.test_P1_a_missing_fact_denies
  test_tools_door.test_P1_a_bundle_that_permits_nothing_refuses_every_tool
P2: A forbid beats every permit, and the order of rules has no effect.
  test_policy_rules.test_P2_the_strictest_rule_wins_in_any_order
P3: A decision names its rules, its bundle, its input and its reasons.
  test_policy_gate.test_P3_the_journal_holds_the_decision_and_its_input
  test_policy_rules.test_P3_a_decision_says_who_decided_and_what_was_overridden
  test_policy_rules.test_P3_equal_requests_hash_equal_and_others_do_not
P4: A bundle is named by its content, checked in shape, and held to its fixtures.
  test_policy_bundle.test_P4_the_shipped_bundle_reads_back_under_the_same_name
  test_policy_bundle.test_P4_any_change_gives_another_name
  test_policy_bundle.test_P4_a_failing_fixture_refuses_the_bundle
  test_policy_bundle.test_P4_a_bundle_of_another_shape_is_refused_by_name
P6: Every way in passes the one enforcement function.
  test_entry_points.test_P6_the_enumeration_sees_all_commands_and_their_verbs
  test_entry_points.test_P6_every_command_names_its_action_or_calls_a_tool
  test_gateway_approval.test_P6_every_order_has_a_decision_and_every_decision_an_order
  test_policy_gate.test_P6_work_is_done_after_its_decision_is_journalled
P7: Other rules can be tried on the journalled requests, with no effect.
  test_policy_gate.test_P7_a_replay_finds_exactly_what_another_bundle_changes
  test_policy_gate.test_P7_a_replayed_request_hashes_as_the_one_that_was_judged
P8: The policy sees exact numbers alone.
  test_policy_rules.test_P8_inexact_facts_are_refused_at_the_boundary
  test_policy_rules.test_P8_exact_facts_are_taken
P9: What a lineage asks for is summed: splitting a request changes nothing.
  test_approvals_queue.test_P9_the_capital_of_a_lineage_is_summed_over_its_requests
  test_policy_rules.test_P9_splitting_a_request_does_not_change_the_sum
P11: Needs-approval is not an allow.
  test_policy_gate.test_P11_needs_approval_is_not_an_allow
A1: No agent approves, and a live plan needs humans.
  test_gateway_process.test_A1_a_plan_without_its_quorum_does_not_trade
  test_policy_rules.test_A1_no_agent_or_service_may_decide_for_humans
  test_policy_rules.test_A1_a_deploy_beyond_paper_is_asked_for
  test_tools_contract.test_A1_no_tool_has_an_argument_that_approves
A2: Everything a deployment may do is in the plan's hash.
  test_policy_plan.test_A2_every_field_of_a_plan_is_in_its_hash
  test_policy_plan.test_A2_every_limit_is_in_the_hash_and_a_higher_one_raises_the_risk
  test_tools_deploy.test_A2_the_plan_that_is_stored_is_whole_and_has_the_hash_that_was_told
A3: The hash that was shown is the hash that is signed.
  test_approvals_cli.test_A3_the_hash_that_was_shown_is_the_hash_that_is_signed
  test_approvals_cli.test_A3_at_a_terminal_the_human_types_what_was_read
  test_approvals_quorum.test_A3_signatures_for_another_plan_do_not_count
  test_approvals_votes.test_A3_a_signature_over_anything_else_is_refused_and_not_kept
A4: The gateway rebuilds the plan from what it is about to run, and compares.
  test_gateway_approval.test_A4_what_differs_from_the_signed_plan_in_any_field_does_not_start
  test_gateway_approval.test_A4_limits_that_change_in_memory_halt_before_the_next_order
  test_gateway_process.test_A4_a_server_database_that_was_changed_cannot_make_the_gateway_trade
  test_gateway_approval.test_A4_another_account_behind_the_connection_halts_before_the_next_order
A5: At its instant an approval has expired, and it stays so.
  test_approvals_queue.test_A5_a_request_expires_at_its_instant
  test_approvals_queue.test_A5_an_approval_expires_when_it_may_run_no_longer
  test_approvals_quorum.test_A5_an_approval_ends_at_its_very_instant
  test_approvals_quorum.test_A5_times_outside_the_request_do_not_count
A6: Two humans sign, one of them for risk, and none who asked, sponsored or wrote.
  test_approvals_cli.test_A6_the_sponsors_own_key_does_not_count
  test_approvals_quorum.test_A6_two_humans_with_a_risk_officer_among_them_are_a_quorum
  test_approvals_quorum.test_A6_one_signature_or_none_is_no_quorum
  test_approvals_votes.test_A6_the_sponsor_cannot_vote_on_what_was_asked_in_that_name
A7: An approval starts one deployment, once.
  test_approvals_queue.test_A7_an_approval_is_consumed_once
  test_approvals_quorum.test_A7_signatures_for_another_request_do_not_count
  test_gateway_approval.test_A7_an_approval_starts_one_deployment_whoever_asks
A8: A revocation works in every state that has not ended, running included.
  test_approvals_cli.test_A8_a_revocation_stops_what_runs
  test_approvals_queue.test_A8_a_running_approval_can_be_revoked_once
  test_approvals_quorum.test_A8_a_revoked_key_counts_no_longer
  test_gateway_approval.test_A8_after_a_revocation_no_further_order_leaves
  test_safety_holes.test_A8_a_gateway_does_not_start_on_a_server_journal_that_breaks
  test_safety_holes.test_A8_a_no_that_was_edited_out_of_the_store_still_stops_the_gateway
  test_safety_holes.test_A8_a_revocation_undone_in_the_store_while_trading_still_winds_it_down
A9: Nothing leaves a terminal state; every step compares before it sets.
  test_approvals_queue.test_A9_two_deciders_at_once_do_not_both_win
  test_approvals_quorum.test_A9_nothing_leaves_a_terminal_state
  test_approvals_quorum.test_A9_the_table_of_states_is_the_one_of_the_rules
  test_execution_venue.test_A9_nothing_leaves_a_terminal_order_state
A10: A changed plan is a new request, shown by what raises the risk first.
  test_approvals_cli.test_A10_the_page_shows_what_changed_the_risky_first
  test_approvals_queue.test_A10_a_changed_plan_takes_the_place_of_the_one_before
  test_approvals_queue.test_A10_another_lineage_cannot_push_a_request_out
  test_policy_plan.test_A10_a_diff_lists_what_raises_the_risk_first
A11: A plan made under other rules does not start.
  test_gateway_process.test_A11_a_key_that_was_revoked_no_longer_counts
  test_policy_rules.test_A11_a_plan_made_under_other_rules_does_not_start
A12: Nobody is worn down: twins coalesce, queues are short, rejections cool, numbers lead.
  test_approvals_cli.test_A12_the_page_leads_with_the_servers_numbers_and_ends_with_prose
  test_approvals_queue.test_A12_the_same_plan_is_one_request
  test_approvals_queue.test_A12_only_so_many_requests_of_a_lineage_wait
  test_approvals_votes.test_A12_nobody_approves_faster_than_reading_allows
A13: Text by agents and data does nothing where humans read it.
  test_approvals_inert.test_A13_hidden_characters_are_written_out
  test_approvals_inert.test_A13_a_long_text_is_cut_and_says_so
A14: A decision needs a reason, and the reason is signed.
  test_approvals_cli.test_A14_there_is_no_decision_without_a_reason
  test_approvals_votes.test_A14_a_decision_needs_a_reason_and_the_one_that_was_signed
  test_tools_deploy.test_A14_the_signed_answers_of_humans_are_shown_inert
A17: An approval is a human's signature; a row, a file or a stranger's key is none.
  test_approvals_cli.test_A17_nobody_approves_with_an_empty_keyring
  test_approvals_cli.test_A17_a_third_key_needs_two_signers_at_the_command_line
  test_approvals_quorum.test_A17_an_empty_keyring_makes_live_impossible
  test_approvals_quorum.test_A17_a_stranger_does_not_count
A18: Each order asks whether its approval is valid now.
  test_policy_rules.test_A18_an_order_needs_an_approval_that_is_valid_now
I1: The server listens to the hosts it was told to, and checks where calls come from.
  test_mcp_start.test_I1_without_a_login_http_stays_on_this_machine
I3: A handle or cursor is bound to whom and to what it was given.
  test_memory_search.test_I3_a_cursor_is_bound_to_its_question
I4: Over stdio the caller is an agent, whatever it says.
  test_mcp_server.test_I4_a_client_lists_and_calls_the_five_tools_in_either_era
I6: Another tenant's things are as things that do not exist.
  test_approvals_deployments.test_I6_another_tenant_sees_nothing
  test_approvals_queue.test_I6_another_tenants_request_is_as_one_that_is_not
  test_memory_search.test_I6_no_leg_shows_another_tenants_experiments
  test_memory_store.test_I6_experiments_of_another_tenant_do_not_exist
L1: The journal is gapless, chained, and reads back as it was written.
  test_journal_chain.test_L1_entries_are_gapless_and_each_names_the_one_before
  test_journal_chain.test_L1_an_entry_reads_back_as_it_was_written
L2: Without a journal entry there is no effect; only what lowers risk may act first.
  test_approvals_queue.test_L2_the_journal_holds_plan_and_signature_whole
  test_approvals_queue.test_L2_without_a_journal_there_is_no_effect
  test_gateway_approval.test_L2_nothing_is_sent_when_the_journal_cannot_be_written
  test_journal_chain.test_L2_what_could_not_wait_is_taken_in_once_when_the_journal_works
L3: A journal that was cut off or rewritten shows against a checkpoint.
  test_audit_verify.test_L3_a_cut_off_journal_fails_against_a_checkpoint
  test_safety_holes.test_L3_a_revocation_cut_off_the_servers_journal_shows
  test_safety_holes.test_L3_audit_verify_says_when_nothing_anchors_the_end
  test_safety_holes.test_L3_the_gateway_anchors_the_servers_journal_at_its_start_and_end
  test_journal_chain.test_L3_a_cut_off_end_shows_against_a_checkpoint
  test_journal_chain.test_L3_a_wholly_rewritten_journal_shows_against_a_checkpoint
  test_journal_chain.test_L3_later_entries_do_not_disturb_a_checkpoint
L4: Verification finds the first bad entry, and effects without a cause.
  test_audit_verify.test_L4_records_that_hold_are_said_to_hold
  test_audit_verify.test_L4_a_changed_entry_fails_the_command_and_is_located
  test_safety_holes.test_L4_a_gateway_journal_whose_end_was_cut_is_held_against_the_ledger
  test_safety_holes.test_L4_a_kill_that_the_journal_does_not_tell_is_a_fault
  test_safety_holes.test_L4_a_ledger_whose_journal_is_gone_is_a_fault
  test_safety_holes.test_L4_an_order_sent_after_its_revocation_is_a_fault
  test_journal_chain.test_L4_an_untouched_journal_verifies
  test_journal_chain.test_L4_a_changed_journal_says_where_it_first_breaks
L5: After kill -9 every acknowledged entry is there, and the chain verifies.
  test_journal_crash.test_L5_kill_9_loses_no_acknowledged_entry
  test_journal_crash.test_L5_a_torn_tail_is_cut_to_whole_entries
L6: A secret is not written down.
  test_journal_chain.test_L6_a_secret_is_not_written_down
  test_policy_gate.test_L6_a_foreign_exception_leaves_its_type_and_not_its_words
L7: Nobody edits or deletes an entry through the store.
  test_journal_chain.test_L7_nobody_edits_or_deletes_through_the_store
G1: Venue keys live in the gateway alone, and the account is the plan's.
  test_gateway_process.test_G1_a_gateway_home_that_others_may_enter_is_refused
G4: A gateway starts halted, and trades when ledger and venue agree.
  test_gateway_reconcile.test_G4_a_clean_account_under_a_valid_approval_resumes_by_itself
  test_gateway_reconcile.test_G4_what_somebody_else_did_keeps_the_gateway_halted
  test_gateway_reconcile.test_G4_a_venue_that_remembers_otherwise_keeps_the_gateway_halted
  test_gateway_reconcile.test_G4_an_order_that_filled_while_the_gateway_was_down_is_no_difference
G6: One gateway trades an account; an older lease can neither journal nor send.
  test_gateway_approval.test_G6_a_second_live_gateway_of_the_account_does_not_start
  test_gateway_approval.test_G6_a_gateway_that_lost_its_lease_neither_journals_nor_sends
G2: An intent is durable before its first byte leaves, and keeps its id.
  test_execution_sizing.test_G2_the_id_of_an_order_depends_on_its_intent_alone
G8: Amounts are rounded to the venue's steps, to the side of less risk.
  test_execution_sizing.test_G8_a_target_becomes_the_smallest_change_that_reaches_it
  test_execution_sizing.test_G8_what_rounds_to_nothing_is_dropped_with_its_reason
  test_execution_venue.test_G8_rounding_goes_the_way_it_says
  test_execution_sizing.test_G8_an_instrument_without_a_market_is_dropped_not_guessed
N2: Names of data are keys, never paths.
  test_execution_venue.test_N2_an_account_is_never_a_path
G3: An order whose fate is unknown is asked about, never sent anew.
  test_execution_crashes.test_G3_an_order_whose_answer_was_lost_is_found_and_not_sent_again
  test_execution_crashes.test_G3_a_request_that_never_arrived_goes_again_under_the_same_id
  test_execution_crashes.test_G3_nothing_adds_risk_while_an_order_of_the_instrument_is_unknown
  test_execution_crashes.test_G3_an_order_that_never_arrives_is_given_up_with_its_decision
G5: Each order is checked in one sequence, the kill switch first and last.
  test_entry_points.test_G5_what_changes_a_venue_is_reached_through_the_gate_alone
  test_entry_points.test_G5_a_gateway_sends_nothing_where_nothing_is_permitted
G11: An intent becomes at most one order at the venue.
  test_execution_crashes.test_G11_a_crash_and_a_lost_answer_together_double_nothing
K1: Anyone may stop trading, with no server and no database; agents never clear it.
  test_kill_switch.test_K1_a_flag_that_says_nothing_clear_stops_everything
  test_kill_switch.test_K1_an_empty_flag_does_not_get_weaker_by_a_mild_line
  test_policy_rules.test_K1_anyone_may_pull_the_switch_and_no_agent_clears_it
  test_kill_switch.test_K1_the_command_pulls_shows_and_says_what_it_did
K2: The kill switch wins over everything that is under way.
  test_kill_switch.test_K2_a_pull_between_journal_and_send_still_stops_the_order
  test_kill_switch.test_K2_cancel_all_lets_nothing_leave
  test_kill_switch.test_K2_an_instrument_scope_stops_that_instrument_alone
K3: The highest level of all scopes that apply is in force.
  test_kill_switch.test_K3_the_highest_level_of_all_scopes_is_in_force
  test_kill_switch.test_K3_an_unknown_scope_is_refused_not_ignored
K4: A pull is durable; clearing takes two humans, a reason and a clean reconciliation.
  test_kill_switch.test_K4_a_line_written_by_hand_is_journalled_once_and_outlives_the_file
  test_kill_switch.test_K4_two_humans_clear_it_and_file_and_ledger_both_forget
  test_kill_switch.test_K4_one_human_twice_a_stranger_and_a_changed_reason_do_not_clear_it
  test_kill_switch.test_K4_signatures_clear_the_pull_they_were_made_for_and_no_later_one
K5: Under reduce-only no position grows or changes its side.
  test_execution_venue.test_K5_the_exchange_itself_does_not_let_reduce_only_open_anything
  test_kill_switch.test_K5_after_a_pull_positions_only_shrink_and_never_flip
  test_risk_table.test_K5_only_what_shrinks_and_never_flips_leaves_under_a_kill
  test_risk_table.test_K5_a_reduction_passes_limits_that_are_broken_already
K7: Flattening keeps to the collar and the size limits.
  test_kill_switch.test_K7_flatten_closes_everything_in_orders_of_the_allowed_size
D1: A text becomes data, and nothing in it runs.
  test_dsl_doors.test_D1_text_becomes_data_only
  test_memory_search.test_D1_no_word_of_a_caller_becomes_part_of_a_condition
D2: Ceilings stop a text before it costs.
  test_dialects_limits.test_D2_hostile_texts_of_every_dialect_get_a_bounded_answer
  test_dialects_limits.test_D2_hostile_texts_of_one_dialect_get_a_bounded_answer
  test_dsl_limits.test_D2_hostile_texts_get_a_bounded_answer
  test_dsl_limits.test_D2_hostile_texts_get_an_answer_soon_in_every_dialect
  test_dsl_limits.test_D2_what_is_within_the_limits_compiles
  test_dsl_limits.test_D2_the_deepest_formula_can_be_walked_copied_and_compared
D3: No value at a bar depends on a later bar.
  test_engine_evaluate.test_D3_who_is_in_the_universe_does_not_depend_on_later_bars
  test_backtest_strategy.test_D3_what_remembers_all_of_the_past_is_loaded_from_the_datasets_first_bar
  test_dsl_feeds.test_D3_no_formula_that_compiles_reads_what_is_not_public
  test_engine_incremental.test_D3_bars_that_go_on_give_the_bytes_of_the_whole
  test_engine_incremental.test_D3_a_formula_with_state_does_not_see_later_bars
  test_execution_signals.test_D3_what_trades_decides_as_the_back_test_did
  test_execution_venue.test_D3_no_tick_of_a_bar_knows_what_comes_after_it
  test_ops_formulas.test_D3_no_random_formula_sees_later_bars_or_the_order_of_instruments
  test_ops_formulas.test_D3_nor_do_two_thousand
  test_ops_invariance.test_D3_no_operator_sees_the_future
  test_weights_bounds.test_D3_no_weight_knows_a_later_return
D4: A run that costs too much fails alone, or is refused before it starts.
  test_dsl_cost.test_D4_what_reads_its_window_again_costs_by_the_window
  test_dsl_cost.test_D4_what_runs_along_costs_the_same_for_any_window
  test_dsl_cost.test_D4_what_sorts_the_instruments_costs_by_their_number
  test_dsl_cost.test_D4_a_part_that_is_used_twice_is_counted_once
  test_dsl_cost.test_D4_memory_is_that_of_the_matrices_that_wait
  test_dsl_cost.test_D4_factors_and_the_ranking_of_the_universe_cost_too
  test_dsl_cost.test_D4_the_total_is_rows_times_columns
  test_runs_service.test_D4_long_windows_alone_take_a_run_over_the_budget
  test_runs_service.test_D4_a_run_over_the_budget_is_refused_with_its_estimate
  test_runs_service.test_D4_what_remembers_all_of_the_past_costs_all_of_it
  test_runs_service.test_D4_a_run_that_takes_too_much_memory_fails_and_says_so
  test_runs_service.test_D4_a_run_that_takes_too_long_fails_and_says_so
  test_runs_service.test_D4_a_run_that_uses_up_its_processor_time_fails_and_says_so
D5: NaN is the only missing mark, and no infinity leaves an operator.
  test_backtest_strategy.test_D5_a_signal_missing_for_a_fifth_of_the_names_is_traded_and_for_more_refused
  test_backtest_strategy.test_D5_a_listing_in_the_window_is_not_missing_data
  test_ops_invariance.test_D5_infinities_count_as_missing_and_never_come_out
  test_backtest_strategy.test_D5_a_name_that_enters_the_universe_is_not_missing_data
D6: A name of data, a pack or an operator resolves by exact match in a registry.
  test_dsl_names.test_D6_a_name_resolves_by_exact_match_or_not_at_all
D7: Spacing, comments and the order of commuting arguments do not change a fingerprint.
  test_dsl_compile.test_D7_what_can_alter_a_result_alters_the_fingerprint
  test_dsl_feeds.test_D7_no_name_of_a_data_set_is_in_a_fingerprint_nor_in_the_order_of_evaluation
  test_dsl_macros.test_D7_a_macro_and_what_it_stands_for_share_a_fingerprint
  test_dsl_rewrites.test_D7_the_order_of_operands_does_not_alter_the_canonical_form
D8: Definitions go in no circle, are unique, and hide nothing.
  test_dsl_names.test_D8_a_definition_uses_no_circle_and_hides_nothing
D9: Errors are bounded and hold nothing of the host.
  test_dsl_limits.test_D9_an_error_is_told_however_many_warnings_there_are
  test_dsl_limits.test_D9_no_answer_shows_a_trace_or_a_path
D10: The same text gives the same identity in every process.
  test_dsl_golden.test_D10_golden_fingerprints_never_change
  test_dsl_strategy.test_D10_a_variant_has_the_fingerprint_of_its_values_written_in
  test_dsl_fingerprints.test_D10_fingerprints_do_not_depend_on_the_process
  test_dsl_fingerprints.test_D10_fingerprints_do_not_depend_on_the_thread
M2: Experiments are written by the system, once each.
  test_runs_feeds.test_M2_another_venue_behind_the_alias_is_another_run_and_another_trial
  test_memory_store.test_M2_trials_are_distinct_strategies_on_distinct_data
  test_tools_research.test_M2_what_was_compiled_is_kept_and_is_no_trial
C1: The cache of sub-expressions alters no byte, and is never believed when it was altered.
  test_engine_cache.test_C1_a_run_has_the_same_bytes_with_the_cache_and_without
  test_engine_cache.test_C1_whatever_the_values_hang_on_is_in_their_name
  test_engine_cache.test_C1_what_is_torn_or_altered_is_computed_again
C2: A second strategy pays only for what is new.
  test_engine_cache.test_C2_a_second_strategy_pays_only_for_what_is_new
C3: A batch that is killed or cancelled loses no variant that is finished.
  test_runs_batches.test_C3_a_killed_batch_keeps_what_is_finished_and_goes_on_when_asked
  test_runs_batches.test_C3_a_cancelled_batch_keeps_what_is_finished
F1: An ingest that is killed loses nothing and doubles nothing.
  test_ingest_archive.test_F1_a_killed_ingest_loses_nothing_and_doubles_nothing
F2: A payload that cannot be believed is kept, told, and stores nothing.
  test_ingest_archive.test_F2_a_payload_that_cannot_be_believed_is_kept_and_stores_nothing
  test_ingest_archive.test_F2_a_wrong_checksum_is_given_up_and_nothing_of_it_is_stored
  test_ingest_files.test_F2_files_that_cannot_be_believed_store_nothing
  test_ingest_chain.test_F2_a_node_of_another_form_stores_nothing
  test_ingest_rest.test_F2_answers_of_another_shape_or_time_are_given_up_and_kept
  test_ingest_rest.test_F2_fields_that_were_renamed_are_no_zeros
F8: Events of blocks that the chain replaced are orphaned, and what was read before stays.
  test_ingest_chain.test_F8_a_replaced_end_of_the_chain_is_orphaned_and_its_rival_taken
  test_ingest_chain.test_F8_a_chain_that_is_replaced_while_it_is_read_is_followed_down
S2: A tool's words and schemas are fixed when it is built.
  test_tools_contract.test_S2_golden_names_descriptions_and_schemas_are_the_published_ones
R22: A drawdown beyond its limit stops new risk, across restarts.
  test_kill_switch.test_R22_a_drawdown_pulls_the_switch_and_the_pull_survives_a_restart
R25: A fill that cannot be ours halts trading.
  test_gateway_reconcile.test_R25_a_fill_that_somebody_else_makes_meanwhile_halts_everything
R26: A position that drifts from the ledger's halts trading.
  test_gateway_reconcile.test_R26_a_position_that_moves_by_itself_trips_the_switch
T3: A crash at any step loses no order and doubles none.
  test_execution_crashes.test_T3_a_restart_after_a_crash_ends_where_an_untroubled_run_ends
  test_execution_crashes.test_T3_a_gateway_that_dies_at_every_single_step_still_arrives
  test_gateway_process.test_T3_a_process_killed_for_real_leaves_nothing_lost_or_doubled
T6: Random texts of all dialects break no promise of the compiler or the formatter.
  test_dsl_fuzz_target.test_T6_all_known_texts_keep_all_promises
  test_dsl_fuzz_target.test_T6_spliced_texts_keep_all_promises
T10: Research accounting equals an event-driven replay, and what differs is told line by line.
  test_replay.test_T10_ten_perps_over_sixty_days_agree_with_the_event_driven_engine
  test_replay.test_T10_ten_real_perps_over_sixty_days_agree_too
  test_replay.test_T10_the_lines_add_up_to_the_difference_at_every_bar
  test_replay.test_T10_a_fee_booked_twice_is_told_as_a_fee
  test_replay.test_T10_slippage_of_another_rate_is_told_as_slippage
  test_replay.test_T10_funding_of_the_wrong_sign_is_told_as_funding
  test_replay.test_T10_a_fill_that_one_side_lacks_is_told_with_its_name
  test_replay.test_T10_money_from_nowhere_is_told_as_bookkeeping
  test_replay.test_T10_a_missing_number_is_no_agreement
B1: Writers of records that meet or are killed lose nothing and double nothing.
  test_data_records_crash.test_B1_a_writer_that_dies_leaves_whole_batches_and_goes_on
  test_data_records_crash.test_B1_a_writer_that_is_killed_from_outside_leaves_whole_batches
  test_data_records_crash.test_B1_of_two_commits_on_one_version_one_fails
  test_data_records_crash.test_B1_two_writers_of_overlapping_rows_lose_and_double_nothing
B2: A read or panel as of an instant, made today, is the one that was made then.
  test_data_records_crash.test_B2_a_read_as_of_an_instant_is_what_was_read_at_it
  test_data_refresh.test_B2_a_panel_as_of_an_instant_built_later_is_the_one_built_then
  test_data_serve.test_B2_a_panel_as_of_an_instant_is_the_one_built_then
B3: Rows that come in again change nothing.
  test_data_records.test_B3_reading_an_old_payload_again_does_not_bring_it_back
  test_data_records.test_B3_the_same_rows_again_change_nothing
B4: Compaction, vacuum and archive change no read that a snapshot or the retention asks for.
  test_data_keeping.test_B4_a_move_that_is_killed_loses_and_doubles_nothing
  test_data_keeping.test_B4_a_vacuum_keeps_the_versions_that_snapshots_name
  test_data_keeping.test_B4_archived_months_are_served_revised_and_moved_again
  test_data_keeping.test_B4_files_are_merged_and_nothing_else_changes
B5: Every engine that reads a panel gives the same bytes.
  test_data_serve.test_B5_a_plan_over_stored_bars_gives_the_lakes_own_panel
  test_data_serve.test_B5_longer_bars_are_what_an_independent_reckoning_says
  test_data_serve.test_B5_engines_agree_over_the_real_hourly_panel
"""


@dataclass(frozen=True)
class Promise:
    """One sentence that must be true of the running system, and who would notice if it were not."""

    sentence: str
    tests: tuple[str, ...]


def read_table(table: str) -> dict[str, Promise]:
    """Read the table above."""
    found: dict[str, Promise] = {}
    promise_id = ""
    for line in table.strip().splitlines():
        if line.startswith(" "):
            known = found[promise_id]
            found[promise_id] = Promise(known.sentence, (*known.tests, line.strip()))
        else:
            promise_id, _, sentence = line.partition(": ")
            assert promise_id not in found, f"{promise_id} is promised twice"
            found[promise_id] = Promise(sentence, ())
    return found


PROMISES = read_table(TABLE)
