# Benchmarks print ratios against a peer or a limit measured in the same run. They are built by `make bench`, never timed in tests.
bench_programs =
EXTRA_PROGRAMS = $(bench_programs)
CLEANFILES += $(bench_programs)
bench: $(bench_programs)
.PHONY: bench

bench_programs += tests/bench/bench_content
tests_bench_bench_content_SOURCES = tests/bench/bench_content.c
tests_bench_bench_content_CFLAGS = $(AM_CFLAGS) $(OPENSSL_CFLAGS)
tests_bench_bench_content_LDADD = $(LIBPOSTWELLE)
