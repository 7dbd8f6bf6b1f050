# A unit test is one g_test program a module, named after it: a table of named cases each.
unit_tests =
check_PROGRAMS += $(unit_tests)
TESTS += $(unit_tests)

unit_tests += tests/unit/test_address
tests_unit_test_address_SOURCES = tests/unit/test_address.c
tests_unit_test_address_LDADD = $(LIBPOSTWELLE)

unit_tests += tests/unit/test_metrics
tests_unit_test_metrics_SOURCES = tests/unit/test_metrics.c
tests_unit_test_metrics_LDADD = $(LIBPOSTWELLE)

unit_tests += tests/unit/test_config
tests_unit_test_config_SOURCES = tests/unit/test_config.c
tests_unit_test_config_LDADD = $(LIBPOSTWELLE)

unit_tests += tests/unit/test_error
tests_unit_test_error_SOURCES = tests/unit/test_error.c
tests_unit_test_error_LDADD = $(LIBPOSTWELLE)

unit_tests += tests/unit/test_policy
tests_unit_test_policy_SOURCES = tests/unit/test_policy.c
tests_unit_test_policy_LDADD = $(LIBPOSTWELLE)

unit_tests += tests/unit/test_client
tests_unit_test_client_SOURCES = tests/unit/test_client.c
tests_unit_test_client_LDADD = $(LIBPOSTWELLE)

unit_tests += tests/unit/test_quarter
tests_unit_test_quarter_SOURCES = tests/unit/test_quarter.c
tests_unit_test_quarter_LDADD = $(LIBPOSTWELLE)

unit_tests += tests/unit/test_template
tests_unit_test_template_SOURCES = tests/unit/test_template.c
tests_unit_test_template_CFLAGS = $(AM_CFLAGS) $(JANSSON_CFLAGS)
tests_unit_test_template_LDADD = $(LIBIMPORTER)
EXTRA_DIST += tests/data/mustache

unit_tests += tests/unit/test_journal
tests_unit_test_journal_SOURCES = tests/unit/test_journal.c
tests_unit_test_journal_LDADD = $(LIBPOSTWELLE)

unit_tests += tests/unit/test_from
tests_unit_test_from_SOURCES = tests/unit/test_from.c
tests_unit_test_from_LDADD = $(LIBMILTER)
unit_tests += tests/unit/test_compose
tests_unit_test_compose_SOURCES = tests/unit/test_compose.c
tests_unit_test_compose_CFLAGS = $(AM_CFLAGS) $(GMIME_CFLAGS)
tests_unit_test_compose_LDADD = $(LIBIMPORTER)

unit_tests += tests/unit/test_greeting
tests_unit_test_greeting_SOURCES = tests/unit/test_greeting.c
tests_unit_test_greeting_CFLAGS = $(AM_CFLAGS) $(JANSSON_CFLAGS)
tests_unit_test_greeting_LDADD = $(LIBIMPORTER)

unit_tests += tests/unit/test_html_text
tests_unit_test_html_text_SOURCES = tests/unit/test_html_text.c
tests_unit_test_html_text_LDADD = $(LIBIMPORTER)

unit_tests += tests/unit/test_pictures
tests_unit_test_pictures_SOURCES = tests/unit/test_pictures.c
tests_unit_test_pictures_CFLAGS = $(AM_CFLAGS) $(JANSSON_CFLAGS)
tests_unit_test_pictures_LDADD = $(LIBIMPORTER)

unit_tests += tests/unit/test_waves
tests_unit_test_waves_SOURCES = tests/unit/test_waves.c
tests_unit_test_waves_LDADD = $(LIBIMPORTER)

unit_tests += tests/unit/test_smtp
tests_unit_test_smtp_SOURCES = tests/unit/test_smtp.c
tests_unit_test_smtp_LDADD = $(LIBIMPORTER)

unit_tests += tests/unit/test_track
tests_unit_test_track_SOURCES = tests/unit/test_track.c
tests_unit_test_track_LDADD = $(LIBIMPORTER)

unit_tests += tests/unit/test_audit_words
tests_unit_test_audit_words_SOURCES = tests/unit/test_audit_words.c
tests_unit_test_audit_words_LDADD = $(LIBIMPORTER)

unit_tests += tests/unit/test_attempts
tests_unit_test_attempts_SOURCES = tests/unit/test_attempts.c
tests_unit_test_attempts_LDADD = $(LIBIMPORTER)

