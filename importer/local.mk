# importer/: the postwelle command. Everything but main.c is in a library, so that tests can link it.
bin_PROGRAMS += postwelle
postwelle_SOURCES = importer/main.c
postwelle_LDADD = $(LIBIMPORTER)

# What pipe(8) starts for each mail that comes back. Linked with GLib alone: a command among the two that needs more shows here.
pkglibexec_PROGRAMS += postwelle-feedback
postwelle_feedback_SOURCES = importer/main_feedback.c
postwelle_feedback_LDADD = importer/libimporter.a lib/libpostwelle.a $(GLIB_CORE_LIBS)

noinst_LIBRARIES += importer/libimporter.a
importer_libimporter_a_SOURCES =
importer_libimporter_a_SOURCES += importer/command.c importer/command.h
importer_libimporter_a_CFLAGS = $(AM_CFLAGS) $(LIBZIP_CFLAGS) $(GMIME_CFLAGS) \
	$(JANSSON_CFLAGS) $(SMARTCOLS_CFLAGS) $(SECCOMP_CFLAGS) $(LIBSSL_CFLAGS) $(SYSTEMD_CFLAGS)
LIBIMPORTER = importer/libimporter.a $(LIBPOSTWELLE) $(LIBZIP_LIBS) $(XLSXWRITER_LIBS) $(GMIME_LIBS) \
	$(JANSSON_LIBS) $(SMARTCOLS_LIBS) $(SECCOMP_LIBS) $(LIBSSL_LIBS) $(CSV_LIBS) $(SYSTEMD_LIBS) -lm

# Templates and mails.
importer_libimporter_a_SOURCES += \
	importer/template.c importer/template.h importer/template_tree.h \
	importer/template_html.c importer/template_html.h \
	importer/template_render.c \
	importer/compose.c importer/compose.h \
	importer/compose_encode.c importer/compose_encode.h \
	importer/compose_pictures.c importer/compose_pictures.h \
	importer/file_within.c importer/file_within.h \
	importer/html_text.c importer/html_text.h \
	importer/pictures.c importer/pictures.h \
	importer/template_file.c importer/template_file.h \
	importer/question.c importer/question.h \
	importer/edition.c importer/edition.h \
	importer/greeting.c importer/greeting.h \
	importer/cmd_template.c

# The content rule.
importer_libimporter_a_SOURCES += importer/cmd_content.c

# DNS of the clients.
importer_libimporter_a_SOURCES += importer/finding.c importer/finding.h
importer_libimporter_a_SOURCES += importer/tag_list.c importer/tag_list.h
importer_libimporter_a_SOURCES += importer/dkim_record.c importer/dkim_record.h
importer_libimporter_a_SOURCES += importer/spf.c importer/spf.h importer/spf_macro.c importer/spf_macro.h
importer_libimporter_a_SOURCES += importer/dmarc.c importer/dmarc.h
importer_libimporter_a_SOURCES += importer/dns_records.c importer/dns_records.h
importer_libimporter_a_SOURCES += importer/dns_gate.c importer/dns_gate.h
importer_libimporter_a_SOURCES += importer/key_tell.c importer/key_tell.h
importer_libimporter_a_SOURCES += importer/key_watch.c importer/key_watch.h
importer_libimporter_a_SOURCES += importer/cmd_key.c
importer_libimporter_a_SOURCES += importer/dns_check.c importer/dns_check.h
importer_libimporter_a_SOURCES += importer/dns_letter.c importer/dns_letter.h
importer_libimporter_a_SOURCES += importer/cmd_dns.c

# Lists.
importer_libimporter_a_SOURCES += importer/domain_check.c importer/domain_check.h
importer_libimporter_a_SOURCES += importer/list_dns.c importer/list_dns.h
importer_libimporter_a_SOURCES += \
	importer/columns.c importer/columns.h \
	importer/csv_field.c importer/csv_field.h \
	importer/cmd_list.c \
	importer/list.c importer/list.h \
	importer/list_builder.c importer/list_reader.h \
	importer/list_check.c importer/list_check.h \
	importer/list_child.c importer/list_child.h \
	importer/list_cfb.c importer/list_cfb.h \
	importer/list_code.c importer/list_code.h \
	importer/list_codepage.c importer/list_codepage.h \
	importer/list_csv.c \
	importer/list_files.c importer/list_files.h \
	importer/list_german.c importer/list_german.h \
	importer/list_ods.c \
	importer/list_sheets.c importer/list_sheets.h \
	importer/list_value.c importer/list_value.h \
	importer/list_xls.c \
	importer/list_xlsx.c \
	importer/list_xml.c importer/list_xml.h \
	importer/list_xml_buffer.c importer/list_xml_buffer.h \
	importer/list_xml_names.c importer/list_xml_names.h \
	importer/list_zip.c importer/list_zip.h \
	importer/sheet.c importer/sheet.h

