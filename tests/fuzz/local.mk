# A fuzz target is tests/fuzz/fuzz_NAME.c with LLVMFuzzerTestOneInput() and its corpus in tests/fuzz/corpus/NAME.
# Built with --enable-fuzzing it fuzzes; otherwise replay.c gives it a main() that replays its corpus as one TAP test.
# Add fuzz_NAME to fuzz_targets, its _SOURCES with $(FUZZ_MAIN) and its _LDADD; with --enable-fuzzing libFuzzer brings main().
fuzz_targets = \
	tests/fuzz/fuzz_template

noinst_PROGRAMS += $(fuzz_targets)
EXTRA_DIST += tests/fuzz/corpus tests/fuzz/replay.c
if FUZZING
FUZZ_MAIN =
fuzz_replays =
else
FUZZ_MAIN = tests/fuzz/replay.c
fuzz_replays = $(fuzz_targets)
endif
TESTS += $(fuzz_replays)

fuzz_targets += tests/fuzz/fuzz_address
tests_fuzz_fuzz_address_SOURCES = tests/fuzz/fuzz_address.c $(FUZZ_MAIN)
tests_fuzz_fuzz_address_LDADD = $(LIBPOSTWELLE)
tests_fuzz_fuzz_address_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_LDFLAGS)
tests_fuzz_fuzz_template_SOURCES = tests/fuzz/fuzz_template.c $(FUZZ_MAIN)
tests_fuzz_fuzz_template_CFLAGS = $(AM_CFLAGS) $(JANSSON_CFLAGS)
tests_fuzz_fuzz_template_LDADD = $(LIBIMPORTER)
tests_fuzz_fuzz_template_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_LDFLAGS)

fuzz_targets += tests/fuzz/fuzz_from
tests_fuzz_fuzz_from_SOURCES = tests/fuzz/fuzz_from.c $(FUZZ_MAIN)
tests_fuzz_fuzz_from_LDADD = $(LIBMILTER)
tests_fuzz_fuzz_from_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_LDFLAGS)

fuzz_targets += tests/fuzz/fuzz_track
tests_fuzz_fuzz_track_SOURCES = tests/fuzz/fuzz_track.c $(FUZZ_MAIN)
tests_fuzz_fuzz_track_LDADD = $(LIBIMPORTER)
tests_fuzz_fuzz_track_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_LDFLAGS)

fuzz_targets += tests/fuzz/fuzz_csv
tests_fuzz_fuzz_csv_SOURCES = tests/fuzz/fuzz_csv.c $(FUZZ_MAIN)
tests_fuzz_fuzz_csv_LDADD = $(LIBIMPORTER)
tests_fuzz_fuzz_csv_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_LDFLAGS)

fuzz_targets += tests/fuzz/fuzz_xlsx
tests_fuzz_fuzz_xlsx_SOURCES = tests/fuzz/fuzz_xlsx.c tests/fuzz/read_list.h tests/xlsx_maker.c tests/xlsx_maker.h $(FUZZ_MAIN)
tests_fuzz_fuzz_xlsx_CFLAGS = $(AM_CFLAGS) $(LIBZIP_CFLAGS)
tests_fuzz_fuzz_xlsx_LDADD = $(LIBIMPORTER)
tests_fuzz_fuzz_xlsx_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_LDFLAGS)
fuzz_targets += tests/fuzz/fuzz_html_text
tests_fuzz_fuzz_html_text_SOURCES = tests/fuzz/fuzz_html_text.c $(FUZZ_MAIN)
tests_fuzz_fuzz_html_text_LDADD = $(LIBIMPORTER)
tests_fuzz_fuzz_html_text_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_LDFLAGS)
fuzz_targets += tests/fuzz/fuzz_key tests/fuzz/fuzz_sign
tests_fuzz_fuzz_key_SOURCES = tests/fuzz/fuzz_key.c $(FUZZ_MAIN)
tests_fuzz_fuzz_key_LDADD = $(LIBPOSTWELLE)
tests_fuzz_fuzz_key_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_LDFLAGS)
tests_fuzz_fuzz_sign_SOURCES = tests/fuzz/fuzz_sign.c $(FUZZ_MAIN)
tests_fuzz_fuzz_sign_LDADD = $(LIBMILTER)
tests_fuzz_fuzz_sign_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_LDFLAGS)