unit_tests += tests/unit/test_folder_place
tests_unit_test_folder_place_SOURCES = tests/unit/test_folder_place.c
tests_unit_test_folder_place_LDADD = $(LIBIMPORTER)

unit_tests += tests/unit/test_track_tls
tests_unit_test_track_tls_SOURCES = tests/unit/test_track_tls.c
tests_unit_test_track_tls_LDADD = $(LIBIMPORTER)

unit_tests += tests/unit/test_track_file
tests_unit_test_track_file_SOURCES = tests/unit/test_track_file.c
tests_unit_test_track_file_LDADD = $(LIBIMPORTER)
unit_tests += tests/unit/test_journal_gap
tests_unit_test_journal_gap_SOURCES = tests/unit/test_journal_gap.c
tests_unit_test_journal_gap_LDADD = $(LIBIMPORTER)

unit_tests += tests/unit/test_delivery
tests_unit_test_delivery_SOURCES = tests/unit/test_delivery.c
tests_unit_test_delivery_LDADD = $(LIBIMPORTER)

unit_tests += tests/unit/test_key
tests_unit_test_key_SOURCES = tests/unit/test_key.c
tests_unit_test_key_LDADD = $(LIBPOSTWELLE)

unit_tests += tests/unit/test_keys
tests_unit_test_keys_SOURCES = tests/unit/test_keys.c tests/unit/signing.c tests/unit/signing.h
tests_unit_test_keys_LDADD = $(LIBMILTER)

unit_tests += tests/unit/test_canon
tests_unit_test_canon_SOURCES = tests/unit/test_canon.c
tests_unit_test_canon_LDADD = $(LIBMILTER)

unit_tests += tests/unit/test_sign
tests_unit_test_sign_SOURCES = tests/unit/test_sign.c tests/unit/signing.c tests/unit/signing.h
tests_unit_test_sign_LDADD = $(LIBMILTER)

unit_tests += tests/unit/test_sign_equal
tests_unit_test_sign_equal_SOURCES = tests/unit/test_sign_equal.c tests/unit/signing.c tests/unit/signing.h
tests_unit_test_sign_equal_LDADD = $(LIBMILTER)

unit_tests += tests/unit/test_columns
tests_unit_test_columns_SOURCES = tests/unit/test_columns.c
tests_unit_test_columns_LDADD = $(LIBIMPORTER)

unit_tests += tests/unit/test_list
tests_unit_test_list_SOURCES = tests/unit/test_list.c tests/xlsx_maker.c tests/xlsx_maker.h
tests_unit_test_list_CFLAGS = $(AM_CFLAGS) $(LIBZIP_CFLAGS)
tests_unit_test_list_LDADD = $(LIBIMPORTER)

unit_tests += tests/unit/test_list_check
tests_unit_test_list_check_SOURCES = tests/unit/test_list_check.c
tests_unit_test_list_check_LDADD = $(LIBIMPORTER)

unit_tests += tests/unit/test_list_value
tests_unit_test_list_value_SOURCES = tests/unit/test_list_value.c
tests_unit_test_list_value_LDADD = $(LIBIMPORTER)
unit_tests += tests/unit/test_transaction
tests_unit_test_transaction_SOURCES = tests/unit/test_transaction.c
tests_unit_test_transaction_LDADD = $(LIBMILTER)

unit_tests += tests/unit/test_verdict
tests_unit_test_verdict_SOURCES = tests/unit/test_verdict.c
tests_unit_test_verdict_LDADD = $(LIBMILTER)
check_PROGRAMS += tests/unit/sign_file
tests_unit_sign_file_SOURCES = tests/unit/sign_file.c tests/unit/signing.c tests/unit/signing.h
tests_unit_sign_file_LDADD = $(LIBMILTER)

unit_tests += tests/unit/test_css
tests_unit_test_css_SOURCES = tests/unit/test_css.c
tests_unit_test_css_LDADD = $(LIBPOSTWELLE)

unit_tests += tests/unit/test_html
tests_unit_test_html_SOURCES = tests/unit/test_html.c
tests_unit_test_html_LDADD = $(LIBPOSTWELLE)

unit_tests += tests/unit/test_content
tests_unit_test_content_SOURCES = tests/unit/test_content.c
tests_unit_test_content_LDADD = $(LIBPOSTWELLE)
EXTRA_DIST += tests/data/newsletter

