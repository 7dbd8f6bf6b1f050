# tests/: unit tests (g_test, TAP), fuzz corpora replayed, integration against real Postfix.

TEST_EXTENSIONS = .py
LOG_DRIVER = env AM_TAP_AWK='$(AWK)' $(SHELL) $(top_srcdir)/packaging/autoconf/tap-driver.sh
LOG_DRIVER_FLAGS = --comments
PY_LOG_DRIVER = $(LOG_DRIVER)
PY_LOG_DRIVER_FLAGS = --comments
# A test that hangs ends, with a word on where, before it holds up all others; none takes a fifth of this here.
TEST_LIMIT = timeout --foreground --kill-after=60 1500
LOG_COMPILER = $(TEST_LIMIT)
PY_LOG_COMPILER = $(TEST_LIMIT) $(PYTHON3)
AM_TESTS_ENVIRONMENT = \
	G_TEST_SRCDIR='$(abs_top_srcdir)'; export G_TEST_SRCDIR; \
	G_TEST_BUILDDIR='$(abs_top_builddir)'; export G_TEST_BUILDDIR; \
	PYTHON='$(PYTHON3)'; export PYTHON; \
	PYTHONDONTWRITEBYTECODE=1; export PYTHONDONTWRITEBYTECODE;

include tests/unit/local.mk
include tests/fuzz/local.mk
include tests/integration/local.mk
include tests/fault/local.mk
include tests/bench/local.mk
include tests/gates/local.mk
include tests/model/local.mk

EXTRA_DIST += tests/data