# Campaigns, waves, feeding, tracking.
importer_libimporter_a_SOURCES += importer/waves.c importer/waves.h
importer_libimporter_a_SOURCES += importer/rate.c importer/rate.h
importer_libimporter_a_SOURCES += importer/gate.c importer/gate.h
importer_libimporter_a_SOURCES += importer/calendar.c importer/calendar.h
importer_libimporter_a_SOURCES += importer/smtp.c importer/smtp.h
importer_libimporter_a_SOURCES += importer/smtp_reply.c
importer_libimporter_a_SOURCES += importer/reply_hint.c importer/reply_hint.h
importer_libimporter_a_SOURCES += importer/track.c importer/track.h
importer_libimporter_a_SOURCES += importer/postfix.c importer/postfix.h
importer_libimporter_a_SOURCES += importer/postfix_facts.c importer/postfix_facts.h
importer_libimporter_a_SOURCES += importer/postfix_setup.c importer/postfix_setup.h
importer_libimporter_a_SOURCES += importer/cmd_setup.c
importer_libimporter_a_SOURCES += importer/postfix_record.c importer/postfix_record.h
importer_libimporter_a_SOURCES += importer/postfix_instance.c importer/postfix_instance.h
importer_libimporter_a_SOURCES += importer/postfix_settings.c importer/postfix_settings.h importer/postfix_table.c
importer_libimporter_a_SOURCES += importer/probe.c importer/probe.h
importer_libimporter_a_SOURCES += importer/evidence.c importer/evidence.h
importer_libimporter_a_SOURCES += importer/resolve.c importer/resolve.h
importer_libimporter_a_SOURCES += importer/cmd_ledger.c
importer_libimporter_a_SOURCES += importer/cmd_resolve.c
importer_libimporter_a_SOURCES += importer/campaign.c importer/campaign.h
importer_libimporter_a_SOURCES += importer/campaign_check.c importer/campaign_check.h
importer_libimporter_a_SOURCES += importer/campaign_hash.c
importer_libimporter_a_SOURCES += importer/control.c importer/control.h importer/control_campaign.c
importer_libimporter_a_SOURCES += importer/feed.c importer/feed.h
importer_libimporter_a_SOURCES += importer/feeding.c importer/feeding.h
importer_libimporter_a_SOURCES += importer/remind.c importer/remind.h
importer_libimporter_a_SOURCES += importer/cmd_remind.c
importer_libimporter_a_SOURCES += importer/cmd_respondents.c
importer_libimporter_a_SOURCES += importer/json_print.c importer/json_print.h
importer_libimporter_a_SOURCES += importer/progress.c importer/progress.h
importer_libimporter_a_SOURCES += importer/render.c importer/render.h
importer_libimporter_a_SOURCES += importer/sample.c importer/sample.h
importer_libimporter_a_SOURCES += importer/browser.c importer/browser.h
importer_libimporter_a_SOURCES += importer/preview.c importer/preview.h
importer_libimporter_a_SOURCES += importer/remove_tree.c importer/remove_tree.h
importer_libimporter_a_SOURCES += importer/rspamd.c importer/rspamd.h
importer_libimporter_a_SOURCES += importer/spam.c importer/spam.h
importer_libimporter_a_SOURCES += importer/cmd_preview.c importer/cmd_preview.h
importer_libimporter_a_SOURCES += importer/stop.c importer/stop.h
importer_libimporter_a_SOURCES += importer/campaign_state.c importer/campaign_state.h
importer_libimporter_a_SOURCES += importer/cmd_campaign.c
importer_libimporter_a_SOURCES += importer/cmd_client.c
importer_libimporter_a_SOURCES += importer/cmd_import.c
importer_libimporter_a_SOURCES += importer/cmd_metrics.c
importer_libimporter_a_SOURCES += importer/cmd_proof.c
importer_libimporter_a_SOURCES += importer/cmd_status.c
importer_libimporter_a_SOURCES += importer/chart.c importer/chart.h
importer_libimporter_a_SOURCES += importer/markup.c importer/markup.h
importer_libimporter_a_SOURCES += importer/report.c importer/report.h
importer_libimporter_a_SOURCES += importer/report_read.c
importer_libimporter_a_SOURCES += importer/report_book.c
importer_libimporter_a_SOURCES += importer/report_html.c
importer_libimporter_a_SOURCES += importer/cmd_report.c
importer_libimporter_a_SOURCES += importer/address_column.c importer/address_column.h
importer_libimporter_a_SOURCES += importer/audit_words.c importer/audit_words.h
importer_libimporter_a_SOURCES += importer/attempts.c importer/attempts.h
importer_libimporter_a_SOURCES += importer/why.c importer/why.h importer/why_words.c importer/why_words.h
importer_libimporter_a_SOURCES += importer/cmd_why.c
importer_libimporter_a_SOURCES += importer/report_words.c importer/report_words.h
importer_libimporter_a_SOURCES += importer/cmd_suppress.c importer/cmd_suppress.h
importer_libimporter_a_SOURCES += importer/cmd_suppress_check.c
importer_libimporter_a_SOURCES += importer/cmd_suppress_import.c
importer_libimporter_a_SOURCES += importer/cmd_participants.c
importer_libimporter_a_SOURCES += importer/participants.c importer/participants.h
importer_libimporter_a_SOURCES += importer/retention.c importer/retention.h
importer_libimporter_a_SOURCES += importer/cmd_track.c
importer_libimporter_a_SOURCES += importer/cmd_guard.c
importer_libimporter_a_SOURCES += importer/guard.c importer/guard.h
importer_libimporter_a_SOURCES += importer/inbound.c importer/inbound.h
importer_libimporter_a_SOURCES += importer/bounce.c importer/bounce.h
importer_libimporter_a_SOURCES += importer/cmd_audit.c
importer_libimporter_a_SOURCES += importer/cmd_bounce.c
importer_libimporter_a_SOURCES += importer/cmd_unsubscribe.c
importer_libimporter_a_SOURCES += importer/hold.c importer/hold.h
importer_libimporter_a_SOURCES += importer/cmd_wave_hold.c importer/cmd_wave.h
importer_libimporter_a_SOURCES += importer/cmd_wave.c
importer_libimporter_a_SOURCES += importer/table.c importer/table.h
importer_libimporter_a_SOURCES += importer/track_file.c importer/track_file.h
importer_libimporter_a_SOURCES += importer/journal_gap.c importer/journal_gap.h
importer_libimporter_a_SOURCES += importer/track_journal.c importer/track_journal.h
importer_libimporter_a_SOURCES += importer/track_log.c importer/track_log.h
importer_libimporter_a_SOURCES += importer/track_tls.c importer/track_tls.h

