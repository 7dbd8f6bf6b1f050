# packaging/: what installs, shows and tests the whole, and the settings that Postfix needs.
EXTRA_DIST += packaging/install-deps packaging/quickstart packaging/quickstart.py packaging/test

postfixsettingsdir = $(pkgdatadir)/postfix
dist_postfixsettings_DATA = \
	packaging/postfix/delivery-status-filter \
	packaging/postfix/main.cf \
	packaging/postfix/master.cf \
	packaging/postfix/return-path \
	packaging/postfix/sender-transport
dist_postfixsettings_SCRIPTS = packaging/postfix/apply
