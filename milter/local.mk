# milter/: postwelle-milter. Everything but main.c is in a library, so that tests can link it.

noinst_LIBRARIES += milter/libmilter.a
milter_libmilter_a_SOURCES =
milter_libmilter_a_SOURCES += milter/canon.c milter/canon.h
milter_libmilter_a_SOURCES += milter/from.c milter/from.h
milter_libmilter_a_SOURCES += milter/keys.c milter/keys.h
milter_libmilter_a_SOURCES += milter/sign.c milter/sign.h
milter_libmilter_a_SOURCES += milter/sign_evp.c
milter_libmilter_a_SOURCES += milter/sign_opendkim.c
milter_libmilter_a_CFLAGS = $(AM_CFLAGS) $(OPENSSL_CFLAGS) $(MILTER_CFLAGS) $(OPENDKIM_CFLAGS)
LIBMILTER = milter/libmilter.a $(LIBPOSTWELLE) $(MILTER_LIBS) $(OPENDKIM_LIBS)
