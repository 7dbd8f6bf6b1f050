# Integration tests: Python programs that print TAP and drive the real programs through tests/harness.

TESTS += tests/integration/test_sign_dkimpy.py
EXTRA_DIST += tests/integration/test_sign_dkimpy.py

TESTS += tests/integration/test_milter.py
EXTRA_DIST += tests/integration/test_milter.py tests/harness/milter_mta.py tests/harness/scripted_policyd.py
EXTRA_DIST += tests/harness/__init__.py tests/harness/tap.py
integration_tests = \
	tests/integration/test_policyd.py \
	tests/integration/test_harness.py

TESTS += $(integration_tests)
EXTRA_DIST += $(integration_tests) \
	tests/harness/__init__.py \
	tests/harness/child.py \
	tests/harness/daemons.py \
	tests/harness/nameserver.py \
	tests/harness/house.py \
	tests/harness/lsan.suppressions \
	tests/harness/policy.py \
	tests/harness/postfix.py \
	tests/harness/sandbox.py \
	tests/harness/sink.py \
	tests/harness/tap.py \
	tests/harness/verify.py \
	tests/harness/world.py

TESTS += tests/integration/test_integrity.py
EXTRA_DIST += tests/integration/test_integrity.py

TESTS += tests/integration/test_metrics.py
EXTRA_DIST += tests/integration/test_metrics.py tests/harness/prometheus.py

TESTS += tests/integration/test_audit.py
EXTRA_DIST += tests/integration/test_audit.py
TESTS += tests/integration/test_suppress.py
EXTRA_DIST += tests/integration/test_suppress.py
TESTS += tests/integration/test_retention.py
EXTRA_DIST += tests/integration/test_retention.py

TESTS += tests/integration/test_cli.py
EXTRA_DIST += tests/integration/test_cli.py

TESTS += tests/integration/test_main_job.py
EXTRA_DIST += tests/integration/test_main_job.py tests/harness/scene.py
TESTS += tests/integration/test_sign_mailauth.py
EXTRA_DIST += tests/integration/test_sign_mailauth.py
EXTRA_DIST += tests/integration/mailauth/package.json tests/integration/mailauth/verify.js

TESTS += tests/integration/test_preview.py
EXTRA_DIST += tests/integration/test_preview.py

TESTS += tests/integration/test_spam.py
EXTRA_DIST += tests/integration/test_spam.py tests/harness/campaigns.py
EXTRA_DIST += tests/harness/tsan.suppressions
TESTS += tests/integration/test_watch.py
EXTRA_DIST += tests/integration/test_watch.py
TESTS += tests/integration/test_journal.py
EXTRA_DIST += tests/integration/test_journal.py tests/harness/journald.py
TESTS += tests/integration/test_resolve.py
EXTRA_DIST += tests/integration/test_resolve.py
TESTS += tests/integration/test_bad_input.py
EXTRA_DIST += tests/integration/test_bad_input.py

TESTS += tests/integration/test_foreign.py
EXTRA_DIST += tests/integration/test_foreign.py

TESTS += tests/integration/test_import.py
EXTRA_DIST += tests/integration/test_import.py tests/harness/site.py
TESTS += tests/integration/test_hold.py
EXTRA_DIST += tests/integration/test_hold.py
TESTS += tests/integration/test_dns.py
EXTRA_DIST += tests/integration/test_dns.py tests/harness/scripted_dns.py

TESTS += tests/integration/test_plan.py
EXTRA_DIST += tests/integration/test_plan.py

TESTS += tests/integration/test_feedback.py
EXTRA_DIST += tests/integration/test_feedback.py
TESTS += tests/integration/test_mail.py
EXTRA_DIST += tests/integration/test_mail.py
TESTS += tests/integration/test_lists.py
EXTRA_DIST += tests/integration/test_lists.py tests/harness/no_lists.py tests/harness/spreadsheet_corpus.py tests/harness/spreadsheets.py
TESTS += tests/integration/test_key_rollover.py
EXTRA_DIST += tests/integration/test_key_rollover.py
TESTS += tests/integration/test_mime_readers.py
EXTRA_DIST += tests/integration/test_mime_readers.py tests/harness/content.py
TESTS += tests/integration/test_loads.py
EXTRA_DIST += tests/integration/test_loads.py

TESTS += tests/integration/test_web.py
EXTRA_DIST += tests/integration/test_web.py
TESTS += tests/integration/test_transmission.py
EXTRA_DIST += tests/integration/test_transmission.py

TESTS += tests/integration/test_completion.py
EXTRA_DIST += tests/integration/test_completion.py

TESTS += tests/integration/test_dns_check.py
EXTRA_DIST += tests/integration/test_dns_check.py

TESTS += tests/integration/test_probe.py
EXTRA_DIST += tests/integration/test_probe.py
TESTS += tests/integration/test_sign_postfix.py
EXTRA_DIST += tests/integration/test_sign_postfix.py
TESTS += tests/integration/test_clock.py
EXTRA_DIST += tests/integration/test_clock.py
TESTS += tests/integration/test_status_page.py
EXTRA_DIST += tests/integration/test_status_page.py
EXTRA_DIST += tests/harness/accessibility.py
EXTRA_DIST += tests/harness/browser.py
EXTRA_DIST += tests/harness/web.py
TESTS += tests/integration/test_check.py
EXTRA_DIST += tests/integration/test_check.py
TESTS += tests/integration/test_setup.py
EXTRA_DIST += tests/integration/test_setup.py
TESTS += tests/integration/test_report.py
EXTRA_DIST += tests/integration/test_report.py
TESTS += tests/integration/test_campaign.py
EXTRA_DIST += tests/integration/test_campaign.py tests/harness/audience.py tests/harness/reports.py
TESTS += tests/integration/test_nginx.py
TESTS += tests/integration/test_accessibility.py
EXTRA_DIST += tests/integration/test_accessibility.py
EXTRA_DIST += tests/integration/test_nginx.py

TESTS += tests/integration/test_remind.py
EXTRA_DIST += tests/integration/test_remind.py
TESTS += tests/integration/test_guard.py
EXTRA_DIST += tests/integration/test_guard.py

TESTS += tests/integration/test_backup.py
EXTRA_DIST += tests/integration/test_backup.py