fuzz_targets += tests/fuzz/fuzz_html
tests_fuzz_fuzz_html_SOURCES = tests/fuzz/fuzz_html.c $(FUZZ_MAIN)
tests_fuzz_fuzz_html_LDADD = $(LIBPOSTWELLE)
tests_fuzz_fuzz_html_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_LDFLAGS)

fuzz_targets += tests/fuzz/fuzz_css
tests_fuzz_fuzz_css_SOURCES = tests/fuzz/fuzz_css.c $(FUZZ_MAIN)
tests_fuzz_fuzz_css_LDADD = $(LIBPOSTWELLE)
tests_fuzz_fuzz_css_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_LDFLAGS)

fuzz_targets += tests/fuzz/fuzz_content
tests_fuzz_fuzz_content_SOURCES = tests/fuzz/fuzz_content.c $(FUZZ_MAIN)
tests_fuzz_fuzz_content_LDADD = $(LIBPOSTWELLE)
tests_fuzz_fuzz_content_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_LDFLAGS)
fuzz_targets += tests/fuzz/fuzz_policy
tests_fuzz_fuzz_policy_SOURCES = tests/fuzz/fuzz_policy.c $(FUZZ_MAIN)
tests_fuzz_fuzz_policy_LDADD = $(LIBPOLICYD)
tests_fuzz_fuzz_policy_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_LDFLAGS)

fuzz_targets += tests/fuzz/fuzz_record
tests_fuzz_fuzz_record_SOURCES = tests/fuzz/fuzz_record.c $(FUZZ_MAIN)
tests_fuzz_fuzz_record_LDADD = $(LIBPOLICYD)
tests_fuzz_fuzz_record_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_LDFLAGS)

fuzz_targets += tests/fuzz/fuzz_token
tests_fuzz_fuzz_token_SOURCES = tests/fuzz/fuzz_token.c $(FUZZ_MAIN)
tests_fuzz_fuzz_token_LDADD = $(LIBPOLICYD)
tests_fuzz_fuzz_token_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_LDFLAGS)
EXTRA_DIST += tests/fuzz/test_short.py

fuzz_targets += tests/fuzz/fuzz_sockmap
tests_fuzz_fuzz_sockmap_SOURCES = tests/fuzz/fuzz_sockmap.c $(FUZZ_MAIN)
tests_fuzz_fuzz_sockmap_LDADD = $(LIBPOLICYD)
tests_fuzz_fuzz_sockmap_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_LDFLAGS)

fuzz_targets += tests/fuzz/fuzz_question
tests_fuzz_fuzz_question_SOURCES = tests/fuzz/fuzz_question.c $(FUZZ_MAIN)
tests_fuzz_fuzz_question_CFLAGS = $(AM_CFLAGS) $(JANSSON_CFLAGS)
tests_fuzz_fuzz_question_LDADD = $(LIBIMPORTER)
tests_fuzz_fuzz_question_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_LDFLAGS)

fuzz_targets += tests/fuzz/fuzz_witness
tests_fuzz_fuzz_witness_SOURCES = tests/fuzz/fuzz_witness.c $(FUZZ_MAIN)
tests_fuzz_fuzz_witness_LDADD = $(LIBPOLICYD)
tests_fuzz_fuzz_witness_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_LDFLAGS)

fuzz_targets += tests/fuzz/fuzz_protocol
tests_fuzz_fuzz_protocol_SOURCES = tests/fuzz/fuzz_protocol.c $(FUZZ_MAIN) tests/unit/conversation.c tests/unit/conversation.h
tests_fuzz_fuzz_protocol_LDADD = $(LIBMILTER)
tests_fuzz_fuzz_protocol_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_LDFLAGS)

