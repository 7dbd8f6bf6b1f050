# Benchmarks print ratios against a peer or a limit measured in the same run. `make bench` builds and runs them; tests time nothing.
bench_programs =
EXTRA_PROGRAMS = $(bench_programs)
CLEANFILES += $(bench_programs)

# Needs packaging/install-deps bench, and some minutes on a machine that does nothing else.
bench: all $(bench_programs)
	tests/bench/bench_content $(srcdir)/tests/data/newsletter
	mkdir -p tests/bench/peers && cp $(srcdir)/tests/bench/nodemailer/package.json tests/bench/peers
	cd tests/bench/peers && npm install --no-audit --no-fund --silent --ignore-scripts
	tests/bench/bench_compose $(srcdir)/importer/scaffold $(srcdir)/tests/bench/nodemailer \
		tests/bench/peers/node_modules
	$(AM_TESTS_ENVIRONMENT) $(PYTHON3) $(srcdir)/tests/bench/bench_milter.py
	$(AM_TESTS_ENVIRONMENT) $(PYTHON3) $(srcdir)/tests/bench/bench_endtoend.py --nodemailer tests/bench/peers/node_modules
	$(AM_TESTS_ENVIRONMENT) $(PYTHON3) $(srcdir)/tests/bench/bench_reserve.py
	$(AM_TESTS_ENVIRONMENT) $(PYTHON3) $(srcdir)/tests/bench/bench_import.py
	$(AM_TESTS_ENVIRONMENT) $(PYTHON3) $(srcdir)/tests/bench/bench_report.py
	$(AM_TESTS_ENVIRONMENT) $(PYTHON3) $(srcdir)/tests/bench/bench_track.py
	tests/bench/bench_address
	$(AM_TESTS_ENVIRONMENT) $(PYTHON3) $(srcdir)/tests/bench/bench_lists.py
.PHONY: bench

bench_programs += tests/bench/bench_content
tests_bench_bench_content_SOURCES = tests/bench/bench_content.c
tests_bench_bench_content_CFLAGS = $(AM_CFLAGS) $(OPENSSL_CFLAGS)
tests_bench_bench_content_LDADD = $(LIBPOSTWELLE)

bench_programs += tests/bench/mta_load
tests_bench_mta_load_SOURCES = tests/bench/mta_load.c
tests_bench_mta_load_LDADD = $(GLIB_LIBS)

bench_programs += tests/bench/ready_policyd
tests_bench_ready_policyd_SOURCES = tests/bench/ready_policyd.c tests/bench/store_work.c tests/bench/store_work.h
tests_bench_ready_policyd_LDADD = $(LIBPOLICYD)

bench_programs += tests/bench/sign_only
tests_bench_sign_only_SOURCES = tests/bench/sign_only.c
tests_bench_sign_only_LDADD = $(LIBMILTER)

EXTRA_DIST += tests/bench/bench_milter.py

bench_programs += tests/bench/reserve_load
tests_bench_reserve_load_SOURCES = tests/bench/reserve_load.c
tests_bench_reserve_load_LDADD = $(GLIB_LIBS)
bench_programs += tests/bench/store_alone
tests_bench_store_alone_SOURCES = tests/bench/store_alone.c tests/bench/store_work.c tests/bench/store_work.h
tests_bench_store_alone_LDADD = $(LIBPOLICYD)

bench_programs += tests/bench/fill_ledger
tests_bench_fill_ledger_SOURCES = tests/bench/fill_ledger.c
tests_bench_fill_ledger_LDADD = $(LIBPOLICYD)
EXTRA_DIST += tests/bench/bench_reserve.py tests/bench/stores.py

bench_programs += tests/bench/bench_compose
tests_bench_bench_compose_SOURCES = tests/bench/bench_compose.c
tests_bench_bench_compose_CFLAGS = $(AM_CFLAGS) $(JANSSON_CFLAGS)
tests_bench_bench_compose_LDADD = $(LIBIMPORTER)
EXTRA_DIST += tests/bench/nodemailer/package.json tests/bench/nodemailer/compose.js
EXTRA_DIST += tests/bench/bench_import.py tests/bench/bench_track.py

bench_programs += tests/bench/bench_address
tests_bench_bench_address_SOURCES = tests/bench/bench_address.c
tests_bench_bench_address_LDADD = $(LIBPOSTWELLE)
EXTRA_DIST += tests/bench/bench_lists.py
EXTRA_DIST += tests/bench/bench_endtoend.py tests/bench/nodemailer/pool.js

bench_programs += tests/bench/fill_participants
tests_bench_fill_participants_SOURCES = tests/bench/fill_participants.c
tests_bench_fill_participants_LDADD = $(LIBPOLICYD)
EXTRA_DIST += tests/bench/bench_report.py
