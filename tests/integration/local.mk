# Integration tests: Python programs that print TAP and drive the real programs through tests/harness.
