# lib/: what more than one program needs; it knows no program.
noinst_LIBRARIES += lib/libpostwelle.a
lib_libpostwelle_a_SOURCES =
lib_libpostwelle_a_SOURCES += lib/address.c lib/address.h
lib_libpostwelle_a_SOURCES += lib/client.c lib/client.h
lib_libpostwelle_a_SOURCES += lib/config.c lib/config.h
lib_libpostwelle_a_SOURCES += lib/config_tables.c
lib_libpostwelle_a_SOURCES += lib/error.c lib/error.h
lib_libpostwelle_a_SOURCES += lib/journal.c lib/journal.h
lib_libpostwelle_a_SOURCES += lib/notify.c lib/notify.h
lib_libpostwelle_a_SOURCES += lib/key.c lib/key.h
lib_libpostwelle_a_SOURCES += lib/policy.c lib/policy.h
lib_libpostwelle_a_SOURCES += lib/policy_client.c
lib_libpostwelle_a_SOURCES += lib/providers.c lib/providers.h
lib_libpostwelle_a_SOURCES += lib/quarter.c lib/quarter.h
lib_libpostwelle_a_CFLAGS = $(AM_CFLAGS) $(OPENSSL_CFLAGS) $(LDNS_CFLAGS) $(IDN2_CFLAGS)
LIBPOSTWELLE = lib/libpostwelle.a $(GLIB_LIBS) $(OPENSSL_LIBS) $(LDNS_LIBS) $(IDN2_LIBS) $(UNISTRING_LIBS)