# Is the installation right?
importer_libimporter_a_SOURCES += importer/check.c importer/check.h
importer_libimporter_a_SOURCES += importer/check_daemons.c importer/check_daemons.h
importer_libimporter_a_SOURCES += importer/check_facts.c importer/check_facts.h
importer_libimporter_a_SOURCES += importer/check_host.c importer/check_host.h
importer_libimporter_a_SOURCES += importer/check_parameters.c
importer_libimporter_a_SOURCES += importer/check_postfix.h
importer_libimporter_a_SOURCES += importer/check_reach.c
importer_libimporter_a_SOURCES += importer/check_readers.c
importer_libimporter_a_SOURCES += importer/folder_place.c importer/folder_place.h
importer_libimporter_a_SOURCES += importer/check_tables.c
importer_libimporter_a_SOURCES += importer/check_ways_in.c
importer_libimporter_a_SOURCES += importer/milter_probe.c importer/milter_probe.h
importer_libimporter_a_SOURCES += importer/cmd_check.c

# What `campaign new` copies.
scaffolddir = $(pkgdatadir)/scaffold
dist_scaffold_DATA =
dist_scaffold_DATA += importer/scaffold/logo.png
dist_scaffold_DATA += importer/scaffold/imprint.de.html
dist_scaffold_DATA += importer/scaffold/imprint.de.txt
dist_scaffold_DATA += importer/scaffold/imprint.en.html
dist_scaffold_DATA += importer/scaffold/imprint.en.txt
dist_scaffold_DATA += importer/scaffold/invitation.de.html
dist_scaffold_DATA += importer/scaffold/invitation.de.txt
dist_scaffold_DATA += importer/scaffold/invitation.de.subject
dist_scaffold_DATA += importer/scaffold/invitation.en.html
dist_scaffold_DATA += importer/scaffold/invitation.en.txt
dist_scaffold_DATA += importer/scaffold/invitation.en.subject
dist_scaffold_DATA += importer/scaffold/nps.de.html
dist_scaffold_DATA += importer/scaffold/nps.de.txt
dist_scaffold_DATA += importer/scaffold/nps.de.subject
dist_scaffold_DATA += importer/scaffold/nps.en.html
dist_scaffold_DATA += importer/scaffold/nps.en.txt
dist_scaffold_DATA += importer/scaffold/nps.en.subject
dist_scaffold_DATA += importer/scaffold/reminder.de.html
dist_scaffold_DATA += importer/scaffold/reminder.de.txt
dist_scaffold_DATA += importer/scaffold/reminder.de.subject
dist_scaffold_DATA += importer/scaffold/reminder.en.html
dist_scaffold_DATA += importer/scaffold/reminder.en.txt
dist_scaffold_DATA += importer/scaffold/reminder.en.subject
