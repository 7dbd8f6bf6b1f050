# Faults on the real programs with real Postfix. The short set runs in make check; the long one is
#   make fault-long SEEDS=20 KILLS=500
TESTS += tests/fault/test_faults.py
EXTRA_DIST += tests/fault/cases.py tests/fault/invariant.py tests/fault/receivers.py tests/fault/scene.py
EXTRA_DIST += tests/fault/storm.py tests/fault/test_faults.py

SEEDS = 20
KILLS = 500
fault-long: all
	$(AM_TESTS_ENVIRONMENT) $(PYTHON3) $(srcdir)/tests/fault/storm.py --seeds $(SEEDS) --kills $(KILLS)
.PHONY: fault-long
