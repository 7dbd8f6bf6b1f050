# The protocol of an invitation's life, checked by spin, and its broken variants.
dist_check_SCRIPTS += tests/model/test_model.py
TESTS += tests/model/test_model.py
EXTRA_DIST += tests/model/invitation.pml
EXTRA_DIST += tests/model/sending.pml
