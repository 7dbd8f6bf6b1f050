# packaging/: what installs, shows and tests the whole, and the settings that Postfix needs.
EXTRA_DIST += packaging/install-deps packaging/quickstart packaging/quickstart.py packaging/test

postfixsettingsdir = $(pkgdatadir)/postfix
dist_postfixsettings_DATA = \
	packaging/postfix/delivery-status-filter \
	packaging/postfix/return-path \
	packaging/postfix/queue-id \
	packaging/postfix/sender-transport
dist_pkgdata_DATA += packaging/logrotate
nginxsampledir = $(docdir)/nginx
dist_nginxsample_DATA = packaging/nginx/postwelle.conf

# Units, users and folders, for systemd; packages ask for them with --with-systemdsystemunitdir.
systemd_units = packaging/systemd/postwelle-policyd.service packaging/systemd/postwelle-milter.service \
	packaging/systemd/postwelle-track.service packaging/systemd/postwelle.service packaging/systemd/postwelle-backup.service \
	packaging/systemd/postwelle-web.service packaging/systemd/postwelle-metrics.service packaging/systemd/postwelle-guard@.service
systemd_others = packaging/systemd/postwelle.timer packaging/systemd/postwelle-backup.timer packaging/systemd/postwelle-metrics.timer \
	packaging/systemd/postwelle-guard.socket
EXTRA_DIST += $(systemd_units:.service=.service.in) $(systemd_others) packaging/systemd/backup \
	packaging/systemd/postwelle.sysusers packaging/systemd/postwelle.tmpfiles packaging/systemd/postfix-log.conf
CLEANFILES += $(systemd_units)
$(systemd_units): Makefile
	$(AM_V_GEN)$(MKDIR_P) $(@D) && sed -e 's#[@]sbindir@#$(sbindir)#; s#[@]bindir@#$(bindir)#; s#[@]sysconfdir@#$(sysconfdir)#' \
		-e 's#[@]pkgdatadir@#$(pkgdatadir)#' $(srcdir)/$@.in > $@
if SYSTEMD
systemdsystemunit_DATA = $(systemd_units) $(systemd_others)
dist_pkgdata_SCRIPTS = packaging/systemd/backup
install-data-hook:
	for unit in postfix postfix@; do \
		$(MKDIR_P) "$(DESTDIR)$(systemdsystemunitdir)/$$unit.service.d" && \
		$(INSTALL_DATA) $(srcdir)/packaging/systemd/postfix-log.conf \
			"$(DESTDIR)$(systemdsystemunitdir)/$$unit.service.d/postwelle.conf" || exit 1; \
	done
	$(MKDIR_P) '$(DESTDIR)$(prefix)/lib/sysusers.d' '$(DESTDIR)$(prefix)/lib/tmpfiles.d'
	$(INSTALL_DATA) $(srcdir)/packaging/systemd/postwelle.sysusers '$(DESTDIR)$(prefix)/lib/sysusers.d/postwelle.conf'
	$(INSTALL_DATA) $(srcdir)/packaging/systemd/postwelle.tmpfiles '$(DESTDIR)$(prefix)/lib/tmpfiles.d/postwelle.conf'
endif

# The Debian packages (packaging/build-deb); debian/ stands at the top of what they are built from.
EXTRA_DIST += packaging/build-deb packaging/postwelle.conf
EXTRA_DIST += packaging/debian/changelog
EXTRA_DIST += packaging/debian/control
EXTRA_DIST += packaging/debian/copyright
EXTRA_DIST += packaging/debian/rules
EXTRA_DIST += packaging/debian/source/format
EXTRA_DIST += packaging/debian/postwelle.install
EXTRA_DIST += packaging/debian/postwelle.dirs
EXTRA_DIST += packaging/debian/postwelle.docs
EXTRA_DIST += packaging/debian/postwelle.postinst
EXTRA_DIST += packaging/debian/postwelle.postrm
EXTRA_DIST += packaging/debian/postwelle.prerm
EXTRA_DIST += packaging/debian/postwelle-policyd.install
EXTRA_DIST += packaging/debian/postwelle-policyd.postinst
EXTRA_DIST += packaging/debian/postwelle-policyd.postrm
EXTRA_DIST += packaging/debian/postwelle-policyd.lintian-overrides
EXTRA_DIST += packaging/debian/postwelle-policyd.templates
EXTRA_DIST += packaging/debian/postwelle-milter.install
EXTRA_DIST += packaging/debian/postwelle-web.install
EXTRA_DIST += packaging/debian/po/POTFILES.in
EXTRA_DIST += packaging/debian/tests/control
EXTRA_DIST += packaging/debian/tests/invitation
EXTRA_DIST += packaging/debian/tests/upgrade
bashcompletiondir = $(datadir)/bash-completion/completions
dist_bashcompletion_DATA = packaging/bash-completion/postwelle
