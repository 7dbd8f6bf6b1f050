# A unit test is one g_test program a module, named after it: a table of named cases each.
unit_tests = \
	tests/unit/test_address \
	tests/unit/test_config \
	tests/unit/test_error

check_PROGRAMS += $(unit_tests)
TESTS += $(unit_tests)

tests_unit_test_error_SOURCES = tests/unit/test_error.c
tests_unit_test_error_LDADD = $(LIBPOSTWELLE)

tests_unit_test_config_SOURCES = tests/unit/test_config.c
tests_unit_test_config_LDADD = $(LIBPOSTWELLE)

tests_unit_test_address_SOURCES = tests/unit/test_address.c
tests_unit_test_address_LDADD = $(LIBPOSTWELLE)
