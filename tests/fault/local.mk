# Faults on the real programs with real Postfix. The short set runs in make check; the long one is
#   make fault-long SEEDS=20 KILLS=600
TESTS += tests/fault/test_faults.py
EXTRA_DIST += tests/fault/cases.py tests/fault/invariant.py tests/fault/receivers.py tests/fault/scene.py
EXTRA_DIST += tests/fault/storm.py tests/fault/test_faults.py tests/fault/machine.py tests/fault/test_machine.py

SEEDS = 20
KILLS = 600
fault-long: all
	$(AM_TESTS_ENVIRONMENT) $(PYTHON3) $(srcdir)/tests/fault/storm.py --seeds $(SEEDS) --kills $(KILLS)
.PHONY: fault-long

# Preloaded into programs whose calls are to fail, or whose clock is to be wrong. No part of it may be a sanitizer's.
check_PROGRAMS += tests/fault/faults.so
tests_fault_faults_so_SOURCES = tests/fault/faults.c
tests_fault_faults_so_CFLAGS = -std=gnu17 -fPIC -Wall -Wextra -Wno-nonnull-compare
tests_fault_faults_so_LDFLAGS = -shared
