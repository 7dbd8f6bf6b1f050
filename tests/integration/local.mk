# Integration tests: Python programs that print TAP and drive the real programs through tests/harness.

TESTS += tests/integration/test_sign_dkimpy.py
EXTRA_DIST += tests/integration/test_sign_dkimpy.py