unit_tests += tests/unit/test_scaffold
tests_unit_test_scaffold_SOURCES = tests/unit/test_scaffold.c
tests_unit_test_scaffold_CFLAGS = $(AM_CFLAGS) $(JANSSON_CFLAGS)
tests_unit_test_scaffold_LDADD = $(LIBIMPORTER)

unit_tests += tests/unit/test_list_files
tests_unit_test_list_files_SOURCES = tests/unit/test_list_files.c
tests_unit_test_list_files_LDADD = $(LIBIMPORTER)

unit_tests += tests/unit/test_content_mail
tests_unit_test_content_mail_SOURCES = tests/unit/test_content_mail.c
tests_unit_test_content_mail_LDADD = $(LIBPOSTWELLE)

unit_tests += tests/unit/test_content_oracle
tests_unit_test_content_oracle_SOURCES = tests/unit/test_content_oracle.c
tests_unit_test_content_oracle_CFLAGS = $(AM_CFLAGS) $(GUMBO_CFLAGS)
tests_unit_test_content_oracle_LDADD = $(LIBPOSTWELLE) $(GUMBO_LIBS)
unit_tests += tests/unit/test_gather
tests_unit_test_gather_SOURCES = tests/unit/test_gather.c
tests_unit_test_gather_LDADD = $(LIBPOLICYD)
unit_tests += tests/unit/test_turns
tests_unit_test_turns_SOURCES = tests/unit/test_turns.c
tests_unit_test_turns_LDADD = $(LIBMILTER)
unit_tests += tests/unit/test_decide
tests_unit_test_decide_SOURCES = tests/unit/test_decide.c
tests_unit_test_decide_LDADD = $(LIBPOLICYD)

unit_tests += tests/unit/test_record
tests_unit_test_record_SOURCES = tests/unit/test_record.c
tests_unit_test_record_LDADD = $(LIBPOLICYD)

unit_tests += tests/unit/test_store
tests_unit_test_store_SOURCES = tests/unit/test_store.c
tests_unit_test_store_LDADD = $(LIBPOLICYD)

unit_tests += tests/unit/test_token
tests_unit_test_token_SOURCES = tests/unit/test_token.c
tests_unit_test_token_LDADD = $(LIBPOLICYD)

unit_tests += tests/unit/test_campaign
tests_unit_test_campaign_SOURCES = tests/unit/test_campaign.c
tests_unit_test_campaign_CFLAGS = $(AM_CFLAGS) $(JANSSON_CFLAGS)
tests_unit_test_campaign_LDADD = $(LIBIMPORTER)
unit_tests += tests/unit/test_question
tests_unit_test_question_SOURCES = tests/unit/test_question.c
tests_unit_test_question_CFLAGS = $(AM_CFLAGS) $(JANSSON_CFLAGS)
tests_unit_test_question_LDADD = $(LIBIMPORTER)

unit_tests += tests/unit/test_edition
tests_unit_test_edition_SOURCES = tests/unit/test_edition.c
tests_unit_test_edition_CFLAGS = $(AM_CFLAGS) $(JANSSON_CFLAGS)
tests_unit_test_edition_LDADD = $(LIBIMPORTER)
unit_tests += tests/unit/test_ledger
tests_unit_test_ledger_SOURCES = tests/unit/test_ledger.c tests/unit/ledger_house.c tests/unit/ledger_house.h
tests_unit_test_ledger_LDADD = $(LIBPOLICYD)

unit_tests += tests/unit/test_guard
tests_unit_test_guard_SOURCES = tests/unit/test_guard.c
tests_unit_test_guard_LDADD = $(LIBIMPORTER)
unit_tests += tests/unit/test_witness
tests_unit_test_witness_SOURCES = tests/unit/test_witness.c
tests_unit_test_witness_LDADD = $(LIBPOLICYD)

unit_tests += tests/unit/test_protocol
tests_unit_test_protocol_SOURCES = tests/unit/test_protocol.c tests/unit/conversation.c tests/unit/conversation.h
tests_unit_test_protocol_LDADD = $(LIBMILTER)
unit_tests += tests/unit/test_listener
tests_unit_test_listener_SOURCES = tests/unit/test_listener.c
tests_unit_test_listener_LDADD = $(LIBPOLICYD)
unit_tests += tests/unit/test_audit
tests_unit_test_audit_SOURCES = tests/unit/test_audit.c tests/unit/ledger_house.c tests/unit/ledger_house.h
tests_unit_test_audit_LDADD = $(LIBPOLICYD)

