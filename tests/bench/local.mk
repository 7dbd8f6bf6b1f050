# Benchmarks print ratios against a peer or a limit measured in the same run. They are built by `make bench`, never timed in tests.
