# What a program can see of doc/STYLE.md.
dist_check_SCRIPTS += tests/gates/test_gates.py
TESTS += tests/gates/test_gates.py
dist_check_SCRIPTS += tests/gates/test_units.py
TESTS += tests/gates/test_units.py