unit_tests += tests/unit/test_settle
tests_unit_test_settle_SOURCES = tests/unit/test_settle.c tests/unit/ledger_house.c tests/unit/ledger_house.h
tests_unit_test_settle_LDADD = $(LIBPOLICYD)

unit_tests += tests/unit/test_evidence
tests_unit_test_evidence_SOURCES = tests/unit/test_evidence.c
tests_unit_test_evidence_LDADD = $(LIBIMPORTER)

unit_tests += tests/unit/test_withdraw
tests_unit_test_withdraw_SOURCES = tests/unit/test_withdraw.c tests/unit/ledger_house.c tests/unit/ledger_house.h
tests_unit_test_withdraw_LDADD = $(LIBPOLICYD)
unit_tests += tests/unit/test_list_xls
tests_unit_test_list_xls_SOURCES = tests/unit/test_list_xls.c tests/xls_maker.c tests/xls_maker.h
tests_unit_test_list_xls_LDADD = $(LIBIMPORTER)
unit_tests += tests/unit/test_dns
tests_unit_test_dns_SOURCES = tests/unit/test_dns.c
tests_unit_test_dns_LDADD = $(LIBPOSTWELLE)

unit_tests += tests/unit/test_domain_check
tests_unit_test_domain_check_SOURCES = tests/unit/test_domain_check.c
tests_unit_test_domain_check_LDADD = $(LIBIMPORTER)

unit_tests += tests/unit/test_calendar
tests_unit_test_calendar_SOURCES = tests/unit/test_calendar.c
tests_unit_test_calendar_LDADD = $(LIBIMPORTER)
unit_tests += tests/unit/test_remind_next
tests_unit_test_remind_next_SOURCES = tests/unit/test_remind_next.c
tests_unit_test_remind_next_LDADD = $(LIBIMPORTER)

unit_tests += tests/unit/test_gate
tests_unit_test_gate_SOURCES = tests/unit/test_gate.c
tests_unit_test_gate_LDADD = $(LIBIMPORTER)

unit_tests += tests/unit/test_csv_field
tests_unit_test_csv_field_SOURCES = tests/unit/test_csv_field.c
tests_unit_test_csv_field_LDADD = $(LIBIMPORTER)
unit_tests += tests/unit/test_spf
tests_unit_test_spf_SOURCES = tests/unit/test_spf.c tests/unit/zone.c tests/unit/zone.h
tests_unit_test_spf_LDADD = $(LIBIMPORTER)

unit_tests += tests/unit/test_dkim_record
tests_unit_test_dkim_record_SOURCES = tests/unit/test_dkim_record.c
tests_unit_test_dkim_record_LDADD = $(LIBIMPORTER)

unit_tests += tests/unit/test_dmarc
tests_unit_test_dmarc_SOURCES = tests/unit/test_dmarc.c tests/unit/zone.c tests/unit/zone.h
tests_unit_test_dmarc_LDADD = $(LIBIMPORTER)
unit_tests += tests/unit/test_bounce
tests_unit_test_bounce_SOURCES = tests/unit/test_bounce.c
tests_unit_test_bounce_LDADD = $(LIBIMPORTER)
unit_tests += tests/unit/test_feedback
tests_unit_test_feedback_SOURCES = tests/unit/test_feedback.c tests/unit/ledger_house.c tests/unit/ledger_house.h
tests_unit_test_feedback_LDADD = $(LIBPOLICYD)

unit_tests += tests/unit/test_key_store
tests_unit_test_key_store_SOURCES = tests/unit/test_key_store.c
tests_unit_test_key_store_LDADD = $(LIBPOSTWELLE)

unit_tests += tests/unit/test_mime_oracle
tests_unit_test_mime_oracle_SOURCES = tests/unit/test_mime_oracle.c
tests_unit_test_mime_oracle_CFLAGS = $(AM_CFLAGS) $(GMIME_CFLAGS)
tests_unit_test_mime_oracle_LDADD = $(LIBPOSTWELLE) $(GMIME_LIBS)
unit_tests += tests/unit/test_web
tests_unit_test_web_SOURCES = tests/unit/test_web.c
tests_unit_test_web_LDADD = $(LIBWEB)
unit_tests += tests/unit/test_sending
tests_unit_test_sending_SOURCES = tests/unit/test_sending.c tests/unit/ledger_house.c tests/unit/ledger_house.h
tests_unit_test_sending_LDADD = $(LIBPOLICYD)
unit_tests += tests/unit/test_dns_records
tests_unit_test_dns_records_SOURCES = tests/unit/test_dns_records.c
tests_unit_test_dns_records_LDADD = $(LIBIMPORTER)

