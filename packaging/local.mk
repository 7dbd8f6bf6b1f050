# packaging/: what installs, shows and tests the whole.
EXTRA_DIST += packaging/install-deps packaging/quickstart packaging/test
