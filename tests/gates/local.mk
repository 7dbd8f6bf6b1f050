# What a program can see of doc/STYLE.md, and of the units' rights.
gates =
gates += tests/gates/test_gates.py
gates += tests/gates/test_units.py
dist_check_SCRIPTS += $(gates)
TESTS += $(gates)