unit_tests += tests/unit/test_hash_filter
tests_unit_test_hash_filter_SOURCES = tests/unit/test_hash_filter.c
tests_unit_test_hash_filter_LDADD = $(LIBPOLICYD)
unit_tests += tests/unit/test_row_cache
tests_unit_test_row_cache_SOURCES = tests/unit/test_row_cache.c
tests_unit_test_row_cache_LDADD = $(LIBPOLICYD)

unit_tests += tests/unit/test_prune
tests_unit_test_prune_SOURCES = tests/unit/test_prune.c tests/unit/ledger_house.c tests/unit/ledger_house.h
tests_unit_test_prune_LDADD = $(LIBPOLICYD)
unit_tests += tests/unit/test_postfix_settings
tests_unit_test_postfix_settings_SOURCES = tests/unit/test_postfix_settings.c
tests_unit_test_postfix_settings_LDADD = $(LIBIMPORTER)

unit_tests += tests/unit/test_remind
tests_unit_test_remind_SOURCES = tests/unit/test_remind.c tests/unit/ledger_house.c tests/unit/ledger_house.h
tests_unit_test_remind_LDADD = $(LIBPOLICYD)

unit_tests += tests/unit/test_tally
tests_unit_test_tally_SOURCES = tests/unit/test_tally.c tests/unit/ledger_house.c tests/unit/ledger_house.h
tests_unit_test_tally_LDADD = $(LIBPOLICYD)

unit_tests += tests/unit/test_status_page
tests_unit_test_status_page_SOURCES = tests/unit/test_status_page.c
tests_unit_test_status_page_LDADD = $(LIBWEB)
unit_tests += tests/unit/test_check_host
tests_unit_test_check_host_SOURCES = tests/unit/test_check_host.c
tests_unit_test_check_host_LDADD = $(LIBIMPORTER)
unit_tests += tests/unit/test_check_postfix
tests_unit_test_check_postfix_SOURCES = tests/unit/test_check_postfix.c
tests_unit_test_check_postfix_LDADD = $(LIBIMPORTER)
unit_tests += tests/unit/test_status_code
tests_unit_test_status_code_SOURCES = tests/unit/test_status_code.c
tests_unit_test_status_code_LDADD = $(LIBIMPORTER)

unit_tests += tests/unit/test_why
tests_unit_test_why_SOURCES = tests/unit/test_why.c
tests_unit_test_why_LDADD = $(LIBIMPORTER)
unit_tests += tests/unit/test_postfix_record
tests_unit_test_postfix_record_SOURCES = tests/unit/test_postfix_record.c
tests_unit_test_postfix_record_LDADD = $(LIBIMPORTER)

unit_tests += tests/unit/test_report
tests_unit_test_report_SOURCES = tests/unit/test_report.c
tests_unit_test_report_CFLAGS = $(AM_CFLAGS) $(JANSSON_CFLAGS)
tests_unit_test_report_LDADD = $(LIBIMPORTER)

unit_tests += tests/unit/test_suppress_list
tests_unit_test_suppress_list_SOURCES = tests/unit/test_suppress_list.c tests/unit/ledger_house.c tests/unit/ledger_house.h
tests_unit_test_suppress_list_LDADD = $(LIBPOLICYD)
unit_tests += tests/unit/test_list_xml
tests_unit_test_list_xml_SOURCES = tests/unit/test_list_xml.c tests/xml_peer.c tests/xml_peer.h
tests_unit_test_list_xml_CFLAGS = $(AM_CFLAGS) $(EXPAT_CFLAGS)
tests_unit_test_list_xml_LDADD = $(LIBIMPORTER) $(EXPAT_LIBS)

unit_tests += tests/unit/test_delete
tests_unit_test_delete_SOURCES = tests/unit/test_delete.c tests/unit/ledger_house.c tests/unit/ledger_house.h
tests_unit_test_delete_LDADD = $(LIBPOLICYD)

unit_tests += tests/unit/test_retention
tests_unit_test_retention_SOURCES = tests/unit/test_retention.c
tests_unit_test_retention_LDADD = $(LIBIMPORTER)