fuzz_targets += tests/fuzz/fuzz_dns
tests_fuzz_fuzz_dns_SOURCES = tests/fuzz/fuzz_dns.c $(FUZZ_MAIN)
tests_fuzz_fuzz_dns_LDADD = $(LIBPOSTWELLE)
tests_fuzz_fuzz_dns_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_LDFLAGS)

fuzz_targets += tests/fuzz/fuzz_spf
tests_fuzz_fuzz_spf_SOURCES = tests/fuzz/fuzz_spf.c $(FUZZ_MAIN)
tests_fuzz_fuzz_spf_LDADD = $(LIBIMPORTER)
tests_fuzz_fuzz_spf_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_LDFLAGS)

fuzz_targets += tests/fuzz/fuzz_dkim_record
tests_fuzz_fuzz_dkim_record_SOURCES = tests/fuzz/fuzz_dkim_record.c $(FUZZ_MAIN)
tests_fuzz_fuzz_dkim_record_LDADD = $(LIBIMPORTER)
tests_fuzz_fuzz_dkim_record_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_LDFLAGS)

fuzz_targets += tests/fuzz/fuzz_dmarc
tests_fuzz_fuzz_dmarc_SOURCES = tests/fuzz/fuzz_dmarc.c $(FUZZ_MAIN)
tests_fuzz_fuzz_dmarc_LDADD = $(LIBIMPORTER)
tests_fuzz_fuzz_dmarc_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_LDFLAGS)
fuzz_targets += tests/fuzz/fuzz_bounce
tests_fuzz_fuzz_bounce_SOURCES = tests/fuzz/fuzz_bounce.c $(FUZZ_MAIN)
tests_fuzz_fuzz_bounce_LDADD = $(LIBIMPORTER)
tests_fuzz_fuzz_bounce_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_LDFLAGS)

fuzz_targets += tests/fuzz/fuzz_wish
tests_fuzz_fuzz_wish_SOURCES = tests/fuzz/fuzz_wish.c $(FUZZ_MAIN)
tests_fuzz_fuzz_wish_LDADD = $(LIBWEB)
tests_fuzz_fuzz_wish_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_LDFLAGS)
fuzz_targets += tests/fuzz/fuzz_xls
tests_fuzz_fuzz_xls_SOURCES = tests/fuzz/fuzz_xls.c tests/fuzz/read_list.h $(FUZZ_MAIN)
tests_fuzz_fuzz_xls_LDADD = $(LIBIMPORTER)
tests_fuzz_fuzz_xls_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_LDFLAGS)

fuzz_targets += tests/fuzz/fuzz_value
tests_fuzz_fuzz_value_SOURCES = tests/fuzz/fuzz_value.c $(FUZZ_MAIN)
tests_fuzz_fuzz_value_LDADD = $(LIBIMPORTER)
tests_fuzz_fuzz_value_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_LDFLAGS)

fuzz_targets += tests/fuzz/fuzz_reply
tests_fuzz_fuzz_reply_SOURCES = tests/fuzz/fuzz_reply.c $(FUZZ_MAIN)
tests_fuzz_fuzz_reply_LDADD = $(LIBPOLICYD)
tests_fuzz_fuzz_reply_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_LDFLAGS)

fuzz_targets += tests/fuzz/fuzz_postfix_facts
tests_fuzz_fuzz_postfix_facts_SOURCES = tests/fuzz/fuzz_postfix_facts.c $(FUZZ_MAIN)
tests_fuzz_fuzz_postfix_facts_LDADD = $(LIBIMPORTER)
tests_fuzz_fuzz_postfix_facts_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_LDFLAGS)

fuzz_targets += tests/fuzz/fuzz_xml
tests_fuzz_fuzz_xml_SOURCES = tests/fuzz/fuzz_xml.c tests/xml_peer.c tests/xml_peer.h $(FUZZ_MAIN)
tests_fuzz_fuzz_xml_CFLAGS = $(AM_CFLAGS) $(EXPAT_CFLAGS)
tests_fuzz_fuzz_xml_LDADD = $(LIBIMPORTER) $(EXPAT_LIBS)
tests_fuzz_fuzz_xml_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_LDFLAGS)
