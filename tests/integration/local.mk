# Integration tests: Python programs that print TAP and drive the real programs through tests/harness.

TESTS += tests/integration/test_sign_dkimpy.py
EXTRA_DIST += tests/integration/test_sign_dkimpy.py

TESTS += tests/integration/test_milter.py
EXTRA_DIST += tests/integration/test_milter.py tests/harness/milter_mta.py tests/harness/scripted_policyd.py
EXTRA_DIST += tests/harness/__init__.py tests/harness/tap.py
