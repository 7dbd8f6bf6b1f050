EXTRA_DIST += doc/DESIGN.md doc/PROTOCOL.md doc/STYLE.md doc/LOGGING.md doc/CHANGES
EXTRA_DIST += doc/OPERATING.md doc/SECURITY.md
EXTRA_DIST += doc/pictures

# Manual pages; options and commands in them come from the tables and programs that they describe.
manuals = doc/man/postwelle.1 doc/man/postwelle.conf.5 doc/man/postwelle-client.5 doc/man/postwelle-campaign.5 \
	doc/man/postwelle-template.5 doc/man/postwelle-postfix.5 doc/man/postwelle-milter.8 doc/man/postwelle-policyd.8 \
	doc/man/postwelle-web.8
man_MANS = $(manuals)
EXTRA_DIST += doc/man/page doc/man/commands doc/man/postwelle.1.in doc/man/postwelle.conf.5.in doc/man/postwelle-client.5.in \
	doc/man/postwelle-campaign.5.in doc/man/postwelle-template.5.in doc/man/postwelle-milter.8.in \
	doc/man/postwelle-policyd.8.in doc/man/postwelle-web.8.in doc/man/postwelle-postfix.5.in
CLEANFILES += $(manuals)
noinst_PROGRAMS += doc/man/options
doc_man_options_SOURCES = doc/man/options.c doc/man/roff.h
doc_man_options_LDADD = $(LIBPOSTWELLE)

noinst_PROGRAMS += doc/man/settings
doc_man_settings_SOURCES = doc/man/settings.c doc/man/roff.h
doc_man_settings_LDADD = $(LIBIMPORTER)

make_page = $(AM_V_GEN)$(MKDIR_P) $(@D) && $(srcdir)/doc/man/page $(srcdir)/$@.in $(sysconfdir)
doc/man/postwelle.1: doc/man/postwelle.1.in doc/man/page doc/man/commands postwelle
	$(make_page) $(srcdir)/doc/man/commands ./postwelle > $@.tmp && mv $@.tmp $@
doc/man/postwelle.conf.5: doc/man/postwelle.conf.5.in doc/man/page doc/man/options
	$(make_page) doc/man/options postwelle.conf > $@.tmp && mv $@.tmp $@
doc/man/postwelle-client.5: doc/man/postwelle-client.5.in doc/man/page doc/man/options
	$(make_page) doc/man/options client.conf > $@.tmp && mv $@.tmp $@
doc/man/postwelle-campaign.5: doc/man/postwelle-campaign.5.in doc/man/page doc/man/options
	$(make_page) doc/man/options campaign.conf > $@.tmp && mv $@.tmp $@
doc/man/postwelle-postfix.5: doc/man/postwelle-postfix.5.in doc/man/page doc/man/settings
	$(make_page) doc/man/settings > $@.tmp && mv $@.tmp $@
doc/man/postwelle-template.5: doc/man/postwelle-template.5.in doc/man/page
	$(make_page) > $@.tmp && mv $@.tmp $@
doc/man/postwelle-milter.8: doc/man/postwelle-milter.8.in doc/man/page
	$(make_page) > $@.tmp && mv $@.tmp $@
doc/man/postwelle-policyd.8: doc/man/postwelle-policyd.8.in doc/man/page
	$(make_page) > $@.tmp && mv $@.tmp $@
doc/man/postwelle-web.8: doc/man/postwelle-web.8.in doc/man/page
	$(make_page) > $@.tmp && mv $@.tmp $@
